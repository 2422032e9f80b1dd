package broker

import (
	"crypto/rand"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// ticketTime is how long an approved request may wait to be fetched.
const ticketTime = 120 * time.Second

// Bounds of what waits to be fetched. Under a session a request needs no card, so
// that the bounds of the queue do not hold it.
const (
	maxTickets        = 512
	maxTicketsPerPeer = 64
)

// ticket is an approval that has not been fetched yet. It opens its own versions
// and nothing else; the key it holds may reach further (to the prefix of a session
// that was granted with it) for as long as it waits.
type ticket struct {
	peer    caller.ProcID  // who may fetch: the process that asked, nobody else
	entries []secret.Entry // as they were approved
	vars    []string
	key     secret.Key // may be nil: easy values only
	who     caller.Caller
	backup  bool // fetched a part at a time
	lease   lease
	timer   *time.Timer
}

func (t *ticket) wipe() {
	t.timer.Stop()
	if t.key != nil {
		t.key.Wipe()
	}
}

func (t *ticket) names() []secret.Name {
	names := make([]secret.Name, len(t.entries))
	for i, e := range t.entries {
		names[i] = e.Name
	}
	return names
}

type tickets struct {
	clock Clock
	alive func(caller.ProcID) bool

	mu    sync.Mutex
	all   map[string]*ticket // guarded by mu
	spent map[string]*ticket // taken a short while ago, without their keys; guarded by mu
}

func newTickets(c Clock, alive func(caller.ProcID) bool) *tickets {
	return &tickets{clock: c, alive: alive, all: map[string]*ticket{}, spent: map[string]*ticket{}}
}

// add takes ownership of t.key and returns the ticket's id.
func (ts *tickets) add(t *ticket) string {
	id := rand.Text()
	t.lease = leaseFrom(ts.clock, ticketTime)
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.all[id] = t
	t.timer = time.AfterFunc(ticketTime, func() { ts.drop(id) })
	return id
}

// take removes the ticket and returns it, nil if there is none: a ticket is worth
// something once, whoever comes with it.
func (ts *tickets) take(id string) *ticket {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.all[id]
	if t == nil {
		return nil
	}
	delete(ts.all, id)
	for old := range ts.spent { // any of them: they only serve to name a reader in the audit
		if len(ts.spent) < maxTickets {
			break
		}
		delete(ts.spent, old)
	}
	ts.spent[id] = t
	time.AfterFunc(ticketTime, func() {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		delete(ts.spent, id)
	})
	return t
}

// drop voids a ticket, if it is there.
func (ts *tickets) drop(id string) {
	if t := ts.take(id); t != nil {
		t.wipe()
	}
}

// room reports whether one more ticket of that process is within the bounds. When
// there are many, it lets go of those whose process has quit.
func (ts *tickets) room(peer caller.ProcID) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	full, same := len(ts.all) >= maxTickets, 0
	for id, t := range ts.all {
		if full && !ts.alive(t.peer) {
			t.wipe()
			delete(ts.all, id)
		} else if t.peer == peer {
			same++
		}
	}
	return len(ts.all) < maxTickets && same < maxTicketsPerPeer
}

// forget returns a ticket that was taken a short while ago, once.
func (ts *tickets) forget(id string) *ticket {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.spent[id]
	delete(ts.spent, id)
	return t
}

func (ts *tickets) dropAll() {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for id, t := range ts.all {
		t.wipe()
		delete(ts.all, id)
	}
}

// redeem fetches the values of a ticket.
func (b *Broker) redeem(who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	t := b.tickets.take(req.Ticket)
	if t == nil {
		return b.refuse(who, req, nil, secret.Errorf(secret.Denied, "this ticket was used, is over, or never was"))
	}
	defer t.wipe()
	names := t.names()
	switch {
	case len(who.Chain) == 0 || who.Chain[0].ID != t.peer:
		return b.refuse(who, req, names, secret.Errorf(secret.Denied, "this ticket belongs to another process; it is void now"))
	case t.lease.over(b.cfg.Clock):
		return b.refuse(who, req, names, secret.Errorf(secret.TimedOut, "this ticket is over"))
	}
	if err := firstError(b.stillThere(t.who), b.oursOnly(who)); err != nil {
		return b.refuse(who, req, names, err)
	}
	if t.backup {
		return b.nextPart(req, t, out)
	}
	r := b.entry(t.who, req, names, secret.Released)
	r.Detail = req.Reader
	values, told, err := b.giveOut(who, req, r, t.key, t.entries, secret.DeliverShell)
	if err != nil {
		return err
	}
	if len(told) > 0 {
		out = telling(out, &secret.Ticket{Names: names, Warnings: told})
	}
	return hand(names, t.vars, values, out)
}

// hand gives the values out, in order. Whatever is not handed over is wiped.
func hand(names []secret.Name, vars []string, values []secret.Value, out func(secret.Answer) error) error {
	defer func() {
		for _, v := range values {
			v.Wipe()
		}
	}()
	for i := range values {
		n := secret.Named{Name: names[i], Value: values[i].Clone()}
		if vars != nil {
			n.Env = vars[i]
		}
		if err := out(secret.Answer{Value: &n}); err != nil {
			return err
		}
	}
	return nil
}
