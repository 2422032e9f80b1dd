package term

import (
	"bytes"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"noxkey/secret"
)

// pasteMsg is pasted text. Whoever takes it wipes it.
type pasteMsg struct{ b []byte }

// maxPaste bounds what a paste may hold, in bytes; a longer one is dropped whole.
const maxPaste = secret.MaxValue + 1

var (
	pasteStart = []byte("\x1b[200~")
	pasteEnd   = []byte("\x1b[201~")
)

// decoder turns what a terminal sends into messages. It wipes bytes as soon as
// they are decoded.
type decoder struct {
	dec     uv.EventDecoder
	buf     []byte
	pasting bool
	dropped bool // the present paste is too long
}

// feed adds p, which it wipes, and returns the messages that are complete.
func (d *decoder) feed(p []byte) []tea.Msg {
	if len(d.buf)+len(p) > cap(d.buf) {
		bigger := make([]byte, len(d.buf), max(4096, 2*(len(d.buf)+len(p))))
		copy(bigger, d.buf)
		secret.Wipe(d.buf[:cap(d.buf)])
		d.buf = bigger
	}
	d.buf = append(d.buf, p...)
	secret.Wipe(p)
	return d.decode(false)
}

// flush decodes what is left, as when no more bytes of a sequence came: a single
// ESC is the Esc key.
func (d *decoder) flush() []tea.Msg { return d.decode(true) }

// pending reports whether the start of a sequence waits for its rest.
func (d *decoder) pending() bool { return len(d.buf) > 0 && !d.pasting }

// reset forgets everything that came in, an unfinished paste too.
func (d *decoder) reset() {
	secret.Wipe(d.buf[:cap(d.buf)])
	d.buf, d.pasting, d.dropped = d.buf[:0], false, false
}

func (d *decoder) decode(all bool) []tea.Msg {
	var msgs []tea.Msg
	for len(d.buf) > 0 {
		if d.pasting {
			m, done := d.paste()
			if m != nil {
				msgs = append(msgs, m)
			}
			if !done {
				break
			}
			continue
		}
		if !all && incomplete(d.buf) {
			break
		}
		if bytes.HasPrefix(d.buf, pasteStart) {
			d.pasting, d.dropped = true, false
			d.drop(len(pasteStart))
			continue
		}
		n, ev := d.dec.Decode(d.buf)
		if n <= 0 {
			n = 1
		}
		msgs = append(msgs, translate(ev)...)
		d.drop(n)
	}
	return msgs
}

// paste takes pasted bytes up to the end mark; done says that it was found.
func (d *decoder) paste() (m tea.Msg, done bool) {
	i := bytes.Index(d.buf, pasteEnd)
	if i < 0 {
		if len(d.buf) > maxPaste+len(pasteEnd) {
			d.dropped = true
			d.drop(len(d.buf) - len(pasteEnd)) // the mark may be half there
		}
		return nil, false
	}
	if !d.dropped && i > 0 && i <= maxPaste {
		m = pasteMsg{newlines(d.buf[:i])}
	} else if d.dropped || i > maxPaste {
		m = pasteMsg{}
	}
	d.drop(i + len(pasteEnd))
	d.pasting = false
	return m, true
}

func (d *decoder) drop(n int) {
	rest := copy(d.buf, d.buf[n:])
	secret.Wipe(d.buf[rest:])
	d.buf = d.buf[:rest]
}

// incomplete reports whether b starts an escape sequence, or a character, that is not all there.
func incomplete(b []byte) bool {
	if b[0] >= 0xc0 {
		return len(b) < 4 && !fullRune(b)
	}
	if b[0] != 0x1b {
		return false
	}
	if len(b) == 1 {
		return true
	}
	switch b[1] {
	case '[':
		for _, c := range b[2:] {
			if c >= 0x40 && c <= 0x7e {
				return false
			}
		}
		return len(b) < 64
	case 'O':
		return len(b) < 3
	}
	return false
}

func translate(ev uv.Event) []tea.Msg {
	switch ev := ev.(type) {
	case uv.KeyPressEvent:
		return []tea.Msg{tea.KeyPressMsg(ev)}
	case uv.MultiEvent:
		var msgs []tea.Msg
		for _, e := range ev {
			msgs = append(msgs, translate(e)...)
		}
		return msgs
	case uv.FocusEvent:
		return []tea.Msg{tea.FocusMsg{}}
	}
	return nil
}

// newlines returns a copy of b in which CR LF and CR, which terminals send for
// the ends of pasted lines, are LF.
func newlines(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i, c := range b {
		switch {
		case c != '\r':
			out = append(out, c)
		case i+1 == len(b) || b[i+1] != '\n':
			out = append(out, '\n')
		}
	}
	return out
}
