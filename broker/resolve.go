package broker

import (
	"fmt"
	"slices"
	"strings"

	"noxkey/caller"
	"noxkey/secret"
)

// plan is what a request came down to: the secrets it is about.
type plan struct {
	entries []secret.Entry // strictest first, then by name
	prefix  secret.Prefix  // if one prefix was asked for
	leftOut []secret.Name  // off limits, asked for as part of a batch
	broken  []secret.Name  // of a backup: damaged, so not part of it
	apart   []secret.Name  // below a prefix, and go only if they are named
}

// resolve finds the secrets of a request. An exact name is that secret; anything
// else is a prefix and means all below it, without the second factors of a login, and
// without codes that would be used up.
// Agents' batches, lists of names among them, go without what is off limits; asking
// for one such name alone is refused later, by decide.
func (b *Broker) resolve(who caller.Caller, req *secret.Request) (plan, error) {
	var p plan
	alone := len(req.Targets) == 1 && req.Bundle == ""
	whole := req.Delivery == secret.DeliverBackup
	seen := map[secret.Name]bool{}
	add := func(e secret.Entry, named bool) {
		if seen[e.Name] {
			return
		}
		if !named && !whole && (e.Name.SecondFactor() || formOf(e, req.Delivery) == nextCode) {
			p.apart = append(p.apart, e.Name)
			return
		}
		seen[e.Name] = true
		if e.Damaged && whole {
			p.broken = append(p.broken, e.Name)
			return
		}
		if !(named && alone) && e.Level.Rank() >= secret.OffLimits.Rank() && who.Class != caller.Human {
			p.leftOut = append(p.leftOut, e.Name)
			return
		}
		p.entries = append(p.entries, e)
	}
	targets := req.Targets
	if whole && len(targets) == 0 {
		targets = []secret.Prefix{""}
	}
	for _, t := range targets {
		if err := b.resolveOne(t, add); err != nil {
			return plan{}, err
		}
	}
	if req.Bundle != "" {
		if err := b.resolveBundle(req.Bundle, add); err != nil {
			return plan{}, err
		}
	}
	if alone && !(len(p.entries) == 1 && string(p.entries[0].Name) == string(req.Targets[0])) {
		p.prefix = req.Targets[0]
	}
	return p, p.finish()
}

func (b *Broker) resolveOne(t secret.Prefix, add func(secret.Entry, bool)) error {
	under, err := b.cfg.Store.Under(t)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(under, func(e secret.Entry) bool { return string(e.Name) == string(t) }); i >= 0 {
		add(under[i], true)
		return nil
	}
	if len(under) == 0 && t == "" {
		return secret.Errorf(secret.NotFound, "there is no secret yet")
	}
	if len(under) == 0 {
		return secret.Errorf(secret.NotFound, "there is no secret %s", t)
	}
	for _, e := range under {
		add(e, false)
	}
	return nil
}

func (b *Broker) resolveBundle(bundle string, add func(secret.Entry, bool)) error {
	all, err := b.cfg.Store.Under("")
	if err != nil {
		return err
	}
	found := false
	for _, e := range all {
		if e.Bundle == bundle {
			add(e, false)
			found = true
		}
	}
	if !found {
		return secret.Errorf(secret.NotFound, "there is no bundle %q", bundle)
	}
	return nil
}

func (p *plan) finish() error {
	if len(p.entries) == 0 && len(p.leftOut) > 0 {
		return &secret.Error{Code: secret.OffLimit, Msg: "all of it is off limits to agents", Names: p.leftOut}
	}
	if len(p.entries) == 0 && len(p.broken) > 0 {
		return &secret.Error{Code: secret.Damaged, Msg: "all of it was changed outside NoxKey and cannot be opened", Names: p.broken}
	}
	if len(p.entries) == 0 && len(p.apart) > 0 {
		return &secret.Error{Code: secret.Invalid, Names: p.apart, Msg: fmt.Sprintf("second factors and codes go only if they are named, such as %s", p.apart[0])}
	}
	if len(p.entries) == 0 {
		return secret.Errorf(secret.Invalid, "no secret was named")
	}
	for _, e := range p.entries {
		if e.Damaged {
			return &secret.Error{Code: secret.Damaged, Names: []secret.Name{e.Name},
				Msg: string(e.Name) + " was changed outside NoxKey and cannot be opened"}
		}
	}
	slices.SortFunc(p.entries, func(x, y secret.Entry) int {
		if d := y.Level.Rank() - x.Level.Rank(); d != 0 {
			return d
		}
		return strings.Compare(string(x.Name), string(y.Name))
	})
	return nil
}

// strictest is the level that decides for all of them.
func (p *plan) strictest() secret.Level { return p.entries[0].Level }

func (p *plan) names() []secret.Name {
	names := make([]secret.Name, len(p.entries))
	for i, e := range p.entries {
		names[i] = e.Name
	}
	return names
}

func (p *plan) items() []Item {
	items := make([]Item, len(p.entries))
	for i, e := range p.entries {
		items[i] = Item{Name: e.Name, Level: e.Level, Type: e.FieldType, Kind: e.Kind, Version: e.Version}
	}
	return items
}

// envs are the variables of the plan's secrets. Reserved ones are refused on the
// way out too: a vault from elsewhere may hold them.
func (p *plan) envs() ([]string, error) {
	vars, err := secret.Envs(p.names())
	if err != nil {
		return nil, err
	}
	for i, v := range vars {
		if secret.ReservedEnv(v) {
			return nil, &secret.Error{Code: secret.Reserved, Names: []secret.Name{p.entries[i].Name},
				Msg: v + " changes how programs run and is not handed out as a variable"}
		}
	}
	return vars, nil
}

// normal are the names that a session's key opens for the plan; the store opens what
// is easy without one.
func (p *plan) normal() []secret.Name {
	var names []secret.Name
	for _, e := range p.entries {
		if e.Level == secret.Normal {
			names = append(names, e.Name)
		}
	}
	return names
}

// coverable are the names that a session over the plan takes: easy and normal ones, but
// no recovery codes: each that goes out is a write, and a session covers none.
func (p *plan) coverable() []secret.Name {
	var names []secret.Name
	for _, e := range p.entries {
		if sessionable(e) {
			names = append(names, e.Name)
		}
	}
	return names
}

func sessionable(e secret.Entry) bool {
	return e.Level.Rank() <= secret.Normal.Rank() && e.Kind != secret.KindRecoveryCodes
}
