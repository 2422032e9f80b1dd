package broker

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// TestThreatE1DigestOfBytes: paths and names of processes are bytes, and two that differ
// only in bytes that are no text are two grants.
func TestThreatE1DigestOfBytes(t *testing.T) {
	seen := map[Digest]string{}
	for _, dir := range []string{"/w", "/w\xff", "/w\xfe", "/w\xff\xff", "/w\ufffd", "/w\\ufffd", "/w\xed\xa0\x80", "/w\xed\xa0\x81"} {
		for _, comm := range []string{"zsh", "zsh\xff", "zsh\xfe"} {
			a := Ask{Who: caller.Caller{Dir: dir, Chain: []caller.Process{{Comm: comm}}}}
			key := fmt.Sprintf("%q %q", dir, comm)
			if other, same := seen[a.Digest()]; same {
				t.Errorf("%s and %s are one grant", key, other)
			}
			seen[a.Digest()] = key
		}
	}
}

// TestThreatE3ThirtyAMinute: an agent that asks every two seconds for ten minutes, and
// is denied each time it is seen, is seen four times.
func TestThreatE3ThirtyAMinute(t *testing.T) {
	s := newScene(t)
	s.who.will(Deny)
	a := agent("Codex", 70, 71)
	count := map[secret.Code]int{}
	for i := range 300 {
		r := get("acme/api/DB")
		r.Reason = fmt.Sprint("reason ", i) // never the same request
		got := s.do(a, r)
		if got.ticket != nil || len(got.values) > 0 {
			t.Fatalf("request %d was granted", i)
		}
		count[secret.CodeOf(got.err)]++
		s.clock.pass(2 * time.Second)
	}
	if n := len(s.who.seen()); n != 4 || count[secret.Denied] != 4 || count[secret.Resting] != 296 {
		t.Errorf("%d cards, answers %v", n, count)
	}
}

// TestThreatE3NamesDoNotMultiply: callers that nobody knows are one asker, whatever
// their processes are called.
func TestThreatE3NamesDoNotMultiply(t *testing.T) {
	s := newScene(t)
	s.who.will(Deny)
	count := map[secret.Code]int{}
	for i := range 30 {
		c := unknown(100 + i)
		c.Chain[1].Comm, c.Chain[0].Comm = fmt.Sprint("tool", i), fmt.Sprint("client", i)
		count[secret.CodeOf(s.do(c, get("acme/api/DB")).err)]++
	}
	if n := len(s.who.seen()); n != restAfter || count[secret.Resting] != 30-restAfter {
		t.Errorf("%d cards, answers %v", n, count)
	}
}

// TestThreatE3SwarmOfAgents: 30 requests from each of 20 agents come while a card is up.
// It stays; a bounded number waits behind it, four of an agent; when the askers go,
// nothing of it all remains.
func TestThreatE3SwarmOfAgents(t *testing.T) {
	s := newScene(t)
	s.b.cfg.CardTime = time.Minute
	s.who.does(nil) // the card waits for its asker to go
	goroutines := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first := make(chan result, 1)
	go func() { first <- s.doCtx(ctx, agent("First", 1000, 1001), get("acme/api/DB")) }()
	waitFor(t, func() bool { return len(s.who.seen()) == 1 })

	results := make(chan result, 600)
	for i := range 600 {
		go func() {
			r := get("acme/api/DB")
			r.Reason = fmt.Sprint("reason ", i/20)
			results <- s.doCtx(ctx, agent(fmt.Sprint("Agent ", i%20), 2000+i%20, 3000+i%20), r)
		}()
	}
	busy := 0
	for range 600 - (maxCards - 1) { // no request is the same as another, so each card has one
		if r := <-results; secret.CodeOf(r.err) == secret.Busy {
			busy++
		} else {
			t.Errorf("%v", r.err)
		}
	}
	if n := s.b.queue.len(); n != maxCards || busy != 600-(maxCards-1) {
		t.Errorf("%d wait, %d were told busy", n, busy)
	}
	if list := s.who.seen(); len(list) != 1 || list[0].Who.Agent != "First" {
		t.Errorf("%d cards were shown over the first", len(list)-1)
	}
	s.b.queue.mu.Lock()
	of := map[string]int{}
	for _, f := range s.b.queue.line {
		of[f.asker]++
	}
	s.b.queue.mu.Unlock()
	for who, n := range of {
		if n > maxCardsPerAgent {
			t.Errorf("%d cards of %s wait", n, who)
		}
	}
	cancel()
	<-first
	for range maxCards - 1 {
		<-results
	}
	waitFor(t, func() bool { return s.b.queue.len() == 0 && runtime.NumGoroutine() <= goroutines })
	if len(s.b.queue.aside) != 0 || len(s.b.queue.denials) != 0 || len(s.b.queue.rests) != 0 {
		t.Error("the queue remembers them")
	}
}

