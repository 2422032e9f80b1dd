package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"noxkey/secret"
	"noxkey/socket"
	"noxkey/vault/file"
)

// desk is the app and the person at it, as the harness has them.
type desk interface {
	do(word) (news, error)
	dismiss() error
}

// front is the released app in a terminal of tmux, and a person who looks at the screen
// and presses keys. It is slow, a second or two for each card; most moves are made
// against the rig.
type front struct {
	g    *game
	ctx  context.Context
	pass string
	stop context.CancelFunc
	done chan struct{}

	mu             sync.Mutex
	told           word // guarded by mu
	cards, allowed int  // guarded by mu
}

// passphrase is the vault's: nothing rests in that but canaries.
const passphrase = "correct horse battery staple"

// openFront makes a vault with the seeds, starts the app over it and unlocks it.
func (g *game) openFront(ctx context.Context, seeds []seed, values []string) (*front, news, error) {
	n := news{Home: g.path("a/home")}
	if err := g.vault(socket.Home(n.Home), seeds, values); err != nil {
		return nil, n, err
	}
	f := &front{g: g, pass: passphrase, done: make(chan struct{})}
	f.ctx, f.stop = context.WithCancel(ctx)
	if _, err := f.tmux("new-session", "-d", "-x", "100", "-y", "30", g.path("bin/noxkey-app"), "--home", n.Home); err != nil {
		f.stop()
		return nil, n, err
	}
	pid, err := f.tmux("list-panes", "-F", "#{pane_pid}")
	if err == nil {
		n.PID, err = strconv.Atoi(strings.TrimSpace(pid))
	}
	go f.watch()
	for end := time.Now().Add(patience); err == nil && !strings.Contains(f.screen(), "No request waits"); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			err = fmt.Errorf("the app does not come up:\n%s", f.screen())
		}
	}
	if err != nil {
		err = errors.Join(err, f.dismiss())
	}
	return f, n, err
}

// vault makes a vault as an earlier run would have left it, and pins it.
func (g *game) vault(home socket.Home, seeds []seed, values []string) error {
	if err := os.Mkdir(string(home), 0o700); err != nil {
		return err
	}
	pass, err := secret.NewValue([]byte(passphrase))
	if err != nil {
		return err
	}
	v, err := file.Create(home.Vault(), pass, file.Params{Memory: 1 << 10, Passes: 1, Lanes: 1})
	if err != nil {
		return err
	}
	defer v.Close()
	key, err := v.Unlock(pass, secret.Scope{Root: true})
	if err != nil {
		return err
	}
	defer key.Wipe()
	public, err := v.Public()
	if err == nil {
		err = socket.WritePin(home, public)
	}
	var changes []secret.Change
	for i, s := range seeds {
		value, bad := secret.NewValue([]byte(values[i]))
		err = errors.Join(err, bad)
		changes = append(changes, secret.Change{Action: secret.ActionSet, Name: s.Name, Value: value, Meta: secret.Patch{Level: &s.Level, FieldType: &s.Type, Bundle: &s.Bundle}})
	}
	if err == nil {
		err = v.Apply(key, changes)
	}
	return errors.Join(err, filepath.WalkDir(string(home), func(p string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(p, g.uid, g.gid))
	}))
}

// build makes the released programs.
func (g *game) build(ctx context.Context) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("finding the tree: %w", err)
	}
	for name, pkg := range map[string]string{"noxkey-app": ".", "noxkey": "./cmd/noxkey"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", g.path("bin/"+name), pkg)
		cmd.Dir = strings.TrimSpace(string(root))
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w: %s", pkg, err, text)
		}
		if err := errors.Join(os.Chmod(g.path("bin/"+name), 0o755), os.Chown(g.path("bin/"+name), g.uid, g.gid)); err != nil {
			return err
		}
	}
	return nil
}

// sock is the person's tmux, which an agent of the same user can reach.
func (f *front) sock() string { return f.g.path("a/tmux") }

func (f *front) tmux(args ...string) (string, error) {
	cmd := f.g.command(f.ctx, "a", "", "")
	path, err := exec.LookPath("tmux")
	if err != nil {
		return "", err
	}
	cmd.Path, cmd.Args, cmd.Stderr = path, append([]string{"tmux", "-S", f.sock(), "-f", "/dev/null"}, args...), nil
	cmd.Env = append(cmd.Env[:3:3], "TERM=xterm-256color")
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("tmux %s: %w: %s", args[0], err, out)
	}
	return string(out), err
}

func (f *front) screen() string {
	s, _ := f.tmux("capture-pane", "-p")
	return s
}

func (f *front) keys(keys ...string) { _, _ = f.tmux(append([]string{"send-keys"}, keys...)...) }

// watch is the person: they look, and answer what they see, until stop.
func (f *front) watch() {
	defer close(f.done)
	granting, shown := false, false
	for f.ctx.Err() == nil {
		screen := f.screen()
		f.mu.Lock()
		told := f.told
		f.mu.Unlock()
		card := strings.Contains(screen, "deny (also Esc)")
		if card && !shown {
			granting = f.decide(screen)
		}
		shown = card
		switch {
		case told.Away:
		case strings.Contains(screen, "Passphrase to unlock") || granting && strings.Contains(screen, "Passphrase to"):
			f.prove()
		case strings.Contains(screen, "Passphrase to"):
			f.keys("Escape")
		case card && granting:
			f.keys("a")
		case card:
			f.keys("d")
		case strings.Contains(screen, " rests"):
			f.keys("r")
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// decide reads a new card: the honest request that is expected is granted, once.
func (f *front) decide(screen string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cards++
	flat := strings.Join(strings.Fields(screen), " ")
	good := f.told.Expect && strings.Contains(flat, "KEY") && strings.Contains(flat, "acme/api")
	for _, other := range []string{"HARD", "OFF", "SOFT", "TOKEN", "PASS", "session"} {
		good = good && !strings.Contains(flat, " "+other+" ")
	}
	if good {
		f.told.Expect = false
		f.allowed++
	}
	return good
}

// prove types the passphrase, which counts only when the screen has been there a while.
func (f *front) prove() {
	f.keys("C-u")
	f.keys("-l", f.pass)
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		screen := f.screen()
		if n := strings.Count(screen, "•"); n == len(f.pass) {
			f.keys("Enter")
			for strings.Contains(f.screen(), "•") && f.ctx.Err() == nil {
				time.Sleep(50 * time.Millisecond)
			}
			return
		}
	}
}

// do implements desk.
func (f *front) do(w word) (news, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = w
	n := f.g.state
	n.Cards, n.Allowed = f.cards, f.allowed
	return n, nil
}

// dismiss implements desk.
func (f *front) dismiss() error {
	_, _ = f.tmux("kill-server") // it may have ended
	f.stop()
	<-f.done
	return nil
}
