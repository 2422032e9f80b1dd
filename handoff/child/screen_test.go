package child_test

import (
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// screen collects what a program shows.
type screen struct {
	mu   sync.Mutex
	b    strings.Builder // guarded by mu
	done chan struct{}
}

func newScreen(r io.Reader) *screen {
	s := &screen{done: make(chan struct{})}
	go func() {
		defer close(s.done)
		buf := make([]byte, 4096)
		for {
			n, err := r.Read(buf)
			s.mu.Lock()
			s.b.Write(buf[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s
}

func (s *screen) text() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

// wait waits until the text is there.
func (s *screen) wait(t *testing.T, text string) {
	t.Helper()
	for range 3000 {
		if strings.Contains(s.text(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no %q on the screen:\n%s", text, s.text())
}

// prompt waits until the shell asks for the next command.
func (s *screen) prompt(t *testing.T) {
	t.Helper()
	for range 3000 {
		if strings.HasSuffix(s.text(), "prompt> ") {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no prompt on the screen:\n%s", s.text())
}

// end waits until nothing more can come.
func (s *screen) end(t *testing.T) {
	t.Helper()
	select {
	case <-s.done:
	case <-time.After(30 * time.Second):
		t.Errorf("the program does not end:\n%s", s.text())
	}
}
