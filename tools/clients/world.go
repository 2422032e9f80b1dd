package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long one step may take: a client's start under load, a card.
const patience = 90 * time.Second

// secretName is the secret of every run, and variable what it is loaded into.
const (
	secretName = "acme/api/KEY"
	variable   = "KEY"
)

// world is one run's folder and user. h is the app's home, u the user's, with the
// client's configuration and transcripts, io what commands printed, rec what
// terminals showed, tmp the user's TMPDIR.
type world struct {
	programs
	ctx    context.Context
	dir    string
	uid    int
	gid    int
	secret string // the value, new in every run
}

func newWorld(ctx context.Context, p programs) (*world, error) {
	w := &world{programs: p, ctx: ctx, uid: os.Getuid(), gid: os.Getgid(), secret: rand.Text() + rand.Text()}
	if w.uid == 0 { // as root the app takes everybody for unknown
		w.uid, w.gid = 65534, 65534
	}
	if _, err := user.LookupId(strconv.Itoa(w.uid)); err != nil {
		return nil, err
	}
	var err error
	if w.dir, err = os.MkdirTemp("/tmp", "nkc"); err != nil { // short: a socket's path is
		return nil, err
	}
	err = os.Chown(w.dir, w.uid, w.gid)
	for _, d := range []string{"h", "u", "u/project", "io", "rec", "tmp"} {
		err = errors.Join(err, os.Mkdir(w.path(d), 0o700), os.Chown(w.path(d), w.uid, w.gid))
	}
	err = errors.Join(err, w.write("u/.tmux.conf", "set -g status off\nset -g escape-time 0\nset -g remain-on-exit on\nset -g focus-events off\n"))
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// close ends every program of the run and removes its folder.
func (w *world) close() error {
	err := w.end()
	_, _ = w.tmux("kill-server") // there may be none
	if w.keep {
		fmt.Println("  kept:", w.dir)
		return err
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) bin(name string) string { return filepath.Join(w.programs.bin, name) }

// write makes a file of the user's, mode 0600, and the folders above it.
func (w *world) write(name, text string) error {
	path := w.path(name)
	if dir := filepath.Dir(path); dir != w.dir {
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.Chown(dir, w.uid, w.gid)); err != nil {
			return err
		}
	}
	return errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chown(path, w.uid, w.gid))
}

func (w *world) writeJSON(name string, data object) error {
	b, err := json.Marshal(data)
	return errors.Join(err, w.write(name, string(b)))
}

// environ is the whole environment of everything in a world: a mark of an agent
// that runs this check would make an agent of the app's person.
func (w *world) environ() []string {
	return []string{"PATH=" + w.programs.bin + ":" + os.Getenv("PATH"), "HOME=" + w.path("u"), "SHELL=/bin/bash",
		"TERM=xterm-256color", "LANG=C.UTF-8", "TMPDIR=" + w.path("tmp")}
}

// command runs argv as the ordinary user.
func (w *world) command(argv ...string) *exec.Cmd {
	cmd := exec.CommandContext(w.ctx, argv[0], argv[1:]...)
	cmd.Env, cmd.Dir = w.environ(), w.path("u")
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(w.uid), Gid: uint32(w.gid)}}
	}
	return cmd
}

// store puts the secret into the vault through the client, and takes the file that
// it was in away again before anything is searched.
func (w *world) store(you person) error {
	if err := w.write("value", w.secret); err != nil {
		return err
	}
	defer os.Remove(w.path("value"))
	job, err := w.start("store", w.path("u"), false, []string{"sh", "-c", "noxkey --home ../h set " + secretName + " --stdin < ../value"}, nil)
	if err != nil {
		return err
	}
	if _, err := you.grant(job); err != nil {
		return errors.Join(err, job.report())
	}
	if err := job.wait(); err != nil {
		return errors.Join(err, job.report())
	}
	return nil
}

// end ends every program of the run: those that have its folder as HOME. Codex
// leaves a daemon behind that is below no terminal.
func (w *world) end() error {
	left := 0
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		for _, pid := range w.processes() {
			_ = syscall.Kill(pid, sig) // it may be gone by now
		}
		if within(5*time.Second, func() bool { left = len(w.processes()); return left == 0 }) {
			return nil
		}
	}
	return fmt.Errorf("%d programs of the run do not end", left)
}

func (w *world) processes() []int {
	var pids []int
	list, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range list {
		b, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(b, []byte("HOME="+w.path("u")+"\x00")) {
			continue // gone, or somebody else's
		}
		if pid, err := strconv.Atoi(strings.Split(path, "/")[2]); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// sum is what sha256sum prints for text.
func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

// quote returns s as one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// within reports whether f became true within d, and before the check was broken off.
func (w *world) within(d time.Duration, f func() bool) bool {
	return within(d, func() bool { return w.ctx.Err() != nil || f() }) && w.ctx.Err() == nil
}

func within(d time.Duration, f func() bool) bool {
	for end := time.Now().Add(d); ; time.Sleep(50 * time.Millisecond) {
		if f() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}
