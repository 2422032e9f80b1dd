package redact

import (
	"strings"
	"testing"

	"noxkey/secret"
)

// TestThreatF2BehindATerminal: a terminal makes CR LF of each newline, in every form.
func TestThreatF2BehindATerminal(t *testing.T) {
	r := build(t, values...)
	for _, v := range values {
		for _, f := range written {
			for i, text := range f.text(v.value) {
				want := pass(t, r, text)
				text := strings.ReplaceAll(text, "\n", "\r\n")
				got := pass(t, r, text)
				if !strings.Contains(got, marker(secret.Name(v.name))) || len(without(got)) > len(without(want))+strings.Count(got, "\r") {
					t.Errorf("%s, %s #%d:\n%q\n%q, not\n%q", v.name, f.name, i, text, got, want)
				}
			}
		}
	}
}

// TestThreatF2BrokenSequences: an escape sequence that another one, CAN or SUB breaks off, or
// that holds control characters, hides nothing: terminals go on behind it.
func TestThreatF2BrokenSequences(t *testing.T) {
	r := build(t, plain{"a/b/K", "Zq8xW2vLm4"}, plain{"a/b/L", "Y\x1b[1mq8xW2"})
	for _, s := range []string{
		"\x1b\x1b[0m", "\x1b[\x1b[0m", "\x1b[1;3\x1b[0m", "\x1b(\x1b[0m", "\x1b[1\x1b]0;t\a", "\x1b\x1b\x1b7",
		"\x1b]0;t\x1b[0m", "\x1bPq\x1b[0m", "\x1b]0;t\x1b\x1b\\", "\x1b]0;t\x1b]8;;\a", "\x1b]0;t\x1b\x1b[0m",
		"\x1b[3\x18", "\x1b]0;t\x1a", "\x1b\x18", "\x1bPq\x1b\x18", "\x1b[3\a1m", "\x1b[3\r\n1m", "\x1b\x00[0m", "\x1b(\x7fB",
	} {
		for _, v := range []string{"Zq8xW2vLm4", "WnE4eFcydkxtNA==", "Y\x1b[1mq8xW2"} {
			for at := 1; at < len(v); at++ {
				if text := v[:at] + s + v[at:]; !strings.HasPrefix(pass(t, r, text), "[noxkey:a/b/") {
					t.Errorf("%q hides %q", s, text)
				}
			}
		}
	}
}

// TestThreatF2ShortestGap: where what stands between two letters may be a letter itself, the
// reading with the shortest gap counts.
func TestThreatF2ShortestGap(t *testing.T) {
	r := build(t, plain{"a/b/K", "a\n\nZq8xW2"}, plain{"a/b/L", "Z\x1b[m\x1b[mq8xW2"})
	for _, text := range []string{"a" + strings.Repeat("\n", maxGap+10) + "Zq8xW2", "Z\x1b[m\x1b[m" + strings.Repeat("\x1b[1m", 255) + "\x1b7\x1b[mq8xW2"} {
		if got := pass(t, r, text); !strings.HasPrefix(got, "[noxkey:a/b/") {
			t.Errorf("%.40q became %.40q", text, got)
		}
	}
}

// TestThreatF2ColourPerCharacter: programs like lolcat set and reset a 24-bit colour for
// each character, of long values, too.
func TestThreatF2ColourPerCharacter(t *testing.T) {
	const colour = "\x1b[39m\x1b[38;2;255;128;255m"
	long := strings.Repeat("Zq8xW2vLm4tR7yKp9QwErT6u", 80)
	r := build(t, append(values[:5:5], plain{"a/b/LONG", long})...)
	for _, v := range values[:5] {
		for _, f := range written {
			for i, text := range f.text(v.value) {
				if f.name == "Colours" || len(text) > 12*len(v.value) {
					continue
				}
				want, got := pass(t, r, text), pass(t, r, between1(text, colour))
				if got = strings.ReplaceAll(got, colour, ""); got != want {
					t.Errorf("%s, %s #%d: %.200q, want %q", v.name, f.name, i, got, want)
				}
			}
		}
	}
	for _, text := range []string{long, b64(long)} {
		if got := pass(t, r, between1(text, colour)); !strings.HasPrefix(got, "[noxkey:a/b/LONG]") {
			t.Errorf("a long value became %.80q", got)
		}
	}
}
