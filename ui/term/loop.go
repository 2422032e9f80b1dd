package term

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
	"github.com/muesli/cancelreader"

	"noxkey/secret"
)

// What is written to the terminal at the start and at the end: the alternate
// screen, no cursor (fields draw their own), bracketed paste, focus reports.
const (
	enter = "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[H\x1b[2J"
	leave = "\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l"
)

// escWait is how long the rest of an escape sequence may take to arrive.
const escWait = 50 * time.Millisecond

// loop runs a model: one goroutine reads, one at a time draws, and nothing runs
// while nothing happens.
type loop struct {
	in, out *os.File
	m       *model
	dec     decoder
	keys    chan []byte
	msgs    chan tea.Msg
	screen  []string  // as drawn
	escBy   time.Time // when a started escape sequence is given up, zero for none
	w, h    int
}

// clockMsg says that the time the model asked to be woken at has come.
type clockMsg struct{}

// deskMsg says that the desk changed.
type deskMsg struct{}

func newLoop(in, out *os.File, m *model) *loop {
	l := &loop{in: in, out: out, m: m, keys: make(chan []byte, 64), msgs: make(chan tea.Msg, 16)}
	m.drain = l.drain
	return l
}

func (l *loop) run(ctx context.Context) (err error) {
	old, err := term.MakeRaw(l.in.Fd())
	if err != nil {
		return fmt.Errorf("the terminal cannot be set up: %w", err)
	}
	reader, err := cancelreader.NewReader(l.in)
	if err != nil {
		_ = term.Restore(l.in.Fd(), old)
		return fmt.Errorf("the terminal cannot be read: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	failed, done := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		l.read(ctx, reader, failed)
	}()
	defer func() {
		cancel()
		if reader.Cancel() {
			<-done
		}
		_ = reader.Close()
		l.dec.reset()
		_, _ = l.out.WriteString(leave)
		_ = term.Restore(l.in.Fd(), old)
		if r := recover(); r != nil {
			panic(r) // on a terminal that can show it
		}
	}()
	if _, err := l.out.WriteString(enter); err != nil {
		return err
	}
	sig := make(chan os.Signal, 4)
	signal.Notify(sig, syscall.SIGWINCH, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGCONT)
	defer signal.Stop(sig)
	return l.turn(ctx, sig, failed)
}

// turn waits for things to happen, one after the other, until the model quits.
func (l *loop) turn(ctx context.Context, sig <-chan os.Signal, failed <-chan error) error {
	l.resize()
	l.start(ctx, l.m.Init())
	clock, esc := time.NewTimer(time.Hour), time.NewTimer(time.Hour)
	defer clock.Stop()
	defer esc.Stop()
	for !l.m.quit {
		if err := l.draw(); err != nil {
			return err
		}
		setTimer(clock, l.m.wake())
		setTimer(esc, l.escBy)
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case s := <-sig:
			if s == syscall.SIGTERM || s == syscall.SIGINT || s == syscall.SIGHUP {
				return nil
			}
			l.screen = nil // another program may have drawn here
			l.resize()
			l.start(ctx, l.m.update(tea.FocusMsg{}))
		case p := <-l.keys:
			l.each(ctx, l.dec.feed(p))
			l.expect()
		case <-esc.C:
			l.each(ctx, l.dec.flush())
			l.expect()
		case <-clock.C:
			l.start(ctx, l.m.update(clockMsg{}))
		case <-l.m.opt.Desk.Changed():
			l.start(ctx, l.m.update(deskMsg{}))
		case msg := <-l.msgs:
			l.start(ctx, l.m.update(msg))
		}
	}
	return nil
}

func (l *loop) each(ctx context.Context, msgs []tea.Msg) {
	for _, msg := range msgs {
		l.start(ctx, l.m.update(msg))
		// What one key did may have put up something that the next was not meant for.
		l.start(ctx, l.m.lookAtDesk())
	}
}

// start runs a command; what it returns comes back as a message.
func (l *loop) start(ctx context.Context, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, c := range batch {
				l.start(ctx, c)
			}
			return
		}
		select {
		case l.msgs <- msg:
		case <-ctx.Done():
		}
	}()
}

func (l *loop) read(ctx context.Context, r cancelreader.CancelReader, failed chan<- error) {
	buf := make([]byte, 4096)
	defer secret.Wipe(buf)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			p := bytes.Clone(buf[:n])
			secret.Wipe(buf[:n])
			select {
			case l.keys <- p:
			case <-ctx.Done():
				secret.Wipe(p)
				return
			}
		}
		if err != nil {
			if !errors.Is(err, cancelreader.ErrCanceled) {
				failed <- fmt.Errorf("the terminal is gone: %w", err)
			}
			return
		}
	}
}

// drain throws away what was typed up to now: in the kernel, in the reader, here.
func (l *loop) drain() {
	flushInput(l.in)
	for {
		select {
		case p := <-l.keys:
			secret.Wipe(p)
			continue
		default:
		}
		break
	}
	l.dec.reset()
}

// expect notes until when the rest of a started sequence may come.
func (l *loop) expect() {
	l.escBy = time.Time{}
	if l.dec.pending() {
		l.escBy = time.Now().Add(escWait)
	}
}

func setTimer(t *time.Timer, at time.Time) {
	t.Stop()
	if !at.IsZero() {
		t.Reset(max(time.Until(at), 0))
	}
}

func (l *loop) resize() {
	w, h, err := term.GetSize(l.out.Fd())
	if err != nil || w <= 0 || h <= 0 {
		w, h = minWidth, minHeight
	}
	if w != l.w || h != l.h {
		l.w, l.h, l.screen = w, h, nil
	}
	l.m.w, l.m.h = w, h
}

// draw writes the lines that changed.
func (l *loop) draw() error {
	lines := l.m.lines()
	var b bytes.Buffer
	if l.screen == nil {
		b.WriteString("\x1b[0m\x1b[2J")
	}
	for i, line := range lines {
		if i >= l.h || l.screen != nil && i < len(l.screen) && l.screen[i] == line {
			continue
		}
		fmt.Fprintf(&b, "\x1b[%d;1H%s\x1b[0m\x1b[K", i+1, line)
	}
	l.screen = lines
	if b.Len() == 0 {
		return nil
	}
	_, err := l.out.Write(b.Bytes())
	return err
}
