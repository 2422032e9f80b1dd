package redact

import (
	"encoding/binary"
	"slices"

	"noxkey/handoff/redact/internal/forms"
)

// filter is a Bloom filter, with two hashes, of all four bytes with which a form may
// begin, escape sequences aside. 256 KiB: with half of that, 50 values fill 8 % of it, and text
// is a fifth slower.
type filter struct {
	a, b [1 << (filterBits - 6)]uint64
}

const filterBits = 20

func (f *filter) add(g uint32) {
	h, k := hashA(g), hashB(g)
	f.a[h>>6] |= 1 << (h & 63)
	f.b[k>>6] |= 1 << (k & 63)
}

func hashA(g uint32) uint32 { return g * 0x9e3779b1 >> (32 - filterBits) }
func hashB(g uint32) uint32 { return (g ^ g>>15) * 0x85ebca6b >> (32 - filterBits) }

// has reports whether a form may begin with the first four bytes of p.
func (f *filter) has(p []byte) bool {
	g := binary.LittleEndian.Uint32(p)
	return f.hit(g)
}

func (f *filter) hit(g uint32) bool {
	h := hashA(g)
	if f.a[h>>6]>>(h&63)&1 == 0 {
		return false
	}
	k := hashB(g)
	return f.b[k>>6]>>(k&63)&1 != 0
}

// next returns the first offset from i on at which a form may begin, or from which
// fewer than four bytes follow.
func (f *filter) next(p []byte, i int) int {
	for ; i+4 <= len(p); i++ {
		if f.hit(binary.LittleEndian.Uint32(p[i:])) {
			return i
		}
	}
	return i
}

// build adds the beginnings of all forms in t.
func (f *filter) build(t *forms.Trie) {
	g := grams{f: f, m: matcher{t: t, maxSpan: 1 << 30}}
	if t.Nodes[0].Root >= 0 {
		g.walk([]thread{{state: t.Nodes[0].Root}}, 0, 0)
	}
}

func (f *filter) wipe() { *f = filter{} }

// grams walks the automaton four bytes deep.
type grams struct {
	f *filter
	m matcher
}

func (g *grams) walk(at []thread, gram uint32, depth int) {
	if depth == 4 {
		g.f.add(gram)
		return
	}
	for b, used := range g.goOn(at) {
		if !used {
			continue
		}
		g.m.next = nil
		for i := range at {
			g.m.advance(at[i], byte(b))
		}
		next := slices.DeleteFunc(g.m.next, func(t thread) bool { return t.esc != ground && t.esc != wrapped })
		if len(next) > 0 {
			g.walk(next, gram|uint32(b)<<(8*depth), depth+1)
		}
	}
}

// goOn returns by which bytes the threads in at go on, those that begin an escape
// sequence aside.
func (g *grams) goOn(at []thread) (bytes [256]bool) {
	for i := range at {
		t := &at[i]
		for _, e := range g.m.t.States[t.state].Edges {
			for b := int(e.Lo); b <= int(e.Hi); b++ {
				bytes[b] = true
			}
		}
		if t.esc == wrapped {
			bytes[' '], bytes['\t'] = true, true
		}
		if t.esc == wrapped || g.m.within(t) {
			bytes['\n'], bytes['\r'] = true, true
		}
	}
	return bytes
}
