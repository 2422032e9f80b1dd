package socket

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerCred returns LOCAL_PEERPID and the uid of LOCAL_PEERCRED (unix(4) of
// macOS). Not yet seen on a Mac: whether a client sees the listener's or the
// accepting process's pid; the uid is the same for both.
func peerCred(c *net.UnixConn) (pid, uid int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, 0, err
	}
	var cred *unix.Xucred
	var inner error
	err = raw.Control(func(fd uintptr) {
		if cred, inner = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED); inner == nil {
			pid, inner = unix.GetsockoptInt(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERPID)
		}
	})
	if err == nil {
		err = inner
	}
	if err != nil {
		return 0, 0, err
	}
	return pid, int(cred.Uid), nil
}
