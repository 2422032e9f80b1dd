package handoff

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/caller"
	"noxkey/secret"
)

// helperServe is a server of its own, for its parent, in the directory os.Args[1]. It
// prints the script's path, then "seen" at the first look, and never answers.
func helperServe() {
	parent, err := caller.ReadProcess(os.Getppid())
	if err != nil {
		panic(err)
	}
	h, err := New(Options{Under: parent.ID, Dir: os.Args[1]})
	if err != nil {
		panic(err)
	}
	fmt.Println(h.Script())
	_ = h.Serve(context.Background(), func(context.Context, Reader) ([]Var, error) {
		fmt.Println("seen")
		select {}
	})
}

// server is a running helperServe.
type server struct {
	*exec.Cmd
	dir, script string
	lines       *bufio.Reader
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{dir: privateDir(t)}
	s.Cmd = child(t, os.Args[0], s.dir)
	s.Env = append(s.Env, helperEnv+"=serve")
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.Stderr = os.Stderr
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill(); _ = s.Wait() })
	s.lines = bufio.NewReader(out)
	s.script = s.line(t)
	return s
}

func (s *server) line(t *testing.T) string {
	t.Helper()
	l, err := s.lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(l)
}

func (s *server) kill() { _ = s.Process.Kill(); _ = s.Wait() }

const use = `. "$1" && echo BAD; exit 6`

func TestThreatA9ServerKilledBeforeTheOpen(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		s := newServer(t)
		s.kill()
		o := run(t, sh.command(t, use, s.script))
		failed(t, o)
		if o.code != 6 || !strings.Contains(o.err, "its server is gone") {
			t.Errorf("%+v", o)
		}
		if left, _ := os.ReadDir(s.dir); len(left) != 0 {
			t.Errorf("the script left %v", left)
		}
	})
}

func TestThreatA9ServerKilledWhileTheShellWaits(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		s := newServer(t)
		waiting := start(t, sh.command(t, use, s.script))
		if l := s.line(t); l != "seen" {
			t.Fatal(l)
		}
		s.kill()
		o := waiting()
		failed(t, o)
		if o.code != 6 || !strings.Contains(o.err, "its server is gone") {
			t.Errorf("%+v", o)
		}
	})
}

// A line that breaks off is not evaluated.
func TestThreatA9ServerDiesWithinTheLine(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t)
		line, err := payload(vars(t, "CANARY", canary, "OTHER", strings.Repeat("x", 30000)))
		if err != nil {
			t.Fatal(err)
		}
		waiting := start(t, sh.command(t, `. "$1" && echo BAD; echo "${CANARY-}${OTHER-}"; exit 6`, h.Script()))
		h.holding(t, 1)
		if _, err := h.pipe.Write(line[:len(line)-3]); err != nil {
			t.Fatal(err)
		}
		h.Close()
		o := waiting()
		failed(t, o)
		if o.code != 6 || o.out != "\n" {
			t.Errorf("%+v", o)
		}
	})
}

func TestThreatA6LeftoverOfAKilledServerIsSwept(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	if err := Sweep(s.dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.script); err != nil {
		t.Fatalf("swept while the server lives: %v", err)
	}
	s.kill()
	h, err := New(Options{Under: self(t), Dir: s.dir}) // as the next start does
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
	if left, err := os.ReadDir(s.dir); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
}

// sandboxes are bubblewrap's, with users, pids and network of their own.
var sandboxes = map[string][]string{
	"read-only": {"--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--unshare-pid", "--unshare-net", "--die-with-parent"},
	"writable":  {"--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user", "--unshare-pid", "--unshare-net", "--die-with-parent"},
}

func bwrap(t *testing.T, args []string, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	need(t, "bwrap")
	if out, err := exec.Command("bwrap", append(append([]string{}, args...), "true")...).CombinedOutput(); err != nil {
		t.Skipf("cannot be done here: bwrap may not make namespaces here: %v, %s", err, out)
	}
	boxed := child(t, append(append([]string{"bwrap"}, args...), cmd.Args...)...)
	boxed.Env = cmd.Env
	return boxed
}

