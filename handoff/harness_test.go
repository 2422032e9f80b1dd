package handoff

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/caller"
	"noxkey/secret"
)

// helperEnv makes the test binary do something else than test.
const helperEnv = "HANDOFF_TEST_HELPER"

func TestMain(m *testing.M) {
	switch os.Getenv(helperEnv) {
	case "":
		os.Exit(m.Run())
	case "read": // a file reader that is no shell
		b, _ := os.ReadFile(os.Args[1])
		_, _ = os.Stdout.Write(b)
	case "serve":
		helperServe()
	case "landlock":
		helperLandlock()
	}
	os.Exit(0)
}

// shell is one real shell. Its tools are installed by CI; a missing one is named.
type shell struct {
	name string
	argv []string
}

var shells = []shell{
	{"bash", []string{"bash"}},
	{"bash-posix", []string{"bash", "--posix"}},
	{"zsh", []string{"zsh", "-f"}},
	{"dash", []string{"dash"}},
	{"ksh", []string{"ksh"}},
	{"busybox", []string{"busybox", "sh"}},
}

// eachShell runs f for every shell, in parallel.
func eachShell(t *testing.T, f func(t *testing.T, sh shell)) {
	t.Parallel()
	for _, sh := range shells {
		t.Run(sh.name, func(t *testing.T) {
			t.Parallel()
			need(t, sh.argv[0])
			f(t, sh)
		})
	}
}

func need(t testing.TB, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		t.Skipf("%s is not installed", tool)
	}
}

func self(t testing.TB) caller.ProcID {
	t.Helper()
	p, err := caller.ReadProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

// private0700 is a directory as Options.Dir wants it.
func privateDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "h")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func newHandoff(t testing.TB, change ...func(*Options)) *Handoff {
	t.Helper()
	o := Options{Under: self(t), Dir: privateDir(t), TTL: time.Minute}
	for _, f := range change {
		f(&o)
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// vars makes variables from names and values in turn.
func vars(t testing.TB, pairs ...string) []Var {
	t.Helper()
	var all []Var
	for i := 0; i < len(pairs); i += 2 {
		v, err := secret.NewValue([]byte(pairs[i+1]))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Var{pairs[i], v})
	}
	return all
}

// serving is a Serve on its way.
type serving struct {
	err      error
	redeemed []Reader
	done     chan struct{}
}

func serve(ctx context.Context, h *Handoff, vs []Var) *serving {
	s := &serving{done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.err = h.Serve(ctx, func(_ context.Context, r Reader) ([]Var, error) {
			s.redeemed = append(s.redeemed, r)
			return vs, nil
		})
	}()
	return s
}

func (s *serving) wait(t testing.TB) {
	t.Helper()
	select {
	case <-s.done:
	case <-time.After(time.Minute):
		t.Fatal("Serve does not return")
	}
}

// command is a shell that runs text with "$1" the script's path, and no environment
// but PATH and HOME.
func (sh shell) command(t testing.TB, text, path string) *exec.Cmd {
	t.Helper()
	argv := append(append([]string{}, sh.argv...), "-c", text, "sh", path)
	return child(t, argv...)
}

// child is ended with the test, at the latest after a minute.
func child(t testing.TB, argv ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent"}
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// outcome is what a command said.
type outcome struct {
	out, err string
	code     int
}

func run(t testing.TB, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	return outcome{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// dump is a program that prints its environment as execve gave it.
const dump = `\command env -0`

// variable finds one in what dump printed.
func (o outcome) variable(name string) (string, bool) {
	for _, v := range strings.Split(o.out, "\x00") {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// mustLoad hands vs to one shell and returns what it said; the shell must succeed.
func mustLoad(t testing.TB, sh shell, text string, vs []Var, env ...string) outcome {
	t.Helper()
	h := newHandoff(t)
	s := serve(t.Context(), h, vs)
	cmd := sh.command(t, text, h.Script())
	cmd.Env = append(cmd.Env, env...)
	o := run(t, cmd)
	if o.code != 0 {
		h.Close()
	}
	s.wait(t)
	if s.err != nil || o.code != 0 {
		t.Fatalf("%s: serve: %v; shell: code %d, stderr %q", text, s.err, o.code, o.err)
	}
	return o
}

func gone(t testing.TB, h *Handoff) {
	t.Helper()
	if _, err := os.Lstat(h.place.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there", h.place.path)
	}
}

// failed checks that the shell stopped with words and without a value.
func failed(t testing.TB, o outcome) {
	t.Helper()
	if o.code == 0 || !strings.Contains(o.err, "noxkey: ") || strings.Contains(o.out, "BAD") {
		t.Errorf("code %d, stdout %q, stderr %q", o.code, o.out, o.err)
	}
}

// eventually waits for what another process is about to do.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !f(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s does not happen", what)
		}
	}
}

// start runs a command in the background; the result is asked for later.
func start(t testing.TB, cmd *exec.Cmd) func() outcome {
	t.Helper()
	done := make(chan outcome, 1)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait()
		done <- outcome{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
	}()
	return func() outcome {
		t.Helper()
		select {
		case o := <-done:
			return o
		case <-time.After(time.Minute):
			t.Fatalf("%v hangs", cmd.Args)
			panic("unreachable")
		}
	}
}

// holding waits until n other processes hold the pipe for reading.
func (h *Handoff) holding(t testing.TB, n int) {
	t.Helper()
	eventually(t, "opening the pipe", func() bool {
		ids, err := h.holders()
		return err == nil && len(ids) == n
	})
}

func (h *Handoff) pipePath() string { return filepath.Join(h.place.path, pipeName) }

// gate is a pipe at which a shell waits with "read <gate", without a child that
// would inherit its descriptors, until open.
func gate(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gate")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t testing.TB, gate string) {
	t.Helper()
	if err := os.WriteFile(gate, []byte("\n"), 0o600); err != nil {
		t.Error(err)
	}
}

func processID(t testing.TB, pid int) caller.ProcID {
	t.Helper()
	p, err := caller.ReadProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}
