package harden

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data (linux/seccomp.h), in bytes. Words are in the machine's
// order; both architectures that are known here are little endian, so that the lower half
// of an argument comes first.
const (
	offsetNumber = 0
	offsetArch   = 4
	offsetArg0   = 16
)

// Answers of the filter. Nothing is killed: a program that asks for what it may not have
// gets an error that it can print.
const (
	allow     = unix.SECCOMP_RET_ALLOW
	noSocket  = unix.SECCOMP_RET_ERRNO | uint32(unix.EACCES) // socket(2): "permission to create a socket of the specified type is denied"
	forbidden = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
)

// x32Bit marks system calls of the x32 ABI, which come under x86-64's own architecture.
const x32Bit = 0x40000000

// platform is how system calls arrive on one architecture.
type platform struct {
	arch                   uint32 // AUDIT_ARCH_*
	x32                    bool
	socket, socketpair     uint32
	ioURing                [3]uint32 // setup, enter, register
	ptrace, readv, writev  uint32
	pidfdGetfd, perf, kcmp uint32
}

// refused lists what no program of ours needs: io_uring opens sockets (IORING_OP_SOCKET) and
// works through rings that were made before; pidfd_getfd fetches other programs' sockets,
// ptrace and process_vm_* their memory, and kcmp and perf_event_open tell about it.
func (p platform) refused() []uint32 {
	return append(p.ioURing[:], p.ptrace, p.readv, p.writev, p.pidfdGetfd, p.perf, p.kcmp)
}

// program is the filter for p: Unix sockets and no others, nothing of refused, and nothing
// under another architecture's numbers, where socket(2) has another one (i386: socketcall).
func (p platform) program() []bpf.Instruction {
	f := []bpf.Instruction{
		bpf.LoadAbsolute{Off: offsetArch, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: p.arch, SkipTrue: 1},
		bpf.RetConstant{Val: forbidden},
		bpf.LoadAbsolute{Off: offsetNumber, Size: 4},
	}
	if p.x32 {
		f = append(f,
			bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: x32Bit, SkipFalse: 1},
			bpf.RetConstant{Val: forbidden})
	}
	for _, nr := range p.refused() {
		f = append(f,
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: nr, SkipFalse: 1},
			bpf.RetConstant{Val: forbidden})
	}
	return append(f,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: p.socket, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: p.socketpair, SkipTrue: 1},
		bpf.RetConstant{Val: allow},
		bpf.LoadAbsolute{Off: offsetArg0, Size: 4}, // the family is an int: the kernel looks at no more
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_UNIX, SkipTrue: 1},
		bpf.RetConstant{Val: noSocket},
		bpf.RetConstant{Val: allow},
	)
}

// NoNetwork has the kernel refuse this process, all its threads and all that they start every
// socket but Unix ones, for good (seccomp(2)). AF_NETLINK, AF_VSOCK, AF_PACKET and the like
// are refused, too: nothing of ours needs them. It sets no_new_privs, so that set-uid
// programs started from here gain nothing.
//
// What it does not reach: a socket that was open before or is passed in over a Unix socket, and
// what another program does on our behalf when asked over one. Nothing of ours does either.
//
// The error wraps ErrNoFilter where there is no such filter to be had, and names the cause.
func NoNetwork() error {
	if native.arch == 0 {
		return fmt.Errorf("%w (%s)", ErrNoFilter, runtime.GOARCH)
	}
	raw, err := bpf.Assemble(native.program())
	if err != nil {
		return fmt.Errorf("harden: assemble the filter: %w", err)
	}
	return install(raw)
}

// install puts the filter over every thread. no_new_privs is a thread's own, so both calls
// are made on one; TSYNC carries both over to the others.
func install(raw []bpf.RawInstruction) error {
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]} //nolint:gosec // some forty instructions
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return unavailable("no_new_privs", err)
	}
	thread, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	runtime.KeepAlive(filter)
	switch {
	case errno != 0:
		return unavailable("seccomp", errno)
	case thread != 0:
		return fmt.Errorf("harden: thread %d could not be brought under the filter", thread)
	}
	return nil
}

// unavailable tells a kernel or a container without filters (seccomp(2), ERRORS; a container's
// own filter may say EPERM) from a fault.
func unavailable(call string, err error) error {
	for _, e := range []error{unix.ENOSYS, unix.EINVAL, unix.EPERM, unix.EACCES} {
		if errors.Is(err, e) {
			return fmt.Errorf("%w (%s: %w)", ErrNoFilter, call, err)
		}
	}
	return fmt.Errorf("harden: %s: %w", call, err)
}
