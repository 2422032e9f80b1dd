package forms

import (
	"math/rand/v2"
	"testing"

	"noxkey/secret"
)

// TestWipe: nothing of the forms is left, where the trie grew neither.
func TestWipe(t *testing.T) {
	b := NewBuilder()
	b.Add([]byte("first-Zq8xW2"), 0)
	small := b.t.arcs
	for i := range 50 {
		b.Add([]byte("another-value-that-makes-it-grow-"+string(rune('a'+i))), int32(i))
	}
	trie := b.Finish()
	if &small[0] == &trie.arcs[0] {
		t.Fatal("the trie did not grow")
	}
	all := [][]arc{small, trie.arcs}
	trie.Wipe()
	for _, arcs := range all {
		for _, a := range arcs {
			if a != (arc{}) {
				t.Fatal("an arc is left")
			}
		}
	}
}

// TestNeedles: a form ends at a node that knows whose it is.
func TestNeedles(t *testing.T) {
	b := NewBuilder()
	b.Add([]byte("Zq8xW2"), 3)
	b.Add([]byte("Zq8xW2"), 5)
	trie := b.Finish()
	n := int32(0)
	for _, c := range "Zq8xW2" {
		if n = trie.Child(n, Letter(c)); n < 0 {
			t.Fatalf("no way on at %c", c)
		}
	}
	if got := trie.Needles(n); len(got) != 2 || got[0] != 3 || got[1] != 5 {
		t.Errorf("%v", got)
	}
	if got := trie.Needles(0); len(got) != 0 {
		t.Errorf("the root is the end of %v", got)
	}
}

// TestOneWayOn: a letter leads from a node to one other, also where values of any bytes
// begin alike: a second way on would hide the first.
func TestOneWayOn(t *testing.T) {
	b := NewBuilder()
	rnd := rand.New(rand.NewPCG(1, 2))
	parts := []string{"a", "\xff", "\xfe", "\xc3", "\ufffd", "\n", " ", "ä", "Л", "😀", "\x1b", `\n`, "="}
	for i := range 300 {
		var v []byte
		for len(v) < MinLen+i%5 {
			v = append(v, parts[rnd.IntN(len(parts))]...)
		}
		if v = secret.Trim(v); len(v) >= MinLen {
			b.Add(v, int32(i))
		}
	}
	trie := b.Finish()
	for n := range trie.Nodes {
		for a := trie.Nodes[n].arc; a >= 0; a = trie.arcs[a].next {
			if l, to := trie.arcs[a].l, trie.arcs[a].to; trie.Child(int32(n), l) != to {
				t.Fatalf("letter %x leads from node %d to %d and %d", l, n, to, trie.Child(int32(n), l))
			}
		}
	}
}
