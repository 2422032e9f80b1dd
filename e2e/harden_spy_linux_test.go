package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// spyName is the first argument by which this test's binary becomes the spy: a program of
// the same user that tries to get at another one's memory.
const spyName = "__spy"

// withoutName is the first argument by which it starts a program on a kernel that lacks
// something: the name of what, then the program and its arguments.
const withoutName = "__without"

func init() {
	switch {
	case len(os.Args) == 3 && os.Args[1] == spyName:
		pid, _ := strconv.Atoi(os.Args[2])
		_ = json.NewEncoder(os.Stdout).Encode(spyOn(pid))
		os.Exit(0)
	case len(os.Args) > 3 && os.Args[1] == withoutName:
		fmt.Fprintln(os.Stderr, "without:", without(os.Args[2], os.Args[3:]))
		os.Exit(1)
	}
}

// without has the kernel answer EPERM to seccomp(2), or to PR_SET_DUMPABLE, as containers
// do to what they forbid, and becomes the program.
func without(what string, argv []string) error {
	number, arg := uint32(unix.SYS_SECCOMP), uint32(unix.SECCOMP_SET_MODE_FILTER)
	if what == "dumpable" {
		number, arg = unix.SYS_PRCTL, unix.PR_SET_DUMPABLE
	}
	raw, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: 0, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: number, SkipFalse: 3},
		bpf.LoadAbsolute{Off: 16, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: arg, SkipFalse: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
	})
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&prog)), 0, 0); err != nil {
		return err
	}
	return unix.Exec(argv[0], argv, os.Environ())
}

// loot is what one attempt came to: "" for a success, else the error's name.
type loot map[string]string

// spyOn tries every road that proc(5), ptrace(2) and their kin offer.
func spyOn(pid int) loot {
	runtime.LockOSThread() // a tracer is a thread
	l := loot{}
	dir := fmt.Sprintf("/proc/%d/", pid)
	for _, name := range []string{"mem", "environ", "auxv", "maps", "smaps", "pagemap"} {
		l[name] = word(readSome(dir + name))
	}
	for _, name := range []string{"exe", "cwd", "root", "fd/0", "ns/mnt"} {
		_, err := os.Readlink(dir + name)
		l[name] = word(err)
	}
	for _, name := range []string{"fd", "map_files"} {
		_, err := os.ReadDir(dir + name)
		l[name] = word(err)
	}
	l["fd/0 opened"] = word(reopen(dir + "fd/0"))
	l["ptrace attach"] = word(attach(pid, unix.PTRACE_ATTACH))
	l["ptrace seize"] = word(attach(pid, unix.PTRACE_SEIZE))
	l["process_vm_readv"] = word(vmRead(pid))
	l["process_vm_writev"] = word(vmWrite(pid))
	l["pidfd_getfd"] = word(fetch(pid))
	l["kcmp"] = word(compare(pid))
	return l
}

func word(err error) string {
	if e, ok := errors.AsType[syscall.Errno](err); ok {
		return unix.ErrnoName(e)
	} else if err != nil {
		return err.Error()
	}
	return ""
}

// readSome reads a file of /proc; of mem, what the first mapping's address holds.
func readSome(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if strings.HasSuffix(path, "/mem") {
		at, err := firstAddress(strings.TrimSuffix(path, "mem") + "maps")
		if err != nil {
			return err
		}
		_, err = f.ReadAt(make([]byte, 16), int64(at))
		return err
	}
	if _, err = f.Read(make([]byte, 16)); errors.Is(err, io.EOF) {
		return errors.New("empty")
	}
	return err
}

func firstAddress(maps string) (uint64, error) {
	b, err := os.ReadFile(maps)
	if err != nil {
		return 0x400000, nil // where static programs begin
	}
	from, _, _ := strings.Cut(string(b), "-")
	return strconv.ParseUint(from, 16, 64)
}

func reopen(path string) error {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err == nil {
		f.Close()
	}
	return err
}

