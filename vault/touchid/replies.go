package touchid

import "sync"

// replies are the answers that are waited for. A number goes through Objective-C in
// place of the Go function and is never given out again: a second answer, or one that
// comes after nobody waits, finds nothing.
type replies struct {
	mu   sync.Mutex
	last uint64                             // guarded by mu
	wait map[uint64]func(ok bool, s status) // guarded by mu
}

// add returns the number of f, never 0.
func (r *replies) add(f func(bool, status)) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wait == nil {
		r.wait = map[uint64]func(bool, status){}
	}
	r.last++
	r.wait[r.last] = f
	return r.last
}

func (r *replies) drop(n uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.wait, n)
}

// call hands an answer to whoever waits for it, once.
func (r *replies) call(n uint64, ok bool, s status) {
	r.mu.Lock()
	f := r.wait[n]
	delete(r.wait, n)
	r.mu.Unlock()
	if f != nil {
		f(ok, s)
	}
}
