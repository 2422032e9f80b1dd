package caller

import "errors"

// table is a process table: the kernel's, or a made-up one in tests.
type table interface {
	// pin takes hold of the process that has this pid now. What the pin says later is about that
	// process and no other, whoever gets its pid. ErrGone if there is none.
	pin(pid int) (pinned, error)
	// remote says where the login session that this sshd of root's serves came from, given the
	// processes below it, nearest first.
	remote(sshd Process, below []record) (host string, o origin)
}

// pinned is one process held fast.
type pinned interface {
	glance() (glance, error) // as it is now; ErrGone when it has quit
	// look reads the rest. brief leaves out environment and namespaces, which do not matter above
	// what the chain hangs on: there only agents are looked for.
	look(g glance, brief bool) (record, error)
	dir() string
	release()
}

// glance is what a process cannot keep from changing when it quits, loses its parent or execs.
type glance struct {
	id        ProcID
	ppid      int
	sid, pgid int
	tty       uint64
	comm      string
	dead      bool // zombie
}

// origin of a login session.
type origin int

const (
	originUnknown origin = iota
	originLocal          // this machine
	originFar
)

// record is one process of the chain with what was found out about it beyond its description.
type record struct {
	Process
	mark     string // the agent whose mark its environment bears, "" for none
	hidden   bool   // environment or namespaces unreadable
	foreign  bool   // in another user, mount or pid namespace than ours
	unproven bool   // runs code that this user could have written
	terminal string // the terminal emulator that it is proved to be, "" for none
	host     string // for root's sshd: where the session comes from
	origin   origin // likewise
}

// walk is what was found on the way up.
type walk struct {
	recs   []record // nearest first
	whole  bool     // reached pid 1, or a process whose parent is outside
	fault  Reason   // what went wrong, or ReasonNone
	dir    string
	rooted bool // what the chain hangs on has been met
	// doubt is how many of recs, from the first, were found again; those behind may be gone, and
	// others have their pids. 0 is all of them.
	doubt int
}

// sure reports whether recs[i] was found again.
func (w walk) sure(i int) bool { return w.doubt == 0 || i < w.doubt }

func (w walk) processes() []Process {
	out := make([]Process, len(w.recs))
	for i := range w.recs {
		out[i] = w.recs[i].Process
	}
	return out
}

// climb walks up from pid. It first takes hold of every process and reads it, then looks at all
// of them again. A child keeps its parent's pid only while the parent lives, so a child that, after
// the parent was pinned, still names it proves that the pinned process is the parent, even if
// pids were given out again meanwhile.
func climb(t table, pid int) (walk, error) {
	var w walk
	var pins []pinned
	var seen []glance
	defer func() {
		for _, p := range pins {
			p.release()
		}
	}()
	for next := pid; !w.whole && w.fault == ReasonNone; {
		if len(pins) == MaxChain {
			w.fault = ReasonTooDeep
			break
		}
		p, err := t.pin(next)
		if err != nil {
			w.fault = faultOf(err)
			break
		}
		pins = append(pins, p)
		var g glance
		if g, w.fault = w.step(p, seen); w.fault == ReasonNone {
			seen = append(seen, g)
			w.whole, next = g.id.PID == 1 || g.ppid == 0, g.ppid
		}
	}
	if len(w.recs) == 0 {
		return w, ErrGone
	}
	w.dir = pins[0].dir()
	w.origins(t)
	if r, n := unchanged(pins, seen); r != ReasonNone {
		w.fault, w.doubt = r, n
	}
	return w, nil
}

// step reads one process and appends it.
func (w *walk) step(p pinned, seen []glance) (glance, Reason) {
	g, err := p.glance()
	if err != nil {
		return g, faultOf(err)
	}
	if g.dead {
		return g, ReasonCut
	}
	if n := len(seen); n > 0 && seen[n-1].id.Start != 0 && g.id.Start > seen[n-1].id.Start {
		return g, ReasonRace // a parent is not younger than its child (0: the kernel did not say)
	}
	n := len(w.recs)
	r, err := p.look(g, w.rooted)
	if err != nil {
		return g, faultOf(err)
	}
	w.recs = append(w.recs, r)
	w.rooted = w.rooted || n > 0 && kindOf(r) != noRoot
	return g, ReasonNone
}

// origins asks where the nearest sshd's session came from.
func (w *walk) origins(t table) {
	for i := range w.recs {
		if sshd(w.recs[i].Process) {
			w.recs[i].host, w.recs[i].origin = t.remote(w.recs[i].Process, w.recs[:i])
			return
		}
	}
}

// unchanged looks at every process a second time. If one is not as it was, it says how many
// were; the peer counts as one of them, for whether it lives is asked last (still).
func unchanged(pins []pinned, seen []glance) (Reason, int) {
	for i, was := range seen {
		now, err := pins[i].glance()
		switch {
		case err != nil:
			return faultOf(err), max(i, 1)
		case now.dead:
			return ReasonCut, max(i, 1)
		case now.ppid != was.ppid:
			return ReasonCut, i + 1 // itself it is there
		case now != was:
			return ReasonRace, max(i, 1)
		}
	}
	return ReasonNone, 0
}

func faultOf(err error) Reason {
	if errors.Is(err, ErrGone) {
		return ReasonCut
	}
	return ReasonError
}

// maxDescent bounds how far below looks up. Nothing is read on the way but the links, so it may be
// longer than a chain.
const maxDescent = 128

// below climbs by pid alone until it meets the ancestor, then looks at every link again.
func below(t table, pid int, ancestor ProcID) bool {
	var pins []pinned
	var seen []glance
	defer func() {
		for _, p := range pins {
			p.release()
		}
	}()
	for next := pid; next > 0 && len(pins) < maxDescent; {
		p, err := t.pin(next)
		if err != nil {
			return false
		}
		pins = append(pins, p)
		g, err := p.glance()
		if err != nil || g.dead {
			return false
		}
		if len(seen) > 0 && g.id == ancestor {
			return linked(pins, seen) // the ancestor itself may be reparented meanwhile
		}
		seen = append(seen, g)
		next = g.ppid
	}
	return false
}

func linked(pins []pinned, seen []glance) bool {
	for i, was := range seen {
		now, err := pins[i].glance()
		if err != nil || now.dead || now.id != was.id || now.ppid != was.ppid {
			return false
		}
	}
	return true
}
