package handoff

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// bootTime is the time since boot, sleep included (clock_gettime(2)).
func bootTime() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) != nil {
		return 0 // the other clock still counts
	}
	return time.Duration(ts.Nano())
}

// tempRoot is where DefaultDir is. Never TMPDIR: whoever starts us may set it.
func tempRoot() string { return "/tmp" }

// reopen is how the script opens the pipe a second time, without its name.
const reopen = `\command exec 8</proc/self/fd/9 || `

// waiter wakes when somebody opens the pipe: by inotify(7), which sees the inode
// and so every mount namespace; if there is none to be had, by asking.
type waiter struct{ events *os.File }

func newWaiter(dir string) *waiter {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return &waiter{}
	}
	f := os.NewFile(uintptr(fd), "inotify")
	if _, err := unix.InotifyAddWatch(fd, filepath.Join(dir, pipeName), unix.IN_OPEN); err != nil {
		f.Close()
		return &waiter{}
	}
	return &waiter{f}
}

// Close lets go of the watch.
func (w *waiter) Close() {
	if w.events != nil {
		w.events.Close()
	}
}

// wait returns nil when the pipe has a reader. It looks for itself once a second
// even when no event comes.
func (w *waiter) wait(ctx context.Context, pipe *os.File) error {
	if w.events == nil {
		return pollReader(ctx, pipe)
	}
	unhook := context.AfterFunc(ctx, func() { _ = w.events.SetReadDeadline(time.Now()) })
	defer unhook()
	buf := make([]byte, 4096)
	for !hasReader(pipe) {
		_ = w.events.SetReadDeadline(time.Now().Add(time.Second))
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, err := w.events.Read(buf); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return pollReader(ctx, pipe)
		}
	}
	return context.Cause(ctx)
}