// TestThreatE3PersonAmongTheSwarm: as many agents' cards wait as may. What the person asks
// for in their own terminal is let in all the same, and comes before those that wait, but
// not over the one that is shown.
func TestThreatE3PersonAmongTheSwarm(t *testing.T) {
	s := newScene(t)
	s.b.cfg.CardTime = time.Minute
	next := make(chan struct{})
	s.who.does(func(*Ask) Answer { <-next; return Answer{} })
	results := make(chan result, maxCards+1)
	for i := range maxCards {
		go func() {
			results <- s.do(agent(fmt.Sprint("Agent ", i/4), 2000+i/4, 3000+i/4), &secret.Request{
				Op: secret.OpGet, Delivery: secret.DeliverShell, Targets: []secret.Prefix{"acme/api/DB"}, Reason: fmt.Sprint(i)})
		}()
	}
	waitFor(t, func() bool { return s.b.queue.len() == maxCards && len(s.who.seen()) == 1 })
	go func() {
		results <- s.do(human(20), &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverEval, Targets: []secret.Prefix{"acme/api/DB"}})
	}()
	waitFor(t, func() bool { return s.b.queue.len() == maxCards+1 })
	next <- struct{}{}
	waitFor(t, func() bool { return len(s.who.seen()) > 1 })
	if list := s.who.seen(); list[0].Who.Class != caller.Agent || list[1].Who.Class != caller.Human {
		t.Errorf("shown: %s, then %s", nameOf(list[0].Who), nameOf(list[1].Who))
	}
	close(next)
	for range maxCards + 1 {
		<-results
	}
}

// TestThreatE3SameRequestAgain: an agent that repeats one request while its card is up
// has one card, and one answer for all.
func TestThreatE3SameRequestAgain(t *testing.T) {
	s := newScene(t)
	s.b.cfg.CardTime = time.Minute
	open := make(chan struct{})
	s.who.does(func(*Ask) Answer { <-open; return Answer{Choice: Deny} })
	a, ends := agent("Codex", 70, 71), len(s.who.ends)
	results := make(chan result, 100)
	for range 100 {
		go func() { results <- s.do(a, get("acme/api/DB")) }()
	}
	waitFor(t, func() bool {
		s.b.queue.mu.Lock()
		defer s.b.queue.mu.Unlock()
		return len(s.b.queue.line) == 1 && s.b.queue.line[0].waiters == 100
	})
	close(open)
	for range 100 {
		s.wantCode(<-results, secret.Denied)
	}
	if n, e := len(s.who.seen()), len(s.who.ends)-ends; n != 1 || e != 1 {
		t.Errorf("%d cards, %d ends", n, e)
	}
	// It was one denial: the agent may ask once more before it rests.
	s.wantCode(s.do(a, get("acme/api/DB")), secret.Denied)
	s.wantCode(s.do(a, get("acme/api/DB")), secret.Resting)
}

// TestThreatE1TimesThatCannotBeShown: an expiry beyond the year 9999 cannot be written as
// RFC 3339, so that no card, answer or digest could hold it any more.
func TestThreatE1TimesThatCannotBeShown(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	far, err := time.Parse(time.RFC3339, "9999-12-31T23:59:59-23:59") // the year 10000 in UTC
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{far, far.UTC(), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)} {
		r := s.do(agent("Codex", 70, 71), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{
			{Action: secret.ActionEdit, Name: "acme/api/DB", Meta: secret.Patch{Expires: &at}}}})
		s.wantCode(r, secret.Invalid)
	}
	gone := s.do(agent("Codex", 70, 71), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{{Action: secret.ActionRemove, Name: "acme/api/DB"}}})
	if gone.err != nil {
		t.Errorf("it cannot be deleted: %v", gone.err)
	}
}

// lateTimer is a context whose deadline has passed and whose timer has not fired yet.
type lateTimer struct {
	context.Context
	done chan struct{}
}

func (l lateTimer) Deadline() (time.Time, bool) { return time.Now().Add(-time.Nanosecond), true }
func (l lateTimer) Done() <-chan struct{}       { return l.done }

func (l lateTimer) Err() error {
	select {
	case <-l.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// TestThreatE5LateTimer: an answer after the deadline does not count because the machine
// was too busy to fire the timer.
func TestThreatE5LateTimer(t *testing.T) {
	l := lateTimer{t.Context(), make(chan struct{})}
	time.AfterFunc(20*time.Millisecond, func() { close(l.done) })
	if !hasEnded(l) || secret.CodeOf(withdrawn(l)) != secret.TimedOut {
		t.Error("its time is not over")
	}
	if hasEnded(t.Context()) {
		t.Error("what has no deadline is over")
	}
}
