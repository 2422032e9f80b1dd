package broker

import (
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// TestOffLimitsInAList: names one by one are a batch, too: what is off limits is
// left out and named.
func TestOffLimitsInAList(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	a := agent("Codex", 70, 71)
	r := s.do(a, get("acme/api/DB", "acme/root/KEY"))
	if r.err != nil || len(r.ticket.Names) != 1 || len(r.ticket.LeftOut) != 1 || r.ticket.LeftOut[0] != "acme/root/KEY" {
		t.Errorf("%+v, %v", r.ticket, r.err)
	}
	s.wantCode(s.do(a, get("acme/root/KEY")), secret.OffLimit)
}

// TestSessionAndEasySecretsElsewhere: an easy secret beside the session's costs a
// person no prompt, and is no use of a session by itself.
func TestSessionAndEasySecretsElsewhere(t *testing.T) {
	s := newScene(t)
	if r := s.do(human(9), &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/prod"}}); r.err != nil {
		t.Fatal(r.err)
	}
	before := len(s.who.seen())
	if r := s.do(human(9), get("acme/prod/DB", "acme/api/REGION")); r.err != nil || r.ticket.Session == nil {
		t.Errorf("%+v, %v", r.ticket, r.err)
	}
	if n := len(s.who.seen()) - before; n != 0 {
		t.Errorf("%d prompts", n)
	}
	if r := s.do(human(9), get("acme/api/REGION")); r.err != nil || r.ticket.Session != nil || s.lastRecord().Outcome != secret.AllowedOnce {
		t.Errorf("easy alone: %+v, %v", r.ticket, r.err)
	}
}

// TestBundleIsNoPrefix: a bundle beside a prefix does not make a session over the
// prefix of what lies elsewhere.
func TestBundleIsNoPrefix(t *testing.T) {
	s := newScene(t)
	if r := s.write(human(9), secret.Change{Action: secret.ActionEdit, Name: "acme/prod/DB", Meta: secret.Patch{Bundle: ptr("db")}}); r.err != nil {
		t.Fatal(r.err)
	}
	s.who.will(Deny)
	for _, target := range []secret.Prefix{"acme/api/REGION", "login"} {
		req := get(target)
		req.Bundle = "db"
		s.wantCode(s.do(agent("Codex", 70, 71), req), secret.Denied)
		s.clock.pass(2 * time.Minute)
		if asks := s.who.seen(); asks[len(asks)-1].Prefix != "" {
			t.Errorf("the card says %s", asks[len(asks)-1].Prefix)
		}
	}
}

// TestThreatE4WriteOverAnotherTarget: what a move replaces is what the card showed.
func TestThreatE4WriteOverAnotherTarget(t *testing.T) {
	s := newScene(t)
	s.who.does(func(*Ask) Answer {
		again := set(t, "acme/api/DB", "newer")
		again.Replace = true
		if r := s.write(caller.Front("test"), again); r.err != nil {
			t.Error(r.err)
		}
		return Answer{Choice: AllowOnce}
	})
	a := agent("Codex", 70, 71)
	move := secret.Change{Action: secret.ActionMove, Name: "acme/prod/DB", To: "acme/api/DB", Replace: true}
	s.wantCode(s.write(a, move), secret.Conflict)
	if r := s.do(human(9), take(secret.DeliverRaw, "acme/api/DB")); r.values["acme/api/DB"] != "newer" {
		t.Errorf("%v %v", r.values, r.err)
	}
}

// TestMoveShowsWhatItDoes: a move changes the name and nothing else, so that a card
// cannot promise a stricter level that nobody sets.
func TestMoveShowsWhatItDoes(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	move := secret.Change{Action: secret.ActionMove, Name: "acme/prod/DB", To: "acme/prod/OTHER", Meta: secret.Patch{Level: ptr(secret.Strict)}}
	s.wantCode(s.write(agent("Codex", 70, 71), move), secret.Invalid)
}

// TestBurnWhilePaused: a pause keeps nobody from giving something up.
func TestBurnWhilePaused(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	a := agent("Codex", 70, 71)
	r := s.do(a, get("acme/api/DB"))
	s.do(human(9), &secret.Request{Op: secret.OpPause, On: true})
	if b := s.do(a, &secret.Request{Op: secret.OpBurn, Ticket: r.ticket.ID, Reader: "cat 1"}); b.err != nil {
		t.Error(b.err)
	}
}
