package sysfault

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Call is a system call that is about to be made.
type Call struct {
	// Name is "create" (open with O_CREAT), "write", "sync", "link", "rename", "unlink",
	// "truncate" or "chmod".
	Name string
	// Path is the file it is about; for those of two names the first.
	Path string
	// Size is how many bytes a write has. Writes of exactly 8 are not asked about.
	Size int
}

// Answer is what becomes of a call. The zero Answer lets it be.
type Answer struct {
	// Errno is the error that the caller sees.
	Errno unix.Errno
	// Done says that the call is made all the same, as by a server whose answer was lost.
	Done bool
	// Short lets a write take half of its bytes and say so, with no error.
	Short bool
}

// Run calls f on a thread of its own, which ends with it, and asks decide about each
// writing system call that f makes on it: not about those of goroutines that f starts.
// decide runs on another thread; what it does is not asked about. An error says that the
// kernel offers no such thing, and f was not called.
func Run(decide func(Call) Answer, f func()) error {
	ready, done := make(chan error), make(chan struct{})
	var fd int
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends, and the filter with it
		n, err := filter()
		fd = n
		ready <- err
		if err == nil {
			f()
		}
	}()
	if err := <-ready; err != nil {
		<-done
		return fmt.Errorf("seccomp user notification: %w", err)
	}
	return serve(fd, decide, done)
}

// serve supervises until done is closed. It does not wait for the filter to have no
// thread left: Go parks the first thread of a process instead of ending it.
func serve(fd int, decide func(Call) Answer, done <-chan struct{}) error {
	var stop [2]int
	if err := unix.Pipe2(stop[:], unix.O_CLOEXEC); err != nil {
		return err
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		supervise(fd, stop[0], decide)
	}()
	<-done // f may have ended by runtime.Goexit, as t.FailNow does
	_ = unix.Close(stop[1])
	<-over
	_ = unix.Close(stop[0])
	return unix.Close(fd)
}

// The two ioctls of linux/seccomp.h; x/sys has no names for them. Their numbers and the
// structs are the same on every architecture that Go has for Linux, but for MIPS and
// PowerPC, whose ioctl numbers differ.
const (
	ioctlRecv = 0xc0502100
	ioctlSend = 0xc0182101

	setModeFilter = 1
	newListener   = 8 // SECCOMP_FILTER_FLAG_NEW_LISTENER
	goOn          = 1 // SECCOMP_USER_NOTIF_FLAG_CONTINUE
	retNotify     = 0x7fc00000
	retAllow      = 0x7fff0000
)

type notification struct {
	id         uint64
	pid, flags uint32
	nr         int32
	arch       uint32
	ip         uint64
	args       [6]uint64
}

type response struct {
	id    uint64
	val   int64
	errno int32
	flags uint32
}

// filter sends the writing system calls of this thread to the descriptor it returns.
func filter() (int, error) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, err
	}
	prog := program()
	p := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, setModeFilter, newListener, uintptr(unsafe.Pointer(&p)))
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

// program lets through all but the watched calls, and writes of 8 bytes with them. Those
// are the Go runtime's, to the eventfd that wakes its poller: it makes them while it holds
// a processor, so that a garbage collection that begins meanwhile would wait for our
// answer, and we for it.
func program() []unix.SockFilter {
	const nr, arg2 = 0, 32 // offsets in struct seccomp_data; the low half first
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	equal := func(k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: k, Jt: yes, Jf: no}
	}
	end := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }
	prog := []unix.SockFilter{load(nr), equal(unix.SYS_WRITE, 0, 3), load(arg2), equal(8, 0, 1), end(retAllow), load(nr)}
	for i, k := range watched {
		prog = append(prog, equal(k, uint8(len(watched)-i), 0))
	}
	return append(prog, end(retAllow), end(retNotify))
}

var watched = []uint32{unix.SYS_OPENAT, unix.SYS_WRITE, unix.SYS_PWRITE64, unix.SYS_FSYNC, unix.SYS_FDATASYNC, unix.SYS_LINKAT,
	unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2, unix.SYS_UNLINKAT, unix.SYS_FTRUNCATE, unix.SYS_FCHMOD}

