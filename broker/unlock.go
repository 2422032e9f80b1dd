package broker

import (
	"context"
	"fmt"

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
	for len(p.entries) > len(covered) {
		p.leftOut = append(p.leftOut, p.entries[0].Name)
		p.entries = p.entries[1:]
	}
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
	g, err := b.approveLocked(ctx, a)
	if err != nil {
		return err
	}
	g.drop()
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

// maintain changes the passphrase or the root key, for a person only.
func (b *Broker) maintain(ctx context.Context, who caller.Caller, req *secret.Request) error {
	m, ok := b.cfg.Auth.(Maintainer)
	if !ok {
		return secret.Errorf(secret.Invalid, "this vault has no passphrase or root key to change")
	}
	a := &Ask{ID: b.nextID(), Kind: AskHuman, Op: req.Op, Who: who, Touch: true}
	ans, err := b.cfg.Approver.Ask(ctx, a)
	if err == nil && ans.Choice != AllowOnce {
		err = secret.Errorf(secret.Denied, "the person denied the request")
	}
	if err == nil {
		ans.Prompt.ID = a.ID
		err = b.change(ctx, m, req.Op, ans.Prompt)
	}
	if err != nil {
		b.cfg.Approver.Close(a.ID, outcomeOf(err))
		return b.refuse(who, req, nil, err)
	}
	b.cfg.Approver.Close(a.ID, secret.OutDone)
	return b.audit.append(b.entry(who, req, nil, secret.OutDone))
}

func (b *Broker) change(ctx context.Context, m Maintainer, op secret.Op, p secret.Prompt) error {
	if op == secret.OpPasswd {
		return m.Passwd(ctx, p)
	}
	b.sessions.endAll() // their keys belong to the old root
	b.tickets.dropAll()
	return m.Rekey(ctx, p)
}
