//go:build unix && !linux

package socket

import (
	"io"
	"net"
)

// fromPeer is Linux's. macOS has LOCAL_PEERTOKEN for the connection and nothing for a
// message: a process that shares a socket with our client can write to it there.
func fromPeer(c *net.UnixConn, _ int) (io.Reader, error) { return c, nil }
