package child_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"noxkey/handoff/child"
)

// The test binary is also the program that runs a child, and the leader of its session.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "lead":
		if err := child.Lead(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(99)
		}
		os.Exit(0)
	case len(os.Args) > 2 && os.Args[1] == "run":
		os.Exit(runMain(os.Args[2], os.Args[3:]))
	}
	os.Exit(m.Run())
}

// runMain is what noxkey run is to the package: how says "sealed", "plain" or "".
func runMain(how string, argv []string) int {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return 127
	}
	self, err := os.Executable()
	if err != nil {
		return 99
	}
	dir, _ := os.Getwd()
	o := child.Options{Path: path, Argv: argv, Dir: dir, Env: child.Environ(os.Environ(), []string{"K=s3cret"}), In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Sealed: how == "sealed", Self: []string{self, "lead"}, Filter: func(w io.Writer) child.Filter { return &upper{w: w} }}
	if how == "plain" {
		o.Filter = nil
	}
	if how == "checked" {
		o.Check = func() error { return errors.New("not as it was") }
	}
	s, err := child.Run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		return 99
	}
	return s.ExitCode()
}

// upper stands in for the redactor: it takes s3cret out, and holds its beginnings back.
type upper struct {
	w    io.Writer
	held []byte
}

func (u *upper) Write(p []byte) (int, error) {
	b := bytes.ReplaceAll(append(u.held, p...), []byte("s3cret"), []byte("[gone]"))
	keep := 0
	for i := 1; i < 6; i++ {
		if bytes.HasSuffix(b, []byte("s3cret"[:i])) {
			keep = i
		}
	}
	u.held = bytes.Clone(b[len(b)-keep:])
	_, err := u.w.Write(b[:len(b)-keep])
	return len(p), err
}

// Flush lets go what may be a prompt's end, and no more of the value than that: as the
// redactor does, however long the program waits.
func (u *upper) Flush() error {
	if len(u.held) > 2 {
		return nil
	}
	return u.Close()
}

func (u *upper) Close() error { _, err := u.w.Write(u.held); u.held = nil; return err }

func command(t *testing.T, how string, argv ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, append([]string{"run", how}, argv...)...)
	c.Env = append(os.Environ(), "PS1=$ ", "TERM=xterm")
	return c
}

// onPty runs c on a terminal of 30 lines and 100 columns and returns it and what comes out.
func onPty(t *testing.T, c *exec.Cmd) (*os.File, *screen) {
	t.Helper()
	f, err := pty.StartWithSize(c, &pty.Winsize{Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close(); _ = c.Process.Kill(); _ = c.Wait() })
	s := newScreen(f)
	return f, s
}

func TestExitCodeAndSignal(t *testing.T) {
	for _, how := range []string{"", "sealed", "plain"} {
		for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -TERM $$": 143, "kill -KILL $$": 137} {
			if got := code(command(t, how, "sh", "-c", script).Run()); got != want {
				t.Errorf("%s %q on pipes: exit code %d, want %d", how, script, got, want)
			}
			c := command(t, how, "sh", "-c", script)
			_, s := onPty(t, c)
			s.end(t)
			if got := code(c.Wait()); got != want {
				t.Errorf("%s %q on a terminal: exit code %d, want %d", how, script, got, want)
			}
		}
	}
}

func code(err error) int {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.ExitCode()
	}
	return -1
}

