package redact

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"noxkey/secret"
)

// maker makes texts that are hard to read.
type maker struct {
	*rand.Rand
	values []plain
}

func (m maker) bytes(of string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = of[m.IntN(len(of))]
	}
	return string(b)
}

var alphabets = []string{"0b", "00b!1\n 0x", "0x \n:", "ab0\x1b[m", "0123456789abcdef\n :", "aaab", "\xff\xfea\u041b", `\nab"`, "Zq8xW2vLm4-_/+=%&"}

// someValues are values that overlap, begin alike or are parts of one another.
func someValues(m *maker) {
	of := alphabets[m.IntN(len(alphabets))]
	first := m.bytes(of, MinLen+m.IntN(12))
	list := []string{first, first + m.bytes(of, 1+m.IntN(6)), first[m.IntN(3):], first[len(first)/2:] + m.bytes(of, 6), m.bytes(of, MinLen)}
	m.values = nil
	for _, v := range list[:1+m.IntN(len(list))] {
		if v = string(secret.Trim([]byte(v))); len(v) >= MinLen {
			m.values = append(m.values, plain{"a/b/" + string(rune('A'+len(m.values))), v})
		}
	}
}

var pieces = []string{"", " ", "\n", "\r\n", "\n  ", `\n`, "\x1b[m", "\x1b[1;31m", "\x1b", "\x1b[", "\x1b]0;x\a", "\x1b\x1b[m", "''", "=\n", ", ", "0x", "00", "00000010  ", "  |abc|\n00000010  ", "\x00", "\xff", "%", "\\"}

// text is forms, halves of them and near misses, with pieces anywhere.
func (m maker) text() string {
	var b strings.Builder
	for range 1 + m.IntN(4) {
		texts := written[m.IntN(len(written))].text(m.values[m.IntN(len(m.values))].value)
		s := texts[m.IntN(len(texts))]
		if len(s) > 150 {
			s = s[:150]
		}
		switch i := m.IntN(len(s)); m.IntN(6) {
		case 0:
			s = s[:i]
		case 1:
			s = s[i:]
		case 2:
			s = s[:i] + string(s[i]^1) + s[i+1:]
		}
		for range m.IntN(3) {
			i := m.IntN(len(s) + 1)
			s = s[:i] + pieces[m.IntN(len(pieces))] + s[i:]
		}
		b.WriteString(s + pieces[m.IntN(len(pieces))])
	}
	return b.String()
}

// TestThreatF2Oracle: what is redacted is what a slow reader finds, not a byte less and
// not one more, and it is the same however the text is cut.
func TestThreatF2Oracle(t *testing.T) {
	tryOracle(t, 11, rounds(40, 150))
}

func tryOracle(t *testing.T, seed uint64, rounds int) {
	m := maker{Rand: rand.New(rand.NewPCG(seed, 12))}
	for range rounds {
		someValues(&m)
		if len(m.values) == 0 {
			continue
		}
		r := build(t, m.values...)
		r.crowd = m.IntN(2) * crowdSize
		for range 20 {
			text := m.text()
			o := oracle{r: r}
			o.look(text)
			var left strings.Builder
			for i := range len(text) {
				if o.since[i] == never {
					left.WriteByte(text[i])
				}
			}
			whole := pass(t, r, text)
			if got := unmarked(whole, m.values); got != left.String() {
				t.Fatalf("%q in %q:\n%q leaves\n%q, want\n%q", m.values, text, whole, got, left.String())
			}
			for _, how := range []string{"\x00", m.bytes("\x00\x01\x02\x03\x05\x07\x0b", 9)} {
				if got := cuts(t, r, []byte(text), []byte(how), false); got != whole {
					t.Fatalf("%q in %q, cut by %v:\n%q, want\n%q", m.values, text, how, got, whole)
				}
			}
		}
	}
}

// TestThreatF2OraclePauses: with pauses anywhere, what comes out is what was not found yet,
// and of a value that stands in the text no more than a peek, whatever stands around it.
func TestThreatF2OraclePauses(t *testing.T) {
	tryPauses(t, 13, rounds(40, 150))
}

