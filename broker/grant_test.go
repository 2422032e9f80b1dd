package broker

import (
	"context"
	"fmt"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// TestPersonNeverRests: backing out of one's own entry field is no denial of an agent.
func TestPersonNeverRests(t *testing.T) {
	s := newScene(t)
	enter := &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{{Action: secret.ActionSet, Name: "acme/api/NEW", Enter: true}}}
	for range 3 {
		s.wantCode(s.do(human(9), enter), secret.Denied)
	}
	if len(s.who.rests) > 0 {
		t.Errorf("rests: %v", s.who.rests)
	}
}

// TestThreatE3AnotherName: an unknown caller, which can call itself anything, does
// not get around its rest, or past the bound of cards, by another name.
func TestThreatE3AnotherName(t *testing.T) {
	s := newScene(t)
	named := func(i int) caller.Caller {
		who := unknown(100 + i)
		who.Chain[1] = proc(200+i, fmt.Sprintf("sh%d", i))
		return who
	}
	s.who.will(Deny)
	s.wantCode(s.do(named(1), get("acme/api/DB")), secret.Denied)
	s.wantCode(s.do(named(2), get("acme/api/DB")), secret.Denied)
	s.wantCode(s.do(named(3), get("acme/api/DB")), secret.Resting)
	if n := len(s.b.queue.denials); n > 1 {
		t.Errorf("%d names are remembered", n)
	}
	if r := s.do(human(9), &secret.Request{Op: secret.OpRest, Agent: s.who.rests[0]}); r.err != nil {
		t.Fatal(r.err)
	}
	s.wantCode(s.do(named(4), get("acme/api/DB")), secret.Denied) // asked again
}

// TestThreatE5GoneAtTheSameMoment: whose asker has gone gets nothing, even if the
// answer came in that moment.
func TestThreatE5GoneAtTheSameMoment(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 64 {
		f := &flight{done: make(chan struct{}), grant: &grant{choice: AllowOnce, n: 1}, finished: true, waiters: 1}
		close(f.done)
		if g, err := s.b.queue.wait(ctx, f, time.Minute, func(secret.Progress) error { return nil }); err == nil || g != nil {
			t.Fatal("a grant for an asker that has gone")
		}
	}
}

// TestThreatE5NobodyTookIt: an answer that could not be delivered leaves neither a
// session nor a ticket behind.
func TestThreatE5NobodyTookIt(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowSession)
	err := s.b.Do(t.Context(), agent("Codex", 70, 71), withSession(get("acme/api/DB"), time.Hour), func(a secret.Answer) error {
		if a.Ticket != nil {
			return context.Canceled
		}
		return nil
	})
	if err == nil || s.b.sessions.count() != 0 || len(s.b.tickets.all) != 0 {
		t.Errorf("%v, %d sessions, %d tickets", err, s.b.sessions.count(), len(s.b.tickets.all))
	}
	unlock := &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/api/DB"}}
	err = s.b.Do(t.Context(), agent("Codex", 70, 71), unlock, func(a secret.Answer) error {
		if a.Session != nil {
			return context.Canceled
		}
		return nil
	})
	if err == nil || s.b.sessions.count() != 0 {
		t.Errorf("%v, %d sessions", err, s.b.sessions.count())
	}
	if unlock.Session != 0 {
		t.Error("the request was changed")
	}
}

// TestOneCardOneSession: the same request many times over is one session, too.
func TestOneCardOneSession(t *testing.T) {
	s := newScene(t)
	open := make(chan struct{})
	s.who.does(func(*Ask) Answer { <-open; return Answer{Choice: AllowSession} })
	a := agent("Codex", 70, 71)
	results := make(chan result, 5)
	for range 5 {
		go func() { results <- s.do(a, withSession(get("acme/api/DB"), time.Hour)) }()
	}
	waitFor(t, func() bool {
		s.b.queue.mu.Lock()
		defer s.b.queue.mu.Unlock()
		return len(s.b.queue.line) == 1 && s.b.queue.line[0].waiters == 5
	})
	close(open)
	for range 5 {
		if r := <-results; r.err != nil || r.ticket.Session == nil {
			t.Errorf("%+v %v", r.ticket, r.err)
		}
	}
	if n := s.b.sessions.count(); n != 1 {
		t.Errorf("%d sessions of one card", n)
	}
}

// TestThreatE4SecretMovedUnderTheCard: a session is not granted over what took a
// shown secret's place while the person read.
func TestThreatE4SecretMovedUnderTheCard(t *testing.T) {
	s := newScene(t)
	s.who.does(func(a *Ask) Answer {
		s.who.will(Deny)
		s.write(caller.Front("test"), secret.Change{Action: secret.ActionMove, Name: "acme/prod/DB", To: "acme/api/DB", Replace: true})
		return Answer{Choice: AllowSession}
	})
	a := agent("Codex", 70, 71)
	s.wantCode(s.do(a, &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/api/DB"}}), secret.Conflict)
	if n := s.b.sessions.count(); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// TestThreatE4AskerChangedBeforeFetching: who was allowed is who fetches.
func TestThreatE4AskerChangedBeforeFetching(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	a := agent("Codex", 70, 71)
	r := s.do(a, get("acme/api/DB"))
	if r.err != nil {
		t.Fatal(r.err)
	}
	s.kill(a.Anchor)
	s.wantCode(s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID}), secret.Cancelled)
}

// TestThreatC3TicketsDoNotPileUp: under a session a request needs no card, so that
// what bounds cards does not bound tickets.
func TestThreatC3TicketsDoNotPileUp(t *testing.T) {
	s := newScene(t)
	first := human(9)
	if r := s.do(first, get("acme/api/REGION")); r.err != nil {
		t.Fatal(r.err)
	}
	busy := 0
	for range 3 * maxTicketsPerPeer {
		if secret.CodeOf(s.do(first, get("acme/api/REGION")).err) == secret.Busy {
			busy++
		}
	}
	if busy != 2*maxTicketsPerPeer+1 {
		t.Errorf("%d refused", busy)
	}
	if r := s.do(human(10), get("acme/api/REGION")); r.err != nil {
		t.Errorf("another process: %v", r.err)
	}
	for i := range 3 * maxTickets { // processes that ask and quit
		who := human(1000 + i)
		if r := s.do(who, get("acme/api/REGION")); r.err != nil {
			t.Fatalf("process %d: %v", i, r.err)
		}
		s.kill(who.Chain[0].ID)
	}
	if n := len(s.b.tickets.all); n > maxTickets {
		t.Errorf("%d tickets", n)
	}
}

// TestOffLimitsUnlockIsRecorded: asking for a session over it is asking for it.
func TestOffLimitsUnlockIsRecorded(t *testing.T) {
	s := newScene(t)
	a := agent("Codex", 70, 71)
	s.put("acme/vault/KEY", "canary", secret.OffLimits)
	for _, target := range []secret.Prefix{"acme/root/KEY", "acme/vault"} {
		s.wantCode(s.do(a, &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{target}}), secret.OffLimit)
		if last := s.lastRecord(); last.Outcome != secret.OutRefused || last.Op != secret.OpUnlock || len(last.Names) != 1 {
			t.Errorf("%s was recorded as %+v", target, last)
		}
	}
}
