package touchid

import (
	"context"
	"sync"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"noxkey/secret"
)

// Evaluator asks macOS for the person.
type Evaluator interface {
	// Can says what is there to ask by. It asks nobody and may be called at any time
	// but from an answer.
	Can() Ability
	// Evaluate puts the sheet up, "NoxKey is trying to {reason}.", and waits. Its
	// errors are those of Authenticator.Authenticate.
	Evaluate(ctx context.Context, reason string) (Presence, error)
}

// policy is an LAPolicy (LAPublicDefines.h).
type policy int

const (
	biometrics policy = 1 // Touch ID and nothing else; only asked about, never evaluated
	// owner is the one that is evaluated: Touch ID where it is available, in parallel
	// a paired Apple Watch nearby, and the login password where neither is or the
	// person chooses it on the sheet. Touch ID that is locked after too many tries
	// leads to the password, and its success unlocks Touch ID again.
	owner policy = 2
	watch policy = 3 // the Apple Watch alone; only asked about. Renamed "companion" in macOS 15
)

// context is one LAContext: made, asked at most one question, and released. All but
// Release may be called from any goroutine.
type laContext interface {
	// can is canEvaluatePolicy:error:, 0 for yes.
	can(policy) status
	// touchID reports biometryType == LABiometryTypeTouchID, true where the Mac has
	// the sensor. It is right only after can.
	touchID() bool
	// start is evaluatePolicy:localizedReason:reply:. reply is called on a thread of
	// the system's, perhaps never, perhaps after forget, which makes it unheard.
	start(p policy, reason string, reply func(ok bool, s status)) (forget func())
	// invalidate takes a sheet that is up away and makes the context worthless.
	invalidate()
	pointer() unsafe.Pointer
	release()
}

// Evaluation is the Evaluator over LocalAuthentication.
type Evaluation struct {
	make   func() (laContext, error)
	locked func() bool // is the screen locked?
	turn   turn
}

// System returns the Evaluator of this Mac. screenLocked says whether the screen is
// locked or another user's: no sheet is asked for then. The error has code Internal
// where this build has no LocalAuthentication.
func System(screenLocked func() bool) (*Evaluation, error) {
	if newContext == nil {
		return nil, secret.Errorf(secret.Internal, "this build cannot ask for Touch ID: it was made without cgo, or not for macOS")
	}
	return newEvaluation(newContext, screenLocked), nil
}

func newEvaluation(f func() (laContext, error), screenLocked func() bool) *Evaluation {
	return &Evaluation{make: f, locked: screenLocked, turn: make(turn, 1)}
}

// newContext is what the leaf assigns; nil where there is none.
var newContext func() (laContext, error)

// Evaluate implements Evaluator.
func (e *Evaluation) Evaluate(ctx context.Context, reason string) (p Presence, err error) {
	if err := sayable(reason); err != nil {
		return nil, err
	}
	err = e.turn.run(ctx, func() (err error) {
		p, err = e.ask(ctx, reason)
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// MaxReason is the most that a sheet is asked to say, in characters: six segments of 64,
// an agent's name and the words around them. About 120 fit it well; a longer reason is
// shown small or cut by macOS, which must be seen on a Mac, and is whole in the window
// behind it.
const MaxReason = 512

// sayable refuses what LAContext throws an exception for (nothing), what it would cut
// off, and what nobody made visible. That is a fault of ours, never the person's.
func sayable(reason string) error {
	switch {
	case reason == "":
		return secret.Errorf(secret.Internal, "there are no words for the Touch ID sheet")
	case !utf8.ValidString(reason):
		return secret.Errorf(secret.Internal, "the words for the Touch ID sheet are not UTF-8")
	case utf8.RuneCountInString(reason) > MaxReason:
		return secret.Errorf(secret.Internal, "the words for the Touch ID sheet are too long")
	}
	for _, r := range reason {
		if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) { // control, format, bidi, private
			return secret.Errorf(secret.Internal, "the words for the Touch ID sheet hold what cannot be seen")
		}
	}
	return nil
}

type answer struct {
	ok     bool
	status status
}

// ask evaluates one context. The first answer counts; one that comes after ctx ended
// is heard by nobody.
func (e *Evaluation) ask(ctx context.Context, reason string) (Presence, error) {
	if e.locked() {
		return nil, errScreen
	}
	c, err := e.make()
	if err != nil {
		return nil, err
	}
	answers := make(chan answer, 1)
	forget := c.start(owner, reason, func(ok bool, s status) {
		select {
		case answers <- answer{ok, s}:
		default:
		}
	})
	select {
	case a := <-answers:
		err = a.err()
	case <-ctx.Done():
	}
	forget()
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case err == nil && e.locked():
		err = errScreen
	}
	if err != nil {
		c.invalidate()
		c.release()
		return nil, err
	}
	return &presence{context: c}, nil
}

// err is nil only for a plain yes.
func (a answer) err() error {
	if a.ok && a.status == 0 {
		return nil
	}
	return a.status.err()
}

// presence is an evaluated context. It is released when it was invalidated and
// nothing uses it.
type presence struct {
	context laContext

	mu   sync.Mutex
	uses int  // guarded by mu
	over bool // guarded by mu
}

func (p *presence) Use(f func(unsafe.Pointer) error) error {
	p.mu.Lock()
	if p.over {
		p.mu.Unlock()
		return secret.Errorf(secret.Denied, "this authentication is over")
	}
	p.uses++
	p.mu.Unlock()
	defer p.left()
	return f(p.context.pointer())
}

func (p *presence) left() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.uses--; p.over && p.uses == 0 {
		p.context.release()
	}
}

func (p *presence) Invalidate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	p.over = true
	p.context.invalidate()
	if p.uses == 0 {
		p.context.release()
	}
}
