package handoff

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// squats are the ways in which a directory can be waiting for us.
var squats = map[string]func(path string) error{
	"symbolic link": func(p string) error { return os.Symlink(filepath.Dir(p), p) },
	"link to one that would do": func(p string) error {
		if err := os.Mkdir(p+".real", 0o700); err != nil {
			return err
		}
		return os.Symlink(p+".real", p)
	},
	"dangling link":    func(p string) error { return os.Symlink(p+".nowhere", p) },
	"file":             func(p string) error { return os.WriteFile(p, nil, 0o600) },
	"pipe":             func(p string) error { return unix.Mkfifo(p, 0o600) },
	"group may list":   func(p string) error { return mkdir(p, 0o750) },
	"others may enter": func(p string) error { return mkdir(p, 0o711) },
	"world-writable":   func(p string) error { return mkdir(p, 0o777) },
	"sticky":           func(p string) error { return mkdir(p, 0o1777) },
	"set-gid":          func(p string) error { return mkdir(p, 0o700|os.ModeSetgid) },
}

func mkdir(path string, mode os.FileMode) error {
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	if mode == 0o1777 {
		mode = 0o777 | os.ModeSticky
	}
	return os.Chmod(path, mode)
}

func TestThreatA5SquattedDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	for what, make := range squats {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "noxkey-1")
			if err := make(path); err != nil {
				t.Fatal(err)
			}
			h, err := New(Options{Under: self(t), Dir: path})
			if err == nil || secret.CodeOf(err) != secret.Storage || !strings.Contains(err.Error(), path) {
				t.Fatalf("%v, %v", h, err)
			}
			b, err := openDefault(path) // the default one: another name, as private
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(b.path, path+"-") || private(b.fd, b.path) != nil {
				t.Errorf("%+v", b)
			}
			b.discard()
			if _, err := os.Lstat(b.path); err == nil {
				t.Errorf("%s stays behind", b.path)
			}
		})
	}
}

// Root makes a directory that is another user's; an ordinary user meets root's.
func TestThreatA5ForeignDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	path := "/usr" // root's, and not 0700 either
	if os.Geteuid() == 0 {
		path = privateDir(t)
		if err := os.Chown(path, 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	if h, err := New(Options{Under: self(t), Dir: path}); err == nil || !strings.Contains(err.Error(), "belongs to uid") {
		t.Errorf("%v, %v", h, err)
	}
	if Sweep(path) == nil {
		t.Error("swept in a foreign directory")
	}
}

func TestThreatA5ParentThatOthersMayWrite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink("/tmp", link); err != nil {
		t.Fatal(err)
	}
	loose := filepath.Join(dir, "loose")
	if err := mkdir(loose, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{link, loose, filepath.Join(dir, "none")} {
		if safeParent(bad) == nil {
			t.Errorf("%s passes", bad)
		}
	}
	if err := safeParent(dir); err != nil {
		t.Error(err)
	}
}

func TestThreatA5HostileEnvironment(t *testing.T) {
	want := DefaultDir()
	for _, v := range []string{"TMPDIR", "TMP", "TEMP", "HOME", "XDG_RUNTIME_DIR", "USER"} {
		t.Setenv(v, t.TempDir())
	}
	if got := DefaultDir(); got != want || !strings.HasPrefix(got, tempRoot()+"/noxkey-") {
		t.Errorf("%s, before %s", got, want)
	}
	h, err := New(Options{Under: self(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if !strings.HasPrefix(h.Script(), want) {
		t.Errorf("%s is not below %s", h.Script(), want)
	}
}

func TestThreatA5BadPaths(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"relative", "./x", "/tmp/a\nb", "/tmp/\x1b[31m"} {
		if _, err := New(Options{Under: self(t), Dir: dir}); secret.CodeOf(err) != secret.Invalid {
			t.Errorf("%q: %v", dir, err)
		}
	}
	for _, o := range []Options{{}, {Under: self(t), Env: []string{"PATH"}}, {Under: self(t), Env: []string{"X\nrm"}}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v passes", o)
		}
	}
}

// All that lies there is private, whatever the umask says, and a path with quotes works.
func TestModes(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "it's $(touch pwned) \"here\"")
	h := newHandoff(t, func(o *Options) { o.Dir = dir })
	for path, want := range map[string]os.FileMode{
		dir: 0o700 | os.ModeDir, h.place.path: 0o700 | os.ModeDir, h.Script(): 0o600, h.pipePath(): 0o600 | os.ModeNamedPipe,
	} {
		if st, err := os.Lstat(path); err != nil || st.Mode() != want {
			t.Errorf("%s: %v, %v", path, st.Mode(), err)
		}
	}
	need(t, "dash")
	s := serve(t.Context(), h, vars(t, "V", "x"))
	o := run(t, shells[3].command(t, `. "$1" && echo "$V"`, h.Script()))
	s.wait(t)
	if o.out != "x\n" || s.err != nil {
		t.Errorf("%+v, %v", o, s.err)
	}
	gone(t, h)
}

func TestThreatA6NeverSourced(t *testing.T) {
	t.Parallel()
	h := newHandoff(t, func(o *Options) { o.TTL = 50 * time.Millisecond })
	s := serve(t.Context(), h, nil)
	s.wait(t)
	if secret.CodeOf(s.err) != secret.TimedOut || len(s.redeemed) != 0 {
		t.Errorf("%v", s.err)
	}
	gone(t, h)
	if h = newHandoff(t, func(o *Options) { o.TTL = time.Hour }); h.ttl != MaxTTL {
		t.Errorf("an hour became %v", h.ttl)
	}
	if h = newHandoff(t, func(o *Options) { o.TTL = 0 }); h.ttl != MaxTTL {
		t.Errorf("nothing became %v", h.ttl)
	}
}

// Two minutes asleep: the clock that timers go by has not moved.
func TestThreatA6MachineSlept(t *testing.T) {
	t.Parallel()
	h := newHandoff(t, func(o *Options) { o.TTL = MaxTTL })
	h.now = func() clock { return clock{h.born.awake, h.born.boot + MaxTTL} }
	s := serve(t.Context(), h, nil)
	s.wait(t)
	if secret.CodeOf(s.err) != secret.TimedOut {
		t.Errorf("%v", s.err)
	}
	gone(t, h)
	a, b := now(), clock{}
	if a.boot <= 0 || a.awake <= 0 || b.since(clock{1, 2}) != -1 {
		t.Errorf("%+v", a)
	}
}

// A shell that waits while the time runs out is told.
func TestThreatA6TimeOutReleasesTheShell(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t, func(o *Options) { o.TTL = time.Second })
		waiting := start(t, sh.command(t, `. "$1" && echo BAD; [ -z "${CANARY-}" ] && exit 4`, h.Script()))
		h.holding(t, 1)
		_, err := changeHands(t, h, func() outcome { return outcome{} }, func(Reader) {
			eventually(t, "the end", func() bool { return now().since(h.born) > h.ttl+20*time.Millisecond })
			time.Sleep(20 * time.Millisecond)
		})
		o := waiting()
		failed(t, o)
		if secret.CodeOf(err) != secret.TimedOut || o.code != 4 || !strings.Contains(o.err, "within 1s") {
			t.Errorf("%v, %+v", err, o)
		}
	})
}

