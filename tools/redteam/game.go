package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"noxkey/secret"
)

// nobody is the uid of everything that root's red team starts: under uid 0 NoxKey
// takes every caller for unknown.
const nobody = 65534

type options struct {
	client string // noxkey to use, "" for this binary
	real   bool   // the released programs, built here, and the app in a terminal
	errs   io.Writer
}

// game is one run: an app, an agent, and what is searched for.
type game struct {
	dir      string // holds all the rest, and is removed
	uid, gid int
	opt      options
	canaries []canary
	app      desk
	front    string // the tmux that the released app is in
	agent    *peer[order, seen]
	state    news
	mcp      int // the MCP server's pid
	scripts  int // folders made so far
	run      bool
}

func newGame(ctx context.Context, o options) (*game, error) {
	g := &game{uid: os.Getuid(), gid: os.Getgid(), opt: o}
	if g.uid == 0 {
		g.uid, g.gid = nobody, nobody
	}
	var err error
	if g.dir, err = os.MkdirTemp("/tmp", "nkred"); err != nil { // short: a socket's path is
		return nil, err
	}
	if err = g.furnish(); err == nil {
		err = g.start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// furnish makes the folders and programs: bin, the app's folder a, the user's home u.
func (g *game) furnish() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, d := range []string{"", "bin", "a", "u"} {
		if err := errors.Join(os.MkdirAll(g.path(d), 0o700), os.Chown(g.path(d), g.uid, g.gid)); err != nil {
			return err
		}
	}
	if err := g.program("bin/claude", self); err != nil {
		return err
	}
	for name := range roles {
		switch {
		case name == "claude", g.opt.real && name == "noxkey": // the latter is built
		case name == "noxkey" && g.opt.client != "":
			err = g.program("bin/noxkey", g.opt.client)
		default:
			err = os.Link(g.path("bin/claude"), g.path("bin/"+name))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *game) path(name string) string { return filepath.Join(g.dir, name) }

func (g *game) program(name, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	// A process that another game starts meanwhile would keep the file open for writing,
	// and nobody could run it ("text file busy", go.dev/issue/22315).
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return errors.Join(os.WriteFile(g.path(name), b, 0o700), os.Chown(g.path(name), g.uid, g.gid))
}

// seeds are the app's secrets, each with a canary of its own.
func (g *game) seeds() (seeds []seed, values []string) {
	for _, s := range []seed{
		{Name: honest}, {Name: "acme/api/HARD", Level: secret.Strict}, {Name: "acme/api/OFF", Level: secret.OffLimits},
		{Name: "acme/api/SOFT", Level: secret.Easy}, {Name: "acme/web/TOKEN", Bundle: "web"}, {Name: "acme/web/PASS", Type: secret.Password},
		{Name: "login/example.com/PASSWORD", Type: secret.Password},
	} {
		c := newCanary(string(s.Name))
		g.canaries = append(g.canaries, c)
		if s.Size = len(c.value()); s.Level == "" {
			s.Level = secret.Normal
		}
		if s.Type == "" {
			s.Type = secret.APIKey
		}
		seeds, values = append(seeds, s), append(values, c.value())
	}
	return seeds, values
}

// openRig starts the app as a rig, and hands it the seeds.
func (g *game) openRig(ctx context.Context, seeds []seed, values []string) (desk, news, error) {
	app, err := hire[word, news](g.command(ctx, "a", "redteamapp"))
	if err != nil {
		return nil, news{}, err
	}
	n, err := app.do(word{Seeds: seeds})
	if err == nil && n.Err == "" {
		if _, err = io.WriteString(app.in, strings.Join(values, "")); err == nil {
			err = app.dec.Decode(&n)
		}
	}
	if err == nil && n.Err != "" {
		err = errors.New(n.Err)
	}
	return app, n, err
}

// start starts the app with its secrets and the agent.
func (g *game) start(ctx context.Context) error {
	seeds, values := g.seeds()
	var err error
	if g.opt.real {
		if err = g.build(ctx); err != nil {
			return err
		}
		var f *front
		if f, g.state, err = g.openFront(ctx, seeds, values); f != nil {
			g.app, g.front = f, f.sock()
		}
	} else {
		g.app, g.state, err = g.openRig(ctx, seeds, values)
	}
	if err != nil {
		return fmt.Errorf("the app: %w", err)
	}
	if g.agent, err = hire[order, seen](g.command(ctx, "u", "claude", g.state.Home)); err != nil {
		return err
	}
	first, err := g.agent.do(order{Sh: "noxkey --home " + g.state.Home + " status; noxkey run --help"})
	if err != nil {
		return fmt.Errorf("the agent: %w", err)
	}
	g.mcp, g.run = first.PID, strings.Contains(string(first.Out), "noxkey run ")
	if want := "agent Claude Code"; os.Getuid() != 0 && !strings.Contains(string(first.Out), want) {
		return fmt.Errorf("the app does not see an agent: %s", first.Out)
	}
	return nil
}

// command is a program of the stage, as the ordinary user, with nothing in its
// environment of whoever runs the red team.
func (g *game) command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, g.path("bin/"+name), args...)
	cmd.Dir = g.path(dir)
	cmd.Env = []string{"PATH=" + g.path("bin") + ":/usr/local/bin:/usr/bin:/bin", "HOME=" + g.path("u"), "LANG=C.UTF-8", "CLAUDECODE=1"}
	if name == "redteamapp" {
		cmd.Env = cmd.Env[:3]
	}
	cmd.Stderr = g.opt.errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(g.uid), Gid: uint32(g.gid)}
	}
	return cmd
}

// close ends everything and removes the folder.
func (g *game) close() error {
	var errs []error
	if g.agent != nil {
		errs = append(errs, g.agent.dismiss())
	}
	if g.app != nil {
		errs = append(errs, g.app.dismiss())
	}
	return errors.Join(append(errs, os.RemoveAll(g.dir))...)
}

// peer is a process that answers each Q with an A, a line of JSON each.
type peer[Q, A any] struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	dec *json.Decoder
}

func hire[Q, A any](cmd *exec.Cmd) (*peer[Q, A], error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &peer[Q, A]{cmd, in, json.NewDecoder(out)}, cmd.Start()
}

func (p *peer[Q, A]) do(q Q) (a A, err error) {
	if err = json.NewEncoder(p.in).Encode(q); err == nil {
		err = p.dec.Decode(&a)
	}
	return a, err
}

// dismiss closes its standard input, at which it ends, and waits.
func (p *peer[Q, A]) dismiss() error {
	p.in.Close()
	late := time.AfterFunc(20*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	return p.cmd.Wait()
}

// env is what a move's shell finds in its environment: the handoff's script S, pipe P
// and folder D, the app's home H and pid APP, the MCP server's pid MCP, the honest
// name N, and a folder T of the move's own.
func (g *game) env(script, tmp string) []string {
	return []string{"S=" + script, "D=" + filepath.Dir(script), "P=" + filepath.Join(filepath.Dir(script), "pipe"), "H=" + g.state.Home,
		"APP=" + strconv.Itoa(g.state.PID), "MCP=" + strconv.Itoa(g.mcp), "N=" + string(honest), "T=" + tmp, "FRONT=" + g.front}
}