func attach(pid, how int) error {
	if _, _, e := unix.Syscall6(unix.SYS_PTRACE, uintptr(how), uintptr(pid), 0, 0, 0, 0); e != 0 {
		return e
	}
	if how == unix.PTRACE_SEIZE {
		_, _, _ = unix.Syscall6(unix.SYS_PTRACE, unix.PTRACE_INTERRUPT, uintptr(pid), 0, 0, 0, 0)
	}
	var st unix.WaitStatus
	_, _ = unix.Wait4(pid, &st, unix.WALL, nil)
	return unix.PtraceDetach(pid)
}

func vmRead(pid int) error {
	at, err := firstAddress(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return err
	}
	b := make([]byte, 16)
	_, err = unix.ProcessVMReadv(pid, []unix.Iovec{{Base: &b[0], Len: 16}}, []unix.RemoteIovec{{Base: uintptr(at), Len: 16}}, 0)
	return err
}

// vmWrite writes nothing: the right to is asked for all the same.
func vmWrite(pid int) error {
	b := make([]byte, 1)
	_, err := unix.ProcessVMWritev(pid, []unix.Iovec{{Base: &b[0], Len: 1}}, []unix.RemoteIovec{{Base: 8, Len: 1}}, 0)
	if errors.Is(err, unix.EFAULT) { // allowed, and nothing lies there
		return nil
	}
	return err
}

func fetch(pid int) error {
	p, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return err
	}
	defer unix.Close(p)
	fd, err := unix.PidfdGetfd(p, 0, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

func compare(pid int) error {
	_, _, e := unix.Syscall6(unix.SYS_KCMP, uintptr(os.Getpid()), uintptr(pid), 1, 0, 0, 0)
	if e != 0 {
		return e
	}
	return nil
}

// spy runs the spy as the ordinary user.
func (w *world) spy(t *testing.T, pid int) loot {
	t.Helper()
	out, err := w.command(binAgent, spyName, strconv.Itoa(pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	var l loot
	if err := json.Unmarshal(out, &l); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return l
}

// plain spies on an ordinary process of the same user. What fails there (a kernel with
// Yama, without kcmp) proves nothing elsewhere; most must not.
func (w *world) plain(t *testing.T) loot {
	t.Helper()
	cmd := w.command("sleep", "300")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	pid := cmd.Process.Pid
	poll(t, func() string { return "sleep does not run" }, func() bool {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		return string(b) == "sleep\n"
	})
	time.Sleep(50 * time.Millisecond) // it has not opened all it needs yet; a race would only fail this control
	l := w.spy(t, pid)
	for _, must := range []string{"environ", "exe", "fd", "maps", "fd/0", "cwd"} {
		if l[must] != "" {
			t.Fatalf("the spy cannot even read %s of an ordinary process: %s", must, l[must])
		}
	}
	for what, e := range l {
		if e != "" {
			t.Logf("on this system %s fails for any process: %s", what, e)
		}
	}
	return l
}

// unreadable checks that the spy got nothing of the process.
func (w *world) unreadable(t *testing.T, who string, pid int, control loot) {
	t.Helper()
	l := w.spy(t, pid)
	if len(l) != len(control) || len(l) < 19 {
		t.Fatalf("%d attempts, %d on the control", len(l), len(control))
	}
	for what, e := range l {
		if e != "EPERM" && e != "EACCES" && (control[what] == "" || e != control[what]) {
			t.Errorf("%s, %s: %q, and not refused", who, what, e)
		}
	}
	if state := procField(t, pid, "State"); strings.HasPrefix(state, "t") {
		t.Errorf("%s is stopped by a tracer", who)
	}
}

// procField is a line of /proc/PID/status, which everybody may read.
func procField(t *testing.T, pid int, name string) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(l, name+":"); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatalf("no %s in status", name)
	return ""
}

// signal sends one as the ordinary user.
func (w *world) signal(t *testing.T, pid int, sig string) {
	t.Helper()
	if out, err := w.command("kill", "-s", sig, strconv.Itoa(pid)).CombinedOutput(); err != nil {
		if _, isExit := errors.AsType[*exec.ExitError](err); !isExit || !strings.Contains(string(out), "No such process") {
			t.Fatalf("%v: %s", err, out)
		}
	}
}
