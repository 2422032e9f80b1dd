package touchid

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"noxkey/secret"
)

// stage is an LAContext for tests. when is called with the reply of each sheet.
type stage struct {
	has    map[policy]status // 0 for policies that are not in it
	sensor bool
	when   func(reply func(ok bool, s status))

	mu       sync.Mutex
	made     int
	started  []string
	policies []policy
	ended    int // invalidated
	gone     int // released
	after    int // calls on a released context
}

// staged is one of its contexts.
type staged struct {
	*stage
	released bool
}

func (s *stage) make() (laContext, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	return &staged{stage: s}, nil
}

func (c *staged) alive() {
	if c.released {
		c.after++
	}
}

func (c *staged) can(p policy) status { return c.has[p] }
func (c *staged) touchID() bool       { return c.sensor }
func (c *staged) pointer() unsafe.Pointer {
	return unsafe.Pointer(c)
}

func (c *staged) invalidate() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alive()
	c.ended++
}

func (c *staged) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alive()
	c.released = true
	c.gone++
}

func (c *staged) start(p policy, reason string, reply func(bool, status)) func() {
	c.mu.Lock()
	c.alive()
	c.started, c.policies = append(c.started, reason), append(c.policies, p)
	c.mu.Unlock()
	c.when(reply)
	return func() {}
}

func (s *stage) wantAllGone(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone != s.made || s.after != 0 {
		t.Errorf("%d contexts made, %d released, %d calls on a released one", s.made, s.gone, s.after)
	}
}

func unlocked() bool { return false }

// on returns an Evaluation whose system answers so, from another thread.
func on(ok bool, code status) (*stage, *Evaluation) {
	s := &stage{when: func(reply func(bool, status)) { go reply(ok, code) }}
	return s, newEvaluation(s.make, unlocked)
}

func TestYesIsAPresence(t *testing.T) {
	t.Parallel()
	s, e := on(true, 0)
	p, err := e.Evaluate(t.Context(), "unlock your secrets")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Use(func(c unsafe.Pointer) error {
		if c == nil {
			t.Error("no context")
		}
		p.Invalidate() // while it is used: ended at once, released later
		if s.ended != 1 || s.gone != 0 {
			t.Errorf("ended %d, released %d", s.ended, s.gone)
		}
		return errors.New("mine")
	}); err == nil || err.Error() != "mine" {
		t.Fatal(err)
	}
	p.Invalidate()
	s.wantAllGone(t)
	if s.ended != 1 {
		t.Errorf("invalidated %d times", s.ended)
	}
	if err := p.Use(func(unsafe.Pointer) error { t.Error("called"); return nil }); secret.CodeOf(err) != secret.Denied {
		t.Fatal(err)
	}
	if len(s.started) != 1 || s.started[0] != "unlock your secrets" || s.policies[0] != owner {
		t.Fatalf("asked %q under %v", s.started, s.policies)
	}
}

// TestEveryAnswerButAPlainYesIsNone: each LAError, a success that comes with an error, a
// failure without one, and numbers that nobody knows.
func TestEveryAnswerButAPlainYesIsNone(t *testing.T) {
	t.Parallel()
	want := map[status]secret.Code{
		failed: secret.WrongKey, userCancel: secret.Cancelled, userFallback: secret.Cancelled, systemCancel: secret.Cancelled,
		appCancel: secret.Cancelled, lockout: secret.Cancelled, noPasscode: secret.Invalid,
		notAvailable: secret.Internal, notEnrolled: secret.Internal, invalid: secret.Internal, noWatch: secret.Internal,
		notPaired: secret.Internal, disconnected: secret.Internal, notInteractive: secret.Internal,
		foreign: secret.Internal, -77: secret.Internal, 0: secret.Internal,
	}
	for code, c := range want {
		for _, ok := range []bool{false, true} {
			if ok && code == 0 {
				continue
			}
			s, e := on(ok, code)
			p, err := e.Evaluate(t.Context(), "unlock your secrets")
			if p != nil || secret.CodeOf(err) != c {
				t.Errorf("%t %d: %v %v, want %s", ok, code, p, err, c)
			}
			s.wantAllGone(t)
			if s.ended != 1 {
				t.Errorf("%d: the context was left valid", code)
			}
		}
	}
}

