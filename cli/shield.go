package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"noxkey/harden"
	"noxkey/secret"
)

// shield shuts this process against the user's other programs for as long as it holds a
// value, or a ticket for one: no debugger, no look at its memory, no core, nothing printed
// by the runtime. It takes no limit and no filter, which what we start would inherit.
//
// The app knows us by our executable, which nobody may look at any more then; so it comes
// when the app has answered, and the app remembers who we were. Until then a program of the
// user's can attach, and whoever starts us can at any time: those are out of reach.
type shield struct {
	p   *program
	err atomic.Pointer[os.File] // standard error, once the runtime has lost it

	mu    sync.Mutex // guards the fields below, and program.err
	up    bool
	value time.Time // when one came last
}

// wiping is longer than a handoff holds a value after it has come.
const wiping = time.Minute

// raise may be called often; value says that one is here. Its error means that none may be.
func (s *shield) raise(value bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if value {
		s.value = time.Now()
	}
	if s.up {
		return nil
	}
	if err := harden.Conceal(); err != nil {
		return fmt.Errorf("this process cannot be kept from other programs: %w", err)
	}
	s.up = true
	return s.hush()
}

// lower lets the app see us again. It reports false, and does nothing, if the shield is not
// up, or a value came so lately that it may still be here.
func (s *shield) lower() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.up || time.Since(s.value) < wiping || harden.Reveal() != nil {
		return false
	}
	s.up = false
	return true
}

// hush takes standard error from the runtime and gives it to our own words alone. Children
// get what os.Stderr is. The caller holds mu.
func (s *shield) hush() error {
	if s.err.Load() != nil || s.p.err != os.Stderr { // done, or a writer of a test's
		return nil
	}
	f, err := harden.Quiet()
	if err != nil {
		return err
	}
	s.err.Store(f)
	os.Stderr, s.p.err = f, f
	return nil
}

// stderr is where our words go now, for who runs beside the request.
func (p *program) stderr() io.Writer {
	if p.shield != nil {
		if f := p.shield.err.Load(); f != nil {
			return f
		}
	}
	return p.err
}

// typing are the commands into which a person types a value or a passphrase, before the app is asked.
var typing = []string{"set", "backup", "restore"}

// shieldTyped raises the shield from the start where a value comes from the person. The app
// does not see our executable then, and need not: it knows a person by the shell above us,
// and takes a value from anybody, upon a card.
func (p *program) shieldTyped(args []string) error {
	if p.shield == nil || !slices.Contains(typing, firstWord(args)) {
		return nil
	}
	return p.shield.raise(true)
}

// shielded raises the shield for answers that are worth something, before they are used.
type shielded struct {
	secret.Service
	*shield
	server bool // noxkey mcp: from its first answer on, whatever it is
}

// Do is the service's. A server that meets an app which does not know it (any more) lowers
// its shield and asks once more: an app that was started anew must see who we are.
func (s *shielded) Do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	answered, err := s.once(ctx, req, out)
	if !s.server || answered {
		return err
	}
	switch secret.CodeOf(err) {
	case secret.NotRunning:
		s.lower()
	case secret.Untrusted: // refused before anybody was asked
		if s.lower() {
			_, err = s.once(ctx, req, out)
		}
	}
	return err
}

// once makes the request and raises the shield for its answers.
func (s *shielded) once(ctx context.Context, req *secret.Request, out func(secret.Answer) error) (answered bool, err error) {
	err = s.Service.Do(ctx, req, func(a secret.Answer) error {
		answered = true
		if a.Value != nil || a.Ticket != nil || s.server {
			if err := s.raise(a.Value != nil); err != nil {
				if a.Value != nil {
					a.Value.Value.Wipe()
				}
				return err
			}
		}
		return out(a)
	})
	return answered, err
}

// hardenServer is for noxkey mcp, which never starts the user's command: no core and no
// socket but Unix ones, for the clipboard's tools that it starts, too. Where no filter is to
// be had the server says so and goes on; it has no code that talks to a network either.
func (p *program) hardenServer() error {
	if p.shield == nil {
		return nil
	}
	p.shield.mu.Lock()
	err := p.shield.hush()
	p.shield.mu.Unlock()
	if err != nil {
		return err
	}
	if err := harden.NoCore(); err != nil {
		return fmt.Errorf("core dumps cannot be switched off: %w", err)
	}
	err = harden.NoNetwork()
	switch {
	case errors.Is(err, harden.ErrNotImplemented): // a Mac
		return nil
	case errors.Is(err, harden.ErrNoFilter):
		fmt.Fprintf(p.err, "noxkey: this server could open network sockets, though it never does: %v\n", err)
		return nil
	}
	return err
}
