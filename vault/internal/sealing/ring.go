package sealing

import (
	"maps"
	"slices"
	"sync"
)

// Ring knows the keys that are alive, so that locking forgets them all. The zero Ring is
// empty. A key's Wipe drops it from the ring.
type Ring[K interface {
	comparable
	Wipe()
}] struct {
	mu   sync.Mutex // guards the field below
	keys map[K]struct{}
}

// Add takes k in.
func (r *Ring[K]) Add(k K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil {
		r.keys = make(map[K]struct{})
	}
	r.keys[k] = struct{}{}
}

// Drop lets k go.
func (r *Ring[K]) Drop(k K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.keys, k)
}

// Len is how many keys are alive.
func (r *Ring[K]) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.keys)
}

// Wipe wipes every key. A session made from a key while this runs is met in a later
// round: making one adds it before it lets go of its parent, and no wiped key makes
// another.
func (r *Ring[K]) Wipe() {
	for {
		r.mu.Lock()
		keys := slices.Collect(maps.Keys(r.keys))
		r.mu.Unlock()
		if len(keys) == 0 {
			return
		}
		for _, k := range keys {
			k.Wipe()
		}
	}
}
