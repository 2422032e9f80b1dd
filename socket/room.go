package socket

import (
	"net"
	"sync"
)

// held is what connections take up: their number, and that of those with a long line.
type held struct{ open, long int }

func (h held) plus(o held) held       { return held{h.open + o.open, h.long + o.long} }
func (h held) minus(o held) held      { return held{h.open - o.open, h.long - o.long} }
func (h held) within(bound held) bool { return h.open <= bound.open && h.long <= bound.long }

// guest is a connection that was let in.
type guest struct {
	c   *net.UnixConn
	pid int

	had   held // guarded by room.mu; zero once it has left
	came  int  // guarded by room.mu
	asked bool // its request has been read; guarded by room.mu
}

// room counts the guests of a server. When it is full, a newcomer takes the place of
// the guest that has owed its request longest: an honest one sends it at once, so
// that however many hostile ones sit there, there is a way in.
type room struct {
	mu     sync.Mutex
	peers  map[int]held        // by pid; guarded by mu
	all    held                // guarded by mu
	guests map[*guest]struct{} // guarded by mu
	serial int                 // guarded by mu
}

// enter lets a connection of pid in, or returns nil: the bounds are reached.
func (r *room) enter(c *net.UnixConn, pid int) *guest {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peers[pid].open >= maxPerPeer {
		return nil
	}
	if r.all.open >= maxConns {
		r.showOut()
	}
	r.serial++
	g := &guest{c: c, pid: pid, came: r.serial}
	if !r.take(g, held{open: 1}) {
		return nil
	}
	r.guests[g] = struct{}{}
	return g
}

// widen gives g the room for a long line, or an error of code Busy.
func (r *room) widen(g *guest) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.take(g, held{long: 1}) {
		return errRoom
	}
	return nil
}

// take adds more to what g holds, or reports that it would be beyond the bounds of its
// process or of all. Callers hold mu.
func (r *room) take(g *guest, more held) bool {
	all, peer := r.all.plus(more), r.peers[g.pid].plus(more)
	if !all.within(held{maxConns, maxLong}) || !peer.within(held{maxPerPeer, maxLongPer}) {
		return false
	}
	r.all, r.peers[g.pid], g.had = all, peer, g.had.plus(more)
	return true
}

// stay says that g's request has been read. It reports whether g is still in.
func (r *room) stay(g *guest) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	g.asked = true
	return g.had != held{}
}

// showOut ends the connection that has owed its request longest, if there is one.
// Callers hold mu.
func (r *room) showOut() {
	var last *guest
	for g := range r.guests {
		if !g.asked && (last == nil || g.came < last.came) {
			last = g
		}
	}
	if last != nil {
		r.forget(last)
		last.c.Close()
	}
}

func (r *room) leave(g *guest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(g)
}

// forget gives back what g holds, once. Callers hold mu.
func (r *room) forget(g *guest) {
	delete(r.guests, g)
	r.all, r.peers[g.pid] = r.all.minus(g.had), r.peers[g.pid].minus(g.had)
	g.had = held{}
	if r.peers[g.pid] == g.had {
		delete(r.peers, g.pid)
	}
}
