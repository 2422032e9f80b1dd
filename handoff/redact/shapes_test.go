package redact

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// TestThreatF2Base64AllWidths: base64 loses a value whole, or but for one character that it
// shares with what stands before it, at every offset and broken into lines of every width.
func TestThreatF2Base64AllWidths(t *testing.T) {
	const long = "Zq8xW2vLm4tR7yKp9QwErT6u"
	for _, n := range []int{6, 7, 8, 16, 24} {
		v := long[:n]
		r := build(t, plain{"a/b/K", v})
		for before := range 5 {
			text := b64("xyzw"[:before] + v)
			stays := (before*8 + 5) / 6
			for width := 1; width <= len(text); width++ {
				for _, end := range []string{"\n", "\r\n", "\n  ", `\n`, "\x1b[m\n"} {
					begins := len(wrap(text[:stays+1], width, end)) - 1
					if got, want := pass(t, r, wrap(text, width, end)+"|"), wrap(text, width, end)[:begins]+"[noxkey:a/b/K]|"; got != want {
						t.Errorf("%d bytes at %d, %d wide by %q: %q, want %q", n, before, width, end, got, want)
					}
				}
			}
		}
	}
}

// TestThreatF2NewlineAsTwoCharactersAtTheEnd: what stands before it is the value, too.
func TestThreatF2NewlineAsTwoCharactersAtTheEnd(t *testing.T) {
	r := build(t, plain{"a/b/K", `correct horse\n`}, plain{"a/b/NL", `\n\n\n\n`})
	for _, text := range []string{"correct horse", "correct horse\n", `correct horse\n`, b64("correct horse")} {
		if got := strings.TrimSpace(pass(t, r, text)); got != "[noxkey:a/b/K]" {
			t.Errorf("%q became %q", text, got)
		}
	}
	if got := pass(t, r, "a\n\n\n\n\nb"); got != "a\n\n\n\n\nb" {
		t.Errorf("empty lines are no value: %q", got)
	}
}

