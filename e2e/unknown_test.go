package e2e

import (
	"os"
	"strings"
	"testing"

	"noxkey/secret"
)

// TestUnknown is the person's own tmux before they vouch for it, and what leaves it
// after they did: threat B1.
func TestUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/DB", secret.Normal}, seed{"acme/api/OFF", secret.OffLimits})
	a := w.opened(t)
	s := w.tmux("me")
	sh := s.shell(t)
	t.Run("before vouching", func(t *testing.T) { beforeVouching(t, a, sh) })
	j := sh.start(t, `eval "$(noxkey get acme/api/DB)"`)
	a.grant(t, "v", "vouch for tmux")
	j.wait(t).ok(t)
	sh.run(t, "noxkey status").prints(t, "human")
	t.Run("out of the tree", func(t *testing.T) { outOfTree(t, a, sh) })
	t.Run("another server", func(t *testing.T) { anotherServer(t, a) })
	t.Run("server gone", func(t *testing.T) { serverGone(t, a, s) })
}

func beforeVouching(t *testing.T, a *app, sh *shell) {
	sh.run(t, "noxkey status").prints(t, "unknown", "runs in a terminal multiplexer")
	for _, line := range []string{"noxkey get --raw acme/api/DB", "noxkey load acme/api", "noxkey export acme/api", "noxkey audit",
		"noxkey verify", "noxkey sessions", "noxkey rekey", "noxkey passwd"} {
		a.unasked(t, sh, line).fails(t, 4, "person")
	}
	a.unasked(t, sh, "noxkey unlock acme/api").fails(t, 4)
	a.unasked(t, sh, "noxkey get acme/api/OFF").fails(t, 4, "off limits")
	sh.run(t, "noxkey ls").prints(t, "acme/api/DB")

	j := sh.start(t, `eval "$(noxkey get acme/api/DB)"`)
	card := a.grant(t, "a", "wants a secret", "cannot tell who is asking", "vouch for tmux")
	if strings.Contains(card, "allow for") {
		t.Errorf("a session is offered to nobody known:\n%s", card)
	}
	j.wait(t).ok(t)
	sh.has(t, "DB", value("DB"))
	sh.run(t, "unset DB; noxkey status").prints(t, "unknown") // allowed is not vouched for

	j = sh.start(t, "noxkey get acme/api/DB")
	a.deny(t, "Escape", "wants a secret")
	j.wait(t).fails(t, 4, "denied")

	sh.start(t, "noxkey get acme/api/DB")
	a.wait(t, "wants a secret")
	sh.keys(t, "C-c")
	a.wait(t, "No request waits") // hanging up withdraws the card
	sh.keys(t, "Enter")
}

// outOfTree: what is not below the vouched tmux in one whole chain with a terminal
// is not the person.
func outOfTree(t *testing.T, a *app, sh *shell) {
	w := sh.s.w
	for name, line := range map[string]string{
		"setsid":      "setsid -w sh -c 'noxkey status; :'",
		"double fork": "(setsid sh -c 'sleep 0.3; noxkey status >OUT.x 2>&1; mv OUT.x OUT' & exit); until [ -e OUT ]; do sleep 0.1; done; cat OUT",
		"orphan":      "sh -c '(sleep 0.3; noxkey status >OUT.x 2>&1; mv OUT.x OUT) & exit'; until [ -e OUT ]; do sleep 0.1; done; cat OUT",
	} {
		out := w.path("u/" + strings.ReplaceAll(name, " ", "-"))
		r := sh.run(t, strings.ReplaceAll(line, "OUT", out))
		if you := field(r.out, "you"); you != "unknown" {
			t.Errorf("%s: taken for %q: %s%s", name, you, r.out, r.err)
		}
	}
	a.unasked(t, sh, "setsid -w noxkey get --raw acme/api/DB").fails(t, 4, "person")
}

// anotherServer: vouching is for one server, by its process.
func anotherServer(t *testing.T, a *app) {
	other := a.w.tmux("other").shell(t)
	other.run(t, "noxkey status").prints(t, "unknown")
	a.unasked(t, other, "noxkey get --raw acme/api/DB").fails(t, 4)
	// Keys sent to the app by a program grant nothing without the passphrase.
	j := other.start(t, "noxkey get acme/api/DB")
	a.wait(t, "wants a secret")
	a.press(t, "a", "Passphrase to")
	a.keys(t, "Enter")
	a.press(t, "Escape", "No request waits")
	if r := j.wait(t); r.code != 4 || strings.Contains(r.out, "/load") {
		t.Errorf("granted by keys: %+v", r)
	}
}

// serverGone: a vouch ends with its server; a new one at the same socket is another.
func serverGone(t *testing.T, a *app, s *server) {
	s.must(t, "kill-server")
	poll(t, func() string { return "the server is still there" }, func() bool {
		_, err := s.ask("list-sessions")
		return err != nil
	})
	_ = os.Remove(s.sock)
	sh := s.shell(t)
	sh.run(t, "noxkey status").prints(t, "unknown")
	a.unasked(t, sh, "noxkey get --raw acme/api/DB").fails(t, 4)
}
