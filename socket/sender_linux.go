package socket

import (
	"io"
	"net"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// fromPeer has the kernel say of every byte who sent it (SO_PASSCRED, unix(7)), and
// returns a reader that refuses what another process than pid sent: a socket can be shared
// with a process that connects, and becomes our client, while another one writes. It is
// called before the peer is told the key that a request needs.
func fromPeer(c *net.UnixConn, pid int) (io.Reader, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	var set error
	if err := raw.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PASSCRED, 1) }); err != nil {
		return nil, err
	}
	return &sender{c, int32(pid)}, set
}

type sender struct {
	c   *net.UnixConn
	pid int32
}

var errSender = secret.Errorf(secret.Untrusted, "another process than the one that connected wrote to the connection")

// Read never returns bytes of two processes at once: the kernel does not join them. There is
// room for credentials only, so that descriptors which are sent along are closed.
func (s *sender) Read(p []byte) (int, error) {
	oob := make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	n, oobn, _, _, err := s.c.ReadMsgUnix(p, oob)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, io.EOF
	}
	list, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(list) == 0 {
		return 0, errSender
	}
	who, err := unix.ParseUnixCredentials(&list[0])
	if err != nil || who.Pid != s.pid {
		return 0, errSender
	}
	return n, nil
}
