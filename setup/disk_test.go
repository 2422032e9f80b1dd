package setup

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk: the disk ends within the backup or within the new file. A limit on the
// size of files stands for it, in a process of its own. The old file stays, whole, and
// nothing half written lies beside it.
func TestFullDisk(t *testing.T) {
	if limit := os.Getenv("SETUP_TEST_LIMIT"); limit != "" {
		writeWithin(t, os.Getenv("SETUP_TEST_HOME"), limit)
		return
	}
	for _, limit := range []int{0, 10, len(someConfig) - 1, len(someConfig), len(someConfig) + 20} {
		dir := t.TempDir()
		path := filepath.Join(dir, ".cursor", "mcp.json")
		put(t, path, someConfig, 0o600)
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$")
		cmd.Env = append(os.Environ(), "SETUP_TEST_HOME="+dir, "SETUP_TEST_LIMIT="+strconv.Itoa(limit))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 1 || read(t, path) != someConfig {
			t.Errorf("limit %d: %v, %v, %q", limit, err, entries, read(t, path))
		}
	}
}

// writeWithin tries to set up Cursor while no file may grow beyond limit bytes.
func writeWithin(t *testing.T, home, limit string) {
	h := testHome(t)
	h.Dir = home
	list, err := h.Prepare(agent(t, "cursor"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(limit, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ) // then write(2) fails with EFBIG
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	now := before
	now.Cur = n
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now); err != nil {
		t.Fatal(err)
	}
	_, werr := list[0].Write()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if werr == nil || !strings.Contains(werr.Error(), "too large") {
		t.Errorf("limit %s: %v", limit, werr)
	}
}
