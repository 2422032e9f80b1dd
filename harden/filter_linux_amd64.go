package harden

import "golang.org/x/sys/unix"

var native = platform{
	arch: unix.AUDIT_ARCH_X86_64, x32: true,
	socket: unix.SYS_SOCKET, socketpair: unix.SYS_SOCKETPAIR,
	ioURing: [3]uint32{unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER},
	ptrace:  unix.SYS_PTRACE, readv: unix.SYS_PROCESS_VM_READV, writev: unix.SYS_PROCESS_VM_WRITEV,
	pidfdGetfd: unix.SYS_PIDFD_GETFD, perf: unix.SYS_PERF_EVENT_OPEN, kcmp: unix.SYS_KCMP,
}
