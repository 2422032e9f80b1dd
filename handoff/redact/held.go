package redact

import "noxkey/handoff/redact/internal/forms"

// frontier is the offset before which nothing can become part of a form any more.
func (m *matcher) frontier() int64 {
	if len(m.threads) == 0 {
		return m.pos
	}
	return m.threads[0].start
}

// heldFrom is frontier without the threads that may be let go. Out is what has been
// passed on or redacted.
func (m *matcher) heldFrom(out int64) int64 {
	for i := range m.threads {
		t := &m.threads[i]
		read := m.pos - int64(t.gap)
		if m.within(t) {
			read = m.pos
		}
		if m.secretive(t) && out < read && !m.covered(t.start, read) {
			return t.start
		}
	}
	return m.pos
}

// secretive reports whether t has read more of a value than a peek shows.
func (m *matcher) secretive(t *thread) bool {
	n := &m.t.Nodes[t.node]
	switch {
	case t.tail > 0:
		return false // the form is found, and what follows is taken when it comes
	case n.Hold&forms.HoldHere != 0:
		return true
	}
	return m.within(t) && n.Hold&forms.HoldNext != 0
}

// covered reports whether what lies between start and end was found already.
func (m *matcher) covered(start, end int64) bool {
	for _, s := range m.spans {
		if s.start <= start && end <= s.end {
			return true
		}
	}
	return false
}

// within reports whether t has read a part of a letter.
func (m *matcher) within(t *thread) bool {
	return t.state != m.t.Nodes[t.node].Root && !m.t.States[t.state].Gap
}
