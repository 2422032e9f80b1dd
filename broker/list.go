package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"noxkey/caller"
	"noxkey/secret"
)

// list answers names and metadata, and for OpPeek the start of each value as far
// as its type and the asker allow.
func (b *Broker) list(who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	entries, err := b.listed(req)
	if err != nil {
		return err
	}
	used := b.audit.lastUsed()
	for _, e := range entries {
		e.LastUsed = used[e.Name]
		d := decide(question{class: who.Class, act: actPeek, level: e.Level})
		if req.Op != secret.OpPeek {
			e.Peek = ""
		} else if d.road == refused {
			if len(entries) == 1 {
				return b.refuse(who, req, []secret.Name{e.Name}, d.err)
			}
			e.Peek = ""
		}
		if err := out(secret.Answer{Entry: &e}); err != nil {
			return err
		}
	}
	return b.listPlaces(req, entries, out)
}

func (b *Broker) listed(req *secret.Request) ([]secret.Entry, error) {
	targets := req.Targets
	if len(targets) == 0 {
		if req.Op == secret.OpPeek && req.Bundle == "" {
			return nil, secret.Errorf(secret.Invalid, "no secret was named")
		}
		targets = []secret.Prefix{""}
	}
	var entries []secret.Entry
	for _, t := range targets {
		under, err := b.cfg.Store.Under(t)
		if err != nil {
			return nil, err
		}
		if len(under) == 0 && t != "" && !b.isPlace(t) {
			return nil, secret.Errorf(secret.NotFound, "there is no secret %s", t)
		}
		entries = append(entries, under...)
	}
	if len(targets) > 1 {
		slices.SortFunc(entries, func(x, y secret.Entry) int { return strings.Compare(string(x.Name), string(y.Name)) })
		entries = slices.CompactFunc(entries, func(x, y secret.Entry) bool { return x.Name == y.Name })
	}
	if req.Bundle != "" {
		entries = slices.DeleteFunc(entries, func(e secret.Entry) bool { return e.Bundle != req.Bundle })
	}
	return entries, nil
}

const placesKey = "places"

func (b *Broker) allPlaces() ([]secret.Prefix, error) {
	var all []secret.Prefix
	return all, recallJSON(b.cfg.Ledger, placesKey, &all)
}

func (b *Broker) isPlace(p secret.Prefix) bool {
	all, err := b.allPlaces()
	return err == nil && slices.Contains(all, p)
}

// listPlaces answers the organisations and projects that have no secret yet.
func (b *Broker) listPlaces(req *secret.Request, entries []secret.Entry, out func(secret.Answer) error) error {
	if len(req.Targets) > 0 || req.Bundle != "" || req.Op != secret.OpList {
		return nil
	}
	all, err := b.allPlaces()
	if err != nil {
		return err
	}
	for _, p := range all {
		if slices.ContainsFunc(entries, func(e secret.Entry) bool { return p.Covers(e.Name) }) {
			continue
		}
		if err := out(secret.Answer{Place: &secret.Place{Prefix: p}}); err != nil {
			return err
		}
	}
	return nil
}

// places adds or removes an empty organisation or project. It holds no secret, so
// for a person it needs no proof; an agent's needs a card like every write.
func (b *Broker) places(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	if len(req.Places) != 1 || req.Places[0].Prefix == "" {
		return secret.Errorf(secret.Invalid, "name one organisation or project")
	}
	d := decide(question{class: who.Class, act: actCharter})
	if d.road == card {
		a := &Ask{Kind: AskCard, Op: req.Op, Who: who, Prefix: req.Places[0].Prefix, Reason: req.Reason, Touch: true,
			Known: b.known.look(who)}
		if req.Places[0].Remove {
			a.Writes = []Write{{Action: secret.ActionRemove}}
		}
		g, err := b.approve(ctx, req, a, out)
		if err != nil {
			return err
		}
		defer g.drop()
		b.known.seen(who)
	}
	if err := b.audit.append(b.entry(who, req, nil, secret.OutDone)); err != nil {
		return err
	}
	return b.setPlace(req.Places[0])
}

