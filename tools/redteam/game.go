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
	errs   io.Writer
}

// game is one run: an app, an agent, and what is searched for.
type game struct {
	dir      string // holds all the rest, and is removed
	uid, gid int
	opt      options
	canaries []canary
	app      *peer[word, news]
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
	for name := range roles {
		from := self
		if name == "noxkey" && g.opt.client != "" {
			from = g.opt.client
		}
		if err := g.program(filepath.Join("bin", name), from); err != nil {
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
	return errors.Join(os.WriteFile(g.path(name), b, 0o700), os.Chown(g.path(name), g.uid, g.gid))
}

// start starts the app with its secrets and the agent.
func (g *game) start(ctx context.Context) error {
	var err error
	if g.app, err = hire[word, news](g.command(ctx, "a", "redteamapp")); err != nil {
		return err
	}
	var seeds []seed
	values := ""
	for _, s := range []seed{
		{Name: honest}, {Name: "acme/api/HARD", Level: secret.Strict}, {Name: "acme/api/OFF", Level: secret.OffLimits},
		{Name: "acme/api/SOFT", Level: secret.Easy}, {Name: "acme/web/TOKEN", Bundle: "web"}, {Name: "acme/web/PASS", Type: secret.Password},
		{Name: "login/example.com/PASSWORD", Type: secret.Password},
	} {
		c := newCanary(string(s.Name))
		g.canaries = append(g.canaries, c)
		values += c.value()
		if s.Size = len(c.value()); s.Level == "" {
			s.Level = secret.Normal
		}
		if s.Type == "" {
			s.Type = secret.APIKey
		}
		seeds = append(seeds, s)
	}
	if g.state, err = g.app.do(word{Seeds: seeds}); err == nil && g.state.Err == "" {
		if _, err = io.WriteString(g.app.in, values); err == nil {
			err = g.app.dec.Decode(&g.state)
		}
	}
	if err == nil && g.state.Err != "" {
		err = errors.New(g.state.Err)
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
		"APP=" + strconv.Itoa(g.state.PID), "MCP=" + strconv.Itoa(g.mcp), "N=" + string(honest), "T=" + tmp}
}
