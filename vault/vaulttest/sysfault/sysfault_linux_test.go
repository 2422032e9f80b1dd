package sysfault

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAnswers: a call that is failed fails, once; a short write is short; what is done
// all the same is done; and other threads are left alone.
func TestAnswers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	var seen []string
	answers := []Answer{{}, {Short: true}, {}, {Errno: unix.ENOSPC}, {Errno: unix.EIO}, {Errno: unix.EDQUOT, Done: true}}
	err := Run(func(c Call) Answer {
		if filepath.Dir(c.Path) != dir {
			return Answer{}
		}
		seen = append(seen, c.Name+" "+filepath.Base(c.Path))
		return answers[len(seen)-1]
	}, func() {
		f, err := os.Create(a)
		if err != nil {
			t.Error(err)
			return
		}
		if n, err := f.Write([]byte("0123456789")); n != 10 || err != nil { // package os goes on after a short one
			t.Errorf("%d, %v", n, err)
		}
		if n, err := f.Write([]byte("x")); n > 0 || !errors.Is(err, unix.ENOSPC) {
			t.Errorf("%d, %v", n, err)
		}
		if err := f.Sync(); !errors.Is(err, unix.EIO) {
			t.Error(err)
		}
		if err := os.Rename(a, b); !errors.Is(err, unix.EDQUOT) {
			t.Error(err)
		}
		done := make(chan error)
		go func() { done <- os.WriteFile(a, nil, 0o600) }()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Skip("cannot be done here: the kernel offers no seccomp user notification:", err)
	}
	if want := []string{"create a", "write a", "write a", "write a", "sync a", "rename a"}; !slices.Equal(seen, want) {
		t.Errorf("asked about %q, want %q", seen, want)
	}
	if got, err := os.ReadFile(b); err != nil || string(got) != "0123456789" {
		t.Errorf("%q, %v", got, err)
	}
}
