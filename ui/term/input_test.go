package term

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
)

// say writes messages down: keys by name, pastes in brackets.
func say(msgs []tea.Msg) string {
	var out []string
	for _, m := range msgs {
		switch m := m.(type) {
		case tea.KeyPressMsg:
			out = append(out, m.String())
		case pasteMsg:
			out = append(out, fmt.Sprintf("[%s]", m.b))
		default:
			out = append(out, fmt.Sprintf("%T", m))
		}
	}
	return strings.Join(out, " ")
}

var inputs = []struct{ in, want string }{
	{"a", "a"}, {"é", "é"}, {"A", "A"}, {" ", "space"}, {"\r", "enter"}, {"\t", "tab"}, {"\x7f", "backspace"}, {"\x03", "ctrl+c"}, {"\x15", "ctrl+u"},
	{"\x1b[A", "up"}, {"\x1b[B", "down"}, {"\x1bOA", "up"}, {"\x1b[5~", "pgup"}, {"\x1b[Z", "shift+tab"}, {"\x1b[I", "tea.FocusMsg"},
	{"\x1b", "esc"}, {"\x1bx", "alt+x"}, {"ab\x1b[Ac", "a b up c"},
	{"\x1b[200~pasted\x1b[201~x", "[pasted] x"}, {"\x1b[200~\x1b[A\x03\x1b[201~", "[\x1b[A\x03]"}, {"\x1b[200~a\r\nb\rc\x1b[201~", "[a\nb\nc]"}, {"\x1b[200~\x1b[201~", ""},
}

func TestInput(t *testing.T) {
	for _, c := range inputs {
		for size := 1; size <= len(c.in); size++ { // however it is cut up on the way
			var d decoder
			var msgs []tea.Msg
			for rest := []byte(c.in); len(rest) > 0; {
				n := min(size, len(rest))
				msgs = append(msgs, d.feed(bytes.Clone(rest[:n]))...)
				rest = rest[n:]
			}
			msgs = append(msgs, d.flush()...)
			if got := say(msgs); got != c.want {
				t.Errorf("%q in pieces of %d: %q, want %q", c.in, size, got, c.want)
			}
		}
	}
}

func TestAPasteThatIsTooLongIsDroppedWhole(t *testing.T) {
	var d decoder
	var msgs []tea.Msg
	for _, p := range []string{"\x1b[200~", strings.Repeat("x", maxPaste), strings.Repeat("y", 4096), "\x1b[201~z"} {
		msgs = append(msgs, d.feed([]byte(p))...)
	}
	if got := say(msgs); got != "[] z" {
		t.Errorf("%.80q", got)
	}
	if cap(d.buf) > 4*maxPaste {
		t.Errorf("%d bytes are held", cap(d.buf))
	}
}

func TestInputIsWiped(t *testing.T) {
	var d decoder
	in := []byte("hunter2")
	d.feed(in)
	if bytes.Contains(in, []byte("h")) || bytes.Contains(d.buf[:cap(d.buf)], []byte("hunter2")) {
		t.Error("what was typed is still there")
	}
	d.feed([]byte("\x1b[200~half a paste"))
	d.reset()
	if bytes.Contains(d.buf[:cap(d.buf)], []byte("half")) || d.pasting || say(d.feed([]byte("a"))) != "a" {
		t.Error("what was drained is still there")
	}
}

// FuzzInput: nothing a terminal sends stops the decoder, and it forgets all of it.
func FuzzInput(f *testing.F) {
	for _, c := range inputs {
		f.Add([]byte(c.in), 3)
	}
	f.Fuzz(func(t *testing.T, in []byte, size int) {
		var d decoder
		size = max(size%16, 1)
		for rest := in; len(rest) > 0; {
			n := min(size, len(rest))
			d.feed(bytes.Clone(rest[:n]))
			rest = rest[n:]
		}
		d.flush()
		if !d.pasting && len(d.buf) > 0 {
			t.Errorf("%q is left of %q", d.buf, in)
		}
	})
}

