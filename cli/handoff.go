package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"noxkey/caller"
	"noxkey/secret"
)

// The commands that only noxkey itself starts. They are as harmless as any other
// in other hands: they hold nothing and ask the app like everybody.
const (
	backgroundHandoff = "__handoff"
	backgroundLeader  = "__leader"
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
	p.heed()
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
		fmt.Fprintf(p.err, "noxkey: left out, being off limits: %s\n", secret.List(r.LeftOut))
	}
	p.warn(r.Warnings)
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
