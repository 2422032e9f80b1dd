package broker

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

const guarded = "sk_live_9f8e7d6c5b4a39281706"

func (s *scene) guards(who caller.Caller, texts ...string) ([]string, error) {
	req := &secret.Request{Op: secret.OpGuard}
	for _, t := range texts {
		req.Texts = append(req.Texts, val(s.T, t))
	}
	var found []string
	r := s.do(who, req)
	for _, a := range r.all {
		found = append(found, fmt.Sprintf("%d:%s@%d+%d", a.Hit.Text, a.Hit.Name, a.Hit.Off, a.Hit.Len))
	}
	return found, r.err
}

// TestGuardFindsWhatIsStored: by everybody, without a card, whatever the level, and it
// follows writes, moves, replacements and removals.
func TestGuardFindsWhatIsStored(t *testing.T) {
	s := newScene(t)
	s.put("own/api/KEY", guarded, secret.OffLimits)
	s.who.asks = nil
	want := func(who caller.Caller, text string, list ...string) {
		t.Helper()
		got, err := s.guards(who, "nothing here", text)
		if err != nil || !slices.Equal(got, list) {
			t.Errorf("%s: %v, %v, want %v", who.Class, got, err, list)
		}
	}
	for _, who := range []caller.Caller{human(20), agent("Codex", 10, 12), unknown(13)} {
		want(who, "key="+guarded+";", fmt.Sprintf("1:own/api/KEY@4+%d", len(guarded)))
		want(who, "key="+guarded[1:])
	}
	if n := len(s.who.seen()); n != 0 {
		t.Errorf("%d cards were shown", n)
	}
	if r := s.lastRecord(); r.Op != secret.OpGuard || len(r.Names) != 1 || r.Class != "unknown" {
		t.Errorf("recorded: %+v", r)
	}
	write := func(c secret.Change) {
		t.Helper()
		if r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{c}}); r.err != nil {
			t.Fatal(r.err)
		}
	}
	write(secret.Change{Action: secret.ActionMove, Name: "own/api/KEY", To: "own/web/KEY"})
	want(human(20), guarded, fmt.Sprintf("1:own/web/KEY@0+%d", len(guarded)))
	write(secret.Change{Action: secret.ActionSet, Name: "own/web/KEY", Value: val(t, "another-0123456789abc"), Replace: true})
	want(human(20), guarded)
	want(human(20), "another-0123456789abc", "1:own/web/KEY@0+21")
	write(secret.Change{Action: secret.ActionRemove, Name: "own/web/KEY"})
	want(human(20), "another-0123456789abc")
}

// TestGuardAfterLock: locked it says so, and opened again it knows the values still.
func TestGuardAfterLock(t *testing.T) {
	s := newScene(t)
	s.put("own/api/KEY", guarded, secret.Strict)
	if r := s.do(human(20), &secret.Request{Op: secret.OpLock}); r.err != nil {
		t.Fatal(r.err)
	}
	if got, err := s.guards(human(20), guarded); secret.CodeOf(err) != secret.Locked {
		t.Errorf("locked: %v, %v", got, err)
	}
	if r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock}); r.err != nil {
		t.Fatal(r.err)
	}
	if got, err := s.guards(human(20), guarded); err != nil || len(got) != 1 {
		t.Errorf("opened again: %v, %v", got, err)
	}
}

// TestGuardLearnsOldValues: one that was stored before there were fingerprints is known
// once it was read.
func TestGuardLearnsOldValues(t *testing.T) {
	s := newScene(t)
	s.put("own/api/KEY", guarded, secret.Normal)
	if err := s.vault.Remember(printsKey, nil); err != nil {
		t.Fatal(err)
	}
	s.b.prints.forget()
	if got, _ := s.guards(human(20), guarded); len(got) != 0 {
		t.Fatalf("found without a fingerprint: %v", got)
	}
	if r := s.do(human(20), take(secret.DeliverRaw, "own/api/KEY")); r.err != nil {
		t.Fatal(r.err)
	}
	if got, err := s.guards(human(20), guarded); err != nil || len(got) != 1 {
		t.Errorf("after a read: %v, %v", got, err)
	}
}

// TestThreatF3GuardIsNoOracle: what can be guessed is not watched, and an agent's guesses
// are counted.
func TestThreatF3GuardIsNoOracle(t *testing.T) {
	s := newScene(t)
	s.put("own/api/PIN", "4711", secret.Strict)
	s.put("own/api/CARD", "4111111111111111", secret.Strict)
	if got, err := s.guards(agent("Codex", 10, 12), "4711 4111111111111111"); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	text := strings.Repeat("x", 60<<10)
	var err error
	n := 0
	for ; err == nil && n < 2*guardBytes; n += len(text) {
		_, err = s.guards(agent("Codex", 10, 12), text)
	}
	if secret.CodeOf(err) != secret.Busy || n > guardBytes+2*len(text) {
		t.Errorf("after %d bytes: %v", n, err)
	}
	if _, err := s.guards(human(20), text); err != nil {
		t.Errorf("a person is refused, too: %v", err)
	}
	s.clock.pass(61 * time.Second)
	if _, err := s.guards(agent("Codex", 10, 12), text); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

// TestThreatF3GuardGuessesNoPasswordInAnAddress: all of a connection string but its password
// stands in the project's own files, so that an agent could try passwords: ten thousand fit
// one request, which no card stands before.
func TestThreatF3GuardGuessesNoPasswordInAnAddress(t *testing.T) {
	s := newScene(t)
	s.put("own/api/DATABASE_URL", "postgres://app:7391@db.internal:5432/production", secret.Strict)
	s.put("own/api/OTHER_URL", "postgres://app:Xk29fjQ8slPz03kd@db.internal:5432/production", secret.Strict)
	var texts []string
	for i := range 10 {
		var b strings.Builder
		for j := range 1000 {
			fmt.Fprintf(&b, "postgres://app:%d%03d@db.internal:5432/production\n", i, j)
		}
		texts = append(texts, b.String())
	}
	if got, err := s.guards(agent("Codex", 10, 12), texts...); err != nil || len(got) != 0 {
		t.Errorf("guessed: %v, %v", got, err)
	}
	if got, err := s.guards(agent("Codex", 10, 12), "see postgres://app:Xk29fjQ8slPz03kd@db.internal:5432/production"); err != nil || len(got) != 1 {
		t.Errorf("one that cannot be guessed: %v, %v", got, err)
	}
}

// TestGuardDamage: fingerprints that cannot be read are an error, not a clean answer.
func TestGuardDamage(t *testing.T) {
	s := newScene(t)
	s.put("own/api/KEY", guarded, secret.Normal)
	b, err := s.vault.Recall(printsKey)
	if err != nil || len(b) == 0 {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{b[:len(b)-1], b[1:], append(slices.Clone(b), 1)} {
		if err := s.vault.Remember(printsKey, bad); err != nil {
			t.Fatal(err)
		}
		s.b.prints.forget()
		if got, err := s.guards(human(20), guarded); secret.CodeOf(err) != secret.Damaged {
			t.Errorf("%v, %v", got, err)
		}
	}
}
