// Package touchidtest is a person for tests of what asks for Touch ID. No program
// that is shipped imports it.
package touchidtest

import (
	"context"
	"sync"
	"unsafe"

	"noxkey/secret"
	"noxkey/vault/touchid"
)

// Answer is what the person does with one sheet.
type Answer int

// The answers. The zero value never comes: the sheet stays up until its context ends.
const (
	Never Answer = iota
	Yes
	No        // three wrong fingers
	Cancelled // the sheet's own Cancel
	Late      // the right finger, just after the context ended
)

// Fake is a touchid.Evaluator. It is safe for concurrent use.
type Fake struct {
	// Has is what Can returns.
	Has touchid.Ability
	// Shown, if not nil, receives the words of every sheet when it is up.
	Shown chan string

	mu      sync.Mutex
	answers []Answer // guarded by mu
	asked   []string // guarded by mu
	open    int      // presences that were not invalidated; guarded by mu
}

// New returns a person who gives these answers, one a sheet, and after them Never.
func New(answers ...Answer) *Fake {
	return &Fake{Has: touchid.Ability{Touch: true, Password: true}, answers: answers}
}

// Then adds answers.
func (f *Fake) Then(answers ...Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers = append(f.answers, answers...)
}

// Asked returns the words of the sheets so far.
func (f *Fake) Asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

// Open returns how many presences were given out and not invalidated.
func (f *Fake) Open() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.open
}

// Can implements touchid.Evaluator.
func (f *Fake) Can() touchid.Ability { return f.Has }

// Evaluate implements touchid.Evaluator.
func (f *Fake) Evaluate(ctx context.Context, reason string) (touchid.Presence, error) {
	a := f.next(reason)
	if f.Shown != nil {
		f.Shown <- reason
	}
	switch a {
	case Yes:
		return f.presence(), nil
	case No:
		return nil, secret.Errorf(secret.WrongKey, "Touch ID did not recognise the finger. Nothing was released")
	case Cancelled:
		return nil, secret.Errorf(secret.Cancelled, "Touch ID was cancelled. Nothing was released")
	}
	<-ctx.Done()
	if a == Late {
		return f.presence(), nil
	}
	return nil, ctx.Err()
}

func (f *Fake) next(reason string) Answer {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, reason)
	if len(f.answers) == 0 {
		return Never
	}
	a := f.answers[0]
	f.answers = f.answers[1:]
	return a
}

func (f *Fake) presence() touchid.Presence {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open++
	return &presence{fake: f}
}

// presence has no LAContext: Use is given nil.
type presence struct {
	fake *Fake
	over bool // guarded by fake.mu
}

func (p *presence) Use(f func(unsafe.Pointer) error) error {
	p.fake.mu.Lock()
	over := p.over
	p.fake.mu.Unlock()
	if over {
		return secret.Errorf(secret.Denied, "this authentication is over")
	}
	return f(nil)
}

func (p *presence) Invalidate() {
	p.fake.mu.Lock()
	defer p.fake.mu.Unlock()
	if !p.over {
		p.over = true
		p.fake.open--
	}
}