func TestThreatA6SweepTakesLeftoversAndNothingElse(t *testing.T) {
	t.Parallel()
	dir := privateDir(t)
	live := newHandoff(t, func(o *Options) { o.Dir = dir })
	dead := filepath.Join(dir, "AAAABBBBCCCCDDDD")
	odd := filepath.Join(dir, "AAAABBBBCCCCEEEE")
	loose := filepath.Join(dir, "AAAABBBBCCCCFFFF")
	other := filepath.Join(dir, "something-else")
	for _, d := range []string{dead, odd, loose, other} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, f := range []string{scriptName, pipeName} {
			if err := os.WriteFile(filepath.Join(d, f), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	elsewhere := filepath.Join(t.TempDir(), "keep")
	keep := filepath.Join(odd, "mine")
	for _, err := range []error{
		os.WriteFile(elsewhere, nil, 0o600), os.WriteFile(keep, nil, 0o600), os.Chmod(loose, 0o755), //nolint:gosec // on purpose
		os.Symlink(filepath.Dir(elsewhere), filepath.Join(dir, "AAAABBBBCCCCGGGG")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := Sweep(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead); err == nil {
		t.Error("the leftover is still there")
	}
	for _, path := range []string{live.Script(), live.pipePath(), keep, elsewhere, filepath.Join(loose, scriptName), filepath.Join(other, scriptName)} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if err := Sweep(filepath.Join(dir, "none")); err != nil {
		t.Error(err)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	h := newHandoff(t)
	s := serve(t.Context(), h, nil)
	time.Sleep(5 * time.Millisecond)
	h.Close()
	s.wait(t)
	if secret.CodeOf(s.err) != secret.Cancelled {
		t.Errorf("%v", s.err)
	}
	gone(t, h)
	h.Close()
	if h = newHandoff(t); true { // closed before it was served: nothing of another one is touched
		other := newHandoff(t)
		h.Close()
		next := newHandoff(t) // has the numbers that h's descriptors had
		late := serve(t.Context(), h, nil)
		late.wait(t)
		for _, one := range []*Handoff{other, next} {
			if _, err := os.Stat(one.Script()); err != nil || secret.CodeOf(late.err) != secret.Cancelled {
				t.Errorf("%v, %v", err, late.err)
			}
		}
	}
	if again := serve(t.Context(), h, nil); true {
		again.wait(t)
		if secret.CodeOf(again.err) != secret.Cancelled {
			t.Errorf("%v", again.err)
		}
	}
}
