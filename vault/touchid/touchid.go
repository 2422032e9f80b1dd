// Package touchid lets a person prove who they are to their Mac: Touch ID, the Apple
// Watch or the login password, asked for in a sheet of the system's. What the proof
// opens is a vault's business.
//
// Every branch is in shared code, which is tested with an LAContext made for that;
// the Objective-C around the real one (la.m) has run on no Mac yet.
package touchid

import (
	"context"
	"sync"
	"time"
	"unsafe"

	"noxkey/secret"
)

// Presence is one successful authentication of the person: on a Mac an evaluated
// LAContext. It is an alias, so that a vault may write the same without importing
// this package.
type Presence = interface {
	// Use calls f with the LAContext (an Objective-C id, borrowed: valid until f
	// returns) and returns f's error. After Invalidate it returns an error of code
	// Denied and does not call f. Several goroutines may call it.
	Use(f func(context unsafe.Pointer) error) error
	// Invalidate ends it. It may be called twice, and while Use runs.
	Invalidate()
}

// Unlocker is a vault that a Presence opens.
type Unlocker interface {
	// Unlock returns the key for s, and opens the vault for browsing. It is done with
	// p when it returns. Its errors are returned to whoever authenticates as they are.
	Unlock(p Presence, s secret.Scope) (secret.Key, error)
	// Locked reports whether the vault is closed for browsing, which Lock makes it.
	Locked() bool
	Lock()
	// Rekey seals everything anew.
	Rekey(p Presence) error
}

// Around stands behind the system's sheet while ask has it up: it shows the window
// that says whose sheet it is, calls ask with the words that the sheet is to show
// (p.Reason, or its own if that is empty), and returns ask's error, or its own if the
// person backed out in the window: then ctx of ask has ended.
type Around func(ctx context.Context, p secret.Prompt, ask func(ctx context.Context, reason string) error) error

// Timeout is how long a sheet stays up without an answer.
const Timeout = 60 * time.Second

// Authenticator asks for Touch ID and has a vault opened by it. It may be used from
// many goroutines; one sheet is up at a time.
type Authenticator struct {
	vault  Unlocker
	eval   Evaluator
	around Around
	turn   turn
	limit  time.Duration
}

// New returns an Authenticator for v that asks by e, with around behind the sheet.
// A nil around shows nothing and needs a reason in the prompt.
func New(v Unlocker, e Evaluator, around Around) *Authenticator {
	if around == nil {
		around = func(ctx context.Context, p secret.Prompt, ask func(context.Context, string) error) error {
			return ask(ctx, p.Reason)
		}
	}
	return &Authenticator{vault: v, eval: e, around: around, turn: make(turn, 1), limit: Timeout}
}

// Authenticate asks the person once and returns the key for s. The error has code
// Cancelled when they thought better of it or macOS took the sheet away, WrongKey when
// they could not, TimedOut after Timeout without an answer, Locked while the screen is
// locked; it is ctx's own when ctx ended first: then nothing was opened.
func (a *Authenticator) Authenticate(ctx context.Context, p secret.Prompt, s secret.Scope) (secret.Key, error) {
	var got once
	err := a.around(ctx, p, func(ctx context.Context, reason string) error {
		return a.prove(ctx, reason, func(p Presence) error {
			wasLocked := a.vault.Locked()
			key, err := a.vault.Unlock(p, s)
			if err != nil {
				return err
			}
			// One at a time: only this call can have opened it.
			return got.put(ctx, &opened{key, a.vault, wasLocked})
		})
	})
	o := got.take()
	switch {
	case err == nil && ctx.Err() != nil:
		err = ctx.Err()
	case err == nil && o == nil:
		err = secret.Errorf(secret.Internal, "nothing asked for Touch ID")
	}
	if err != nil {
		o.undo()
		return nil, err
	}
	return o.key, nil
}

// opened is what an authentication came to.
type opened struct {
	key       secret.Key
	vault     Unlocker
	wasLocked bool
}

// undo makes it grant nothing after all. A nil one did not.
func (o *opened) undo() {
	if o == nil {
		return
	}
	o.key.Wipe()
	if o.wasLocked {
		o.vault.Lock()
	}
}

// prove calls f with the person's presence, in its turn. The presence ends with f, and
// with ctx, so that macOS does not ask on its own behalf for somebody who has gone.
func (a *Authenticator) prove(ctx context.Context, reason string, f func(Presence) error) error {
	return a.turn.run(ctx, func() error {
		p, err := a.evaluate(ctx, reason)
		if err != nil {
			return err
		}
		defer p.Invalidate()
		stop := context.AfterFunc(ctx, p.Invalidate)
		defer stop()
		return f(p)
	})
}

// evaluate has the sheet up for no longer than the limit.
func (a *Authenticator) evaluate(ctx context.Context, reason string) (Presence, error) {
	timed, cancel := context.WithTimeout(ctx, a.limit)
	defer cancel()
	p, err := a.eval.Evaluate(timed, reason)
	if timed.Err() == nil {
		return p, err
	}
	if err == nil {
		p.Invalidate()
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, secret.Errorf(secret.TimedOut, "Touch ID did not answer. The request is denied")
}

// Passwd refuses: on a Mac the proof is Touch ID or the login password, which is not
// ours to change.
func (a *Authenticator) Passwd(context.Context, secret.Prompt) error {
	return secret.Errorf(secret.Invalid, "on a Mac there is no passphrase: Touch ID or the login password opens NoxKey, and System Settings changes those")
}

// Rekey asks the person and seals everything anew. Its errors are Authenticate's and
// the vault's.
func (a *Authenticator) Rekey(ctx context.Context, p secret.Prompt) error {
	asked := false
	err := a.around(ctx, p, func(ctx context.Context, reason string) error {
		asked = true
		return a.prove(ctx, reason, a.vault.Rekey)
	})
	if err == nil && !asked {
		return secret.Errorf(secret.Internal, "nothing asked for Touch ID")
	}
	return err
}

// once keeps what one asking came to. What comes after ctx ended, when it was taken, or
// a second time, is undone: an Around that has returned grants nothing any more.
type once struct {
	mu   sync.Mutex
	o    *opened // guarded by mu
	done bool    // guarded by mu
}

func (g *once) put(ctx context.Context, o *opened) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := ctx.Err(); err != nil {
		o.undo()
		return err
	}
	if g.done || g.o != nil {
		o.undo()
		return secret.Errorf(secret.Cancelled, "the answer came too late")
	}
	g.o = o
	return nil
}

func (g *once) take() *opened {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.done = true
	return g.o
}

// turn holds one token while somebody has it.
type turn chan struct{}

// run calls f when nobody else has the turn, waiting as long as ctx lasts.
func (t turn) run(ctx context.Context, f func() error) error {
	select {
	case t <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-t }()
	if err := ctx.Err(); err != nil {
		return err
	}
	return f()
}
