package harden

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/harden/locked"
	"noxkey/secret"
)

// The tests of the real thing run in processes of their own: this test binary again, with
// the name of a part to play, since what is hardened stays so.
var parts = map[string]func() any{"network": tryNetwork, "findings": tellFindings, "soft": func() any { return Findings() }, "quiet": speak, "quiet panic": speakAndPanic}

func TestMain(m *testing.M) {
	if f := parts[os.Getenv("HARDEN_TEST_PART")]; f != nil {
		_ = json.NewEncoder(os.Stdout).Encode(f())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// play runs a part and decodes what it says.
func play(t *testing.T, part string, into any) (stderr string, err error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "HARDEN_TEST_PART="+part)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	if into != nil {
		if err := json.Unmarshal([]byte(out.String()), into); err != nil {
			t.Fatalf("%s: %v\n%s%s", part, err, out.String(), errs.String())
		}
	}
	return errs.String(), err
}

// attempt is one thing that was tried, before and after hardening.
type attempt struct {
	What          string
	Before, After syscall.Errno
}

// tryNetwork makes every attempt, hardens, with threads that are there already, and makes it
// again.
func tryNetwork() any {
	ln, err := net.Listen("tcp", "127.0.0.1:0") // somebody to talk to, made before
	if err != nil {
		return err.Error()
	}
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return err.Error()
	}
	stop := make(chan bool)
	threads := make(chan func() syscall.Errno)
	answers := make(chan syscall.Errno)
	go func() { // a thread from before the filter
		runtime.LockOSThread()
		for {
			select {
			case f := <-threads:
				answers <- f()
			case <-stop:
				return
			}
		}
	}()
	defer close(stop)
	tries := attempts(ln.Addr().String(), udp.LocalAddr().String())
	var list []attempt
	for _, a := range tries {
		list = append(list, attempt{What: a.what, Before: a.try()})
	}
	if err := errors.Join(Harden(), NoNetwork()); err != nil {
		return err.Error()
	}
	for i, a := range tries {
		list[i].After = a.try()
		threads <- a.try
		if e := <-answers; e != list[i].After {
			list[i].After = e
			list[i].What += " on another thread"
		}
	}
	return list
}

type try struct {
	what string
	try  func() syscall.Errno
}

func attempts(tcp, udp string) []try {
	dial := func(network, addr string) func() syscall.Errno {
		return func() syscall.Errno {
			c, err := net.DialTimeout(network, addr, 5*time.Second)
			if err == nil {
				c.Close()
			}
			return errno(err)
		}
	}
	list := []try{{"net.Dial tcp", dial("tcp", tcp)}, {"net.Dial udp", dial("udp", udp)}}
	for name, family := range map[string]int{"inet": unix.AF_INET, "inet6": unix.AF_INET6, "netlink": unix.AF_NETLINK, "unix": unix.AF_UNIX} {
		list = append(list, try{"socket " + name, func() syscall.Errno {
			fd, err := unix.Socket(family, unix.SOCK_DGRAM, 0)
			if err == nil {
				unix.Close(fd)
			}
			return errno(err)
		}})
	}
	self := uintptr(os.Getpid())
	for name, call := range map[string][4]uintptr{
		"io_uring_setup": {unix.SYS_IO_URING_SETUP, 1, 0}, "io_uring_enter": {unix.SYS_IO_URING_ENTER, ^uintptr(0)},
		"ptrace": {unix.SYS_PTRACE, unix.PTRACE_PEEKTEXT, self}, "process_vm_readv": {unix.SYS_PROCESS_VM_READV, self},
		"process_vm_writev": {unix.SYS_PROCESS_VM_WRITEV, self}, "pidfd_getfd": {unix.SYS_PIDFD_GETFD, ^uintptr(0)},
	} {
		list = append(list, try{name, func() syscall.Errno {
			_, _, e := unix.Syscall(call[0], call[1], call[2], call[3])
			return e
		}})
	}
	if native.x32 {
		list = append(list, try{"x32 socket", func() syscall.Errno {
			_, _, e := unix.Syscall(x32Bit|uintptr(native.socket), unix.AF_INET, unix.SOCK_DGRAM, 0)
			return e
		}})
	}
	return append(list, i386()...)
}

func errno(err error) syscall.Errno {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[syscall.Errno](err); ok {
		return e
	}
	return 4095
}