func TestContextEndingTakesTheSheetAway(t *testing.T) {
	t.Parallel()
	up := make(chan struct{})
	s := &stage{when: func(func(bool, status)) { close(up) }}
	e := newEvaluation(s.make, unlocked)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { _, err := e.Evaluate(ctx, "unlock your secrets"); done <- err }()
	<-up
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if s.ended != 1 {
		t.Error("the sheet is still up")
	}
	s.wantAllGone(t)
}

// TestThreatE5AnswerAfterTheEndGrantsNothing: the finger was right, and the time over.
func TestThreatE5AnswerAfterTheEndGrantsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var late func(bool, status)
	s := &stage{when: func(reply func(bool, status)) { late = reply; cancel() }}
	e := newEvaluation(s.make, unlocked)
	if p, err := e.Evaluate(ctx, "unlock your secrets"); p != nil || !errors.Is(err, context.Canceled) {
		t.Fatal(p, err)
	}
	late(true, 0)
	late(true, 0)
	s.wantAllGone(t)
	// In the same moment as the end.
	ctx, cancel = context.WithCancel(t.Context())
	s = &stage{when: func(reply func(bool, status)) { reply(true, 0); cancel() }}
	e = newEvaluation(s.make, unlocked)
	if p, err := e.Evaluate(ctx, "unlock your secrets"); p != nil || !errors.Is(err, context.Canceled) {
		t.Fatal(p, err)
	}
	s.wantAllGone(t)
}

func TestSecondAnswerIsNotHeard(t *testing.T) {
	t.Parallel()
	s := &stage{when: func(reply func(bool, status)) { reply(false, userCancel); reply(true, 0) }}
	e := newEvaluation(s.make, unlocked)
	if p, err := e.Evaluate(t.Context(), "unlock your secrets"); p != nil || secret.CodeOf(err) != secret.Cancelled {
		t.Fatal(p, err)
	}
	var r replies
	calls := 0
	n := r.add(func(bool, status) { calls++ })
	r.call(n, true, 0)
	r.call(n, true, 0)
	m := r.add(func(bool, status) { t.Error("heard after it was dropped") })
	r.drop(m)
	r.call(m, true, 0)
	r.call(0, true, 0)
	if calls != 1 || m == n {
		t.Errorf("%d answers heard; numbers %d and %d", calls, n, m)
	}
}

// TestNothingToSayAsksNobody: an empty reason would throw, an invisible one would lie.
func TestNothingToSayAsksNobody(t *testing.T) {
	t.Parallel()
	s, e := on(true, 0)
	for _, reason := range []string{"", "a\x00b", "a\nb", "\xff", "give \u202eYEK", "a\u200bb", strings.Repeat("é", MaxReason+1)} {
		if p, err := e.Evaluate(t.Context(), reason); p != nil || secret.CodeOf(err) != secret.Internal {
			t.Errorf("%q: %v %v", reason, p, err)
		}
	}
	if s.made != 0 {
		t.Errorf("%d contexts were made", s.made)
	}
	if _, err := e.Evaluate(t.Context(), strings.Repeat("é", MaxReason)); err != nil {
		t.Error(err)
	}
}

func TestNoSheetOverALockedScreen(t *testing.T) {
	t.Parallel()
	locked := true
	s := &stage{when: func(reply func(bool, status)) { locked = true; reply(true, 0) }}
	e := newEvaluation(s.make, func() bool { return locked })
	if _, err := e.Evaluate(t.Context(), "unlock your secrets"); secret.CodeOf(err) != secret.Locked || s.made != 0 {
		t.Fatal(err, s.made)
	}
	locked = false // and locked while the sheet was up
	if p, err := e.Evaluate(t.Context(), "unlock your secrets"); p != nil || secret.CodeOf(err) != secret.Locked {
		t.Fatal(p, err)
	}
	s.wantAllGone(t)
}

func TestOneSheetAtATime(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	up, most := 0, 0
	s := &stage{when: func(reply func(bool, status)) {
		mu.Lock()
		up++
		most = max(most, up)
		mu.Unlock()
		go func() {
			mu.Lock()
			up--
			mu.Unlock()
			reply(true, 0)
		}()
	}}
	e := newEvaluation(s.make, unlocked)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			p, err := e.Evaluate(t.Context(), "unlock your secrets")
			if err != nil {
				t.Error(err)
				return
			}
			p.Invalidate()
		})
	}
	wg.Wait()
	if most != 1 {
		t.Errorf("%d sheets at once", most)
	}
	s.wantAllGone(t)
}
