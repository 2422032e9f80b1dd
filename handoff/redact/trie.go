package redact

// trie holds the words: the forms of all values, each a path of letters. Because a
// character may be one letter or several, it is not strictly a tree.
type trie struct {
	graph   graph
	nodes   []node
	arcs    []arc
	accepts [][]int32 // needles that end at a node; 0 is none
	// crowded finds the arcs of a node but its 8 newest: the root has hundreds.
	crowded map[int32]map[letter]int32
}

// node is a place within the forms. Root is the graph's state from which the letters
// and gaps that may follow are spelled.
type node struct {
	root   int32
	arc    int32 // first of its arcs, -1 for none
	accept int32
	gaps   gaps
	hold   uint8 // see holdHere
}

// What FlushIdle must not let go: at this node, and within a letter after it.
const (
	holdHere = 1 << iota
	holdNext
)

// arc leads from a node by a letter.
type arc struct {
	l    letter
	to   int32
	next int32 // the node's next arc, -1 for none
}

func (t *trie) child(n int32, l letter) int32 {
	steps := 0
	for a := t.nodes[n].arc; a >= 0; a = t.arcs[a].next {
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

func (t *trie) wipe() {
	clear(t.nodes)
	clear(t.arcs)
	for _, m := range t.crowded {
		clear(m)
	}
	clear(t.graph.sets)
	clear(t.graph.roots)
	clear(t.graph.states)
	*t = trie{}
}

// builder grows a trie.
type builder struct{ t *trie }

func newBuilder(t *trie) *builder {
	t.graph = graph{sets: map[string]int32{}, roots: map[letter]int32{}}
	t.accepts = [][]int32{nil}
	t.crowded = map[int32]map[letter]int32{}
	b := &builder{t: t}
	b.node()
	return b
}

func (b *builder) node() int32 {
	b.t.nodes = push(b.t.nodes, node{arc: -1})
	return int32(len(b.t.nodes) - 1)
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
func (b *builder) extend(n int32, l letter) int32 {
	if c := b.t.child(n, l); c >= 0 {
		return c
	}
	c := b.node()
	b.join(n, l, c)
	return c
}

func (b *builder) join(n int32, l letter, to int32) {
	if b.t.child(n, l) == to {
		return
	}
	b.t.arcs = push(b.t.arcs, arc{l, to, b.t.nodes[n].arc})
	at := int32(len(b.t.arcs) - 1)
	b.t.nodes[n].arc = at
	// All arcs but the 8 newest are found by map.
	for range 8 {
		if at = b.t.arcs[at].next; at < 0 {
			return
		}
	}
	if b.t.crowded[n] == nil {
		b.t.crowded[n] = map[letter]int32{}
	}
	b.t.crowded[n][b.t.arcs[at].l] = b.t.arcs[at].to
}

func (b *builder) accept(n int32, needle int32) {
	at := b.t.nodes[n].accept
	if at == 0 {
		b.t.accepts = append(b.t.accepts, nil)
		at = int32(len(b.t.accepts) - 1)
		b.t.nodes[n].accept = at
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
	letters []letter
	gaps    func(depth int) gaps
	loose   int // letters that FlushIdle may let go
}

// insert adds w and returns its nodes, the root first.
func (b *builder) insert(w word, needle int32) []int32 {
	path := make([]int32, 1, len(w.letters)+1)
	n := int32(0)
	for i, l := range w.letters {
		n = b.extend(n, l)
		path = append(path, n)
		if i+1 < len(w.letters) {
			b.t.nodes[n].gaps |= w.gaps(i + 1)
		}
		if i+1 > w.loose {
			b.t.nodes[n].hold |= holdHere
		}
		if i+2 > w.loose {
			b.t.nodes[n].hold |= holdNext
		}
	}
	b.accept(n, needle)
	return path
}

// finish computes the states from which each node goes on.
func (b *builder) finish() {
	type one struct {
		l letter
		g gaps
	}
	single := map[one]int32{}
	for i := range b.t.nodes {
		n := &b.t.nodes[i]
		if n.arc < 0 {
			n.root = -1
			continue
		}
		if a := b.t.arcs[n.arc]; a.next < 0 {
			k := one{a.l, n.gaps}
			root, ok := single[k]
			if !ok {
				root = b.t.graph.rootOf([]letter{a.l}, n.gaps)
				single[k] = root
			}
			n.root = root
			continue
		}
		var all []letter
		for a := n.arc; a >= 0; a = b.t.arcs[a].next {
			all = append(all, b.t.arcs[a].l)
		}
		n.root = b.t.graph.rootOf(all, n.gaps)
	}
}
