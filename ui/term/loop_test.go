package term

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"noxkey/secret"
	"noxkey/ui"
	"noxkey/ui/term/internal/fake"
)

// screenOf collects what a terminal is sent.
type screenOf struct {
	mu  sync.Mutex
	all bytes.Buffer
	got chan struct{}
}

func (s *screenOf) read(r io.Reader) {
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		s.mu.Lock()
		s.all.Write(buf[:n])
		s.mu.Unlock()
		select {
		case s.got <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (s *screenOf) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

// until waits until the terminal was sent text.
func (s *screenOf) until(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(60 * time.Second)
	for !strings.Contains(ansi.Strip(s.text()), text) && !strings.HasSuffix(s.text(), text) {
		select {
		case <-s.got:
		case <-deadline:
			t.Fatalf("%q was never drawn; what was: %q", text, s.text())
		}
	}
}

// onTerminal runs the front on a terminal of its own and returns what Run did.
func onTerminal(t *testing.T, ctx context.Context, opt Options, f func(keys io.Writer, s *screenOf)) error {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	if err := pty.Setsize(slave, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(slave.Fd())
	if err != nil {
		t.Fatal(err)
	}
	s := &screenOf{got: make(chan struct{}, 1)}
	go s.read(master)
	opt.In, opt.Out = slave, slave
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, opt) }()
	f(master, s)
	select {
	case err = <-ended:
	case <-time.After(60 * time.Second):
		t.Fatalf("it does not end; last drawn: %q", s.text())
	}
	s.until(t, leave) // the last thing that is sent
	after, e := term.GetState(slave.Fd())
	if e != nil || *after != *before {
		t.Errorf("the terminal is not as it was: %v", e)
	}
	return err
}

func fakeOptions() (Options, *fake.Service) {
	desk := ui.NewDesk(time.Now)
	svc := &fake.Service{Desk: desk, Now: time.Now, Locked: true}
	svc.Fill(time.Now())
	return Options{Desk: desk, Service: svc, Home: "/home/me", Vault: Vault{Path: "/home/me/vault.db", Exists: true}}, svc
}

func TestRunOnATerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	opt, svc := fakeOptions()
	svc.Sessions = nil
	err := onTerminal(t, context.Background(), opt, func(keys io.Writer, s *screenOf) {
		s.until(t, "Passphrase to unlock your secrets")
		_, _ = io.WriteString(keys, fake.Pass+"\r")
		s.until(t, "No session is open")
		_, _ = io.WriteString(keys, "q")
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRunEndsWithItsContextAndLeavesTheScreen(t *testing.T) {
	t.Setenv("TERM", "xterm")
	opt, _ := fakeOptions()
	ctx, cancel := context.WithCancel(context.Background())
	if err := onTerminal(t, ctx, opt, func(_ io.Writer, s *screenOf) {
		s.until(t, "Passphrase to unlock")
		cancel()
	}); err != nil {
		t.Error(err)
	}
}

// TestAPanicLeavesTheTerminalUsable runs a front whose service panics while it is drawn.
func TestAPanicLeavesTheTerminalUsable(t *testing.T) {
	t.Setenv("TERM", "xterm")
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	s := &screenOf{got: make(chan struct{}, 1)}
	go s.read(master)
	before, _ := term.GetState(slave.Fd())
	opt, _ := fakeOptions()
	opt.Vault.Exists = false // so that the first screen stays
	m := newModel(context.Background(), opt)
	m.screen = broken{m.home}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = newLoop(slave, slave, m).run(context.Background())
	}()
	if after, err := term.GetState(slave.Fd()); err != nil || *after != *before {
		t.Error("the terminal is left raw")
	}
	s.until(t, leave)
}

// broken panics when it is drawn.
type broken struct{ *home }

func (broken) frame(*model) frame { panic("drawing") }

func TestWithoutATerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	opt, _ := fakeOptions()
	for _, files := range [][2]*os.File{{nil, nil}, {r, w}, {r, os.Stdout}} {
		opt.In, opt.Out = files[0], files[1]
		if err := Run(context.Background(), opt); !errors.Is(err, ErrNoTerminal) || !strings.Contains(err.Error(), "tmux new -s noxkey noxkey-app") {
			t.Errorf("%v", err)
		}
	}
}

func TestTheCanaryIsNeverDrawn(t *testing.T) {
	t.Setenv("TERM", "xterm")
	const canary = "canary-7f3a-never-drawn"
	opt, svc := fakeOptions()
	svc.Sessions = nil
	svc.Values["acme/api/STRIPE_SECRET_KEY"] = canary
	opt.Copy = func(_ context.Context, v secret.Value) error {
		if v.Empty() {
			t.Error("nothing came to the clipboard")
		}
		return nil
	}
	var drawn *screenOf
	err := onTerminal(t, context.Background(), opt, func(keys io.Writer, s *screenOf) {
		drawn = s
		s.until(t, "Passphrase to unlock")
		_, _ = io.WriteString(keys, fake.Pass+"\r")
		s.until(t, "No session is open")
		_, _ = io.WriteString(keys, "/strip")
		s.until(t, "6 of 7")
		_, _ = io.WriteString(keys, "\r")
		s.until(t, "Passphrase to copy")
		_, _ = io.WriteString(keys, fake.Pass+"\r")
		s.until(t, "Copied.")
		_, _ = io.WriteString(keys, "n"+"\x1b[200~acme/web/KEY\x1b[201~"+"\t\t\t\t"+"\x1b[200~"+canary+"\x1b[201~")
		s.until(t, "23 characters.")
		_, _ = io.WriteString(keys, "\x03")
	})
	if err != nil {
		t.Error(err)
	}
	for _, s := range []string{canary, fake.Pass} {
		if strings.Contains(ansi.Strip(drawn.text()), s) {
			t.Errorf("%s was drawn", s)
		}
	}
}
