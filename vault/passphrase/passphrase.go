// Package passphrase lets a person prove who they are by what they know: it asks
// for the passphrase and has a vault check it.
package passphrase

import (
	"context"
	"fmt"

	"noxkey/secret"
)

// Unlocker is a vault that a passphrase opens.
type Unlocker interface {
	// Unlock returns the key for s, and opens the vault for browsing. An error of
	// code WrongKey means another passphrase; any other that none would help.
	Unlock(passphrase secret.Value, s secret.Scope) (secret.Key, error)
	// Locked reports whether the vault is closed for browsing, which Lock makes it.
	Locked() bool
	Lock()
	// Passwd changes the passphrase. The error has code WrongKey if old is not it.
	Passwd(old, new secret.Value) error
	// Rekey seals everything anew. The error has code WrongKey likewise.
	Rekey(passphrase secret.Value) error
}

// Enter asks the person to type a passphrase: the present one, or if p.New a new
// one (twice, and it compares them). The value is the caller's to wipe. An error of code
// Cancelled means that the person thought better of it.
type Enter func(ctx context.Context, p secret.Prompt) (secret.Value, error)

// tries is how many wrong passphrases end an authentication. It guards nothing
// against a program, which may ask again: the cost of a guess does that.
const tries = 3

// Authenticator asks for a passphrase. It may be used from many goroutines; one
// check runs at a time, for each takes much memory.
type Authenticator struct {
	vault Unlocker
	enter Enter
	turn  chan struct{} // holds one token while a check runs
}

// New returns an Authenticator for v that asks by enter.
func New(v Unlocker, enter func(context.Context, secret.Prompt) (secret.Value, error)) *Authenticator {
	return &Authenticator{vault: v, enter: enter, turn: make(chan struct{}, 1)}
}

// Authenticate asks, at most three times, and returns the key for s. An error of
// enter is returned as it is; WrongKey after the third wrong passphrase; ctx's own
// when it ended, before the key is released.
func (a *Authenticator) Authenticate(ctx context.Context, p secret.Prompt, s secret.Scope) (secret.Key, error) {
	var key secret.Key
	pass, err := a.ask(ctx, p, func(pass secret.Value) (err error) {
		key, err = a.unlock(ctx, pass, s)
		return err
	})
	pass.Wipe()
	return key, err
}

// unlock checks pass. If ctx ends meanwhile, nothing is opened.
func (a *Authenticator) unlock(ctx context.Context, pass secret.Value, s secret.Scope) (secret.Key, error) {
	wasLocked := a.vault.Locked()
	key, err := a.vault.Unlock(pass, s)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		key.Wipe()
		if wasLocked { // only this call can have opened it: checks run one at a time
			a.vault.Lock()
		}
		return nil, ctx.Err()
	}
	return key, nil
}

// ask asks for the present passphrase until check finds nothing wrong with it, and
// returns it, the caller's to wipe. On an error it is wiped already.
func (a *Authenticator) ask(ctx context.Context, p secret.Prompt, check func(secret.Value) error) (secret.Value, error) {
	for left := tries; ; {
		pass, err := a.enter(ctx, p)
		if err != nil {
			pass.Wipe()
			return secret.Value{}, err
		}
		if err = a.alone(ctx, func() error { return check(pass) }); err == nil {
			return pass, nil
		}
		pass.Wipe()
		if left--; secret.CodeOf(err) != secret.WrongKey || left == 0 {
			return secret.Value{}, err
		}
		p.Note = fmt.Sprintf("that is not the passphrase; %s left", count(left))
	}
}

func count(left int) string {
	if left == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", left)
}

// alone runs f when no other check runs. It waits for its turn as long as ctx lasts.
func (a *Authenticator) alone(ctx context.Context, f func() error) error {
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-a.turn }()
	if err := ctx.Err(); err != nil {
		return err
	}
	return f()
}

// Passwd asks for the present passphrase, checks it, asks for a new one and
// changes it. Its errors are Authenticate's and the vault's.
func (a *Authenticator) Passwd(ctx context.Context, p secret.Prompt) error {
	p.New = false
	old, err := a.ask(ctx, p, func(pass secret.Value) error {
		k, err := a.unlock(ctx, pass, secret.Scope{})
		if err == nil {
			k.Wipe()
		}
		return err
	})
	if err != nil {
		return err
	}
	defer old.Wipe()
	p.New, p.Note = true, ""
	fresh, err := a.enter(ctx, p)
	defer fresh.Wipe()
	if err != nil {
		return err
	}
	return a.alone(ctx, func() error { return a.vault.Passwd(old, fresh) })
}

// Rekey asks for the passphrase and seals everything anew. Its errors are
// Authenticate's and the vault's.
func (a *Authenticator) Rekey(ctx context.Context, p secret.Prompt) error {
	p.New = false
	pass, err := a.ask(ctx, p, a.vault.Rekey)
	pass.Wipe()
	return err
}
