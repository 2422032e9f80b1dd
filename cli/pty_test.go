package cli_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"noxkey/secret"
)

// screen is noxkey on a terminal of its own, for all three streams.
type screen struct {
	t   *testing.T
	cmd *exec.Cmd
	tty *os.File

	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
	eof  chan struct{}
}

func onTerminal(t *testing.T, w *world, args ...string) *screen {
	t.Helper()
	s := &screen{t: t, cmd: exec.Command("noxkey", append([]string{"--home", string(w.home)}, args...)...), eof: make(chan struct{})}
	s.cmd.Env = append(os.Environ(), "NO_COLOR=", "TERM=xterm")
	tty, err := pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 24, Cols: 120})
	if err != nil {
		t.Fatal(err)
	}
	s.tty = tty
	go s.drain()
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		tty.Close()
	})
	return s
}

func (s *screen) drain() {
	defer close(s.eof)
	buf := make([]byte, 4096)
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		s.text.Write(buf[:n])
		s.mu.Unlock()
		if err != nil {
			return // EIO when the other end has closed (pty(7))
		}
	}
}

func (s *screen) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// see waits until text is shown.
func (s *screen) see(text string) {
	s.t.Helper()
	for range 6000 { // a minute: what is shown may stand behind scrypt
		if strings.Contains(s.shown(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("no %q in %q", text, s.shown())
}

func (s *screen) typed(keys string) {
	s.t.Helper()
	if _, err := io.WriteString(s.tty, keys); err != nil {
		s.t.Fatal(err)
	}
}

// ends waits for the end and checks the exit code.
func (s *screen) ends(code int) string {
	s.t.Helper()
	done := make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(2 * time.Minute): // scrypt under the race detector takes its time
		s.t.Fatalf("it does not end: %q", s.shown())
	}
	<-s.eof
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("exit code %d, want %d: %q", got, code, s.shown())
	}
	return s.shown()
}

func stored(t *testing.T, w *world, name string) string {
	t.Helper()
	out, err := exec.Command("noxkey", "--home", string(w.home), "get", name, "--raw").Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(out)
}

func TestTerminalNeverShowsAValueUnasked(t *testing.T) {
	w := newWorld(t)
	if err := w.put("acme/api/KEY", "normal"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"get", "acme/api/KEY"}, {"load", "acme"}, {"bundle", "x"}, {"export", "acme"}} {
		text := onTerminal(t, w, args...).ends(2)
		if strings.Contains(text, canary) || !strings.Contains(text, "not printed") {
			t.Errorf("%v: %q", args, text)
		}
	}
	w.mu.Lock()
	n := len(w.asked)
	w.mu.Unlock()
	if n != 0 {
		t.Errorf("the person was asked %d times for nothing", n)
	}
	if text := onTerminal(t, w, "get", "acme/api/KEY", "--raw").ends(0); !strings.Contains(text, canary) {
		t.Errorf("--raw was asked for and shows %q", text)
	}
}

func TestPromptIsHidden(t *testing.T) {
	w := newWorld(t)
	s := onTerminal(t, w, "set", "acme/api/KEY")
	s.see("(not shown): ")
	s.typed("wrong\x15" + canary + "x\x7f\r")
	text := s.ends(0)
	if strings.Contains(text, canary) || !strings.Contains(text, "19 characters") {
		t.Errorf("%q", text)
	}
	if got := stored(t, w, "acme/api/KEY"); got != canary {
		t.Errorf("stored %q", got)
	}
}

func TestPromptTakesAPasteOfSeveralLines(t *testing.T) {
	w := newWorld(t)
	s := onTerminal(t, w, "set", "acme/api/PEM")
	s.see("\x1b[?2004h")
	s.typed("\x1b[200~-----BEGIN\rtouch pwned\r-----END\r\x1b[201~\r")
	s.ends(0)
	if got := stored(t, w, "acme/api/PEM"); got != "-----BEGIN\ntouch pwned\n-----END\n" {
		t.Errorf("stored %q", got)
	}
}

// TestPromptLeavesNoLineForTheShell: of a terminal that does not mark a paste,
// the second line must not be run by the shell.
func TestPromptLeavesNoLineForTheShell(t *testing.T) {
	w := newWorld(t)
	s := onTerminal(t, w, "set", "acme/api/PEM")
	s.see("(not shown): ")
	s.typed("-----BEGIN\rtouch pwned\r")
	if text := s.ends(1); !strings.Contains(text, "more than one line came") {
		t.Errorf("%q", text)
	}
}

// TestPassphraseIsOneLine: the advice is not that for a secret's value.
func TestPassphraseIsOneLine(t *testing.T) {
	w := newWorld(t)
	s := onTerminal(t, w, "backup", filepath.Join(t.TempDir(), "x.age"))
	s.see("(not shown): ")
	s.typed("one\rtwo\r")
	if text := s.ends(1); !strings.Contains(text, "a passphrase is one") || strings.Contains(text, "noxkey set") {
		t.Errorf("%q", text)
	}
}

func TestPromptTakesMoreThanATerminalLine(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("0123456789", 1000)
	s := onTerminal(t, w, "set", "acme/api/LONG")
	s.see("\x1b[?2004h") // the terminal is raw from here on
	for part := long; part != ""; part = part[1000:] {
		s.typed(part[:1000])
	}
	s.typed("\r")
	s.ends(0)
	if got := stored(t, w, "acme/api/LONG"); got != long {
		t.Errorf("stored %d bytes", len(got))
	}
}

