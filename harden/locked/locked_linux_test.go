package locked

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// flags are the kernel's VmFlags (proc_pid_smaps(5)) of the mapping that b lies in.
func flags(t *testing.T, b []byte) string {
	t.Helper()
	at := uint64(uintptr(unsafe.Pointer(&b[0])))
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for l := range strings.Lines(string(maps)) {
		var from, to uint64
		if n, _ := fmt.Sscanf(l, "%x-%x ", &from, &to); n == 2 {
			inside = from <= at && at < to
		}
		if rest, ok := strings.CutPrefix(l, "VmFlags:"); ok && inside {
			return " " + strings.TrimSpace(rest) + " "
		}
	}
	t.Fatal("no mapping holds the memory")
	return ""
}

func lockedKiB(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(b, []byte("VmLck:"))
	n, err := strconv.Atoi(strings.Fields(string(rest))[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestThreatD4KeysAreLockedAndNotDumped: the kernel's own word on the pages: locked (lo), not
// dumped (dd), wiped on fork (wf); and they are gone when the last key is.
func TestThreatD4KeysAreLockedAndNotDumped(t *testing.T) {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &l); err != nil || l.Cur < 64<<10 && os.Geteuid() != 0 {
		t.Skipf("cannot be done here: the limit for locked memory (ulimit -l) is %d bytes: %v", l.Cur, err)
	}
	before := lockedKiB(t)
	m := New(32)
	for _, f := range []string{"lo", "dd", "wf"} {
		if got := flags(t, m.Bytes()); !strings.Contains(got, " "+f+" ") {
			t.Errorf("the kernel does not have %s for the keys' pages: %s", f, got)
		}
	}
	if got := flags(t, make([]byte, 64)); strings.Contains(got, " lo ") {
		t.Errorf("Go's own memory is locked, too: the check says nothing: %s", got)
	}
	s := Now()
	if got := lockedKiB(t); got < before+poolBytes>>10 || s.Unlocked != 0 || s.Refused != nil {
		t.Errorf("%d KiB locked, %d before; %+v", got, before, s)
	}
	m.Wipe()
	if got := lockedKiB(t); got != before {
		t.Errorf("%d KiB locked after the last key, %d before", got, before)
	}
}

// TestThreatD4NoLockedMemoryIsTold: in a process that may lock nothing, keys still work and
// every page of theirs is counted as unlocked.
func TestThreatD4NoLockedMemoryIsTold(t *testing.T) {
	if os.Getenv("LOCKED_TEST_CHILD") != "" {
		m := New(32)
		defer m.Wipe()
		m.Bytes()[0] = 1
		s := Now()
		fmt.Println("told", s.Pages == s.Unlocked && s.Pages > 0 && s.Refused != nil && strings.Contains(s.Refused.Error(), "mlock"))
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestThreatD4NoLockedMemoryIsTold$", "-test.count=1")
	cmd.Env = append(os.Environ(), "LOCKED_TEST_CHILD=1")
	if os.Geteuid() == 0 { // root may lock what it likes
		if _, err := exec.LookPath("setpriv"); err != nil {
			t.Skip("cannot be done here: missing tool: setpriv")
		}
		cmd.Args = append([]string{"setpriv", "--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"}, cmd.Args...)
		cmd.Path, _ = exec.LookPath("setpriv")
	}
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &old); err != nil {
		t.Fatal(err)
	}
	none := unix.Rlimit{Cur: 0, Max: old.Max}
	if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &none); err != nil { // inherited by the child
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &old); err != nil {
		t.Fatal(err)
	}
	if err != nil || !strings.Contains(string(out), "told true") {
		t.Errorf("%v\n%s", err, out)
	}
}
