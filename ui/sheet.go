package ui

import (
	"context"

	"noxkey/secret"
)

// Sheet stands behind the system's own sheet while ask has it up: it waits until the
// desk comes to p, tells the front, calls ask with the words that the sheet is to
// show, and returns what ask returned. ask's context ends when ctx does and when the
// person cancels on our window; what it returns after that does not count, and Sheet's
// error is that of the cancelling: Denied for a request of an agent's, Cancelled for
// the person's own. The sheet of p is the only one up.
func (d *Desk) Sheet(ctx context.Context, p secret.Prompt, ask func(ctx context.Context, reason string) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q := &question{stage: Touching, prompt: p, shown: make(chan struct{})}
	d.lay(q)
	defer d.remove(q)
	select {
	case <-q.shown:
	case r := <-q.reply:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
	sheet, drop := context.WithCancel(ctx)
	defer drop()
	done := make(chan error, 1)
	go func() { done <- ask(sheet, q.prompt.Reason) }()
	select {
	case r := <-q.reply:
		drop()
		<-done // the sheet is gone before anything else is put up
		return r.err
	case err := <-done:
		select {
		case r := <-q.reply: // cancelled in the same moment
			return r.err
		default:
			return err
		}
	}
}
