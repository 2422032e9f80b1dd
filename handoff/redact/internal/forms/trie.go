package forms

// Trie holds the forms of all values, each a path of letters from node 0. Because a
// character may be one letter or several, it is not strictly a tree. Nodes and States
// are for reading only.
type Trie struct {
	Nodes  []Node
	States []State

	arcs    []arc
	accepts [][]int32 // needles that end at a node; 0 is none
	// crowded finds the arcs of a node but its 8 newest: the root has hundreds.
	crowded map[int32]map[Letter]int32
}

// Node is a place within the forms.
type Node struct {
	// Root is the state from which the letters and gaps that may follow are spelled, -1
	// at the end of a form.
	Root int32
	// Accept is not 0 where a form ends; see Needles.
	Accept int32
	Hold   Hold
	gaps   gaps
	arc    int32 // first of its arcs, -1 for none
}

// Hold says how much of a value was read at a node.
type Hold uint8

// At this node, or within a letter after it, more than a peek was read.
const (
	HoldHere Hold = 1 << iota
	HoldNext
)

// arc leads from a node by a letter.
type arc struct {
	l    Letter
	to   int32
	next int32 // the node's next arc, -1 for none
}

// Child returns the node that l leads to from n, -1 for none.
func (t *Trie) Child(n int32, l Letter) int32 {
	steps := 0
	for a := t.Nodes[n].arc; a >= 0; a = t.arcs[a].next {
		if t.arcs[a].l == l {
			return t.arcs[a].to
		}
		if steps++; steps == 8 {
			if c, ok := t.crowded[n][l]; ok {
				return c
			}
			return -1
		}
	}
	return -1
}

// Needles returns the values of which a form ends at n, as they were numbered. The
// slice is the trie's.
func (t *Trie) Needles(n int32) []int32 { return t.accepts[t.Nodes[n].Accept] }

// Wipe overwrites the forms with zeros.
func (t *Trie) Wipe() {
	clear(t.Nodes)
	clear(t.arcs)
	clear(t.States)
	for _, m := range t.crowded {
		clear(m)
	}
	*t = Trie{}
}

// Builder grows a Trie.
type Builder struct {
	t *Trie
	g graph
}

// NewBuilder begins an empty Trie.
func NewBuilder() *Builder {
	b := &Builder{
		t: &Trie{accepts: [][]int32{nil}, crowded: map[int32]map[Letter]int32{}},
		g: graph{sets: map[string]int32{}, roots: map[Letter]int32{}},
	}
	b.node()
	return b
}

func (b *Builder) node() int32 {
	b.t.Nodes = push(b.t.Nodes, Node{arc: -1})
	return int32(len(b.t.Nodes) - 1)
}

// push appends v to s, and leaves no copy behind when s grows.
func push[T any](s []T, v T) []T {
	if len(s) < cap(s) {
		return append(s, v)
	}
	grown := append(make([]T, 0, 2*cap(s)+1024), s...)
	clear(s)
	return append(grown, v)
}

// extend returns the node that l leads to from n, made if it is missing.
func (b *Builder) extend(n int32, l Letter) int32 {
	if c := b.t.Child(n, l); c >= 0 {
		return c
	}
	c := b.node()
	b.join(n, l, c)
	return c
}

// join makes l lead from n to to. A letter leads to one node only: Child finds one.
func (b *Builder) join(n int32, l Letter, to int32) {
	if b.t.Child(n, l) == to {
		return
	}
	b.t.arcs = push(b.t.arcs, arc{l, to, b.t.Nodes[n].arc})
	at := int32(len(b.t.arcs) - 1)
	b.t.Nodes[n].arc = at
	// All arcs but the 8 newest are found by map.
	for range 8 {
		if at = b.t.arcs[at].next; at < 0 {
			return
		}
	}
	if b.t.crowded[n] == nil {
		b.t.crowded[n] = map[Letter]int32{}
	}
	b.t.crowded[n][b.t.arcs[at].l] = b.t.arcs[at].to
}

func (b *Builder) end(n int32, needle int32) {
	at := b.t.Nodes[n].Accept
	if at == 0 {
		b.t.accepts = append(b.t.accepts, nil)
		at = int32(len(b.t.accepts) - 1)
		b.t.Nodes[n].Accept = at
	}
	for _, i := range b.t.accepts[at] {
		if i == needle {
			return
		}
	}
	b.t.accepts[at] = append(b.t.accepts[at], needle)
}

// word is one form of a value.
type word struct {
	letters []Letter
	gaps    func(depth int) gaps
	loose   int // letters that FlushIdle may let go
}

// insert adds w and returns its nodes, the root first.
func (b *Builder) insert(w word, needle int32) []int32 {
	path := make([]int32, 1, len(w.letters)+1)
	n := int32(0)
	for i, l := range w.letters {
		n = b.extend(n, l)
		path = append(path, n)
		if i+1 < len(w.letters) {
			b.t.Nodes[n].gaps |= w.gaps(i + 1)
		}
		if i+1 > w.loose {
			b.t.Nodes[n].Hold |= HoldHere
		}
		if i+2 > w.loose {
			b.t.Nodes[n].Hold |= HoldNext
		}
	}
	b.end(n, needle)
	return path
}

// Finish computes the states from which each node goes on, and returns the Trie. The
// Builder is of no use after it.
func (b *Builder) Finish() *Trie {
	type one struct {
		l Letter
		g gaps
	}
	single := map[one]int32{}
	for i := range b.t.Nodes {
		n := &b.t.Nodes[i]
		if n.arc < 0 {
			n.Root = -1
			continue
		}
		if a := b.t.arcs[n.arc]; a.next < 0 {
			k := one{a.l, n.gaps}
			root, ok := single[k]
			if !ok {
				root = b.g.rootOf([]Letter{a.l}, n.gaps)
				single[k] = root
			}
			n.Root = root
			continue
		}
		var all []Letter
		for a := n.arc; a >= 0; a = b.t.arcs[a].next {
			all = append(all, b.t.arcs[a].l)
		}
		n.Root = b.g.rootOf(all, n.gaps)
	}
	b.t.States = b.g.states
	return b.t
}
