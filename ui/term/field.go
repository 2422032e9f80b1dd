package term

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"noxkey/secret"
	"noxkey/ui"
)

// field is a line that a person types into. Its bytes stay in one buffer that is
// wiped, so that a passphrase leaves no copy behind here; what the terminal and
// the kernel kept of it on the way is beyond reach.
type field struct {
	b      []byte // capacity never grows without wiping the old one
	at     int    // caret, in bytes, on a rune boundary
	hidden bool   // drawn as dots
	lines  bool   // newlines may be pasted
	edited bool
}

// fieldStart is the first capacity of a field, in bytes: enough for anything typed by hand.
const fieldStart = 1024

func (f *field) set(s string) {
	f.wipe()
	f.insert([]byte(s))
	f.edited = false
}

func (f *field) wipe() {
	secret.Wipe(f.b[:cap(f.b)])
	f.b, f.at = f.b[:0], 0
}

// insert puts p at the caret. What would make it longer than any value is left
// out, the caller sees over.
func (f *field) insert(p []byte) (over bool) {
	if !f.lines {
		p = bytes.TrimRight(p, "\r\n")
	}
	if len(f.b)+len(p) > secret.MaxValue+1 {
		return true
	}
	f.room(len(p))
	f.b = f.b[:len(f.b)+len(p)]
	copy(f.b[f.at+len(p):], f.b[f.at:len(f.b)-len(p)])
	copy(f.b[f.at:], p)
	f.at += len(p)
	f.edited = true
	return false
}

// room makes sure that n more bytes fit, wiping the buffer that is left behind.
func (f *field) room(n int) {
	if cap(f.b)-len(f.b) >= n && cap(f.b) > 0 {
		return
	}
	bigger := make([]byte, len(f.b), max(fieldStart, 2*cap(f.b), len(f.b)+n))
	copy(bigger, f.b)
	secret.Wipe(f.b[:cap(f.b)])
	f.b = bigger
}

// remove deletes from the caret back to from, or on to it.
func (f *field) remove(from, to int) {
	n := copy(f.b[from:], f.b[to:])
	secret.Wipe(f.b[from+n:])
	f.b, f.at = f.b[:from+n], from
	f.edited = true
}

// key edits the field; it reports whether the key was one of its own.
func (f *field) key(k tea.KeyPressMsg) bool {
	_, back := utf8.DecodeLastRune(f.b[:f.at])
	_, ahead := utf8.DecodeRune(f.b[f.at:])
	switch k.String() {
	case "backspace", "ctrl+h":
		f.remove(f.at-back, f.at)
	case "delete":
		f.remove(f.at, f.at+ahead)
	case "ctrl+u":
		f.remove(0, len(f.b))
	case "ctrl+k":
		f.remove(f.at, len(f.b))
	case "ctrl+w":
		f.remove(f.wordStart(), f.at)
	case "left":
		f.at -= back
	case "right":
		f.at += ahead
	case "home", "ctrl+a":
		f.at = 0
	case "end", "ctrl+e":
		f.at = len(f.b)
	default:
		if k.Text == "" || k.Mod&^tea.ModShift != 0 {
			return false
		}
		f.insert([]byte(k.Text))
	}
	return true
}

func (f *field) wordStart() int {
	i := len(bytes.TrimRight(f.b[:f.at], " /"))
	for i > 0 && f.b[i-1] != ' ' && f.b[i-1] != '/' {
		i--
	}
	return i
}

// text is the content of a field that is not hidden.
func (f *field) text() string { return string(f.b) }

// value hands the content over as a secret and wipes the field.
func (f *field) value() (secret.Value, error) {
	b := bytes.Clone(f.b)
	f.wipe()
	return secret.NewValue(b)
}

const caret = "▏"

// view draws the field in n columns; the end near the caret stays in sight.
func (f *field) view(n int, focus bool) string {
	before, after := f.shown(f.b[:f.at]), f.shown(f.b[f.at:])
	mark := ""
	if focus {
		mark = caret
	}
	room := max(n-1, 1)
	if w := ansi.StringWidth(before); w > room {
		before = ansi.TruncateLeft(before, w-room+1, "…")
	}
	return before + mark + ansi.Truncate(after, room-ansi.StringWidth(before), "")
}

// shown is how content is drawn: dots, or with what does not print made visible.
func (f *field) shown(b []byte) string {
	if f.hidden {
		return strings.Repeat("•", utf8.RuneCount(b))
	}
	if !bytes.ContainsFunc(b, func(r rune) bool { return !unicode.IsPrint(r) || r >= utf8.RuneSelf }) {
		return string(b)
	}
	parts := strings.Split(string(b), "\n")
	for i := range parts {
		parts[i] = ui.Visible(parts[i], 0)
	}
	return strings.Join(parts, "⏎")
}

func decode(s string) (rune, int) { return utf8.DecodeRuneInString(s) }

func fullRune(b []byte) bool { return utf8.FullRune(b) }
