package socket

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

func peerPID(c *net.UnixConn) (int, error) {
	pid, _, err := peerCred(c)
	return pid, err
}

func peerUID(c *net.UnixConn) (int, error) {
	_, uid, err := peerCred(c)
	return uid, err
}

// early reports whether the peer has sent anything yet. It is asked when the peer has been
// looked at and not greeted: what is here by then may be another program's, which
// connected and became our client by exec(2) since. No client of ours speaks first.
func early(c *net.UnixConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return true
	}
	there := true
	err = raw.Control(func(fd uintptr) {
		_, _, e := unix.Recvfrom(int(fd), make([]byte, 1), unix.MSG_PEEK|unix.MSG_DONTWAIT)
		there = !errors.Is(e, unix.EAGAIN)
	})
	return err != nil || there
}