func TestField(t *testing.T) {
	var f field
	type step struct{ key, want string }
	for _, s := range []step{{"a", "a▏"}, {"é", "aé▏"}, {"c", "aéc▏"}, {"left", "aé▏c"}, {"backspace", "a▏c"}, {"x", "ax▏c"}, {"home", "▏axc"}, {"delete", "▏xc"}, {"end", "xc▏"},
		{"/", "xc/▏"}, {"y", "xc/y▏"}, {"ctrl+w", "xc/▏"}, {"left", "xc▏/"}, {"ctrl+k", "xc▏"}, {"right", "xc▏"}, {"ctrl+u", "▏"}, {"backspace", "▏"}, {"delete", "▏"}} {
		f.key(keyOf(s.key))
		if got := f.view(40, true); got != s.want {
			t.Fatalf("%s: %q, want %q", s.key, got, s.want)
		}
	}
	if f.key(keyOf("ctrl+x")) || f.key(keyOf("tab")) {
		t.Error("a key that is none of the field's was taken")
	}
}

func keyOf(name string) tea.KeyPressMsg {
	codes := map[string]rune{"left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "delete": tea.KeyDelete, "backspace": tea.KeyBackspace, "tab": tea.KeyTab}
	if c, ok := codes[name]; ok {
		return tea.KeyPressMsg{Code: c}
	}
	if c, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(c[0]), Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

func TestFieldViews(t *testing.T) {
	var f field
	f.set("/a/rather/long/path/to/.env")
	if got := f.view(12, true); got != "…th/to/.env▏" {
		t.Errorf("%q", got)
	}
	f.at = 0
	if got := f.view(12, true); got != "▏/a/rather/l" {
		t.Errorf("%q", got)
	}
	f.set("a\u202eb\x1b\nc")
	if got := f.view(80, false); got != "a‹U+202E›b‹U+001B›⏎c" {
		t.Errorf("%q", got)
	}
	f.hidden = true
	if got := f.view(80, true); got != "••••••▏" {
		t.Errorf("%q", got)
	}
}

// TestThreatD4FieldsLeaveNoCopies grows a field past its buffer and looks at the
// buffers it left behind.
func TestThreatD4FieldsLeaveNoCopies(t *testing.T) {
	f := field{lines: true}
	f.insert([]byte("hunter2"))
	first := f.b[:cap(f.b)]
	f.insert(bytes.Repeat([]byte("x"), fieldStart))
	if bytes.Contains(first, []byte("hunter2")) {
		t.Error("the buffer that was outgrown is not wiped")
	}
	second := f.b[:cap(f.b)]
	v, err := f.value()
	if err != nil || len(f.b) != 0 || bytes.Contains(second, []byte("hunter2")) {
		t.Errorf("the field still holds its value: %v", err)
	}
	v.Wipe()
	if !f.insert(make([]byte, secret.MaxValue+2)) {
		t.Error("a value longer than any was taken")
	}
}

func TestExpand(t *testing.T) {
	for in, want := range map[string]string{"~": "/home/me", "~/a b": "/home/me/a b", " '/x y/.env' ": "/x y/.env", `/x\ y/.env`: "/x y/.env", `"/a"`: "/a", "/a/../b": "/b", "~x": "~x", "": "."} {
		if got := expand(in, "/home/me"); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestGuard(t *testing.T) {
	for in, want := range map[string]string{"a\x1b[1mb\x1b[m": "a\x1b[1mb\x1b[m", "\x1b[2J": "?[2J", "\x1b]0;x\a": "?]0;x?", "\x9b": "\x9b", "\u009b": "?", "a\tb": "a?b", "é─": "é─", "\x1b[38;5;3mx": "\x1b[38;5;3mx", "\x1b[1": "?[1"} {
		if got := guard(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