// supervise answers until stop's other end is closed.
func supervise(fd, stop int, decide func(Call) Answer) {
	for {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(stop), Events: unix.POLLIN}}
		if _, err := unix.Poll(p, -1); errors.Is(err, unix.EINTR) {
			continue
		}
		if p[0].Revents&unix.POLLIN == 0 {
			return // stop, or the thread is gone
		}
		var n notification
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), ioctlRecv, uintptr(unsafe.Pointer(&n))); errno != 0 {
			continue // interrupted by a signal: it comes again
		}
		r := answer(&n, decide)
		_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(fd), ioctlSend, uintptr(unsafe.Pointer(&r)))
	}
}

// answer is what the caller of n gets.
func answer(n *notification, decide func(Call) Answer) response {
	r := response{id: n.id, flags: goOn}
	c, ok := call(n)
	if !ok {
		return r
	}
	switch a := decide(c); {
	case a.Short && c.Size > 1:
		return perform(n, n.args[2]/2)
	case a.Errno != 0:
		if a.Done {
			perform(n, n.args[2])
		}
		r.errno, r.flags = -int32(a.Errno), 0
	}
	return r
}

// perform makes the call in the caller's stead, with that third argument: a length, for
// writes. The memory is ours, too, and the caller waits.
func perform(n *notification, third uint64) response {
	val, _, errno := unix.Syscall6(uintptr(n.nr), uintptr(n.args[0]), uintptr(n.args[1]), uintptr(third),
		uintptr(n.args[3]), uintptr(n.args[4]), uintptr(n.args[5]))
	if errno != 0 {
		return response{id: n.id, errno: -int32(errno)}
	}
	return response{id: n.id, val: int64(val)}
}

// call says in our words what n is about; false for what writes nothing.
func call(n *notification) (Call, bool) {
	switch n.nr {
	case unix.SYS_OPENAT:
		return Call{Name: "create", Path: at(n.args[0], n.args[1])}, n.args[2]&unix.O_CREAT != 0
	case unix.SYS_WRITE, unix.SYS_PWRITE64:
		return Call{Name: "write", Path: of(n.args[0]), Size: int(n.args[2])}, true
	case unix.SYS_FSYNC, unix.SYS_FDATASYNC:
		return Call{Name: "sync", Path: of(n.args[0])}, true
	case unix.SYS_LINKAT:
		return Call{Name: "link", Path: at(n.args[0], n.args[1])}, true
	case unix.SYS_RENAMEAT, unix.SYS_RENAMEAT2:
		return Call{Name: "rename", Path: at(n.args[0], n.args[1])}, true
	case unix.SYS_UNLINKAT:
		return Call{Name: "unlink", Path: at(n.args[0], n.args[1])}, true
	case unix.SYS_FTRUNCATE:
		return Call{Name: "truncate", Path: of(n.args[0])}, true
	case unix.SYS_FCHMOD:
		return Call{Name: "chmod", Path: of(n.args[0])}, true
	}
	return Call{}, false
}

// of is the path of an open descriptor, of the process's own table.
func of(fd uint64) string {
	b := make([]byte, unix.PathMax)
	n, err := unix.Readlink(fmt.Sprintf("/proc/self/fd/%d", int32(fd)), b)
	if err != nil {
		return ""
	}
	return string(b[:n])
}

// at is the path of a name in a directory.
func at(dir, name uint64) string {
	s := text(pointer(name))
	if filepath.IsAbs(s) || int32(dir) == unix.AT_FDCWD {
		return s
	}
	return filepath.Join(of(dir), s)
}

// text reads up to the zero byte. The caller of the system call wrote it before the kernel
// told us, which the race detector cannot know.
//
//go:norace
func text(p unsafe.Pointer) string {
	var b []byte
	for ; *(*byte)(p) != 0; p = unsafe.Add(p, 1) {
		b = append(b, *(*byte)(p))
	}
	return string(b)
}

// pointer turns an argument back into a pointer. The thread that passed it stands in
// its system call until we answer, so what it points to is where it was.
func pointer(a uint64) unsafe.Pointer {
	u := uintptr(a)
	return *(*unsafe.Pointer)(unsafe.Pointer(&u))
}