func TestNoSuchProgram(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad")
	if err := os.WriteFile(bad, []byte("\x7fELF no program"), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := command(t, "", bad).CombinedOutput()
	if code(err) != 99 || !strings.Contains(string(out), "exec format error") {
		t.Errorf("on pipes: %v, %s", err, out)
	}
	c := command(t, "", bad)
	_, s := onPty(t, c)
	if s.end(t); code(c.Wait()) != 99 || !strings.Contains(s.text(), "exec format error") {
		t.Errorf("on a terminal: %s", s.text())
	}
}

// TestATerminalStaysOne: for all three streams, with its size, and with changes of it.
func TestATerminalStaysOne(t *testing.T) {
	for _, how := range []string{"", "sealed"} {
		c := command(t, how, "bash", "-c", `test -t 0 && test -t 1 && test -t 2 && stty size; trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.1; done`)
		f, s := onPty(t, c)
		s.wait(t, "30 100")
		s.wait(t, "ready")
		if err := pty.Setsize(f, &pty.Winsize{Rows: 40, Cols: 120}); err != nil {
			t.Fatal(err)
		}
		s.wait(t, "40 120")
		s.end(t)
	}
}

// TestFilteredOnEveryRoad: standard output and standard error, pipes and terminals.
func TestFilteredOnEveryRoad(t *testing.T) {
	for _, how := range []string{"", "sealed"} {
		out, err := command(t, how, "sh", "-c", `echo "a $K b"; echo "c $K d" >&2; printf "s3c"; sleep 0.1; printf "ret"`).CombinedOutput()
		if err != nil || strings.Contains(string(out), "s3cret") || strings.Count(string(out), "[gone]") != 3 {
			t.Errorf("%s on pipes: %v, %q", how, err, out)
		}
		_, s := onPty(t, command(t, how, "sh", "-c", `echo "a $K b"; echo "c $K d" >&2; printf "%s" "$K"; echo $K >/dev/tty; echo $K >&0`))
		s.end(t)
		if got := s.text(); strings.Contains(got, "s3cret") || strings.Count(got, "[gone]") != 5 {
			t.Errorf("%s on a terminal: %q", how, got)
		}
	}
	out, err := command(t, "plain", "sh", "-c", `echo "$K"`).Output()
	if err != nil || string(out) != "s3cret\n" {
		t.Errorf("plain: %v, %q", err, out)
	}
}

// TestOneStreamIsATerminal: standard output a pipe, the others a terminal, and the other
// way round.
func TestOneStreamIsATerminal(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	self, _ := os.Executable()
	c := exec.Command("sh", "-c", `"$0" run "" sh -c 'test -t 1 || echo "no terminal $K"; test -t 2 && echo "terminal $K" >&2' > "$1"`, self, out)
	_, s := onPty(t, c)
	s.end(t)
	b, err := os.ReadFile(out)
	if err != nil || string(b) != "no terminal [gone]\n" || !strings.Contains(s.text(), "terminal [gone]") {
		t.Errorf("%v, file %q, terminal %q", err, b, s.text())
	}
	c = exec.Command("sh", "-c", `echo input | "$0" run "" sh -c 'test -t 0 || test -t 1 && read x && echo "read $x"'`, self)
	_, s = onPty(t, c)
	s.wait(t, "read input")
}

// TestPromptIsNotHeldBack: what looks like the beginning of a value is shown when the
// program waits, and what is typed reaches it.
func TestPromptIsNotHeldBack(t *testing.T) {
	f, s := onPty(t, command(t, "", "sh", "-c", `printf "name of s3"; read x; echo "got $x"`))
	s.wait(t, "name of s3")
	fmt.Fprint(f, "bob\r")
	s.wait(t, "got bob")
}

func TestInterruptAndEndOfFile(t *testing.T) {
	c := command(t, "", "sh", "-c", `trap 'echo trapped; exit 5' INT; echo ready; while :; do sleep 0.05; done`)
	f, s := onPty(t, c)
	s.wait(t, "ready")
	fmt.Fprint(f, "\x03")
	s.wait(t, "trapped")
	s.end(t)
	if got := code(c.Wait()); got != 5 {
		t.Errorf("exit code %d", got)
	}
	c = command(t, "", "cat")
	f, s = onPty(t, c)
	fmt.Fprint(f, "line\r")
	s.wait(t, "line\r\nline")
	fmt.Fprint(f, "\x04")
	s.end(t)
	if got := code(c.Wait()); got != 0 {
		t.Errorf("exit code %d", got)
	}
}

// onEither runs c on a terminal or with a pipe for its output, and returns what comes out.
func onEither(t *testing.T, c *exec.Cmd, tty bool) *screen {
	t.Helper()
	if tty {
		_, s := onPty(t, c)
		return s
	}
	r, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return newScreen(r)
}

// TestSignalsArePassedOn: to us they mean the program.
func TestSignalsArePassedOn(t *testing.T) {
	for _, how := range []string{"", "sealed"} {
		for _, tty := range []bool{false, true} {
			c := command(t, how, "sh", "-c", `trap 'echo got it; exit 6' TERM; echo ready; while :; do sleep 0.05; done`)
			s := onEither(t, c, tty)
			s.wait(t, "ready")
			_ = c.Process.Signal(syscall.SIGTERM)
			s.wait(t, "got it")
			s.end(t)
			if got := code(c.Wait()); got != 6 {
				t.Errorf("%s, terminal %v: exit code %d", how, tty, got)
			}
		}
	}
}

// TestWhatIsIgnoredStaysSo: under nohup(1) the program outlives the terminal, and so do we.
func TestWhatIsIgnoredStaysSo(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const program = `kill -HUP $$; echo program; kill -HUP $PPID; sleep 0.2; echo parent`
	for _, how := range []string{"", "sealed", "plain"} {
		for _, tty := range []bool{false, true} {
			c := exec.Command("sh", "-c", `trap "" HUP; exec "$0" run "$1" sh -c "$2"`, self, how, program)
			s := onEither(t, c, tty)
			s.end(t)
			if err := c.Wait(); err != nil || !strings.Contains(s.text(), "program") || !strings.Contains(s.text(), "parent") {
				t.Errorf("%q, terminal %v: %v, %q", how, tty, err, s.text())
			}
		}
	}
}

// TestJobControl: the stop key stops the whole job, the shell has its terminal, and fg
// brings the program back, at the size that the terminal has by then.
func TestJobControl(t *testing.T) {
	self, _ := os.Executable()
	c := exec.Command("bash", "--norc", "--noprofile", "-i")
	c.Env = append(os.Environ(), "PS1=prompt> ", "SELF="+self)
	f, s := onPty(t, c)
	s.wait(t, "prompt>")
	fmt.Fprint(f, `"$SELF" run "" sh -c 'echo started $K; read x; echo "read $x"; stty size'`+"\r")
	s.wait(t, "started [gone]")
	fmt.Fprint(f, "\x1a")
	s.wait(t, "Stopped")
	fmt.Fprint(f, "echo shell $((40+2))\r")
	s.wait(t, "shell 42")
	if err := pty.Setsize(f, &pty.Winsize{Rows: 33, Cols: 99}); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, "fg\r")
	time.Sleep(200 * time.Millisecond)
	fmt.Fprint(f, "hello\r")
	s.wait(t, "read hello")
	s.wait(t, "33 99")
	s.prompt(t)
	fmt.Fprint(f, "echo status $?\r")
	s.wait(t, "status 0")
}

