package term

import (
	"os"

	"golang.org/x/sys/unix"
)

// flushInput discards what the terminal holds unread (tcflush(3), TCIFLUSH). An
// error leaves it there; the arming time still stands between it and a choice.
func flushInput(f *os.File) {
	_ = unix.IoctlSetInt(int(f.Fd()), unix.TCFLSH, unix.TCIFLUSH)
}
