package redact

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"sync"

	"noxkey/secret"
)

// ErrWiped is returned by a Writer whose Redactor was wiped.
var ErrWiped = errors.New("the redactor was wiped")

// Writer passes one stream on and puts a marker in place of each value. Write,
// FlushIdle and Close may be called from different goroutines.
//
// Nothing is held back but what may be the beginning of a form: everything before
// it has been passed on when Write returns. What is held is at most 64 times the
// longest value and 32 KiB (a dump with a colour for each character is that long), 4 MiB
// and 32 KiB at the most, and 32 bytes of state for each way to read it.
type Writer struct {
	mu      sync.Mutex
	w       io.Writer
	m       matcher
	buf     []byte // what is held: the stream's bytes from base on
	base    int64
	out     int64 // passed on or redacted up to here
	last    int32 // needle of the marker that was written last
	lastEnd int64
	err     error
}

// Writer returns a Writer for one stream that passes on to w.
func (r *Redactor) Writer(w io.Writer) *Writer {
	return &Writer{w: w, m: newMatcher(r), lastEnd: -1}
}

// Write reads p and passes on what is decided. It returns len(p), or 0 and the first
// error of the writer below, which stays.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.check(); err != nil {
		return 0, err
	}
	for rest := p; len(rest) > 0 && w.err == nil; {
		part := rest[:min(len(rest), block)]
		rest = rest[len(part):]
		w.pass(part)
	}
	if w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

// block is how much is read before what is decided is passed on, in bytes.
const block = 64 << 10

func (w *Writer) pass(p []byte) {
	w.m.feed(p)
	data := p
	if len(w.buf) > 0 {
		w.hold(p)
		data = w.buf
	}
	w.drain(data, w.m.frontier())
	w.keep(data)
}

func (w *Writer) check() error {
	if w.err == nil && w.m.r.wiped.Load() {
		w.err = ErrWiped
	}
	return w.err
}

// keep holds the rest of data, which begins at base.
func (w *Writer) keep(data []byte) {
	from := min(max(w.out-w.base, 0), int64(len(data)))
	rest := data[from:]
	if len(w.buf) == 0 {
		w.hold(rest)
		w.base += from
		return
	}
	if int(from) < len(w.buf)/2 {
		return // move it when that is worth it
	}
	n := copy(w.buf, rest)
	clear(w.buf[n:])
	w.buf = w.buf[:n]
	w.base += from
}

// hold appends p to buf, and leaves no copy behind when buf grows.
func (w *Writer) hold(p []byte) {
	if need := len(w.buf) + len(p); need > cap(w.buf) {
		grown := append(make([]byte, 0, 2*need), w.buf...)
		secret.Wipe(w.buf)
		w.buf = grown
	}
	w.buf = append(w.buf, p...)
}

// drain passes on the stream up to limit, in one write. Data begins at base. Of the
// spans, the one that starts first goes first, and of those the longest.
func (w *Writer) drain(data []byte, limit int64) {
	if len(w.m.spans) == 0 {
		w.emit(w.upTo(data, limit))
		return
	}
	slices.SortFunc(w.m.spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end), cmp.Compare(a.needle, b.needle))
	})
	var text []byte
	done := 0
	for _, s := range w.m.spans {
		if s.start >= limit {
			break
		}
		done++
		if s.end <= w.out {
			continue // within one that was redacted
		}
		text = append(text, w.upTo(data, s.start)...)
		if s.start >= w.lastEnd || s.needle != w.last {
			text = append(text, marker(w.m.r.names[s.needle])...)
		}
		w.out, w.last, w.lastEnd = s.end, s.needle, s.end
	}
	w.m.spans = append(w.m.spans[:0], w.m.spans[done:]...)
	w.emit(append(text, w.upTo(data, limit)...))
}

// upTo returns the bytes from out to limit, and counts them as passed on.
func (w *Writer) upTo(data []byte, limit int64) []byte {
	if limit <= w.out {
		return nil
	}
	p := data[w.out-w.base : limit-w.base]
	w.out = limit
	return p
}

func (w *Writer) emit(p []byte) {
	if len(p) == 0 {
		return
	}
	n, err := w.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	w.err = err
}

// FlushIdle is for when the program has printed nothing for a while (some 20 ms), so
// that a prompt that ends like a value begins does not wait for ever. It lets go what may
// be the beginning of a form, unless more of a value was read than a peek shows: a
// quarter of its bytes, and at most 8. What was read further is held until the next
// byte decides, or Close. So a pause within a value can cost one such beginning;
// the rest is still redacted when it comes, with a marker behind what was shown.
func (w *Writer) FlushIdle() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.check(); err != nil {
		return err
	}
	w.drain(w.buf, w.m.heldFrom(w.out))
	w.keep(w.buf)
	return w.err
}

// Held returns how many bytes are held back.
func (w *Writer) Held() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return int(w.m.pos - w.out)
}

// Close passes on what is held, since nothing can complete it any more, and forgets
// the stream. It does not close the writer below. A second Close does nothing.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.check()
	if err == nil {
		w.drain(w.buf, w.m.pos)
		err = w.err
	}
	secret.Wipe(w.buf[:cap(w.buf)])
	clear(w.m.threads)
	clear(w.m.next)
	w.buf, w.m.threads, w.m.next, w.m.spans, w.m.crowd = nil, nil, nil, nil, crowd{}
	if w.err == nil {
		w.err = io.ErrClosedPipe
	}
	if errors.Is(err, io.ErrClosedPipe) {
		return nil
	}
	return err
}