// TestBroughtToTheForeground: a program that was started in the background has an ordinary
// terminal, and its keys, once it is in the foreground.
func TestBroughtToTheForeground(t *testing.T) {
	self, _ := os.Executable()
	c := exec.Command("bash", "--norc", "--noprofile", "-i")
	c.Env = append(os.Environ(), "PS1=prompt> ", "SELF="+self)
	f, s := onPty(t, c)
	s.wait(t, "prompt>")
	fmt.Fprint(f, `"$SELF" run "" sh -c 'trap "stty -a; echo key; exit" INT; echo started $K; while :; do sleep 0.05; done' &`+"\r")
	s.wait(t, "started [gone]")
	for range 3000 { // what is typed while the shell sets up its line editor may be lost
		if strings.Count(s.text(), "prompt> ") == 2 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Fprint(f, "fg\r")
	for deadline := time.Now().Add(20 * time.Second); !rawUnder(t, f, c.Process.Pid); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the terminal's keys still mean noxkey:\n%s", s.text())
		}
	}
	fmt.Fprint(f, "\x03")
	s.wait(t, "key\r\n")
	out := s.text()
	if i := strings.LastIndex(out, "speed "); i < 0 || strings.Contains(out[i:], "-icanon") || strings.Contains(out[i:], "-echo ") {
		t.Errorf("the program's terminal is that of the shell's line editor:\n%s", out)
	}
}

// rawUnder reports whether the terminal behind f is another job's than the shell's, and
// hands on keys and not lines.
func rawUnder(t *testing.T, f *os.File, shell int) (raw bool) {
	t.Helper()
	conn, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = conn.Control(func(fd uintptr) {
		job, err := unix.IoctlGetInt(int(fd), unix.TIOCGPGRP)
		if err != nil || job == shell {
			return
		}
		st, err := unix.IoctlGetTermios(int(fd), child.GetTermios)
		raw = err == nil && st.Lflag&unix.ICANON == 0
	})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestNothingIsLost: all of a long output, and the last of a short one.
func TestNothingIsLost(t *testing.T) {
	const script = `i=0; while [ $i -lt 2000 ]; do echo "line $i"; i=$((i+1)); done; printf end`
	for _, tty := range []bool{false, true} {
		for range 10 {
			c := command(t, "sealed", "sh", "-c", script)
			var text string
			if tty {
				_, s := onPty(t, c)
				s.end(t)
				text = strings.ReplaceAll(s.text(), "\r", "")
			} else {
				b, err := c.Output()
				if err != nil {
					t.Fatal(err)
				}
				text = string(b)
			}
			if n := strings.Count(text, "\n"); n != 2000 || !strings.HasSuffix(text, "line 1999\nend") {
				t.Fatalf("terminal %v: %d lines, the end is %q", tty, n, text[max(0, len(text)-40):])
			}
		}
	}
}

// TestWhatStaysBehindDoesNotHoldUs: a program in the background that keeps the streams
// open and prints nothing.
func TestWhatStaysBehindDoesNotHoldUs(t *testing.T) {
	for _, tty := range []bool{false, true} {
		c := command(t, "", "sh", "-c", `(trap '' HUP; sleep 61) & echo done`)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if tty {
				_, s := onPty(t, c)
				s.end(t)
				_ = c.Wait()
				return
			}
			b, err := c.Output()
			if err != nil || string(b) != "done\n" {
				t.Errorf("%v, %q", err, b)
			}
		}()
		select {
		case <-done:
		case <-time.After(30 * time.Second):
			t.Fatalf("terminal %v: still waiting", tty)
		}
	}
}

