package locked

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
)

// The tests here are not parallel: they look at what the whole process has locked.

func TestWipedMemoryIsZeroAndRefused(t *testing.T) {
	before := Now().Keys
	m := New(100)
	other := New(32) // keeps the pages
	defer other.Wipe()
	b := m.Bytes()
	if len(b) != 100 || cap(b) != 100 || !bytes.Equal(b, make([]byte, 100)) {
		t.Fatalf("%d bytes, room for %d, %x", len(b), cap(b), b)
	}
	for i := range b {
		b[i] = byte(i) | 1
	}
	m.Wipe()
	if !bytes.Equal(b, make([]byte, 100)) {
		t.Errorf("still there: %x", b)
	}
	if m.Bytes() != nil {
		t.Error("wiped memory is given out")
	}
	m.Wipe()
	if n := Now().Keys; n != before+1 {
		t.Errorf("%d keys after wiping one of two twice, want %d", n, before+1)
	}
	(*Memory)(nil).Wipe()
	if (*Memory)(nil).Bytes() != nil || New(0).Bytes() != nil {
		t.Error("nothing has bytes")
	}
}

// TestPiecesNeverOverlap: whatever is taken and given back in whatever order, each piece
// keeps what was written to it, and a new one is zero.
func TestPiecesNeverOverlap(t *testing.T) {
	type piece struct {
		m    *Memory
		mark byte
	}
	var held []piece
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 20_000 {
		if len(held) > 0 && rng.IntN(2) == 0 {
			at := rng.IntN(len(held))
			p := held[at]
			for _, c := range p.m.Bytes() {
				if c != p.mark {
					t.Fatalf("round %d: a piece was written to by another", i)
				}
			}
			p.m.Wipe()
			held[at] = held[len(held)-1]
			held = held[:len(held)-1]
			continue
		}
		m := New(1 + rng.IntN(200)*rng.IntN(100))
		for j, c := range m.Bytes() {
			if c != 0 {
				t.Fatalf("round %d: byte %d of a new piece is %d", i, j, c)
			}
			m.Bytes()[j] = byte(i) | 1
		}
		held = append(held, piece{m, byte(i) | 1})
	}
	for _, p := range held {
		p.m.Wipe()
	}
	if s := Now(); s.Keys != 0 || s.Pages != 0 {
		t.Errorf("after the last: %+v", s)
	}
}

func TestConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				m := New(64)
				m.Bytes()[0] = 1
				m.Wipe()
			}
		})
	}
	wg.Wait()
	if s := Now(); s.Keys != 0 {
		t.Errorf("%+v", s)
	}
}

// TestUnlockedPagesAreCounted: what the system refuses is told and not hidden.
func TestUnlockedPagesAreCounted(t *testing.T) {
	m := New(40)
	defer m.Wipe()
	m.from.refused = errors.New("no")
	if s := Now(); s.Unlocked != poolBytes/os.Getpagesize() || s.Refused == nil {
		t.Errorf("%+v", s)
	}
}

func BenchmarkNewWipe(b *testing.B) {
	keep := New(32)
	defer keep.Wipe()
	for b.Loop() {
		New(32).Wipe()
	}
}
