package socket

import "net"

func peerPID(c *net.UnixConn) (int, error) {
	pid, _, err := peerCred(c)
	return pid, err
}

func peerUID(c *net.UnixConn) (int, error) {
	_, uid, err := peerCred(c)
	return uid, err
}
