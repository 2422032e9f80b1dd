package broker

import (
	"maps"
	"slices"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// session is a standing grant. It covers the names that existed when it was
// granted, for one process and its descendants, and ends with that process, with
// the MCP server it was granted through, or with its time.
type session struct {
	info   secret.Session
	class  caller.Class
	names  map[secret.Name]bool
	anchor caller.ProcID
	via    caller.ProcID // the MCP server, or zero
	lease  lease
	key    secret.Key
	timer  *time.Timer
}

// sessions holds them, in memory only.
type sessions struct {
	clock Clock
	alive func(caller.ProcID) bool

	mu  sync.Mutex
	all map[uint64]*session // guarded by mu
}

func newSessions(c Clock, alive func(caller.ProcID) bool) *sessions {
	return &sessions{clock: c, alive: alive, all: map[uint64]*session{}}
}

// watchEvery is how often open sessions are held against their processes; there
// is no timer while none is open.
const watchEvery = 15 * time.Second

// add opens a session and takes ownership of s.key.
func (ss *sessions) add(s *session) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	ss.all[s.info.ID] = s
	s.timer = time.AfterFunc(min(s.lease.long, watchEvery), func() { ss.watch(s) })
}

// watch ends s if it is over, and looks again later if not.
func (ss *sessions) watch(s *session) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if ss.all[s.info.ID] != s {
		return
	}
	if ss.over(s) {
		ss.remove(s)
		return
	}
	s.timer.Reset(watchEvery)
}

func (ss *sessions) over(s *session) bool {
	return s.lease.over(ss.clock) || !ss.alive(s.anchor) || s.via != (caller.ProcID{}) && !ss.alive(s.via)
}

// remove wipes and forgets. ss.mu is held.
func (ss *sessions) remove(s *session) {
	s.timer.Stop()
	s.key.Wipe()
	delete(ss.all, s.info.ID)
}

// find returns a key of its own for the plan if one open session of who covers
// all of it, and notes the use. Of several it is the one that lasts longest.
func (ss *sessions) find(who caller.Caller, p *plan) (secret.Key, *secret.Session) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	var found *session
	for _, s := range ss.all {
		if ss.over(s) {
			ss.remove(s)
			continue
		}
		if s.fits(who) && s.covers(who, p) && (found == nil || s.info.Until.After(found.info.Until)) {
			found = s
		}
	}
	if found == nil {
		return nil, nil
	}
	k, err := found.key.Session(secret.Scope{Names: p.normal()})
	if err != nil {
		return nil, nil
	}
	found.info.Used++
	info := found.info
	return k, &info
}

// fits reports whether who is who the session was granted to. A human's is silent
// only while nothing but shells stands between the asker and its shell.
func (s *session) fits(who caller.Caller) bool {
	if who.Class != s.class || who.Anchor != s.anchor || who.Anchor == (caller.ProcID{}) {
		return false
	}
	return who.Class == caller.Agent || who.Quiet
}

// covers reports whether s covers all of p. What is easy needs no session where who
// is human: it counts neither against one nor, alone, as its use.
func (s *session) covers(who caller.Caller, p *plan) bool {
	any := false
	for _, e := range p.entries {
		if e.Level == secret.Easy && who.Class == caller.Human {
			continue
		}
		if !sessionable(e) || !s.names[e.Name] {
			return false
		}
		any = true
	}
	return any
}

// forget takes names out of every session: what was moved, removed or changed was
// not what the person granted.
func (ss *sessions) forget(names ...secret.Name) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for _, s := range ss.all {
		for _, n := range names {
			delete(s.names, n)
		}
		s.info.Names = slices.Sorted(maps.Keys(s.names))
		if len(s.names) == 0 {
			ss.remove(s)
		}
	}
}

// end ends one session; it reports whether there was one.
func (ss *sessions) end(id uint64) bool {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	s, ok := ss.all[id]
	if ok {
		ss.remove(s)
	}
	return ok
}

func (ss *sessions) endAll() {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	for _, s := range ss.all {
		ss.remove(s)
	}
}

func (ss *sessions) count() int { return len(ss.list()) }

// list returns the open sessions, oldest first.
func (ss *sessions) list() []secret.Session {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	var list []secret.Session
	for _, s := range ss.all {
		if ss.over(s) {
			ss.remove(s)
			continue
		}
		list = append(list, s.info)
	}
	slices.SortFunc(list, func(a, b secret.Session) int { return int(a.ID) - int(b.ID) })
	return list
}

// grantSession opens a session for who over the plan out of an approval. Requests
// that were one card get one session.
func (b *Broker) grantSession(who caller.Caller, req *secret.Request, p *plan, g *grant, long time.Duration) (*secret.Session, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.session != nil {
		return g.session, nil
	}
	names := p.coverable()
	key, err := g.key.Session(secret.Scope{Names: names, Prefix: p.prefix})
	if err != nil {
		return nil, err
	}
	l := leaseFrom(b.cfg.Clock, long)
	s := &session{class: who.Class, anchor: who.Anchor, lease: l, key: key, names: map[secret.Name]bool{},
		info: secret.Session{ID: b.nextID(), Class: who.Class.String(), Prefix: p.prefix, Names: names, Who: nameOf(who), Granted: l.wall, Until: l.until()}}
	for _, n := range names {
		s.names[n] = true
	}
	if req.MCP {
		s.via = who.Lease
	}
	info := s.info
	b.sessions.add(s)
	// Only now, so that a write in between has met the session and a lock has ended it.
	if err := b.unchanged(p); err != nil {
		b.sessions.end(info.ID)
		return nil, err
	}
	g.session = &info
	return g.session, nil
}

// unchanged refuses when a secret is not any more the one that the person saw.
func (b *Broker) unchanged(p *plan) error {
	for _, e := range p.entries {
		now, _, err := b.entryOf(e.Name)
		if err != nil {
			return err
		}
		if now.Version != e.Version {
			return &secret.Error{Code: secret.Conflict, Names: []secret.Name{e.Name}, Msg: string(e.Name) + " changed meanwhile; nothing was released"}
		}
	}
	return nil
}

// sessionLength is how long a request's session would last; 0 is no session. One
// needs a process it can hang on, which an unknown caller has not.
func (b *Broker) sessionLength(who caller.Caller, req *secret.Request) time.Duration {
	switch {
	case req.Session == 0, who.Class == caller.Unknown, who.Anchor == (caller.ProcID{}):
		return 0
	case req.Session == secret.SessionDefault:
		return b.Length(secret.SettingSession)
	}
	return time.Duration(req.Session) * time.Second
}