// In the read-only one rm is refused, too; that is the server's to clean up.
func TestInsideBubblewrap(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		for what, args := range sandboxes {
			h := newHandoff(t)
			s := serve(t.Context(), h, vars(t, "CANARY", canary))
			o := run(t, bwrap(t, args, sh.command(t, `. "$1" && `+dump, h.Script())))
			if o.code != 0 {
				h.Close()
			}
			s.wait(t)
			if got, _ := o.variable("CANARY"); got != canary || s.err != nil || o.err != "" {
				t.Errorf("%s: %q, %v, %q", what, got, s.err, o.err)
			}
			gone(t, h)
		}
	})
}

// There the server's pid means nothing, and the script does not ask for it.
func TestThreatA9InsideBubblewrap(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		for what, args := range sandboxes {
			s := newServer(t)
			waiting := start(t, bwrap(t, args, sh.command(t, use, s.script)))
			if l := s.line(t); l != "seen" {
				t.Fatal(l)
			}
			s.kill()
			failed(t, waiting())

			s = newServer(t)
			s.kill()
			failed(t, run(t, bwrap(t, args, sh.command(t, use, s.script))))
			if _, err := os.Stat(s.script); (err == nil) != (what == "read-only") {
				t.Errorf("%s: the script: %v", what, err)
			}
		}
	})
}

// In a sandbox that refuses to open for writing the plain open serves; there a shell
// that comes after the server's death waits for the next Sweep.
func TestThreatA9WhereOpeningForWritingIsRefused(t *testing.T) {
	eachShell(t, func(t *testing.T, sh shell) {
		h := newHandoff(t)
		s := serve(t.Context(), h, vars(t, "CANARY", canary))
		o := run(t, landlocked(t, sh.command(t, `. "$1" && `+dump, h.Script())))
		if o.code != 0 {
			h.Close()
		}
		s.wait(t)
		if got, _ := o.variable("CANARY"); got != canary || s.err != nil {
			t.Errorf("%q, %v, %q", got, s.err, o.err)
		}

		dead := newServer(t)
		dead.kill()
		waiting := start(t, landlocked(t, sh.command(t, use, dead.script)))
		fd, err := openDir(unix.AT_FDCWD, filepath.Dir(dead.script))
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		eventually(t, "the shell's open", (&place{fd: fd}).release) // what Sweep does
		if err := Sweep(dead.dir); err != nil {
			t.Error(err)
		}
		failed(t, waiting())
	})
}

func landlocked(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	abi, err := landlockABI()
	if err != nil {
		t.Skipf("cannot be done here: this kernel has no Landlock: %v", err)
	}
	boxed := child(t, append([]string{os.Args[0], strconv.Itoa(abi)}, cmd.Args...)...)
	boxed.Env = append(cmd.Env, helperEnv+"=landlock")
	return boxed
}

// A reader that stops reading does not keep the server.
func TestAReaderThatStops(t *testing.T) {
	t.Parallel()
	need(t, "bash")
	h := newHandoff(t)
	h.slow = 50 * time.Millisecond
	flag := gate(t)
	stuck := start(t, shells[0].command(t, `exec 3<"${1%/*}/pipe"; read -r l <'`+flag+`'; read -r l <&3 && eval "$l" || echo none`, h.Script()))
	s := serve(t.Context(), h, batch(t))
	s.wait(t)
	if secret.CodeOf(s.err) != secret.TimedOut {
		t.Errorf("%v", s.err)
	}
	gone(t, h)
	open(t, flag)
	if o := stuck(); o.out != "none\n" || !strings.Contains(o.err, "stopped reading") { // it was told behind the preamble
		t.Errorf("%+v", o)
	}
}
