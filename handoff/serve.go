package handoff

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// Serve waits for one reader and gives it what redeem returns, once. redeem is
// called only when the first look saw a single shell below Options.Under; its
// values are wiped by Serve. Whatever happens, all that New made is gone when Serve
// returns, and a reader that still waits has got a line that makes it fail.
//
// The error is nil if the line was taken in full; *Refused if somebody else was
// seen; one with code TimedOut after Options.TTL or if the reader stopped reading;
// context.Cause(ctx) when ctx ended; one with code Cancelled after Close or on a
// second Serve; or what redeem returned.
func (h *Handoff) Serve(ctx context.Context, redeem func(context.Context, Reader) ([]Var, error)) error {
	h.serving.Lock()
	defer h.serving.Unlock()
	if h.used {
		return errClosed
	}
	h.used = true
	defer h.cleanup()
	ctx, stop := h.lifetime(ctx)
	defer stop()
	err := h.serve(ctx, redeem)
	if err != nil {
		h.tell(err)
	}
	return err
}

func (h *Handoff) serve(ctx context.Context, redeem func(context.Context, Reader) ([]Var, error)) error {
	first, err := h.await(ctx)
	if err != nil {
		return err
	}
	looked := time.Now()
	vars, err := redeem(ctx, first.Reader)
	defer wipe(vars)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	line, err := payload(vars)
	defer secret.Wipe(line)
	if err != nil {
		return err
	}
	ok := sleep(ctx, between-time.Since(looked))
	h.place.unlink()
	if !ok || !sleep(ctx, settle) {
		return context.Cause(ctx)
	}
	if err := h.put(ctx, []byte(preamble)); err != nil {
		return err
	}
	if err := h.secondLook(first); err != nil {
		return err
	}
	return h.feed(ctx, line[len(preamble):], first)
}

// The second look comes between+settle after the first, at least: a shell has become
// another program within 2 ms where that was measured, and an open that found the
// name shows in /proc a moment after it.
const (
	between = 20 * time.Millisecond
	settle  = 5 * time.Millisecond
)

// await returns when a reader has passed the first look. One that came and went
// unseen has got nothing, and the waiting goes on.
func (h *Handoff) await(ctx context.Context) (*sighting, error) {
	for {
		if err := h.watch.wait(ctx, h.pipe); err != nil {
			return nil, err
		}
		if s, err := h.firstLook(ctx); s != nil || err != nil {
			return s, err
		}
	}
}

// lifetime ends with ctx, with Close, and with the time to live, which is asked of
// two clocks once a second: timers stand still while the machine sleeps.
func (h *Handoff) lifetime(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	unhook := context.AfterFunc(h.ctx, func() { cancel(context.Cause(h.ctx)) })
	go func() {
		for {
			left := h.ttl - h.now().since(h.born)
			if left <= 0 {
				cancel(secret.Errorf(secret.TimedOut, "nobody sourced the script within %v", h.ttl))
				return
			}
			if !sleep(ctx, min(left, time.Second)) {
				return
			}
		}
	}()
	return ctx, func() { unhook(); cancel(nil) }
}

// clock is a moment by the clock that stops in sleep and by the one that does not.
// A change of the wall clock touches neither.
type clock struct{ awake, boot time.Duration }

var epoch = time.Now()

func now() clock { return clock{time.Since(epoch), bootTime()} }

// since takes the larger of the two.
func (c clock) since(then clock) time.Duration { return max(c.awake-then.awake, c.boot-then.boot) }

// sleep reports false if ctx ended meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return ctx.Err() == nil
	}
}

// hasReader reports whether anybody has the pipe open for reading: without a
// reader, polling the write end gives an error condition (pipe(7), poll(2)).
func hasReader(pipe *os.File) bool {
	found := false
	if c, err := pipe.SyscallConn(); err == nil {
		_ = c.Control(func(fd uintptr) {
			fds := []unix.PollFd{{Fd: int32(fd)}}                             //nolint:gosec // a descriptor fits
			_, err := retry(func() (int, error) { return unix.Poll(fds, 0) }) // the runtime's own signals interrupt it
			found = err == nil && fds[0].Revents&(unix.POLLERR|unix.POLLHUP|unix.POLLNVAL) == 0
		})
	}
	return found
}

func wipe(vars []Var) {
	for _, v := range vars {
		v.Value.Wipe()
	}
}
