package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"noxkey/secret"
	"noxkey/socket"
	"noxkey/vault/file"
)

// patience is how long a test waits for what must come: long, for the machine may
// be busy. A test that passes never waits it out.
const patience = 60 * time.Second

// world is one test's folder, user and terminals.
type world struct {
	t    *testing.T
	dir  string
	home string // the app's
	seq  atomic.Int64
}

// newWorld makes the folder: h is the app's home, u the user's, in the values that
// the test puts in (the only place below it where a canary may be), rec what
// terminals showed, io what commands printed, wire what MCP said.
func newWorld(t *testing.T) *world {
	t.Helper()
	need(t, "tmux")
	if os.Getuid() == 0 {
		need(t, "setpriv")
	}
	dir, err := os.MkdirTemp("/tmp", "nk")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: dir, home: filepath.Join(dir, "h")}
	w.own(dir)
	for _, d := range []string{"h", "u", "in", "rec", "io", "wire"} {
		if err := os.Mkdir(w.path(d), 0o700); err != nil {
			t.Fatal(err)
		}
		w.own(w.path(d))
	}
	w.write("u/.tmux.conf", "set -g status off\nset -g escape-time 0\nset -g remain-on-exit on\nset -g focus-events off\n")
	t.Cleanup(func() {
		w.search()
		if t.Failed() && os.Getenv("NOXKEY_E2E_KEEP") != "" { // a failed test's folder may be kept to look at
			t.Log("kept: " + dir)
			return
		}
		_ = os.RemoveAll(dir)
	})
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

// own makes path the ordinary user's.
func (w *world) own(path string) {
	w.t.Helper()
	if err := os.Lchown(path, uid, gid); err != nil {
		w.t.Fatal(err)
	}
}

// write makes a file of the user's, mode 0600, and returns its path.
func (w *world) write(name, text string) string {
	w.t.Helper()
	path := w.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.own(path)
	return path
}

func (w *world) next() int64 { return w.seq.Add(1) }

// environ is the whole environment of everything in a world: a mark of the agent
// that runs these tests would make an agent of it.
func (w *world) environ() []string {
	return []string{"PATH=" + filepath.Dir(binNoxkey) + ":/usr/local/bin:/usr/bin:/bin", "HOME=" + w.path("u"), "SHELL=/bin/bash",
		"TERM=xterm-256color", "LANG=C.UTF-8", "HISTFILE=" + w.path("u/history")}
}

// command runs argv as the ordinary user.
func (w *world) command(argv ...string) *exec.Cmd {
	if os.Getuid() == 0 {
		argv = append([]string{"setpriv", fmt.Sprintf("--reuid=%d", uid), fmt.Sprintf("--regid=%d", gid), "--clear-groups"}, argv...)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env, cmd.Dir = w.environ(), w.path("u")
	return cmd
}

// noxkey runs the client without a terminal; it returns what was printed, both
// streams, and the exit code.
func (w *world) noxkey(stdin string, args ...string) (out, errText string, code int) {
	w.t.Helper()
	cmd := w.command(append([]string{binNoxkey, "--home", w.home}, args...)...)
	var o, e strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &o, &e
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	w.log("noxkey", o.String()+e.String())
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// line is what the person types, with this world's home.
func (w *world) line(s string) string {
	return strings.ReplaceAll(s, "noxkey ", "noxkey --home "+w.home+" ")
}

// log keeps text for the search at the end.
func (w *world) log(kind, text string) {
	w.write(fmt.Sprintf("io/%s-%d", kind, w.next()), text)
}

// value is the value of the secret that ends in key: a canary, and what shells
// stumble over.
func value(key string) string {
	return key + " '\"`$(id) \\ " + canary + " #\n end"
}

// sum is what sha256sum prints for text; tests compare it instead of a value.
func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

// input is a file with the value of key.
func (w *world) input(key string) string { return w.write("in/"+key, value(key)) }

// seed is a secret of a vault made before the app starts.
type seed struct {
	name  string
	level secret.Level
}

// cheap makes a passphrase fast to check; the released app opens such vaults, and
// only its own are made dear. The tests of the person use those.
var cheap = file.Params{Memory: 1 << 10, Passes: 1, Lanes: 1}

// vault makes the app's vault with secrets in it, as an earlier run would have left it.
func (w *world) vault(p file.Params, pass string, seeds ...seed) {
	w.t.Helper()
	path := socket.Home(w.home).Vault()
	w.own0(w.home)
	v, err := file.Create(path, text(w.t, pass), p)
	if err != nil {
		w.t.Fatal(err)
	}
	defer v.Close()
	key, err := v.Unlock(text(w.t, pass), scopeOf(seeds))
	if err != nil {
		w.t.Fatal(err)
	}
	defer key.Wipe()
	public, err := v.Public()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := socket.WritePin(socket.Home(w.home), public); err != nil {
		w.t.Fatal(err)
	}
	var changes []secret.Change
	for _, s := range seeds {
		changes = append(changes, newSecret(w.t, s))
	}
	if len(changes) > 0 {
		if err := v.Apply(key, changes); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := filepath.WalkDir(w.home, func(p string, _ fs.DirEntry, err error) error {
		w.own(p)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
}

// own0 makes path this process's own, which making a vault in it asks for.
func (w *world) own0(path string) {
	w.t.Helper()
	if err := os.Chown(path, os.Getuid(), os.Getgid()); err != nil {
		w.t.Fatal(err)
	}
}

func scopeOf(seeds []seed) (s secret.Scope) {
	for _, x := range seeds {
		s.Names = append(s.Names, secret.Name(x.name))
	}
	return s
}

func newSecret(t *testing.T, s seed) secret.Change {
	n := secret.Name(s.name)
	level := s.level
	return secret.Change{Action: secret.ActionSet, Name: n, Value: text(t, value(n.Key())), Meta: secret.Patch{Level: &level}}
}

func text(t *testing.T, s string) secret.Value {
	t.Helper()
	v, err := secret.NewValue([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// poll calls f until it is true; what says what was waited for when it never is.
func poll(t *testing.T, what func() string, f func() bool) {
	t.Helper()
	if !within(patience, f) {
		t.Fatalf("after %v: %s", patience, what())
	}
}

// within reports whether f became true within d.
func within(d time.Duration, f func() bool) bool {
	for end := time.Now().Add(d); ; time.Sleep(40 * time.Millisecond) {
		if f() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}