func (b *Broker) setPlace(p secret.Place) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	all, err := b.allPlaces()
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(q secret.Prefix) bool { return q == p.Prefix })
	if !p.Remove {
		all = append(all, p.Prefix)
	}
	slices.Sort(all)
	data, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return b.cfg.Ledger.Remember(placesKey, data)
}

func (b *Broker) listSessions(out func(secret.Answer) error) error {
	list := b.sessions.list()
	b.mu.Lock()
	for id, v := range b.vouched {
		if b.cfg.Alive(id) {
			list = append(list, v)
		} else {
			delete(b.vouched, id)
		}
	}
	b.mu.Unlock()
	slices.SortFunc(list, func(x, y secret.Session) int { return int(x.ID) - int(y.ID) })
	for _, s := range list {
		if err := out(secret.Answer{Session: &s}); err != nil {
			return err
		}
	}
	return nil
}

// end ends one session or vouch, or all for ID 0.
func (b *Broker) end(who caller.Caller, req *secret.Request) error {
	if err := b.audit.append(b.entry(who, req, nil, secret.OutDone)); err != nil {
		return err
	}
	found := req.ID == 0 || b.sessions.end(req.ID)
	if req.ID == 0 {
		b.sessions.endAll()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, v := range b.vouched {
		if req.ID == 0 || v.ID == req.ID {
			delete(b.vouched, id)
			found = true
		}
	}
	if !found {
		return secret.Errorf(secret.NotFound, "there is no session %d", req.ID)
	}
	return nil
}

func (b *Broker) pause(who caller.Caller, req *secret.Request) error {
	b.mu.Lock()
	b.paused = req.On
	b.mu.Unlock()
	return b.audit.append(b.entry(who, req, nil, secret.OutDone))
}

func (b *Broker) lock(who caller.Caller, req *secret.Request) error {
	b.hold(true)
	_ = b.audit.append(b.entry(who, req, nil, secret.OutDone)) // locking waits for nothing
	return b.shut()
}

// verify answers findings: the audit's chain, the vault, the live protection.
func (b *Broker) verify(out func(secret.Answer) error) error {
	bad, n, err := b.audit.verify()
	if err != nil {
		bad = append(bad, err.Error())
	}
	var list []secret.Finding
	for _, text := range bad {
		list = append(list, secret.Finding{Subject: "audit", Text: text})
	}
	if len(bad) == 0 {
		list = append(list, secret.Finding{OK: true, Subject: "audit", Text: fmt.Sprintf("%d lines, chain intact", n)})
	}
	list = append(list, b.verifyStore()...)
	if b.cfg.Findings != nil {
		list = append(list, b.cfg.Findings()...)
	}
	for _, f := range list {
		if err := out(secret.Answer{Finding: &f}); err != nil {
			return err
		}
	}
	return nil
}

func (b *Broker) verifyStore() []secret.Finding {
	var list []secret.Finding
	entries, err := b.cfg.Store.Under("")
	if err != nil {
		return append(list, secret.Finding{Subject: "vault", Text: err.Error()})
	}
	var bad []secret.Name
	if v, ok := b.cfg.Store.(interface{ Verify() ([]secret.Name, error) }); ok {
		if bad, err = v.Verify(); err != nil {
			list = append(list, secret.Finding{Subject: "vault", Text: err.Error()})
		}
	}
	for _, n := range bad {
		list = append(list, secret.Finding{Subject: "vault", Text: string(n) + " was changed outside NoxKey and cannot be opened"})
	}
	if len(list) == 0 {
		list = append(list, secret.Finding{OK: true, Subject: "vault", Text: fmt.Sprintf("%d secrets, every record as the manifest has it", len(entries))})
	}
	if d, ok := b.cfg.Store.(interface{ Describe() string }); ok {
		list = append(list, secret.Finding{OK: true, Subject: "protection", Text: d.Describe()})
	}
	if !b.cfg.KeysGrant {
		list = append(list, secret.Finding{OK: true, Subject: "cards", Text: "no key grants: every allow is completed by the passphrase"})
	}
	return list
}
