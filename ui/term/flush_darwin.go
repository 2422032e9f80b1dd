package term

import (
	"os"

	"golang.org/x/sys/unix"
)

// flushInput discards what the terminal holds unread (TIOCFLUSH with FREAD, as
// tcflush(3) does it). An error leaves it there; the arming time still stands
// between it and a choice.
func flushInput(f *os.File) {
	_ = unix.IoctlSetPointerInt(int(f.Fd()), unix.TIOCFLUSH, 1) // 1 is FREAD of <sys/fcntl.h>
}
