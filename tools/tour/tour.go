package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"noxkey/handoff"
	"noxkey/secret"
	"noxkey/tools/rig"
	"noxkey/ui"
)

// options say where and how a tour is played.
type options struct {
	client string // noxkey to use, "" for this binary
	out    io.Writer
	errs   io.Writer
	colour bool

	// Tests set those below.
	tmp   string         // folder for the stage, "" for the system's
	who   string         // as whom the agent must be seen, "" for the truth
	shell string         // "" for the best there is
	leak  bool           // the scripted agent prints the value
	told  func([]sample) // gets the generated values at the end
}

// tour is one play.
type tour struct {
	*narrator
	opt     options
	stage   *stage
	app     *rig.App
	desk    *ui.Desk
	terms   ui.Terms
	person  *person
	agent   *process
	who     string // as whom NoxKey must see the agent
	shell   string // bash, or sh
	samples []sample
	seen    []text // what the agent saw, or could have read
	source  string // the first handoff's shell call
}

// play plays all steps, up to the first that does not hold. Whatever happens, all
// that it made is gone when it returns.
func play(ctx context.Context, o options) (err error) {
	t := &tour{opt: o, narrator: &narrator{out: o.out, colour: o.colour}, who: "agent Claude Code"}
	if os.Getuid() == 0 {
		t.who = "unknown"
	}
	if o.who != "" {
		t.who = o.who
	}
	if t.shell = o.shell; t.shell == "" {
		if t.shell, err = findShell(); err != nil {
			return err
		}
	}
	if t.stage, err = newStage(o.tmp, o.client); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.stage.remove(), t.failed()) }()
	if _, e := os.Lstat(handoff.DefaultDir()); errors.Is(e, os.ErrNotExist) {
		defer os.Remove(handoff.DefaultDir()) // only if it is empty
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer func() { err = errors.Join(err, t.close()) }()
	t.intro()
	err = t.steps(ctx)
	if o.told != nil {
		o.told(t.samples)
	}
	return err
}

// findShell prefers bash: it has source, which is what agents are told to type.
func findShell() (string, error) {
	for _, name := range []string{"bash", "sh"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is neither bash nor sh, and the agent needs a shell")
}

func (t *tour) intro() {
	t.line("")
	t.line(t.paint(bold, "NoxKey, the guided tour"))
	t.line("")
	t.tell("Nobody sits here. The person's answers and the agent's decisions are scripted, and marked so. Real are the vault, the broker, the socket, the MCP server and its client, the walk of the process tree, the shell and the pipe.")
	t.tell("Everything happens in %s, written ~ below, and is removed at the end. No other vault can be opened by this program.", t.stage.dir)
	switch uid := os.Getuid(); uid {
	case 0:
		t.tell("This runs as root, and could not become somebody else. Under root NoxKey takes every caller for unknown, so the agent below is one, and its rules apply.")
	case nobody:
		t.tell("This runs as uid %d: root started it, and under root NoxKey takes every caller for unknown.", uid)
	}
}

func (t *tour) steps(ctx context.Context) error {
	all := []struct {
		title string
		run   func(context.Context) (string, error)
	}{
		{"A vault", t.vault},
		{"A .env file is imported", t.imports},
		{"An agent starts the MCP server", t.starts},
		{"The agent asks, the person answers", t.asks},
		{"One shell command has the value", t.uses},
		{"A command that prints the value", t.prints},
		{"The same script a second time", t.again},
		{"Another program reads the pipe", t.cat},
		{"The agent asks for the bare value", t.raw},
		{"Everything the agent saw is searched", t.searches},
		{"The audit", t.audit},
	}
	for i, s := range all {
		t.line("")
		t.line(t.paint(bold, edges(fmt.Sprintf("%d  %s", i+1, s.title), fmt.Sprintf("%d of %d", i+1, len(all)), width)))
		t.line(t.paint(dim, strings.Repeat("─", width)))
		claim, err := s.run(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			t.line(t.paint(red, "  does not hold: ") + t.short(err.Error()))
			return fmt.Errorf("step %d (%s) did not hold", i+1, s.title)
		}
		for j, l := range wrap(claim, width-9) {
			t.line(t.paint(green, pad([]string{"  holds:", ""}[min(j, 1)], 9)) + l)
		}
	}
	t.line("")
	t.line(fmt.Sprintf("tour: %d steps held", len(all)))
	return nil
}

// short writes the stage's folder as ~.
func (t *tour) short(s string) string { return strings.ReplaceAll(s, t.stage.dir, "~") }

// close ends the agent and the app.
func (t *tour) close() error {
	var errs []error
	if t.agent != nil {
		errs = append(errs, t.agent.end())
	}
	if t.app != nil {
		errs = append(errs, t.app.Close())
	}
	return errors.Join(errs...)
}

// do asks the broker as the person at the app's own front.
func (t *tour) do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	return t.app.Front().Do(ctx, req, out)
}

// process is the running stand-in agent.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	record []byte // every byte that it told its model
	wire   string // file with every byte of MCP
}

// begin starts the agent in a process group of its own.
func (t *tour) begin(ctx context.Context) error {
	p := &process{wire: filepath.Join(t.stage.dir, "mcp.bytes")}
	p.cmd = exec.CommandContext(ctx, filepath.Join(t.stage.bin, "claude"), string(t.app.Home), p.wire, t.shell)
	p.cmd.Dir, p.cmd.Env = t.stage.work, t.stage.environment()
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.Cancel = func() error { return p.signal(syscall.SIGTERM) } // at which noxkey mcp removes its handoffs
	p.cmd.Stderr = t.opt.errs
	var err error
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return err
	}
	t.agent = p
	return nil
}

// signal reaches the agent and all that it started.
func (p *process) signal(s syscall.Signal) error { return syscall.Kill(-p.cmd.Process.Pid, s) }

// patience is how long the agent and what it started may take to end.
const patience = 5 * time.Second

// end hangs up, at which the agent ends its MCP server, and waits for both. A
// group that does not end is killed.
func (p *process) end() error {
	p.in.Close()
	stuck := time.AfterFunc(patience, func() { _ = p.signal(syscall.SIGKILL) })
	defer stuck.Stop()
	_, _ = io.Copy(io.Discard, p.out)
	err := p.cmd.Wait()
	// After a signal the agent may be gone before its MCP server is.
	for since := time.Now(); err != nil && time.Since(since) < patience && p.signal(0) == nil; {
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		return fmt.Errorf("the agent's end: %w", err)
	}
	return nil
}

// decide lets the agent make a move and returns what it saw of it.
func (p *process) decide(m move) (reply, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return reply{}, err
	}
	p.record = append(p.record, b...)
	if _, err := p.in.Write(append(b, '\n')); err != nil {
		return reply{}, fmt.Errorf("the agent does not listen: %w", err)
	}
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return reply{}, fmt.Errorf("the agent does not answer: %w", err)
	}
	p.record = append(p.record, line...)
	var r reply
	if err := json.Unmarshal(line, &r); err != nil {
		return reply{}, err
	}
	if r.Err != "" {
		return r, errors.New(r.Err)
	}
	// What the model reads is its own text; as a JSON string it would be escaped.
	p.record = append(append(p.record, r.Text...), '\n')
	return r, nil
}
