package e2e

import (
	"fmt"
	"strings"
	"testing"

	"noxkey/secret"
)

// TestRun is noxkey run by the released programs: for a person at a terminal, and for an
// agent, whose card shows the command.
func TestRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/DB", secret.Normal}, seed{"acme/api/SOFT", secret.Easy}, seed{"acme/api/OFF", secret.OffLimits})
	a := w.opened(t)
	server, sh := a.vouched(t, "me", "acme/api/SOFT")
	t.Run("person", func(t *testing.T) { personRuns(t, a, sh) })
	t.Run("agent", func(t *testing.T) { agentRuns(t, a, server.agent(t)) })
}

// shown types a line whose output stays on the terminal.
func (sh *shell) shown(t *testing.T, line string) {
	t.Helper()
	w := sh.s.w
	sh.typed(t, ". "+w.write(fmt.Sprintf("io/%d.sh", w.next()), w.line(line)+"\n"))
	sh.keys(t, "Enter")
}

func personRuns(t *testing.T, a *app, sh *shell) {
	r := a.asked(t, sh, `noxkey run DB=acme/api/DB -- sh -c 'echo "it is $DB"; printf %s "$DB" | sha256sum; exit 3'`, "acme/api/DB")
	if r.code != 3 || !strings.Contains(r.out, "it is [noxkey:acme/api/DB]") || !strings.Contains(r.out, sum(value("DB"))) {
		t.Errorf("exit code %d: %s", r.code, r.out)
	}
	sh.shown(t, `noxkey run acme/api/SOFT -- sh -c 'test -t 0 && test -t 1 && echo "a terminal, $SOFT"; read x; echo "read $x"'`)
	sh.wait(t, "a terminal, [noxkey:acme/api/SOFT]")
	// Job control: the stop key gives the shell back, and fg the program.
	sh.keys(t, "C-z")
	sh.wait(t, "Stopped")
	sh.typed(t, "fg")
	sh.keys(t, "Enter")
	sh.typed(t, "hello")
	sh.keys(t, "Enter")
	sh.wait(t, "read hello")
}

func agentRuns(t *testing.T, a *app, g *agent) {
	done := g.started(t, `noxkey run --reason 'to migrate' acme/api -- sh -c 'echo "got $DB $SOFT ($OFF)"; echo "$DB" | base64 -w0; echo; echo "$DB" | rev; echo "$DB" >/dev/tty; exit 4'`)
	card := a.grant(t, "a", "wants 2 secrets", "Runs", "sh -c", "From", "acme/api/OFF is off limits", "to migrate")
	if !strings.Contains(card, "its output redacted") {
		t.Errorf("the card:\n%s", card)
	}
	r := done()
	if r.code != 4 || !strings.Contains(r.out, "got [noxkey:acme/api/DB] [noxkey:acme/api/SOFT] ()") || strings.Count(r.out, "[noxkey:acme/api/DB]") < 3 {
		t.Errorf("exit code %d: %s%s", r.code, r.out, r.err)
	}
	done = g.started(t, "noxkey run acme/api/DB -- touch "+a.w.path("u/ran"))
	a.deny(t, "d", "wants a secret", "Runs", "touch")
	done().fails(t, 4, "denied")
	// A program of the agent's own that speaks the protocol is not the client.
	g.shell(t, "cp $(command -v noxkey) "+a.w.path("u/copy")+" && printf x >> "+a.w.path("u/copy")).ok(t)
	g.shell(t, a.w.path("u/copy")+" --home "+a.w.home+" run acme/api/SOFT -- env").fails(t, 1, "NoxKey's own client only")
}