// TestThreatF2TwoNotUTF8: what encoders replace is the same for many bytes, and so are the
// beginnings of many values.
func TestThreatF2TwoNotUTF8(t *testing.T) {
	r := build(t, plain{"a/b/K", "\xffZq8xW2vLm4"}, plain{"a/b/L", "\xfet4mLv2Wx8q"}, plain{"a/b/M", "\ufffdt4mLv2Wx9"})
	for text, want := range map[string]string{
		"\ufffdZq8xW2vLm4": "[noxkey:a/b/K]", `\ufffdt4mLv2Wx8q`: "[noxkey:a/b/L]", "\ufffd t 4 m L v 2 W x 8 q": "[noxkey:a/b/L]",
		`\uFFFDt4mLv2Wx9`: "[noxkey:a/b/M]", "\ufffdt4mLv2Wx9": "[noxkey:a/b/M]",
	} {
		if got := pass(t, r, text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestThreatF2Surrogates: escape() of JavaScript writes a pair of them for one character.
func TestThreatF2Surrogates(t *testing.T) {
	const v = "Zq8x-😀-W2vLm4"
	r := build(t, plain{"a/b/K", v})
	for _, format := range []string{`\u%04x`, `\u%04X`, `\\u%04x`, "%%u%04X", "%%u%04x"} {
		text := strings.ReplaceAll(v, "😀", units("😀", format))
		if got := pass(t, r, text); got != "[noxkey:a/b/K]" {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestThreatF2EscapeInUTF16: a byte of UTF-16 may be ESC where the value has none.
func TestThreatF2EscapeInUTF16(t *testing.T) {
	for _, c := range []rune{'Л', 'ě', '∛', 0x1b5b, 0x5b1b, 0x1b1b, 0x5d1b} {
		for _, v := range []string{string(c) + "Zq8xW2", "Z" + string(c) + "q8xW2", string([]rune{c, c, c}) + "Zq8"} {
			r := build(t, plain{"a/b/K", v})
			for _, text := range []string{wide(v, false), wide(v, true)} {
				for at := 1; at < len(text); at++ {
					coloured := text[:at] + "\x1b[1m" + text[at:]
					if got := pass(t, r, "..."+coloured); got != "...[noxkey:a/b/K]" {
						t.Errorf("%q at %d: %q became %q", v, at, coloured, got)
					}
				}
			}
		}
	}
}

// TestThreatF2ListsOverLines: lists of characters, one a line or in columns.
func TestThreatF2ListsOverLines(t *testing.T) {
	const v = "sk-ant-\"api03\"-Zq8xW2"
	r := build(t, plain{"a/b/K", v})
	for _, quote := range []string{`"`, `'`} {
		for _, sep := range []string{",\n  ", ",\n", ", ", ",", ",\r\n\t", ",\n        "} {
			list := strings.Join(splitBytes(v), quote+sep+quote)
			if got := pass(t, r, "["+quote+list+quote+"]"); got != "["+quote+"[noxkey:a/b/K]"+quote+"]" {
				t.Errorf("%q: %q", sep, got)
			}
		}
	}
}

// TestThreatF2BrokenAnywhere: a tool that breaks lines at a width breaks within escapes and
// numbers, too.
func TestThreatF2BrokenAnywhere(t *testing.T) {
	const v = "pä\"ss/wö+rd-Zq8x<W2>"
	r := build(t, plain{"a/b/K", v})
	for _, f := range written {
		switch f.name {
		case "URL", "JSON", "CStrings", "HTML", "Hex", "Decimal", "Base64InURLsAndJSON":
		default:
			continue
		}
		for i, text := range f.text(v) {
			if strings.Contains(text, "\n") || strings.Contains(text, `\n`) || f.name == "Hex" && strings.Contains(text, "x") {
				continue // it is broken already, or may be broken within what stands between
			}
			for width := 1; width < len(text); width++ {
				for _, end := range []string{"\n", "\r\n", "\n\t  ", "\x1b[m\n"} {
					got := pass(t, r, wrap(text, width, end)+"|")
					if !strings.Contains(got, "[noxkey:a/b/K]") || !strings.HasSuffix(got, "|") || f.gone == nil && got != "[noxkey:a/b/K]|" {
						t.Errorf("%s #%d, %d wide by %q: %q", f.name, i, width, end, got)
					}
				}
			}
		}
	}
}

// TestThreatF2LongValue: a value of the greatest length, in pieces and with pauses.
func TestThreatF2LongValue(t *testing.T) {
	p := random(64 << 10)
	for i := range p {
		p[i] = letters62[p[i]%62]
	}
	v := string(p)
	r := build(t, plain{"a/b/K", v}, plain{"a/b/PART", v[1000:1040]})
	for text, want := range map[string]string{v: "", wrap(b64("x"+v), 76, "\r\n"): b64("x" + v)[:2], hex.Dump(p): "00000000  ", wide(v, true): ""} {
		var out bytes.Buffer
		w := r.Writer(&out)
		for len(text) > 0 {
			n := min(4000, len(text))
			write(t, w, text[:n])
			idle(t, w)
			text = text[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(out.String()); got != want+"[noxkey:a/b/K]" {
			t.Errorf("%.80q", got)
		}
	}
}

// TestThreatF2OtherNewlines: a value stored with CR LF, or with these as four characters,
// printed by a program that knows newlines only.
func TestThreatF2OtherNewlines(t *testing.T) {
	for _, v := range []string{"user: app\r\npassword: swordfish\r\nhost: db", `user: app\r\npassword: swordfish\r\nhost: db`} {
		r := build(t, plain{"a/b/K", v})
		for _, text := range []string{v, "user: app\npassword: swordfish\nhost: db", b64("user: app\npassword: swordfish\nhost: db")} {
			if got := pass(t, r, text); strings.TrimRight(got, "=") != "[noxkey:a/b/K]" {
				t.Errorf("%q became %q", text, got)
			}
		}
	}
}
