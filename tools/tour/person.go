package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"noxkey/broker"
	"noxkey/secret"
	"noxkey/ui"
)

// person is the scripted person: it drives the real desk, whose rules it keeps
// (choices that are dead for half a second, the passphrase that completes every
// allow), and allows only what the tour expects to be asked.
type person struct {
	desk   *ui.Desk
	pass   func() secret.Value
	n      *narrator
	terms  ui.Terms
	expect func(*broker.Ask) error // nil if the card may be allowed
	brief  atomic.Bool             // say in one line what the card said
	seen   atomic.Int32            // cards so far
}

// serve answers until ctx ends.
func (p *person) serve(ctx context.Context) {
	for {
		st := p.desk.State()
		if st.Stage == ui.Choosing || st.Stage == ui.Proving {
			if err := p.answer(ctx, st); err == nil {
				continue // there may be more
			} else if ctx.Err() == nil {
				p.scripted("the answer did not count: %v", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-p.desk.Changed():
		}
	}
}

func (p *person) scripted(format string, args ...any) { p.n.scripted("person: "+format, args...) }

// answer answers what st shows.
func (p *person) answer(ctx context.Context, st ui.State) error {
	if st.Stage == ui.Proving {
		p.scripted("types the passphrase, to %s", st.Prompt.Reason)
		if err := sleep(ctx, time.Until(st.Arms)); err != nil {
			return err
		}
		return p.desk.Submit(st, p.pass(), time.Now())
	}
	p.show(st.Ask)
	if err := sleep(ctx, time.Until(st.Arms)); err != nil {
		return err
	}
	if err := p.expect(st.Ask); err != nil {
		p.scripted("presses d (deny): %v", err)
		return p.desk.Choose(st, broker.Deny, time.Now())
	}
	p.scripted("presses a (allow once)")
	return p.desk.Choose(st, broker.AllowOnce, time.Now())
}

func (p *person) show(a *broker.Ask) {
	p.seen.Add(1)
	if p.brief.Load() {
		v := ui.Card(a, p.terms, time.Now())
		p.n.tell("A card again: “%s. %s.” Not drawn a second time.", v.Title, v.Long)
		return
	}
	p.n.frame(cardLines(a, p.terms, time.Now()))
}

// only expects a request for that one secret by that asker, in words as status has them.
func only(name secret.Name, who string) func(*broker.Ask) error {
	return func(a *broker.Ask) error {
		var names []secret.Name
		for _, it := range a.Items {
			names = append(names, it.Name)
		}
		asker := a.Who.Class.String()
		if a.Who.Agent != "" {
			asker += " " + a.Who.Agent
		}
		to := a.Delivery == secret.DeliverShell || a.Delivery == secret.DeliverRun
		if !slices.Equal(names, []secret.Name{name}) || asker != who || !to {
			return fmt.Errorf("%s asks for %v by %s", asker, names, a.Delivery)
		}
		return nil
	}
}

// sleep returns ctx's error if it ended meanwhile.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
