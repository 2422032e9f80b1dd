// Package locked gives out memory for keys that is not Go's: pages of its own, which the
// kernel does not write to swap (mlock(2)), leaves out of core dumps (MADV_DONTDUMP) and
// gives to no child (MADV_WIPEONFORK), as far as the system has each of these. The garbage
// collector neither moves nor copies what lies there.
//
// Keys are small and live in pages together. When the last one is wiped, the pages go back
// to the system. Copies that a cipher makes of a key it is given are in Go's memory and
// beyond this package.
package locked

import (
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// unit is what memory is given out in, bytes: most keys have that many.
const unit = 32

// poolBytes is how much is asked of the system at once for small keys: four pages on most
// machines, a quarter of one on some.
const poolBytes = 16 << 10

// Memory is a piece of locked memory, for one key or a few that end together. The zero
// Memory and the nil one are wiped. It is not for use from several goroutines without a
// lock of their user's.
type Memory struct {
	b    []byte
	from *region
	at   int // first unit
}

// New returns n bytes, all zero. They are the caller's until Wipe, which must be called:
// nothing collects them. If the system has no pages to give, the bytes are Go's own, and Now
// tells.
func New(n int) *Memory {
	if n <= 0 {
		return &Memory{}
	}
	return pool.take(n)
}

// Bytes returns the memory, nil after Wipe. The slice, and every slice of it, is valid
// until Wipe: later it may be another key's, or no memory at all.
func (m *Memory) Bytes() []byte {
	if m == nil {
		return nil
	}
	return m.b
}

// Wipe overwrites the memory with zeros and gives it back. It may be called twice.
func (m *Memory) Wipe() {
	if m == nil || m.b == nil {
		return
	}
	clear(m.b)
	pool.give(m)
	*m = Memory{}
}

// Status is what is held at a moment.
type Status struct {
	Keys     int   // pieces of memory that are not wiped
	Pages    int   // pages that they lie in, of os.Getpagesize bytes
	Unlocked int   // how many of the pages may be written to swap
	Refused  error // why, the newest reason; nil if Unlocked is 0
}

// Now returns what is held.
func Now() Status { return pool.status() }

// region is pages of our own, or, where the system gave none, Go's.
type region struct {
	b       []byte
	taken   []bool // by unit
	left    int    // units not taken
	refused error  // not locked, and why
	heap    bool   // not pages of our own
}

// regions gives out units of pages.
type regions struct {
	mu   sync.Mutex // guards the fields below
	all  []*region
	keys int
}

var pool regions

func (p *regions) take(n int) *Memory {
	p.mu.Lock()
	defer p.mu.Unlock()
	units := (n + unit - 1) / unit
	p.keys++
	for _, r := range p.all {
		if at := r.room(units); at >= 0 {
			return r.cut(at, n)
		}
	}
	r := newRegion(max(poolBytes, units*unit))
	p.all = append(p.all, r)
	return r.cut(0, n)
}

// give takes m back; with the last one all pages go to the system.
func (p *regions) give(m *Memory) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range (len(m.b) + unit - 1) / unit {
		m.from.taken[m.at+i] = false
		m.from.left++
	}
	if p.keys--; p.keys > 0 {
		return
	}
	for _, r := range p.all {
		r.release()
	}
	p.all = nil
}

func (p *regions) status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Status{Keys: p.keys}
	for _, r := range p.all {
		n := len(r.b) / os.Getpagesize()
		s.Pages += n
		if r.refused != nil {
			s.Unlocked += n
			s.Refused = r.refused
		}
	}
	return s
}

// room is where so many free units lie together, -1 for nowhere.
func (r *region) room(units int) int {
	if r.left < units {
		return -1
	}
	run := 0
	for i, taken := range r.taken {
		if run++; taken {
			run = 0
		}
		if run == units {
			return i + 1 - units
		}
	}
	return -1
}

func (r *region) cut(at, n int) *Memory {
	for i := range (n + unit - 1) / unit {
		r.taken[at+i] = true
		r.left--
	}
	start := at * unit
	return &Memory{b: r.b[start : start+n : start+n], from: r, at: at}
}

var errNoPages = errors.New("the system gave no pages of their own")

// newRegion maps at least size bytes, whole pages, and protects them.
func newRegion(size int) *region {
	page := os.Getpagesize()
	size = (size + page - 1) / page * page
	r := &region{taken: make([]bool, size/unit), left: size / unit}
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		r.b, r.heap, r.refused = make([]byte, size), true, errNoPages
		return r
	}
	r.b, r.refused = b, protect(b)
	return r
}

// release gives the pages back; what was in them is wiped by then.
func (r *region) release() {
	if !r.heap {
		_ = unix.Munmap(r.b) // fails only for what is not mapped
	}
	r.b = nil
}
