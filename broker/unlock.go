package broker

import (
	"context"
	"fmt"
	"slices"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// unlock opens the store for the app's own front, or, with targets, a session.
func (b *Broker) unlock(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	if len(req.Targets) == 0 {
		return b.open(ctx, who, req, out)
	}
	p, err := b.resolve(who, req)
	if secret.CodeOf(err) == secret.OffLimit {
		return b.refuse(who, req, p.leftOut, err)
	}
	if err != nil {
		return err
	}
	covered := p.coverable()
	if len(covered) == 0 {
		if d := decide(question{class: who.Class, act: actUnlock, level: p.strictest()}); d.road == refused {
			return b.refuse(who, req, p.names(), d.err)
		}
		return secret.Errorf(secret.Invalid, "%s asks at every read; no session covers it", p.entries[0].Name)
	}
	// What a session cannot cover is no part of what is decided here.
	p.entries = slices.DeleteFunc(p.entries, func(e secret.Entry) bool {
		if !sessionable(e) {
			p.leftOut = append(p.leftOut, e.Name)
		}
		return !sessionable(e)
	})
	d := decide(question{class: who.Class, act: actUnlock, level: p.strictest()})
	if d.road == refused {
		return b.refuse(who, req, p.names(), d.err)
	}
	if req.Session == 0 {
		long := *req
		long.Session, req = secret.SessionDefault, &long
	}
	a := b.ask(who, req, &p, d)
	if a.Session == 0 {
		return b.refuse(who, req, p.names(), secret.Errorf(secret.HumanOnly, "there is no process that a session could hang on"))
	}
	g, err := b.approve(ctx, req, a, out)
	if err != nil {
		return err
	}
	defer g.drop()
	return b.startSession(who, req, &p, a, g, out)
}

func (b *Broker) startSession(who caller.Caller, req *secret.Request, p *plan, a *Ask, g *grant, out func(secret.Answer) error) error {
	if g.choice != AllowSession {
		return secret.Errorf(secret.Denied, "no session was allowed")
	}
	r := b.entry(who, req, p.names(), secret.AllowedSession)
	r.Digest = fmt.Sprintf("%x", g.digest)
	if err := b.audit.append(r); err != nil {
		return err
	}
	b.known.seen(who)
	s, err := b.grantSession(who, req, p, g, a.Session)
	if err != nil {
		return b.refuse(who, req, p.names(), err)
	}
	if err := out(secret.Answer{Session: s}); err != nil {
		b.sessions.end(s.ID) // nobody took it
		return err
	}
	return nil
}

// open is the first unlock: the person at the front proves who they are, and the
// store may be browsed. Nothing else is opened by it.
func (b *Broker) open(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	if !b.locked() {
		return nil
	}
	if !who.Front { // locked since it was let in
		return secret.Errorf(secret.Locked, "NoxKey is locked")
	}
	a := &Ask{Kind: AskHuman, Op: req.Op, Who: who, Touch: true}
	closings := b.closings()
	g, err := b.approveLocked(ctx, a)
	if err != nil {
		return err
	}
	g.drop()
	if !b.opened(closings) {
		b.staysShut()
		return errLockedNow
	}
	r := b.entry(who, req, nil, secret.OutDone)
	r.Detail = "unlocked"
	return b.audit.append(r)
}

// approveLocked is approve for the one question asked while there is no audit to
// write to.
func (b *Broker) approveLocked(ctx context.Context, a *Ask) (*grant, error) {
	a.ID = b.nextID()
	g, err := b.putOnce(ctx, ctx, a)
	end := secret.OutDone
	if err != nil {
		end = outcomeOf(err)
	}
	b.cfg.Approver.Close(a.ID, end)
	return g, err
}

// maintainTime is how long a change of the passphrase or the root key may take, the
// typing included.
const maintainTime = 5 * time.Minute

// maintain changes the passphrase or the root key, for a person only. It takes its
// turn among the cards, and a lock or its time's end withdraws it.
func (b *Broker) maintain(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	m, ok := b.cfg.Auth.(Maintainer)
	if !ok {
		return secret.Errorf(secret.Invalid, "this vault has no passphrase or root key to change")
	}
	a := &Ask{ID: b.nextID(), Kind: AskHuman, Op: req.Op, Who: who, Touch: true}
	_, err := b.queue.submit(ctx, a, maintainTime, func(ctx context.Context) (*grant, error) {
		// Recorded here: it may be done when the asker has gone.
		if err := b.change(ctx, m, a); err != nil {
			return nil, b.refuse(who, req, nil, err)
		}
		return nil, b.audit.append(b.entry(who, req, nil, secret.OutDone))
	}, out)
	return err
}

func (b *Broker) change(ctx context.Context, m Maintainer, a *Ask) (err error) {
	if b.locked() { // since it was let in
		return errLockedNow
	}
	ctx, cancel := context.WithTimeout(ctx, maintainTime)
	defer cancel()
	defer func() {
		end := secret.OutDone
		if err != nil {
			end = outcomeOf(err)
		}
		b.cfg.Approver.Close(a.ID, end)
	}()
	a.Deadline = b.cfg.Clock.Wall().Add(maintainTime)
	ans, err := b.cfg.Approver.Ask(ctx, a)
	if err == nil && (ans.Choice != AllowOnce || ans.Digest != a.Digest()) {
		err = secret.Errorf(secret.Denied, "the person denied the request")
	}
	if err == nil {
		ans.Prompt.ID = a.ID
		err = b.reseal(ctx, m, a.Op, ans.Prompt)
	}
	if err != nil && ctx.Err() != nil {
		return withdrawn(ctx)
	}
	return err
}

func (b *Broker) reseal(ctx context.Context, m Maintainer, op secret.Op, p secret.Prompt) error {
	if op == secret.OpPasswd {
		return m.Passwd(ctx, p)
	}
	err := m.Rekey(ctx, p)
	if c := secret.CodeOf(err); err == nil || c == secret.Storage { // Storage: perhaps half of it
		b.sessions.endAll() // their keys belong to the old root
		b.tickets.dropAll()
	}
	return err
}
