package handoff

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// bootTime is the time since boot, sleep included: on macOS CLOCK_MONOTONIC runs on
// while the machine sleeps (clock_gettime(3)). Not measured on a Mac.
func bootTime() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) != nil {
		return 0 // the other clock still counts
	}
	return time.Duration(ts.Nano())
}

// tempRoot is where DefaultDir is: /private/tmp, root's and sticky, which is what
// /tmp links to. The user's own temporary folder (confstr(3),
// _CS_DARWIN_USER_TEMP_DIR) needs cgo or a child process, and the private directory
// in it would be checked the same way. Not measured on a Mac.
func tempRoot() string { return "/private/tmp" }

// reopen is empty: on macOS /dev/fd/9 would be descriptor 9 again, not a new open.
const reopen = ""

// fionread is FIONREAD of sys/filio.h. A FIFO is a pair of sockets there, and at its
// write end this presumably says 0: then the pieces of a line follow each other
// without waiting. Not measured on a Mac.
const fionread = 0x4004667f

// narrow is empty: there is no F_SETPIPE_SZ.
func narrow(int) {}

// waiter asks for a reader; there is no inotify, and kqueue's NOTE_OPEN is not
// macOS's. So an open that is too short for a look goes unseen there, and whoever
// makes many of them can get pieces of the line.
type waiter struct{}

func newWaiter(string) (*waiter, error) { return &waiter{}, nil }

// Close does nothing.
func (*waiter) Close() {}

func (*waiter) opened() bool { return false }

func (*waiter) wait(ctx context.Context, pipe *os.File) error { return pollReader(ctx, pipe) }
