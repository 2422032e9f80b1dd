package redact

// crowd finds threads by what they have read. It serves where there are many: in a text
// of quotes, for a value that begins with some, each byte begins threads of which
// those before have read as much, and more.
type crowd struct {
	slots []slot
}

type slot struct {
	pos int64 // of the matcher when it was filled: all others are free
	at  int32 // index in next
}

// crowdSize is the number of threads from which a crowd is used: below, looking at all
// those of one start is quicker.
const crowdSize = 256

// same reports whether t and o go on alike.
func (t *thread) same(o *thread) bool {
	return o.node == t.node && o.state == t.state && o.esc == t.esc && o.dump == t.dump && o.tail == t.tail
}

func (t *thread) hash() uint32 {
	h := uint32(t.node)*0x9e3779b1 ^ uint32(t.state)*0x85ebca6b ^ uint32(t.esc)<<8 ^ uint32(t.tail)
	return h ^ h>>15
}

// find returns the slot of the last thread in next that goes on as t does, or a free one.
func (c *crowd) find(t *thread, next []thread, pos int64) *slot {
	if 2*len(next) >= len(c.slots) {
		c.grow(next, pos)
	}
	mask := uint32(len(c.slots) - 1)
	for i := t.hash() & mask; ; i = (i + 1) & mask {
		s := &c.slots[i]
		if s.pos != pos || next[s.at].same(t) {
			return s
		}
	}
}

func (c *crowd) grow(next []thread, pos int64) {
	c.slots = make([]slot, max(4*crowdSize, 2*len(c.slots)))
	for i := range next {
		*c.find(&next[i], next, pos) = slot{pos, int32(i)}
	}
}

// addToCrowd is addThread in a crowd. Of two threads that go on alike, the one that began
// first and has the shorter gap finds all that the other would, and from an earlier
// byte on; in the second half of its span it might end before the other.
func (m *matcher) addToCrowd(t thread) {
	s := m.crowd.find(&t, m.next, m.pos)
	if s.pos == m.pos {
		switch o := &m.next[s.at]; {
		case o.start == t.start:
			o.gap = min(o.gap, t.gap)
			return
		case o.gap <= t.gap && m.pos-o.start <= m.maxSpan/2:
			return
		}
	}
	*s = slot{m.pos, int32(len(m.next))}
	m.next = append(m.next, t)
}
