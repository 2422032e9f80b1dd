package redact

import "noxkey/handoff/redact/internal/forms"

// thread is one way in which what was read since start may be the beginning of a form.
type thread struct {
	start int64 // offset in the stream
	node  int32
	state int32 // within the spelling of the next letter
	gap   int16 // bytes since the last letter that are none
	esc   ansi
	dump  bool // went over the end of a line of a dump
	tail  int8 // > 0: the form is complete, the rest of the dump's line follows
}

// maxGap is how many bytes of gaps and escape sequences may stand between two
// letters. Hyperlinks (OSC 8) are the longest that programs print within a line.
const maxGap = 1024

// maxTail is how many bytes of a dump's line, escape sequences aside, are taken after a
// form that went over the end of one: its text column shows the form's last bytes. A line
// of xxd -c 32 has 112 bytes behind the first.
const maxTail = 120

// span is a form that was found: bytes start to end of the stream.
type span struct {
	start, end int64
	needle     int32
}

// matcher is the automaton's state in one stream.
type matcher struct {
	r       *Redactor
	t       *forms.Trie
	maxSpan int64
	pos     int64
	threads []thread // by start
	next    []thread
	spans   []span // found and not taken yet
	crowd   crowd
	crowded bool
}

func newMatcher(r *Redactor) matcher { return matcher{r: r, t: r.trie, maxSpan: r.maxSpan} }

// begin returns the threads that b begins.
func begin(t *forms.Trie, b byte) []thread {
	m := matcher{t: t, maxSpan: 1 << 30, pos: 1}
	if root := t.Nodes[0].Root; root >= 0 {
		m.read(thread{state: root}, b)
	}
	return m.next
}

// feed reads p, which is the stream from pos on.
func (m *matcher) feed(p []byte) {
	esc := nextESC(p, 0)
	for i := 0; i < len(p); i++ {
		if esc < i {
			esc = nextESC(p, i)
		}
		if len(m.threads) == 0 {
			// Up to the escape: four bytes that hold it are no beginning that the filter
			// knows, though a form may begin there.
			to := m.r.filter.next(p[:esc], i)
			m.pos += int64(to - i)
			if i = to; i == len(p) {
				return
			}
		}
		m.step(p[i], m.begins(p[i:], esc-i))
	}
}

// begins reports whether a form may begin with p, which holds the first escape
// character at esc, if that is neither negative nor beyond its end.
func (m *matcher) begins(p []byte, esc int) bool {
	if len(m.r.first[p[0]]) == 0 {
		return false
	}
	if len(p) < 4 {
		return true
	}
	if esc < 0 || esc > 3 {
		return m.r.filter.has(p)
	}
	if m.r.hasESC {
		return true
	}
	gram, ok := strip(p)
	return !ok || m.r.filter.hit(gram)
}

// step reads one byte. Begins says whether a form may begin here.
func (m *matcher) step(b byte, begins bool) {
	m.pos++
	m.next = m.next[:0]
	m.crowded = len(m.threads) >= m.r.crowd
	for i := range m.threads {
		m.advance(m.threads[i], b)
	}
	if begins {
		for _, t := range m.r.first[b] {
			t.start = m.pos - 1
			m.next = append(m.next, t)
		}
	}
	m.threads, m.next = m.next, m.threads
}

// advance adds to next what t becomes by b.
func (m *matcher) advance(t thread, b byte) {
	if t.tail > 0 {
		m.swallow(t, b)
		return
	}
	if t.esc == wrapped && !breaks(b) && b != ' ' && b != '\t' {
		t.esc = ground
	}
	switch {
	case t.esc == wrapped:
		t.gap++
		m.addThread(t)
		return
	case t.esc != ground:
		on := t
		on.esc = t.esc.step(b)
		on.gap++
		if on.esc != broken {
			m.addThread(on)
		}
		if b != 0x1b {
			return
		}
		t.esc = ground // the sequence may be broken off, and ESC the value's own
	case b == 0x1b:
		m.park(t, escape)
	case breaks(b) && m.within(&t):
		m.park(t, wrapped)
	}
	m.read(t, b)
}

func (m *matcher) park(t thread, at ansi) {
	t.esc = at
	t.gap++
	m.addThread(t)
}

// read adds to next what t becomes by b as a part of a letter or gap.
func (m *matcher) read(t thread, b byte) {
	for _, e := range m.t.States[t.state].Edges {
		if e.Lo <= b && b <= e.Hi {
			m.enter(t, e.To)
		}
	}
}

// enter moves t to state: on within the letter, and past those that it completes.
func (m *matcher) enter(t thread, to int32) {
	s := &m.t.States[to]
	if len(s.Edges) > 0 {
		on := t
		on.state = to
		if s.Gap {
			on.gap++
		}
		m.addThread(on)
	}
	for _, l := range s.Done {
		if forms.IsGap(l) {
			on := t
			on.state = m.t.Nodes[t.node].Root
			on.gap++
			on.dump = on.dump || forms.EndsDumpLine(l)
			m.addThread(on)
			continue
		}
		if c := m.t.Child(t.node, l); c >= 0 {
			m.arrive(t, c)
		}
	}
}

// arrive moves t to node c, at the end of a letter.
func (m *matcher) arrive(t thread, c int32) {
	n := &m.t.Nodes[c]
	t.node, t.state, t.gap = c, n.Root, 0
	if n.Accept != 0 {
		m.found(t)
	}
	if n.Root >= 0 {
		m.addThread(t)
	}
}

func (m *matcher) found(t thread) {
	for _, needle := range m.t.Needles(t.node) {
		m.record(span{t.start, m.pos, needle})
	}
	if t.dump {
		t.tail = 1
		m.addThread(t)
	}
}

// swallow takes the rest of a dump's line.
func (m *matcher) swallow(t thread, b byte) {
	switch {
	case t.esc != ground:
		t.esc = t.esc.step(b)
	case b == 0x1b:
		t.esc = escape
	default:
		t.tail++
	}
	if breaks(b) || t.tail > maxTail {
		return
	}
	if t.esc == broken {
		t.esc = ground
	}
	for _, needle := range m.t.Needles(t.node) {
		m.record(span{t.start, m.pos, needle})
	}
	m.addThread(t)
}

// record keeps s, and only the longest of those with its start and needle.
func (m *matcher) record(s span) {
	for i := len(m.spans) - 1; i >= 0 && m.spans[i].end > s.start; i-- {
		if old := &m.spans[i]; old.start == s.start && old.needle == s.needle {
			old.end = s.end
			return
		}
	}
	m.spans = append(m.spans, s)
}

// addThread adds t to next, if it is not there yet and not out of bounds.
func (m *matcher) addThread(t thread) {
	if t.gap > maxGap || m.pos-t.start > m.maxSpan {
		return
	}
	if m.crowded {
		m.addToCrowd(t)
		return
	}
	for i := len(m.next) - 1; i >= 0 && m.next[i].start == t.start; i-- {
		if o := &m.next[i]; o.same(&t) {
			o.gap = min(o.gap, t.gap)
			return
		}
	}
	m.next = append(m.next, t)
}
