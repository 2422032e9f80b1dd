package handoff

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// A pipe belongs to nobody: whoever opens it reads what is in it, and a shell takes
// one byte at a time, so that another program easily takes the rest. (It needs no
// name for that: /proc/PID/fd of the shell leads to the pipe as well.) So the line
// goes through in pieces. The first holds nothing, and once it is taken the shell is
// known to read, and to have opened all that it will; then comes the second look. Each
// further piece is written when the shell has taken the one before and nobody has
// opened the pipe meanwhile. A program that opens it at the worst moment gets one
// piece, is heard of, and gets no other; the shell is left with a line that fails.

// preamble begins every line that goes through the pipe.
const preamble = ": "

// piece is how much of a line is in the pipe at once, in bytes: no more than a peek
// may show.
const piece = 8

// pieces is how many pieces a line has at most, for the sake of time: each costs two
// switches between processes. So those of a line beyond 32 KiB are longer.
const pieces = 4096

// feed writes the rest of a line whose preamble has been taken. Its last piece is the
// newline alone, before which nothing is evaluated and after which the shell goes on
// and may open what it likes.
func (h *Handoff) feed(ctx context.Context, line []byte, first *sighting) error {
	size := max(piece, (len(line)+pieces-1)/pieces)
	for len(line) > 0 {
		if err := h.quiet(first); err != nil {
			return err
		}
		n := max(1, min(size, len(line)-1))
		if err := h.put(ctx, line[:n]); err != nil {
			return err
		}
		line = line[n:]
	}
	return nil
}

// put writes b, which fits the pipe, and waits until the reader has taken it.
func (h *Handoff) put(ctx context.Context, b []byte) error {
	if err := h.write(ctx, b, h.slow); err != nil {
		return err
	}
	for end := time.Now().Add(h.slow); ; {
		left, err := h.unread()
		switch {
		case err != nil:
			return err
		case left == 0:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case !hasReader(h.pipe):
			return errEnded
		case time.Now().After(end):
			return errStopped
		}
	}
}

// unread waits for a moment until the pipe is empty, and says how many bytes are left.
func (h *Handoff) unread() (left int, err error) {
	c, err := h.pipe.SyscallConn()
	if err != nil {
		return 0, err
	}
	outer := c.Control(func(fd uintptr) {
		if left, err = unix.IoctlGetInt(int(fd), fionread); left == 0 || err != nil {
			return
		}
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}} //nolint:gosec // a descriptor fits
		if n, _ := unix.Poll(fds, 20); n <= 0 {
			return
		}
		if left, err = unix.IoctlGetInt(int(fd), fionread); left > 0 { // room for more is not empty here
			time.Sleep(50 * time.Microsecond)
		}
	})
	return left, errors.Join(outer, err)
}

var (
	errStopped = secret.Errorf(secret.TimedOut, "the shell stopped reading")
	errEnded   = secret.Errorf(secret.Cancelled, "the shell ended before it had read the values")
)

// write gives text to the reader, who may take so long over it.
func (h *Handoff) write(ctx context.Context, text []byte, within time.Duration) error {
	if err := h.pipe.SetWriteDeadline(time.Now().Add(within)); err != nil {
		return err
	}
	unhook := context.AfterFunc(ctx, func() { _ = h.pipe.SetWriteDeadline(time.Now()) })
	defer unhook()
	n, err := h.pipe.Write(text)
	h.begun += n
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errStopped
	case errors.Is(err, unix.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return errEnded
	}
	return err
}

// tell gives whoever waits at the pipe the reason, in a line that fails in a shell: a
// whole one, or what is left of one behind its preamble. A reader that has had more is
// not told: its line never ends, so that the shell's read fails. One that opens
// the pipe just now finds the names gone or gets end of file.
func (h *Handoff) tell(err error) {
	h.place.unlink()
	text := "the values were not handed over: call noxkey_get again, never source the same path twice"
	if _, refused := errors.AsType[*Refused](err); refused {
		text = sourceIt
	} else if e, ok := errors.AsType[*secret.Error](err); ok {
		text = e.Msg + "; call noxkey_get again, never source the same path twice"
	}
	if h.begun <= len(preamble) && hasReader(h.pipe) {
		_ = h.write(context.Background(), refusal(text)[h.begun:], time.Second)
	}
}
