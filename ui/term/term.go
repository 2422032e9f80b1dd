// Package term is the terminal front: it draws what package ui decides, at 80x24
// and up, with or without colour, and reads keys. It never approves on Return and
// throws away whatever was typed before a card could be read.
//
// It uses bubbletea's model, messages and commands, but not its Program. The
// Program of v2.0.6 drives its renderer with a ticker that never stops, 60 times a
// second by default and once a second at the least; this front is idle for days and
// may cost under one wake-up a second. Its reader also turns pasted text into
// strings, which cannot be wiped. loop.go stands in for it: it draws when something
// changed and sleeps until then.
package term

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/charmbracelet/x/term"

	"noxkey/secret"
	"noxkey/ui"
)

// Options are what the front is given by the program around it.
type Options struct {
	Desk    *ui.Desk
	Service secret.Service // the broker, bound to caller.Front
	In, Out *os.File       // the terminal
	Version string
	Vault   Vault
	// Create makes the vault, at first run only. It does not keep the passphrase;
	// the front wipes it.
	Create func(ctx context.Context, passphrase secret.Value) error
	// Copy puts a value into the clipboard; ClearAfter is how long it stays
	// there, and nil where nobody clears it.
	Copy       func(ctx context.Context, v secret.Value) error
	ClearAfter func() time.Duration
	Home       string           // the person's home folder, shown as ~
	Now        func() time.Time // nil: time.Now
}

// Vault is what the first screen says of the vault.
type Vault struct {
	Path   string
	Exists bool
	Key    string // "Argon2id, 256 MiB, 3 passes, about 1 s on this machine"
}

// ErrNoTerminal is returned where there is no terminal to draw on. Its text says what to do.
var ErrNoTerminal = errors.New("the app needs a terminal; run it in one, or in tmux: tmux new -s noxkey noxkey-app")

// Run shows the front until the person quits or ctx ends, and leaves the terminal
// as it was, also when the program panics. It returns nil when the person quit or
// ctx ended, ErrNoTerminal, or what the terminal answered.
func Run(ctx context.Context, opt Options) error {
	if opt.In == nil || opt.Out == nil || !term.IsTerminal(opt.In.Fd()) || !term.IsTerminal(opt.Out.Fd()) || os.Getenv("TERM") == "dumb" {
		return ErrNoTerminal
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newModel(ctx, opt)
	m.color = os.Getenv("NO_COLOR") == ""
	return newLoop(opt.In, opt.Out, m).run(ctx)
}
