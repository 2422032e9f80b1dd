package broker

import (
	"context"
	"fmt"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// get is the road of every read: decide, approve, authenticate, read, record,
// release.
func (b *Broker) get(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	if req.Delivery == secret.DeliverPrint {
		if who.Class != caller.Human {
			return out(secret.Answer{Status: b.status(who)})
		}
		print := *req
		print.Delivery, req = secret.DeliverEval, &print
	}
	if err := checkRun(who, req); err != nil {
		return err
	}
	if actOf(req) == actUse {
		if err := b.oursOnly(who); err != nil {
			return b.refuse(who, req, nil, err)
		}
	}
	p, vars, err := b.planGet(who, req)
	if err != nil {
		return err
	}
	var key secret.Key
	var open *secret.Session
	if actOf(req) != actBackup { // which no session covers
		key, open = b.sessions.find(who, &p)
	}
	d := decide(question{class: who.Class, act: actOf(req), level: p.strictest(), session: key != nil, keysGrant: b.cfg.KeysGrant})
	switch d.road {
	case refused:
		wipeKey(key)
		return b.refuse(who, req, p.names(), d.err)
	case silent:
		r := b.entry(who, req, p.names(), secret.AllowedOnce)
		if open != nil {
			r.Outcome = secret.InSession
		}
		return b.release(who, req, &p, vars, key, r, open, out)
	}
	wipeKey(key)
	a := b.ask(who, req, &p, d)
	g, err := b.approve(ctx, req, a, out)
	if err != nil {
		return err
	}
	defer g.drop()
	return b.granted(who, req, &p, vars, a, g, out)
}

// planGet resolves the request and holds what must be sayable in variables
// against the rules for them.
func (b *Broker) planGet(who caller.Caller, req *secret.Request) (plan, []string, error) {
	p, err := b.resolve(who, req)
	if secret.CodeOf(err) == secret.OffLimit {
		return p, nil, b.refuse(who, req, p.leftOut, err)
	}
	if err != nil {
		return p, nil, err
	}
	if req.Delivery == secret.DeliverRaw || req.Delivery == secret.DeliverCopy {
		if len(p.entries) != 1 {
			return p, nil, secret.Errorf(secret.Invalid, "%d secrets match: name one", len(p.entries))
		}
		return p, nil, nil
	}
	if req.Delivery == secret.DeliverBackup {
		return p, nil, nil // it goes into a file, by name
	}
	if req.Run != nil {
		_, err := req.Run.Without(p.leftOut).Vars(p.names())
		return p, nil, err // the client gives the variables
	}
	vars, err := p.envs()
	return p, vars, err
}

// ask words nothing: it only gathers what the person has to know.
func (b *Broker) ask(who caller.Caller, req *secret.Request, p *plan, d decision) *Ask {
	a := &Ask{Kind: AskCard, Op: req.Op, Who: who, Items: p.items(), Prefix: p.prefix, LeftOut: p.leftOut,
		Delivery: req.Delivery, Reason: req.Reason, Command: req.Command, Touch: d.auth}
	if req.Run != nil {
		a.Run = req.Run.Without(p.leftOut)
		a.Manifest = b.lookManifest(req.Run.Manifest)
	}
	if d.road == prompt {
		a.Kind = AskHuman
	} else {
		a.Known = b.known.look(who)
		a.Vouch = who.Vouchable
	}
	if long := b.sessionLength(who, req); long > 0 && actOf(req) != actBackup {
		if covered := p.coverable(); len(covered) > 0 {
			a.Session, a.Covered = long, covered
		}
	}
	return a
}

// granted turns an approval into a session or vouch where it is one, and releases.
func (b *Broker) granted(who caller.Caller, req *secret.Request, p *plan, vars []string, a *Ask, g *grant, out func(secret.Answer) error) error {
	r := b.entry(who, req, p.names(), secret.AllowedOnce)
	r.Digest = fmt.Sprintf("%x", g.digest)
	b.known.seen(who)
	var open *secret.Session
	switch g.choice {
	case AllowSession:
		s, err := b.grantSession(who, req, p, g, a.Session)
		if err != nil {
			return b.refuse(who, req, p.names(), err)
		}
		open, r.Outcome = s, secret.AllowedSession
	case Vouch:
		if err := b.vouch(who, req, a); err != nil {
			return err
		}
	}
	g.share()
	err := b.release(who, req, p, vars, sharedKey{g}, r, open, out)
	if err != nil && open != nil { // not recorded, changed meanwhile, or nobody took it
		b.sessions.end(open.ID)
	}
	if err == nil && req.Run != nil {
		b.seenManifest(req.Run.Manifest)
	}
	return err
}

// release hands out a ticket or the values. It takes ownership of key.
func (b *Broker) release(who caller.Caller, req *secret.Request, p *plan, vars []string, key secret.Key, r secret.Record, open *secret.Session, out func(secret.Answer) error) error {
	switch {
	case actOf(req) == actBackup:
		return b.startBackup(who, req, p, key, r, out)
	case actOf(req) != actTake && req.Run == nil:
		return b.giveTicket(who, req, p, vars, key, r, open, out)
	}
	defer wipeKey(key)
	values, told, err := b.giveOut(who, req, r, key, p.entries, req.Delivery)
	if err != nil {
		return err
	}
	told = append(b.warnings(p), told...)
	if req.Run != nil {
		out = telling(out, &secret.Ticket{Names: p.names(), LeftOut: p.leftOut, Session: open, For: label(who), Warnings: told})
	} else if req.Delivery == secret.DeliverCopy {
		out = telling(out, &secret.Ticket{Names: p.names(), Warnings: told, Clear: int64(b.Length(secret.SettingClipboard) / time.Second)})
	} else if len(told) > 0 {
		out = telling(out, &secret.Ticket{Names: p.names(), Warnings: told})
	}
	return hand(p.names(), vars, values, out)
}

// giveTicket hands out leave to fetch the values. It takes ownership of key.
func (b *Broker) giveTicket(who caller.Caller, req *secret.Request, p *plan, vars []string, key secret.Key, r secret.Record, open *secret.Session, out func(secret.Answer) error) error {
	told, err := b.foresee(key, p.entries, req.Delivery)
	if err == nil && !b.tickets.room(who.Chain[0].ID) {
		err = secret.Errorf(secret.Busy, "too many handoffs wait to be fetched already")
	}
	if err != nil {
		wipeKey(key)
		return b.refuse(who, req, p.names(), err)
	}
	if err := b.audit.append(r); err != nil {
		wipeKey(key)
		return err
	}
	id := b.tickets.add(&ticket{peer: who.Chain[0].ID, entries: p.entries, vars: vars, key: key, who: who})
	err = out(secret.Answer{Ticket: &secret.Ticket{ID: id, Names: p.names(), Env: vars, LeftOut: p.leftOut,
		Seconds: int(ticketTime / time.Second), Session: open, Warnings: append(b.warnings(p), told...)}})
	if err != nil { // nobody knows its id
		b.tickets.drop(id)
	}
	return err
}

// telling puts t before the first answer: what the values that follow belong to.
func telling(out func(secret.Answer) error, t *secret.Ticket) func(secret.Answer) error {
	return func(a secret.Answer) error {
		if t != nil {
			first := t
			t = nil
			if err := out(secret.Answer{Ticket: first}); err != nil {
				return err
			}
		}
		return out(a)
	}
}

// sharedKey is one share of a grant's key, given up by wiping it, once. It is not
// a copy: a copy for a session would lack the strict names.
type sharedKey struct{ g *grant }

func (s sharedKey) Session(sc secret.Scope) (secret.Key, error) { return s.g.key.Session(sc) }
func (s sharedKey) Wipe()                                       { s.g.drop() }

func (g *grant) share() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n++
}

