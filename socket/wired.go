package socket

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Wired reports whether f is a connection to the socket of some home, made by another
// program: what a client of ours is started with. What it prints there would be a request
// of its own in the app's eyes, in the words of whoever it prints for.
func Wired(f *os.File) bool {
	c, err := f.SyscallConn()
	if err != nil {
		return false
	}
	yes := false
	_ = c.Control(func(fd uintptr) {
		to, err := unix.Getpeername(int(fd)) // the name that the app bound, whatever it was reached by
		un, ok := to.(*unix.SockaddrUnix)
		yes = err == nil && ok && filepath.Base(un.Name) == socketName
	})
	return yes
}