func tryPauses(t *testing.T, seed uint64, rounds int) {
	m := maker{Rand: rand.New(rand.NewPCG(seed, 14))}
	for range rounds {
		someValues(&m)
		if len(m.values) == 0 {
			continue
		}
		r := build(t, m.values...)
		r.crowd = m.IntN(2) * crowdSize
		for range 20 {
			text := m.text() + m.values[m.IntN(len(m.values))].value + m.text()
			out, shown := m.withPauses(t, r, text)
			if n := len(unmarked(out, m.values)); n != strings.Count(shown, "!") {
				t.Fatalf("%q in %q: %d bytes out\n%q, want\n%q", m.values, text, n, out, shown)
			}
			for _, v := range m.values {
				for at := 0; at+len(v.value) <= len(text); at++ {
					seen := strings.Count(shown[at:at+len(v.value)], "!")
					if text[at:at+len(v.value)] == v.value && seen > min(len(v.value)/4, 8) {
						t.Fatalf("%q in %q at %d: %d bytes are shown\n%q\n%q", m.values, text, at, seen, out, shown)
					}
				}
			}
		}
	}
}

// withPauses sends text with pauses and returns what came out, and for each byte of text
// whether it should have: ! or a space.
func (m maker) withPauses(t *testing.T, r *Redactor, text string) (string, string) {
	o := oracle{r: r}
	o.look(text)
	var out bytes.Buffer
	w := r.Writer(&out)
	shown := bytes.Repeat([]byte(" "), len(text))
	for pos, from := 0, 0; pos < len(text); {
		n := min(1+m.IntN(4), len(text)-pos)
		write(t, w, text[pos:pos+n])
		pos += n
		if m.IntN(3) > 0 {
			idle(t, w)
		}
		for ; from < int(w.out); from++ {
			if o.since[from] > pos {
				shown[from] = '!'
			}
		}
	}
	for i := int(w.out); i < len(text); i++ {
		if o.since[i] == never {
			shown[i] = '!'
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String(), string(shown)
}

// unmarked is s without markers.
func unmarked(s string, values []plain) string {
	for _, v := range values {
		s = strings.ReplaceAll(s, "[noxkey:"+v.name+"]", "")
	}
	return s
}

// rounds is how often a law is tried.
func rounds(short, long int) int {
	if testing.Short() {
		return short
	}
	return long
}

// TestThreatF2TwoPieces: two colours or line breaks at any two places of a form hide nothing,
// but for a break within what stands between two letters (see reach).
func TestThreatF2TwoPieces(t *testing.T) {
	m := maker{Rand: rand.New(rand.NewPCG(15, 16))}
	r := build(t, values...)
	between := []string{"\x1b[1m", "\n", "\x1b[0m\n\x1b[1m", "\x1b\x1b[0m", "\r\n  ", "\x1b]0;t\x1b[m"}
	for range rounds(500, 5000) {
		v, f := values[m.IntN(len(values))], written[m.IntN(len(written))]
		switch f.name {
		case "Colours", "SpacedOut", "OdC", "HexDump":
			continue
		}
		texts := f.text(v.value)
		i := m.IntN(len(texts))
		text := texts[i]
		begins := strings.Index(pass(t, r, text), "[noxkey:"+v.name)
		if f.name == "Hex" && strings.Contains(text, "x") || strings.Contains(text, `\n`) || begins < 0 || len(text)-begins < 4 {
			continue
		}
		first := begins + 1 + m.IntN(len(text)-begins-2)
		second := first + 1 + m.IntN(len(text)-first-1)
		one, two := between[m.IntN(len(between))], between[m.IntN(len(between))]
		text = text[:first] + one + text[first:second] + two + text[second:]
		if got := pass(t, r, text); !strings.Contains(got, "[noxkey:"+v.name) {
			t.Errorf("%s, %s #%d: %q became %q", v.name, f.name, i, text, got)
		}
	}
}
