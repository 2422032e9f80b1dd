package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"noxkey/handoff"
	"noxkey/secret"
)

func handoffCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: backgroundHandoff, Hidden: true, Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
			// Ctrl-C reaches us as well as the foreground, which withdraws by
			// closing our standard input and has the word on what happened.
			signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
			var j job
			if err := json.NewDecoder(p.in).Decode(&j); err != nil || j.Request == nil {
				return errBackground
			}
			if err := p.serveHandoff(c.Context(), &j); err != nil {
				return json.NewEncoder(p.out).Encode(report{Error: coded(err)})
			}
			return nil
		},
	}
}

var errBackground = usagef("this command is noxkey's own, for its background")

// coded is err as it crosses to the foreground.
func coded(err error) *secret.Error {
	if e, ok := errors.AsType[*secret.Error](err); ok {
		return e
	}
	return &secret.Error{Code: secret.Internal, Msg: err.Error()}
}

// serveHandoff is the background's whole life. An error it returns has not been
// reported yet.
func (p *program) serveHandoff(ctx context.Context, j *job) error {
	s, err := p.service(j.Home)
	if err != nil {
		return err
	}
	asking, done := context.WithCancel(ctx)
	defer done()
	go func() { // the foreground has gone: withdraw
		_, _ = io.Copy(io.Discard, p.in)
		done()
	}()
	g, err := ask(asking, s, j.Request, json.NewEncoder(p.out))
	if err != nil {
		return err
	}
	defer wipe(g.values)
	h, err := handoff.New(handoff.Options{Under: j.Under, TTL: g.ttl(), Env: g.env()})
	if err != nil {
		return err
	}
	defer h.Close()
	if err := p.detach(report{Script: h.Script(), LeftOut: g.ticket.LeftOut, Warnings: g.ticket.Warnings}); err != nil {
		return err
	}
	p.heed() // a signal now must not leave the script behind
	err = h.Serve(ctx, func(ctx context.Context, r handoff.Reader) ([]handoff.Var, error) {
		return g.redeem(ctx, s, r.String())
	})
	if r, ok := errors.AsType[*handoff.Refused](err); ok && g.ticket.ID != "" {
		_ = s.Do(ctx, &secret.Request{Op: secret.OpBurn, Ticket: g.ticket.ID, Reader: r.Error()}, func(secret.Answer) error { return nil })
	}
	return nil // nobody listens any more; the app's audit has the rest
}

// grant is what a get for a shell was answered with: a ticket or, if the person
// vouched for the terminal on the card, the values themselves.
type grant struct {
	ticket secret.Ticket
	values []secret.Named
}

func ask(ctx context.Context, s secret.Service, req *secret.Request, out *json.Encoder) (*grant, error) {
	g := &grant{}
	err := s.Do(ctx, req, func(a secret.Answer) error {
		switch {
		case a.Progress != nil:
			return out.Encode(report{Progress: a.Progress})
		case a.Ticket != nil:
			g.ticket = *a.Ticket
		case a.Value != nil:
			g.values = append(g.values, *a.Value)
		}
		return nil
	})
	if err == nil && g.ticket.ID == "" && len(g.values) == 0 {
		err = secret.Errorf(secret.Protocol, "the app granted nothing and refused nothing")
	}
	if err != nil {
		wipe(g.values)
		return nil, err
	}
	return g, nil
}

// ttl is how long the script may wait for its shell.
func (g *grant) ttl() time.Duration {
	if g.ticket.Seconds > 0 {
		return time.Duration(g.ticket.Seconds) * time.Second
	}
	return 120 * time.Second
}

// env lists the variables that the script will set.
func (g *grant) env() []string {
	vars := g.ticket.Env
	for _, n := range g.values {
		vars = append(vars, n.Env)
	}
	return vars
}

// redeem returns the values, the caller's to wipe.
func (g *grant) redeem(ctx context.Context, s secret.Service, reader string) ([]handoff.Var, error) {
	values := g.values
	g.values = nil
	if len(values) == 0 {
		req := &secret.Request{Op: secret.OpRedeem, Ticket: g.ticket.ID, Reader: reader}
		err := s.Do(ctx, req, func(a secret.Answer) error {
			if a.Value != nil {
				values = append(values, *a.Value)
			}
			return nil
		})
		if err != nil {
			wipe(values)
			return nil, err
		}
	}
	vars := make([]handoff.Var, len(values))
	for i, n := range values {
		vars[i] = handoff.Var{Env: n.Env, Value: n.Value}
	}
	return vars, nil
}

// detach leaves the session of whoever started us, so that the end of their
// shell or terminal does not take us along, hands over r, and closes what we
// share with the foreground.
func (p *program) detach(r report) error {
	if _, err := syscall.Setsid(); err != nil {
		return fmt.Errorf("cannot leave the session: %w", err)
	}
	_ = os.Chdir("/") // holds no file system busy
	if err := json.NewEncoder(p.out).Encode(r); err != nil {
		return err
	}
	return nullStreams()
}

// nullStreams puts /dev/null in place of the standard streams. They are not just
// closed: whatever is opened next would get their numbers, and a message of the
// runtime's would end up in it.
func nullStreams() error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	for fd := range 3 {
		if err := dup2(int(null.Fd()), fd); err != nil {
			return fmt.Errorf("cannot let go of stream %d: %w", fd, err)
		}
	}
	return nil
}
