package broker

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// TestThreatE3Storm: many requests are few cards, and two denials rest the agent.
func TestThreatE3Storm(t *testing.T) {
	s := newScene(t)
	open := make(chan struct{})
	s.who.does(func(*Ask) Answer { <-open; return Answer{Choice: AllowOnce} })
	a := agent("Codex", 70, 71)
	results := make(chan result, 40)
	for i := range 40 {
		go func() {
			r := get("acme/api/DB")
			r.Reason = fmt.Sprint("reason ", i%8)
			results <- s.do(a, r)
		}()
	}
	busy := 0
	for range 20 { // four cards of five requests each wait; the rest is told so
		if r := <-results; secret.CodeOf(r.err) == secret.Busy {
			busy++
		} else {
			t.Errorf("%v", r.err)
		}
	}
	if busy != 20 || s.b.queue.len() != maxCardsPerAgent || len(s.who.seen()) != 1 {
		t.Errorf("%d were told busy, %d cards wait, %d are shown", busy, s.b.queue.len(), len(s.who.seen()))
	}
	close(open)
	tickets := map[string]bool{}
	for range 20 {
		r := <-results
		if r.err != nil || tickets[r.ticket.ID] {
			t.Fatalf("%v %v", r.ticket, r.err)
		}
		tickets[r.ticket.ID] = true
		if got := s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID}); got.values["acme/api/DB"] != "db-canary" {
			t.Errorf("a shared card's ticket: %v %v", got.values, got.err)
		}
	}
	if n := len(s.who.seen()); n != maxCardsPerAgent {
		t.Errorf("%d cards for 40 requests", n)
	}
}

func TestTwoDenialsRest(t *testing.T) {
	s := newScene(t)
	s.who.will(Deny)
	a := agent("Codex", 70, 71)
	s.wantCode(s.do(a, get("acme/api/DB")), secret.Denied)
	s.clock.pass(50 * time.Second)
	s.wantCode(s.do(a, get("acme/api/REGION")), secret.Denied)
	s.wantCode(s.do(a, get("acme/api/DB")), secret.Resting)
	s.wantCode(s.do(agent("Codex", 170, 171), get("acme/api/DB")), secret.Resting) // started anew
	if len(s.who.rests) != 1 || s.who.rests[0] != "Codex" {
		t.Errorf("told %v", s.who.rests)
	}
	s.who.will(AllowOnce)
	if r := s.do(agent("Claude Code", 80, 81), get("acme/api/DB")); r.err != nil {
		t.Errorf("another agent: %v", r.err)
	}
	if r := s.do(human(9), take(secret.DeliverEval, "acme/api/DB")); r.err != nil {
		t.Errorf("the person: %v", r.err)
	}
	s.clock.pass(restFor)
	if r := s.do(a, get("acme/api/DB")); r.err != nil {
		t.Errorf("rested: %v", r.err)
	}
}

func TestRestEndsByHand(t *testing.T) {
	s := newScene(t)
	s.who.will(Deny)
	a := agent("Codex", 70, 71)
	s.do(a, get("acme/api/DB"))
	s.do(a, get("acme/api/DB"))
	if r := s.do(human(9), &secret.Request{Op: secret.OpRest, Agent: "Codex"}); r.err != nil {
		t.Fatal(r.err)
	}
	s.who.will(AllowOnce)
	if r := s.do(a, get("acme/api/DB")); r.err != nil {
		t.Error(r.err)
	}
}

func TestDenialsFarApartDoNotRest(t *testing.T) {
	s := newScene(t)
	s.who.will(Deny)
	a := agent("Codex", 70, 71)
	for range 3 {
		s.wantCode(s.do(a, get("acme/api/DB")), secret.Denied)
		s.clock.pass(restWithin)
	}
}

func TestOldestFirstAndWithdrawal(t *testing.T) {
	s := newScene(t)
	var mu sync.Mutex
	var order []string
	release := make(chan struct{})
	s.who.does(func(a *Ask) Answer {
		mu.Lock()
		order = append(order, a.Who.Agent)
		mu.Unlock()
		<-release
		return Answer{Choice: AllowOnce}
	})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	ask := func(ctx context.Context, name string, pid int) {
		n := s.b.queue.len()
		wg.Go(func() { s.doCtx(ctx, agent(name, pid, pid+1), get("acme/api/DB")) })
		waitFor(t, func() bool { return s.b.queue.len() == n+1 })
	}
	ask(t.Context(), "first", 100)
	ask(ctx, "gone", 110)
	ask(t.Context(), "second", 120)
	cancel()
	waitFor(t, func() bool { return s.b.queue.len() == 2 })
	close(release)
	wg.Wait()
	if got := fmt.Sprint(order); got != "[first second]" {
		t.Errorf("shown %s", got)
	}
}

func TestPause(t *testing.T) {
	s := newScene(t)
	if r := s.do(human(9), &secret.Request{Op: secret.OpPause, On: true}); r.err != nil {
		t.Fatal(r.err)
	}
	a := agent("Codex", 70, 71)
	s.wantCode(s.do(a, get("acme/api/DB")), secret.Paused)
	if r := s.do(a, &secret.Request{Op: secret.OpList}); r.err != nil {
		t.Errorf("ls: %v", r.err)
	}
	if r := s.do(human(9), take(secret.DeliverEval, "acme/api/DB")); r.err != nil {
		t.Errorf("the person: %v", r.err)
	}
	s.do(human(9), &secret.Request{Op: secret.OpPause})
	s.who.will(AllowOnce)
	if r := s.do(a, get("acme/api/DB")); r.err != nil {
		t.Errorf("resumed: %v", r.err)
	}
}

// TestProgressIsTold: whoever waits hears at once that a card waits.
func TestProgressIsTold(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithCancel(t.Context())
	heard := make(chan secret.Progress, 8)
	done := make(chan error, 1)
	go func() {
		done <- s.b.Do(ctx, agent("Codex", 70, 71), get("acme/api/DB"), func(a secret.Answer) error {
			if a.Progress != nil {
				heard <- *a.Progress
			}
			return nil
		})
	}()
	if p := <-heard; p.Waiting != 0 || p.Deadline == 0 {
		t.Errorf("%+v", p)
	}
	cancel()
	if err := <-done; secret.CodeOf(err) != secret.Cancelled {
		t.Error(err)
	}
}

func TestFrontDoesNotQueueBehindACard(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan result, 1)
	go func() { done <- s.doCtx(ctx, agent("Codex", 70, 71), get("acme/api/DB")) }()
	waitFor(t, func() bool { return len(s.who.seen()) == 1 })
	if r := s.do(caller.Front("test"), take(secret.DeliverCopy, "acme/api/DB")); r.values["acme/api/DB"] != "db-canary" {
		t.Errorf("%v %v", r.values, r.err)
	}
	cancel()
	<-done
}

func TestNewAndChangedPrograms(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	a := agent("Codex", 70, 71)
	a.Chain[1].ExeID = caller.FileID{Dev: 1, Ino: 2}
	for range 2 {
		if r := s.do(a, get("acme/api/DB")); r.err != nil {
			t.Fatal(r.err)
		}
	}
	a.Chain[1].ExeID.Ino = 3
	if r := s.do(a, get("acme/api/DB")); r.err != nil {
		t.Fatal(r.err)
	}
	asks := s.who.seen()
	if !asks[0].Known.First.IsZero() || asks[1].Known.First.IsZero() || asks[1].Known.Changed || !asks[2].Known.Changed {
		t.Errorf("%+v\n%+v\n%+v", asks[0].Known, asks[1].Known, asks[2].Known)
	}
}