// unshare returns the vault's own key, which is what the vault knows.
func unshare(k secret.Key) secret.Key {
	if s, ok := k.(sharedKey); ok {
		return s.g.key
	}
	return k
}

func wipeKey(k secret.Key) {
	if k != nil {
		k.Wipe()
	}
}

// warnings says what has expired or will within two weeks, and where it is renewed.
func (b *Broker) warnings(p *plan) []string {
	var list []string
	now := b.cfg.Clock.Wall()
	for _, e := range p.entries {
		left := e.Expires.Sub(now)
		if e.Expires.IsZero() || left > secret.Soon {
			continue
		}
		w := fmt.Sprintf("%s expires on %s", e.Name, e.Expires.Format(time.DateOnly))
		if left <= 0 {
			w = fmt.Sprintf("%s expired on %s", e.Name, e.Expires.Format(time.DateOnly))
		}
		if e.RotateURL != "" {
			w += "; renew it at " + e.RotateURL
		}
		list = append(list, w)
	}
	return list
}

// vouch notes that the shells of a.Vouch are the person's while it lives.
func (b *Broker) vouch(who caller.Caller, req *secret.Request, a *Ask) error {
	r := b.entry(who, req, nil, secret.OutVouched)
	r.Detail = fmt.Sprintf("%s %d", a.Vouch.Name(), a.Vouch.ID.PID)
	if err := b.audit.append(r); err != nil {
		return err
	}
	id := b.nextID()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.vouched[a.Vouch.ID] = secret.Session{ID: id, Class: "human", Who: r.Detail, Granted: b.cfg.Clock.Wall(), Vouched: true}
	return nil
}
