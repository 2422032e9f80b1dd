package redact

import (
	"slices"
	"strings"

	"noxkey/handoff/redact/internal/forms"
)

// oracle reads a text slowly: from each byte on, all ways to read it, each kept with all
// that is known of it. It has no filter, keeps no threads between starts and holds nothing.
type oracle struct {
	r     *Redactor
	start int
	pos   int   // behind the byte that is read
	since []int // for each byte, where the first form that holds it ends
}

// way is one way to have read what was read since start.
type way struct {
	node, state int32
	esc         ansi
	gap, tail   int
	dump        bool
}

// look reads text.
func (o *oracle) look(text string) {
	o.since = slices.Repeat([]int{never}, len(text))
	for o.start = range len(text) {
		ways := map[way]bool{{state: o.r.trie.Nodes[0].Root}: true}
		for o.pos = o.start + 1; o.pos <= len(text) && len(ways) > 0 && o.pos-o.start <= int(o.r.maxSpan); o.pos++ {
			next := map[way]bool{}
			for w := range ways {
				o.read(w, text[o.pos-1], next)
			}
			ways = next
		}
	}
}

const never = 1 << 30

// found counts what was read since start as a form.
func (o *oracle) found() {
	for i := o.start; i < o.pos; i++ {
		o.since[i] = min(o.since[i], o.pos)
	}
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
	if len(o.r.trie.Needles(c)) > 0 {
		o.found()
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
	o.found()
	next[w] = true
}
