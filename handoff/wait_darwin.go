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

// waiter asks for a reader; there is no inotify.
type waiter struct{}

func newWaiter(string) *waiter { return &waiter{} }

// Close does nothing.
func (*waiter) Close() {}

func (*waiter) wait(ctx context.Context, pipe *os.File) error { return pollReader(ctx, pipe) }
