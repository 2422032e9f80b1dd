package broker

import (
	"testing"
	"time"

	"noxkey/secret"
)

// TestThreatE1OneApprovalOneCode: the card says that one recovery code goes out. The same
// request four times, from one process and while the card is up, is four cards, and the one
// that is allowed gives one code.
func TestThreatE1OneApprovalOneCode(t *testing.T) {
	s := codeScene(t, secret.Normal)
	s.b.cfg.CardTime = time.Minute
	cards, open := 0, make(chan struct{})
	s.who.does(func(*Ask) Answer { // one card is up at a time
		<-open
		if cards++; cards == 1 {
			return Answer{Choice: AllowOnce}
		}
		return Answer{Choice: Deny}
	})
	a := agent("Codex", 70, 71)
	results := make(chan result, maxCardsPerAgent)
	for range maxCardsPerAgent {
		go func() { results <- s.do(a, get(recovery)) }()
	}
	waitFor(t, func() bool {
		s.b.queue.mu.Lock()
		defer s.b.queue.mu.Unlock()
		n := 0
		for _, f := range s.b.queue.line {
			n += f.waiters
		}
		return n == maxCardsPerAgent
	})
	close(open)
	codes := 0
	for range maxCardsPerAgent {
		r := <-results
		if r.err != nil || r.ticket == nil {
			continue
		}
		if got := s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID}); got.err == nil {
			codes++
		}
	}
	if codes != 1 {
		t.Errorf("%d codes for one approval, %d cards", codes, cards)
	}
}
