package handoff

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/secret"
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

// fionread asks how many bytes are in a pipe, from either end (ioctl(2)).
const fionread = unix.TIOCINQ

// narrow makes one page of the pipe's room: while the reader has not taken all of a
// piece, the pipe is full for poll(2), and its writer sleeps. If it cannot be done
// (fcntl(2), F_SETPIPE_SZ), the writer asks more often.
func narrow(fd int) { _, _ = unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, os.Getpagesize()) }

// waiter hears of everybody who opens the pipe, by whatever name or descriptor: by
// inotify(7), which sees the inode and so every mount namespace.
type waiter struct{ events *os.File }

// newWaiter fails where there is no inotify to be had. A look alone would not do: it
// misses who opens the pipe for less than a millisecond.
func newWaiter(dir string) (*waiter, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, secret.Errorf(secret.Storage, "who opens the pipe cannot be watched: inotify_init: %v (at most fs.inotify.max_user_instances at once)", err)
	}
	f := os.NewFile(uintptr(fd), "inotify")
	path := filepath.Join(dir, pipeName)
	if _, err := unix.InotifyAddWatch(fd, path, unix.IN_OPEN); err != nil {
		f.Close()
		return nil, storage("watch", path, err)
	}
	return &waiter{f}, nil
}

// Close lets go of the watch. A nil waiter has none.
func (w *waiter) Close() {
	if w != nil {
		w.events.Close()
	}
}

// opened reports whether anybody has opened the pipe since it was last asked, or
// since the watch began. What it cannot find out, it takes for a yes.
func (w *waiter) opened() (yes bool) {
	buf := make([]byte, 4096)
	c, err := w.events.SyscallConn()
	if err != nil {
		return true
	}
	err = c.Control(func(fd uintptr) {
		for {
			n, err := unix.Read(int(fd), buf)
			switch {
			case errors.Is(err, unix.EINTR):
				continue
			case errors.Is(err, unix.EAGAIN):
				return
			case err != nil || n <= 0:
				yes = true
				return
			}
			yes = yes || openIn(buf[:n])
		}
	})
	return yes || err != nil
}

// openIn looks for an open, or for events that were lost, in what inotify wrote.
func openIn(events []byte) bool {
	for len(events) >= unix.SizeofInotifyEvent {
		mask := binary.NativeEndian.Uint32(events[4:])
		if mask&(unix.IN_OPEN|unix.IN_Q_OVERFLOW) != 0 {
			return true
		}
		name := binary.NativeEndian.Uint32(events[12:])
		events = events[min(len(events), unix.SizeofInotifyEvent+int(name)):]
	}
	return false
}

// wait returns nil when the pipe has a reader. It looks for itself once a second
// even when no event comes.
func (w *waiter) wait(ctx context.Context, pipe *os.File) error {
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