// TestThreatD4NoNetworkInARealProcess: after NoNetwork the kernel refuses every road to a
// socket that is none of Unix's, on threads that were there before, too; Unix sockets go on
// working. Before it, the same attempts succeed, or fail otherwise.
func TestThreatD4NoNetworkInARealProcess(t *testing.T) {
	t.Parallel()
	var list []attempt
	play(t, "network", &list)
	if len(list) < 12 {
		t.Fatalf("%d attempts", len(list))
	}
	for _, a := range list {
		want := syscall.EPERM
		switch {
		case a.What == "socket unix":
			want = 0
		case strings.HasPrefix(a.What, "socket") || strings.HasPrefix(a.What, "net.Dial"):
			want = syscall.EACCES
		}
		if a.After != want {
			t.Errorf("%s: %v, want %v", a.What, a.After, want)
		}
		if strings.HasPrefix(a.What, "net.Dial") && a.Before != 0 {
			t.Errorf("%s failed before, too: %v", a.What, a.Before)
		}
		if a.Before == want && want != 0 && (a.What != "x32 socket" || a.Before != syscall.ENOSYS) {
			t.Logf("%s was refused before, too (%v): no proof of the filter", a.What, a.Before)
		}
	}
}

func tellFindings() any {
	m := locked.New(32)
	defer m.Wipe()
	if err := errors.Join(Harden(), NoNetwork()); err != nil {
		return err.Error()
	}
	return Findings()
}

// TestThreatD4FindingsAreTheKernelsWord: a process that is hardened says so; one that is not
// says what is wrong, each thing by itself.
func TestThreatD4FindingsAreTheKernelsWord(t *testing.T) {
	t.Parallel()
	var hard, soft []secret.Finding
	play(t, "findings", &hard)
	play(t, "soft", &soft)
	if len(hard) != 4 || len(soft) != 4 {
		t.Fatalf("%+v\n%+v", hard, soft)
	}
	for i := range hard {
		if !hard[i].OK {
			t.Errorf("hardened, and: %+v", hard[i])
		}
		if soft[i].OK && soft[i].Subject != "keys" && !strings.Contains(soft[i].Text, "core dumps") { // who runs the tests may have set the limit
			t.Errorf("not hardened, and: %+v", soft[i])
		}
	}
}

// speak prints by every road before and after Quiet.
func speak() any {
	print("runtime before\n")
	f, err := Quiet()
	if err != nil {
		return err.Error()
	}
	os.Stderr = f
	print("runtime after\n")
	fmt.Fprintln(os.Stderr, "own words")
	out, err := exec.Command("sh", "-c", "echo from a child >&2").Output()
	return fmt.Sprint(string(out), err)
}

func speakAndPanic() any {
	f, err := Quiet()
	if err = errors.Join(err, Harden()); err != nil { // no core here
		return err.Error()
	}
	os.Stderr = f
	boom([32]byte{0xca, 0xfe, 0xba, 0xbe})
	return nil
}

//go:noinline
func boom(key [32]byte) byte {
	none := make([]byte, len(os.Args)-1)
	return none[int(key[0])] // panics
}

// TestThreatD4CrashSaysNothing: whatever GOTRACEBACK says, the runtime's own words, from a
// panic or a fatal signal, reach nobody; the program's do.
func TestThreatD4CrashSaysNothing(t *testing.T) {
	var said string
	errs, err := play(t, "quiet", &said)
	if err != nil || said != "<nil>" || errs != "runtime before\nown words\n" {
		t.Errorf("%v %q %q", err, said, errs)
	}
	for _, level := range []string{"", "none", "all", "crash"} {
		t.Setenv("GOTRACEBACK", level)
		if errs, err := play(t, "quiet panic", nil); err == nil || errs != "" {
			t.Errorf("GOTRACEBACK=%s: %v %q", level, err, errs)
		}
	}
}

func TestEveryStepIsTakenAndEveryErrorTold(t *testing.T) {
	t.Parallel()
	taken := 0
	bad := step{"x", func() error { taken++; return errors.New("no") }}
	good := step{"y", func() error { taken++; return nil }}
	err := run([]step{bad, good, bad})
	if taken != 3 || err == nil || strings.Count(err.Error(), "x cannot be switched off: no") != 2 {
		t.Errorf("%d steps, %v", taken, err)
	}
}

// TestNoFilterIsToldFromAFault: only what old kernels and containers answer counts as there
// being no filter.
func TestNoFilterIsToldFromAFault(t *testing.T) {
	t.Parallel()
	for e, want := range map[syscall.Errno]bool{unix.ENOSYS: true, unix.EINVAL: true, unix.EPERM: true, unix.EACCES: true, unix.ENOMEM: false, unix.EFAULT: false} {
		if err := unavailable("seccomp", e); errors.Is(err, ErrNoFilter) != want || !errors.Is(err, e) {
			t.Errorf("%v: %v", e, err)
		}
	}
}
