package redact

import (
	"math/rand/v2"
	"strings"
	"testing"

	"noxkey/handoff/redact/internal/forms"
)

// oracle reads a text slowly: from each byte on, all ways to read it, each kept with all
// that is known of it. It has no filter, keeps no threads between starts and holds nothing.
type oracle struct {
	r     *Redactor
	start int
	pos   int // behind the byte that is read
	found map[int32]int
}

// way is one way to have read what was read since start.
type way struct {
	node, state int32
	esc         ansi
	gap, tail   int
	dump        bool
}

// ends returns for each start and needle where the longest form ends, if one does.
func (o *oracle) ends(text string) []map[int32]int {
	all := make([]map[int32]int, len(text))
	for o.start = range len(text) {
		o.found = map[int32]int{}
		ways := map[way]bool{{state: o.r.trie.Nodes[0].Root}: true}
		for o.pos = o.start + 1; o.pos <= len(text) && len(ways) > 0 && o.pos-o.start <= int(o.r.maxSpan); o.pos++ {
			next := map[way]bool{}
			for w := range ways {
				o.read(w, text[o.pos-1], next)
			}
			ways = next
		}
		all[o.start] = o.found
	}
	return all
}

func (o *oracle) read(w way, b byte, next map[way]bool) {
	if o.pos == o.start+1 && b == 0x1b {
		o.letter(w, b, next) // no sequence stands before a form
		return
	}
	if w.tail > 0 {
		o.rest(w, b, next)
		return
	}
	if w.esc == wrapped && !strings.ContainsRune(" \t\r\n", rune(b)) {
		w.esc = ground
	}
	parked := w
	parked.gap++
	switch {
	case w.esc == wrapped:
	case w.esc != ground:
		parked.esc = w.esc.step(b)
	case b == 0x1b:
		parked.esc = escape
	case (b == '\n' || b == '\r') && w.state != o.r.trie.Nodes[w.node].Root && !o.r.trie.States[w.state].Gap:
		parked.esc = wrapped
	default:
		parked.esc = broken
	}
	if parked.esc != broken && parked.gap <= maxGap {
		next[parked] = true
	}
	if w.esc == ground || w.esc != wrapped && b == 0x1b {
		w.esc = ground
		o.letter(w, b, next)
	}
}

func (o *oracle) letter(w way, b byte, next map[way]bool) {
	for _, e := range o.r.trie.States[w.state].Edges {
		if b < e.Lo || e.Hi < b {
			continue
		}
		s := o.r.trie.States[e.To]
		on := w
		on.state = e.To
		if s.Gap {
			on.gap++
		}
		if len(s.Edges) > 0 && on.gap <= maxGap {
			next[on] = true
		}
		for _, l := range s.Done {
			o.done(w, l, next)
		}
	}
}

func (o *oracle) done(w way, l forms.Letter, next map[way]bool) {
	if forms.IsGap(l) {
		w.state = o.r.trie.Nodes[w.node].Root
		w.gap++
		w.dump = w.dump || forms.EndsDumpLine(l)
		if w.gap <= maxGap {
			next[w] = true
		}
		return
	}
	c := o.r.trie.Child(w.node, l)
	if c < 0 {
		return
	}
	w.node, w.state, w.gap = c, o.r.trie.Nodes[c].Root, 0
	for _, needle := range o.r.trie.Needles(c) {
		o.found[needle] = o.pos
		if w.dump {
			end := w
			end.tail = 1
			next[end] = true
		}
	}
	if w.state >= 0 {
		next[w] = true
	}
}

func (o *oracle) rest(w way, b byte, next map[way]bool) {
	in := w.esc != ground || b == 0x1b
	if w.esc != ground {
		w.esc = w.esc.step(b)
	} else if b == 0x1b {
		w.esc = escape
	}
	if w.esc == broken {
		w.esc = ground
	}
	if !in {
		w.tail++
	}
	if b == '\n' || b == '\r' || w.tail > maxTail {
		return
	}
	for _, needle := range o.r.trie.Needles(w.node) {
		o.found[needle] = o.pos
	}
	next[w] = true
}

// covered says of each byte of text whether a form holds it.
func covered(r *Redactor, text string) []bool {
	is := make([]bool, len(text))
	for start, found := range (&oracle{r: r}).ends(text) {
		for _, end := range found {
			for i := start; i < end; i++ {
				is[i] = true
			}
		}
	}
	return is
}

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
		if v = string(forms.Trim([]byte(v))); len(v) >= MinLen {
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
	tryOracle(t, 11, rounds(40, 250))
}

func tryOracle(t *testing.T, seed uint64, rounds int) {
	m := maker{Rand: rand.New(rand.NewPCG(seed, 12))}
	for range rounds {
		someValues(&m)
		if len(m.values) == 0 {
			continue
		}
		r := build(t, m.values...)
		for range 20 {
			text := m.text()
			is := covered(r, text)
			var left strings.Builder
			for i := range len(text) {
				if !is[i] {
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
