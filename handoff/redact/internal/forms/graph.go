package forms

import "slices"

// graph says how letters are spelled: a nondeterministic automaton whose states are
// shared by all words that hold the same letter.
type graph struct {
	states []State
	sets   map[string]int32
	roots  map[Letter]int32
}

// State is one place within a spelling. Entering it completes the letters in Done.
type State struct {
	Edges []Edge
	Done  []Letter
	Gap   bool // within a gap: no part of a letter was read
}

// Edge leads on for the bytes Lo to Hi.
type Edge struct {
	Lo, Hi byte
	To     int32
}

func (g *graph) place() int32 {
	g.states = append(g.states, State{})
	return int32(len(g.states) - 1)
}

func (g *graph) link(from int32, lo, hi byte, to int32) {
	g.states[from].Edges = append(g.states[from].Edges, Edge{lo, hi, to})
}

// path follows s from at, making what is missing, and returns where it ends.
func (g *graph) path(at int32, s string) int32 {
	for i := range len(s) {
		at = g.follow(at, s[i])
	}
	return at
}

func (g *graph) follow(at int32, b byte) int32 {
	for _, e := range g.states[at].Edges {
		if e.Lo == b && e.Hi == b && e.To != at {
			return e.To
		}
	}
	next := g.place()
	g.link(at, b, b, next)
	if b == '\n' { // a terminal makes CR LF of it, and CR CR LF of a CR LF that is made first
		g.link(g.follow(at, '\r'), b, b, next)
	}
	return next
}

// word makes s a spelling of l and returns its last state. The empty s is none.
func (g *graph) word(root int32, s string, l Letter) int32 {
	if s == "" {
		return root
	}
	end := g.path(root, s)
	if !slices.Contains(g.states[end].Done, l) {
		g.states[end].Done = append(g.states[end].Done, l)
	}
	return end
}

func (g *graph) words(root int32, l Letter, list ...string) {
	for _, s := range list {
		g.word(root, s, l)
	}
}

// fold makes before + digits + after a spelling of l, with every mixture of cases
// of the hex digits in digits.
func (g *graph) fold(root int32, l Letter, before, digits, after string) {
	if digits == "" {
		g.word(root, before+after, l)
		return
	}
	c, rest := digits[0], digits[1:]
	g.fold(root, l, before+string(rune(c)), rest, after)
	if 'a' <= c && c <= 'f' {
		g.fold(root, l, before+string(rune(c-'a'+'A')), rest, after)
	}
}

// loop lets any number of the bytes in set follow at end.
func (g *graph) loop(end int32, set string) {
	for _, b := range []byte(set) {
		if !slices.ContainsFunc(g.states[end].Edges, func(e Edge) bool { return e.To == end && e.Lo == b }) {
			g.link(end, b, b, end)
		}
	}
}

// root returns the state from which l is spelled.
func (g *graph) root(l Letter) int32 {
	if at, ok := g.roots[l]; ok {
		return at
	}
	at := g.place()
	g.roots[l] = at
	g.spell(at, l)
	return at
}

// rootOf returns the state from which each of the letters is spelled, and each gap
// of the set.
func (g *graph) rootOf(letters []Letter, set gaps) int32 {
	for i := range gapKinds {
		if set&(1<<i) != 0 {
			letters = append(letters, gapLetter(i))
		}
	}
	slices.Sort(letters)
	key := key(letters)
	if at, ok := g.sets[key]; ok {
		return at
	}
	var all []Edge
	for _, l := range letters {
		all = append(all, g.states[g.root(l)].Edges...)
	}
	at := g.place()
	g.states[at].Edges = all
	g.sets[key] = at
	return at
}

func key(letters []Letter) string {
	b := make([]byte, 0, 4*len(letters))
	for _, l := range letters {
		b = append(b, byte(l>>24), byte(l>>16), byte(l>>8), byte(l))
	}
	return string(b)
}
