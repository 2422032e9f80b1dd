package caller

import (
	"errors"
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

// fromConn takes SO_PEERCRED and, where there is one, SO_PEERPIDFD: both are of the process that
// called connect, whoever holds the descriptor now. The pidfd is asked again after the walk: while
// that process lives its pid is nobody else's.
func fromConn(c *net.UnixConn, opt Options) (Caller, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return Caller{}, fmt.Errorf("caller: %w", err)
	}
	var cred *unix.Ucred
	var credErr error
	pidfd := -1
	err = raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		if credErr == nil {
			pidfd, credErr = peerPIDFD(int(fd), int(cred.Pid))
		}
	})
	if err = errors.Join(err, credErr); err != nil {
		return Caller{}, err
	}
	defer unix.Close(pidfd)
	if cred.Uid != ownUID() {
		return Caller{}, ErrOtherUser
	}
	t := opt.table
	if t == nil {
		t = procfs{}
	}
	return ofTable(t, int(cred.Pid), cred.Uid, opt, func() bool { return running(pidfd) })
}

// peerPIDFD falls back to opening the pid where the kernel is older than 6.5.
func peerPIDFD(fd, pid int) (int, error) {
	if pid <= 0 {
		return -1, ErrHidden
	}
	pidfd, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PEERPIDFD)
	if errors.Is(err, unix.ENOPROTOOPT) || errors.Is(err, unix.EINVAL) {
		pidfd, err = unix.PidfdOpen(pid, 0)
	}
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.ENODATA) {
		return -1, ErrGone
	}
	if err != nil {
		return -1, fmt.Errorf("caller: peer pidfd: %w", err)
	}
	return pidfd, nil
}

// running: a pidfd becomes readable when its process quits.
func running(pidfd int) bool {
	fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		return err == nil && n == 0
	}
}
