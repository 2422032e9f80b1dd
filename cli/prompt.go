package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"noxkey/harden"
	"noxkey/secret"
)

// fromPrompt asks for a value at the terminal without showing it.
func (p *program) fromPrompt(ctx context.Context, prompt string) (secret.Value, error) {
	tty := terminal(p.in)
	if tty == nil {
		return secret.Value{}, usageHint("pipe the value in and add --stdin, or let it be typed in NoxKey itself with --enter",
			"there is no terminal to type the value at")
	}
	p.heed()
	line, err := hidden(ctx, tty, p.err, prompt)
	fmt.Fprintln(p.err)
	if err != nil {
		return secret.Value{}, err
	}
	n := utf8.RuneCount(line)
	v, err := secret.NewValue(line)
	if err == nil {
		fmt.Fprintf(p.err, "%s\n", count(n, "character", "characters"))
	}
	return v, err
}

// Bracketed paste: the terminal marks what is pasted, so that a newline in it
// does not end the input and leave the rest of a private key for the shell to run.
const (
	pasteOn    = "\x1b[?2004h"
	pasteOff   = "\x1b[?2004l"
	pasteStart = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// hidden reads one line from tty without echo. It takes the terminal in raw mode:
// in its usual mode Linux cuts a line at 4095 bytes and macOS at 1024, and a
// signal would leave the echo off. Ctrl-C and the end of ctx are errors. The prompt comes
// when the echo is off: who sees it may type.
func hidden(ctx context.Context, tty *os.File, out io.Writer, prompt string) ([]byte, error) {
	defer harden.Exclusive(tty)()
	fd := int(tty.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("cannot hide what is typed: %w", err)
	}
	defer func() {
		_, _ = io.WriteString(out, pasteOff)
		_ = term.Restore(fd, before)
	}()
	_, _ = io.WriteString(out, pasteOn+prompt)
	l := &line{text: make([]byte, 0, secret.MaxValue+1)}
	defer secret.Wipe(l.text[:cap(l.text)])
	buf := make([]byte, 4096)
	defer secret.Wipe(buf)
	for {
		if err := readable(ctx, fd); err != nil {
			return nil, err
		}
		n, err := unix.Read(fd, buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n == 0 {
			return nil, fmt.Errorf("the terminal has gone")
		}
		done, err := l.feed(buf[:n])
		if err != nil {
			flush(fd, buf)
			return nil, err
		}
		if done {
			if flush(fd, buf) {
				return nil, errSeveralLines
			}
			return bytes.Clone(l.text), nil
		}
	}
}

var errSeveralLines = failf("use --stdin for a value of several lines: noxkey set NAME --stdin < FILE",
	"more than one line came; nothing was stored")

// readable waits until there is something to read, or ctx ends.
func readable(ctx context.Context, fd int) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, 100)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		if n > 0 {
			return nil
		}
	}
}

// flush throws away what has been typed or pasted beyond the line, which the
// shell would otherwise run, and reports whether there was any.
func flush(fd int, buf []byte) bool {
	some := false
	for {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if n, err := unix.Poll(fds, 20); err != nil || n == 0 {
			return some
		}
		if n, err := unix.Read(fd, buf); err != nil || n <= 0 {
			return some
		}
		some = true
	}
}

// line is what has been typed so far.
type line struct {
	text    []byte
	escape  []byte // an escape sequence that is not complete
	pasting bool
}

// feed takes keys and reports whether the line is complete.
func (l *line) feed(keys []byte) (done bool, err error) {
	for i, k := range keys {
		if len(l.escape) > 0 || k == 0x1b {
			l.sequence(k)
			continue
		}
		if l.pasting {
			if k == '\r' { // terminals send pasted newlines as returns
				k = '\n'
			}
			if err := l.add(k); err != nil {
				return false, err
			}
			continue
		}
		switch k {
		case '\r', '\n':
			if i+1 < len(keys) {
				return false, errSeveralLines
			}
			return true, nil
		case 0x03, 0x04: // Ctrl-C; Ctrl-D
			return false, failf("run the command again", "interrupted; nothing was stored")
		case 0x15: // Ctrl-U
			l.cut(0)
		case 0x7f, 0x08:
			l.back()
		default:
			if err := l.add(k); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

func (l *line) add(k byte) error {
	if len(l.text) == secret.MaxValue {
		return secret.Errorf(secret.Invalid, "the value is too long; the most is 64 KiB")
	}
	l.text = append(l.text, k)
	return nil
}

func (l *line) cut(n int) {
	clear(l.text[n:])
	l.text = l.text[:n]
}

// back removes the last character, all its bytes.
func (l *line) back() {
	n := len(l.text)
	for n > 0 {
		n--
		if l.text[n]&0xc0 != 0x80 {
			break
		}
	}
	l.cut(n)
}

// sequence follows an escape sequence; but for the marks of a paste they mean
// nothing here (arrows, function keys).
func (l *line) sequence(k byte) {
	l.escape = append(l.escape, k)
	n := len(l.escape)
	if n == 1 || n == 2 && (k == '[' || k == 'O') {
		return
	}
	if n < 16 && l.escape[1] == '[' && (k < 0x40 || k > 0x7e) {
		return
	}
	switch string(l.escape) {
	case pasteStart:
		l.pasting = true
	case pasteEnd:
		l.pasting = false
	}
	l.escape = l.escape[:0]
}