// TestWhatGoesOnPrintingDoesNotHoldUs: the same, and it prints for ever.
func TestWhatGoesOnPrintingDoesNotHoldUs(t *testing.T) {
	for _, tty := range []bool{false, true} {
		c := command(t, "", "sh", "-c", `(trap '' HUP PIPE; while sleep 0.01; do echo tick; done) & echo done`)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if tty {
				_, s := onPty(t, c)
				s.end(t)
				_ = c.Wait()
				return
			}
			if b, err := c.Output(); err != nil || !strings.HasPrefix(string(b), "done\n") && !strings.Contains(string(b), "\ndone\n") {
				t.Errorf("%v, %q", err, b)
			}
		}()
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			t.Fatalf("terminal %v: still waiting", tty)
		}
	}
	_ = exec.Command("pkill", "-f", "while sleep 0.01; do echo tick").Run()
}

// TestAPagerHasTheTerminal: with a pipe for standard output the terminal keeps its settings.
func TestAPagerHasTheTerminal(t *testing.T) {
	self, _ := os.Executable()
	_, s := onPty(t, exec.Command("sh", "-c", `"$0" run "" sh -c 'echo one; sleep 1' | { stty -a </dev/tty; cat; }`, self))
	s.end(t)
	if strings.Contains(s.text(), "-opost") || strings.Contains(s.text(), "-icanon") || !strings.Contains(s.text(), "opost") {
		t.Errorf("the terminal is raw:\n%s", s.text())
	}
}

// TestThreatF1SealedHasNoOtherWayOut: for an agent's program there is no terminal but the
// filtered one, no descriptor that was left open, and no standard input that can be
// written to.
func TestThreatF1SealedHasNoOtherWayOut(t *testing.T) {
	dir := t.TempDir()
	self, _ := os.Executable()
	probe := `echo $K >&7; echo $K >/dev/tty; echo $K >&0; echo $K >/proc/self/fd/0; echo alive`
	leak := filepath.Join(dir, "leak")
	// 0 is a socket or pipe that leads both ways, as node gives its children; 7 a file.
	for what, stdin := range map[string]string{"a file for both ways": `0<>"` + leak + `.in"`, "nothing": `0</dev/null`} {
		c := exec.Command("bash", "-c", `"$0" run sealed sh -c '`+probe+`' `+stdin+` 7>"`+leak+`"`, self)
		tty, s := onPty(t, c)
		s.end(t)
		_ = tty
		for _, f := range []string{leak, leak + ".in"} {
			if b, _ := os.ReadFile(f); bytes.Contains(b, []byte("s3cret")) {
				t.Errorf("%s: %s holds the value", what, filepath.Base(f))
			}
		}
		if got := s.text(); strings.Contains(got, "s3cret") || !strings.Contains(got, "alive") {
			t.Errorf("%s: the terminal shows %q", what, got)
		}
	}
	// The same with pipes for output but a terminal that could be opened.
	out := filepath.Join(dir, "out")
	c := exec.Command("bash", "-c", `"$0" run sealed sh -c '`+probe+`' >"`+out+`" 2>&1`, self)
	_, s := onPty(t, c)
	s.end(t)
	b, err := os.ReadFile(out)
	if err != nil || strings.Contains(s.text(), "s3cret") || bytes.Contains(b, []byte("s3cret")) || !bytes.Contains(b, []byte("alive")) {
		t.Errorf("%v: the terminal shows %q, the file has %q", err, s.text(), b)
	}
}

// TestASlowReaderLosesNothing: who reads the output may take longer than lingers over it,
// as a person with a pager does, though the program has long ended.
func TestASlowReaderLosesNothing(t *testing.T) {
	t.Parallel()
	c := command(t, "", "sh", "-c", "seq 1 16000")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * time.Second) // longer than lingers; nothing is measured
	b, err := io.ReadAll(out)
	if err := errors.Join(err, c.Wait()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(b), "\n16000\n") {
		t.Errorf("%d bytes came, the last of them %q", len(b), b[max(0, len(b)-20):])
	}
}

// TestThreatE4CheckedLast: what is asked last keeps the program from starting, on every road.
func TestThreatE4CheckedLast(t *testing.T) {
	b, err := command(t, "checked", "sh", "-c", "echo started").CombinedOutput()
	if err == nil || string(b) != "run: not as it was\n" {
		t.Errorf("with pipes: %v, %q", err, b)
	}
	_, s := onPty(t, command(t, "checked", "sh", "-c", "echo started"))
	s.end(t)
	if got := s.text(); strings.Contains(got, "started") || !strings.Contains(got, "not as it was") {
		t.Errorf("on a terminal: %q", got)
	}
}
