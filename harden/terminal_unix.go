//go:build unix

package harden

import (
	"os"

	"golang.org/x/sys/unix"
)

// Exclusive keeps the user's other programs from opening the terminal f (TIOCEXCL,
// ioctl_tty(2)) until release is called: a terminal gives what is typed to whoever reads it
// first, so that a program which reads along gets most of a passphrase in a few typings.
// What is no terminal is left alone. Out of reach: programs that have it open already, root,
// and whoever debugs one of these or the terminal emulator.
//
// A program that is killed does not release it, and then this terminal refuses those who
// open /dev/tty without root's rights (ssh) until it is closed or another Exclusive of it
// is released.
func Exclusive(f *os.File) (release func()) {
	c, err := f.SyscallConn()
	if err != nil {
		return func() {}
	}
	ask := func(what uint) func() {
		return func() { _ = c.Control(func(fd uintptr) { _ = unix.IoctlSetInt(int(fd), what, 0) }) }
	}
	ask(unix.TIOCEXCL)()
	return ask(unix.TIOCNXCL)
}