func TestCtrlCAtThePrompt(t *testing.T) {
	w := newWorld(t)
	before, err := exec.Command("stty", "--version").Output() // the echo is looked at with it
	if err != nil {
		t.Skipf("stty is missing: %v (%q)", err, before)
	}
	// A shell keeps the terminal after noxkey and says how it was left.
	s := onShell(t, "noxkey --home "+string(w.home)+" set acme/api/KEY; echo code $?; stty -a")
	s.see("(not shown): ")
	s.typed("half\x03")
	text := s.ends(0)
	if !strings.Contains(text, "code 1") || !strings.Contains(text, " echo ") || strings.Contains(text, "half") {
		t.Errorf("%q", text)
	}
}

func onShell(t *testing.T, line string) *screen {
	t.Helper()
	s := &screen{t: t, cmd: exec.Command("sh", "-c", line), eof: make(chan struct{})}
	tty, err := pty.StartWithSize(s.cmd, &pty.Winsize{Rows: 24, Cols: 120})
	if err != nil {
		t.Fatal(err)
	}
	s.tty = tty
	go s.drain()
	t.Cleanup(func() { s.cmd.Process.Kill(); tty.Close() })
	return s
}

func TestProgressAndCtrlCWithdraws(t *testing.T) {
	w := newWorld(t)
	if err := w.put("acme/api/KEY", "normal"); err != nil {
		t.Fatal(err)
	}
	for _, class := range []string{"Codex", "unknown", "human"} {
		w.become(class)
		w.answers("never", "")
		s := onTerminal(t, w, "rm", "acme/api/KEY", "--yes")
		s.see("waiting for your answer in NoxKey (0:0")
		s.typed("\x03")
		if text := s.ends(1); !strings.Contains(text, "interrupted") {
			t.Errorf("%s: %q", class, text)
		}
		w.withdrawn(t)
	}
	w.become("Codex")
	s := onTerminal(t, w, "get", "acme/api/KEY") // through the background
	s.see("waiting for your answer in NoxKey (0:0")
	s.typed("\x03")
	s.ends(1)
	w.withdrawn(t)
}

// withdrawn waits until the audit says that the newest request was withdrawn.
func (w *world) withdrawn(t *testing.T) {
	t.Helper()
	w.become("human")
	for range 500 {
		out, _ := exec.Command("noxkey", "--home", string(w.home), "audit", "--limit", "1", "--json").Output()
		if bytes.Contains(out, []byte(`"outcome":"`+string(secret.OutWithdrawn)+`"`)) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the request was not withdrawn")
}

func TestConfirm(t *testing.T) {
	w := newWorld(t)
	if err := w.put("acme/api/KEY", "normal"); err != nil {
		t.Fatal(err)
	}
	s := onTerminal(t, w, "rm", "acme/api/KEY")
	s.see("remove acme/api/KEY? [y/N] ")
	s.typed("\r")
	if text := s.ends(1); !strings.Contains(text, "nothing was changed") {
		t.Errorf("%q", text)
	}
	s = onTerminal(t, w, "rm", "acme/api/KEY")
	s.see("[y/N] ")
	s.typed("\x03")
	s.ends(1)
	w.mu.Lock()
	n := len(w.asked)
	w.mu.Unlock()
	if n != 0 {
		t.Error("the app was asked all the same")
	}
	s = onTerminal(t, w, "rm", "acme")
	s.see("[y/N] ")
	s.typed("y\r")
	if text := s.ends(0); !strings.Contains(text, "removed acme/api/KEY") {
		t.Errorf("%q", text)
	}
}

func TestColourOnlyOnATerminal(t *testing.T) {
	w := newWorld(t)
	if err := w.put("acme/api/KEY", "strict"); err != nil {
		t.Fatal(err)
	}
	if text := onTerminal(t, w, "ls").ends(0); !strings.Contains(text, "\x1b[33mstrict\x1b[0m") {
		t.Errorf("no colour: %q", text)
	}
	s := onShell(t, "NO_COLOR=1 noxkey --home "+string(w.home)+" ls; TERM=dumb noxkey --home "+string(w.home)+" ls; noxkey --home "+string(w.home)+" ls | cat")
	if text := s.ends(0); strings.Contains(text, "\x1b") || strings.Count(text, "strict") != 3 {
		t.Errorf("colour: %q", text)
	}
}

// TestCtrlCWhileReading: standard input that never ends must not keep noxkey from
// ending.
func TestCtrlCWhileReading(t *testing.T) {
	w := newWorld(t)
	r, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	defer r.Close()
	cmd := exec.Command("noxkey", "--home", string(w.home), "set", "acme/api/KEY", "--stdin")
	cmd.Stdin = r
	var errw bytes.Buffer
	cmd.Stderr = &errw
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// One byte more than a pipe holds, and one less than noxkey would like: this
	// returns when it has begun to read, and it goes on reading.
	if _, err := held.Write(make([]byte, 64<<10+1)); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(errw.String(), "interrupted") {
		t.Errorf("%d: %s", code, errw.String())
	}
}
