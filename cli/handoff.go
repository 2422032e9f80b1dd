package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"noxkey/caller"
	"noxkey/handoff"
	"noxkey/secret"
)

// The commands that only noxkey itself starts. They are as harmless as any other
// in other hands: they hold nothing and ask the app like everybody.
const (
	backgroundHandoff = "__handoff"
	backgroundClear   = "__clear"
)

// job is what the foreground tells the background, over a pipe: nothing of a
// request stands in an argument list, where every process can read it.
type job struct {
	Home    string          `json:"home"`
	Request *secret.Request `json:"request"`
	Under   caller.ProcID   `json:"under"`
}

// report is a line of what the background tells the foreground.
type report struct {
	Progress *secret.Progress `json:"progress,omitempty"`
	Error    *secret.Error    `json:"error,omitempty"`
	Script   string           `json:"script,omitempty"`
	LeftOut  []secret.Name    `json:"left_out,omitempty"`
	Warnings []string         `json:"warnings,omitempty"`
}

// background is a started copy of this program. Closing stdin tells it that
// nobody waits for it any more.
type background struct {
	stdin  io.WriteCloser
	stdout io.Reader
}

// handOff starts a background copy of this program that makes the request and
// then serves the pipe, and prints the line that sources the script. While the
// person decides the copy is our child, so that the app sees the same ancestors
// as ours.
func (p *program) handOff(ctx context.Context, req *secret.Request) error {
	under, err := p.under()
	if err != nil {
		return err
	}
	req.Delivery = secret.DeliverShell
	j, err := json.Marshal(job{Home: p.home, Request: req, Under: under})
	if err != nil {
		return err
	}
	bg, err := p.spawn(backgroundHandoff)
	if err != nil {
		return err
	}
	defer bg.stdin.Close()
	stop := context.AfterFunc(ctx, func() { bg.stdin.Close() })
	defer stop()
	if _, err := bg.stdin.Write(append(j, '\n')); err != nil {
		return err
	}
	return p.await(ctx, bg.stdout)
}

// await relays what the background reports, up to the script or the error.
func (p *program) await(ctx context.Context, from io.Reader) error {
	wait := p.waiting()
	defer wait.stop()
	for dec := json.NewDecoder(from); ; {
		var r report
		if err := dec.Decode(&r); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return failf("run it again", "the background noxkey ended without an answer")
		}
		switch {
		case r.Progress != nil:
			wait.show(*r.Progress)
		case r.Error != nil:
			return r.Error
		case r.Script != "":
			wait.stop()
			return p.sourceLine(r)
		}
	}
}

// sourceLine prints what a shell evaluates, and on standard error what the asker
// should know besides.
func (p *program) sourceLine(r report) error {
	if len(r.LeftOut) > 0 {
		fmt.Fprintf(p.err, "noxkey: left out, being off limits: %s\n", list(r.LeftOut))
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(p.err, "noxkey: %s\n", show(w))
	}
	_, err := fmt.Fprintf(p.out, ". '%s'\n", strings.ReplaceAll(r.Script, "'", `'\''`))
	return err
}

// under is the process that may read the values, itself or through a shell below
// it: the agent, or, if none is known, the outermost of the shells right above
// us, or our parent if it is no shell.
func (p *program) under() (caller.ProcID, error) {
	c, err := p.self()
	if err != nil {
		return caller.ProcID{}, err
	}
	if c.Class == caller.Agent && c.Anchor.PID > 0 {
		return c.Anchor, nil
	}
	above, err := caller.Ancestors(os.Getpid())
	if err != nil {
		return caller.ProcID{}, err
	}
	if len(above) == 0 || above[0].ID.PID <= 1 {
		return caller.ProcID{}, failf("run it in a shell", "there is no process left that could take the values")
	}
	top := above[0].ID
	for _, a := range above {
		if !caller.Shell(a) {
			break
		}
		top = a.ID
	}
	return top, nil
}

// spawn starts this very program as the named background command.
func spawn(name string) (*background, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(exe, name)
	cmd.Args[0] = "noxkey"
	bg := &background{}
	if bg.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if bg.stdout, err = cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return bg, cmd.Start() // never waited for: it outlives us, and what outlives us init reaps
}

func handoffCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use: backgroundHandoff, Hidden: true, Args: exactly(),
		RunE: func(c *cobra.Command, _ []string) error {
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
	_ = h.Serve(ctx, func(ctx context.Context, r handoff.Reader) ([]handoff.Var, error) {
		return g.redeem(ctx, s, r.String())
	})
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
