package caller

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestHoldersAreReadersOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	expect := func(what string, pids ...int) {
		t.Helper()
		var got []ProcID
		for range 400 {
			var err error
			if got, err = HoldersOf(uint64(st.Dev), st.Ino); err != nil {
				t.Fatal(err)
			}
			if same(got, pids) {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("%s: %v, want %v", what, got, pids)
	}
	expect("nobody")
	reader := exec.Command("sh", "-c", "read x <\"$0\"", path)
	if err := reader.Start(); err != nil {
		t.Fatal(err)
	}
	w, err := os.OpenFile(path, os.O_WRONLY, 0) // waits for the reader
	if err != nil {
		t.Fatal(err)
	}
	expect("a shell, and a writer", reader.Process.Pid)
	self, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	pids := []int{os.Getpid(), reader.Process.Pid}
	expect("two readers", pids...)
	self.Close()
	if err := os.Rename(path, path+"2"); err != nil {
		t.Fatal(err)
	}
	os.Remove(path + "2")
	expect("an unlinked pipe", reader.Process.Pid)
	w.Close()
	reader.Wait()
	expect("all gone")
}

func same(got []ProcID, pids []int) bool {
	if len(got) != len(pids) {
		return false
	}
	for i := range got { // ascending
		if got[i].PID != pids[i] || !got[i].Alive() {
			return false
		}
	}
	return true
}

func BenchmarkHoldersOf(b *testing.B) {
	for b.Loop() {
		if _, err := HoldersOf(1, 1); err != nil {
			b.Fatal(err)
		}
	}
}
