package broker

import (
	"context"
	"sync"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
	"noxkey/vault/memory"
)

// TestLockWithdrawsTheFrontsPrompt: a locked app shows no names, not even on a
// prompt that was there before.
func TestLockWithdrawsTheFrontsPrompt(t *testing.T) {
	for _, op := range []*secret.Request{take(secret.DeliverRaw, "acme/api/DB"), {Op: secret.OpRekey}} {
		for _, who := range []caller.Caller{caller.Front("test"), human(9)} {
			s := newScene(t)
			s.who.enterPass = func(ctx context.Context) {
				if r := s.do(agent("Codex", 70, 71), &secret.Request{Op: secret.OpLock}); r.err != nil {
					t.Error(r.err)
				}
				select {
				case <-ctx.Done():
				case <-time.After(time.Second): // the prompt stays; the person types on
				}
			}
			s.wantCode(s.do(who, op), secret.Locked)
			if !s.b.locked() {
				t.Errorf("%s: the vault is open again", op.Op)
			}
		}
	}
}

// TestMaintenanceTakesItsTurn: a passphrase prompt of another's never stands beside
// a card whose time runs.
func TestMaintenanceTakesItsTurn(t *testing.T) {
	s := newScene(t)
	open := make(chan struct{})
	s.who.does(func(*Ask) Answer { <-open; return Answer{Choice: Deny} })
	card, rekey := make(chan result, 1), make(chan result, 1)
	go func() { card <- s.do(agent("Codex", 70, 71), get("acme/api/DB")) }()
	waitFor(t, func() bool { return len(s.who.seen()) == 1 })
	go func() { rekey <- s.do(human(9), &secret.Request{Op: secret.OpRekey}) }()
	waitFor(t, func() bool { return s.b.queue.len() == 2 || len(s.who.seen()) == 2 })
	if n := len(s.who.seen()); n != 1 {
		t.Errorf("%d questions at once", n)
	}
	close(open)
	s.wantCode(<-card, secret.Denied)
	if r := <-rekey; r.err != nil {
		t.Error(r.err)
	}
}

// TestRekeyThatIsCancelledEndsNothing: only a new root key ends sessions.
func TestRekeyThatIsCancelledEndsNothing(t *testing.T) {
	s := newScene(t)
	if r := s.do(human(9), &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/api"}}); r.err != nil {
		t.Fatal(r.err)
	}
	s.who.typed = ""
	s.wantCode(s.do(human(9), &secret.Request{Op: secret.OpRekey}), secret.Cancelled)
	if n := s.b.sessions.count(); n != 1 {
		t.Errorf("%d sessions after a rekey that was not", n)
	}
	s.who.typed = pass
	if r := s.do(human(9), &secret.Request{Op: secret.OpRekey}); r.err != nil || s.b.sessions.count() != 0 {
		t.Errorf("%v, %d sessions after a rekey", r.err, s.b.sessions.count())
	}
}

// slowLedger takes its time to remember.
type slowLedger struct {
	*memory.Vault
	mu    sync.Mutex
	block chan struct{} // guarded by mu
	began chan struct{}
}

func (l *slowLedger) Remember(key string, data []byte) error {
	l.mu.Lock()
	block := l.block
	l.mu.Unlock()
	if block != nil {
		l.began <- struct{}{}
		<-block
	}
	return l.Vault.Remember(key, data)
}

// TestSleepLocksBeforeAnybodyIsServed: the second request after waking does not
// overtake the lock that the first one brings.
func TestSleepLocksBeforeAnybodyIsServed(t *testing.T) {
	s := newScene(t)
	l := &slowLedger{Vault: s.vault, began: make(chan struct{}, 8)}
	s.b.audit.ledger = l
	s.do(human(9), take(secret.DeliverRaw, "acme/api/REGION"))
	l.mu.Lock()
	l.block = make(chan struct{})
	l.mu.Unlock()
	s.clock.sleep()
	results := make(chan result, 2)
	list := &secret.Request{Op: secret.OpList}
	go func() { results <- s.do(agent("Codex", 70, 71), list) }()
	<-l.began // it slept, and the lock is under way
	go func() { results <- s.do(agent("Codex", 70, 71), list) }()
	time.Sleep(50 * time.Millisecond) // for the second to get as far as it does
	close(l.block)
	for range 2 {
		r := <-results
		s.wantCode(r, secret.Locked)
		if len(r.all) > 0 {
			t.Errorf("%d names were told", len(r.all))
		}
	}
}

// TestLockedSinceItWasLetIn: a request that passed the door before a lock and comes
// to its turn after it shows nothing.
func TestLockedSinceItWasLetIn(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	s.vault.Lock()
	a := &Ask{ID: 99, Kind: AskCard, Op: secret.OpGet, Who: agent("Codex", 70, 71), Items: []Item{{Name: "acme/api/DB"}}, Touch: true}
	if g, err := s.b.put(t.Context(), a); secret.CodeOf(err) != secret.Locked || g != nil || len(s.who.seen()) != 0 || !s.vault.Locked() {
		t.Errorf("%v %v, %d cards", g, err, len(s.who.seen()))
	}
}

// TestProgressCountsFromTheTurn: who waits behind another card has its whole time yet.
func TestProgressCountsFromTheTurn(t *testing.T) {
	s := newScene(t)
	q := newQueue(s.who, s.clock)
	first, second := &flight{turn: make(chan struct{})}, &flight{turn: make(chan struct{})}
	q.line = []*flight{first, second}
	q.giveTurn()
	start := s.clock.Elapsed()
	s.clock.pass(30 * time.Second)
	if p := q.progress(second, start, 45*time.Second); p.Deadline != 45 || p.Waiting != 1 || p.Seconds != 30 {
		t.Errorf("waiting: %+v", p)
	}
	if p := q.progress(first, start, 45*time.Second); p.Deadline != 15 || p.Waiting != 0 {
		t.Errorf("shown: %+v", p)
	}
}
