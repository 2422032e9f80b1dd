package broker

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"noxkey/caller"
	"noxkey/secret"
	"noxkey/totp"
)

// form is what goes out of a secret.
type form int

const (
	asStored form = iota
	codeOfNow
	nextCode // struck off the list as it is handed out
)

// formOf says what goes out of e by the delivery d. Only the roads on which a person
// takes what is stored give a seed or a whole list of codes; a delivery that nobody
// thought of gives a code.
func formOf(e secret.Entry, d secret.Delivery) form {
	switch {
	case d == secret.DeliverRaw, d == secret.DeliverExport, d == secret.DeliverBackup:
		return asStored
	case e.FieldType == secret.TOTPSeed:
		return codeOfNow
	case e.Kind == secret.KindRecoveryCodes:
		return nextCode
	}
	return asStored
}

// drawn is what one release takes out of the vault.
type drawn struct {
	values  []secret.Value  // as they go out
	changes []secret.Change // the lists of codes without those that go out
	lines   []Write         // what changes do
	notes   []string        // for the audit
	told    []string        // for the asker
}

// drop wipes all of it.
func (d *drawn) drop() {
	for _, v := range d.values {
		v.Wipe()
	}
	d.spent()
}

// spent wipes what was only to be written.
func (d *drawn) spent() {
	for _, c := range d.changes {
		c.Value.Wipe()
	}
}

// draw opens entries and turns them into what goes out by the delivery d. Nothing is
// written or recorded yet. An error holds nothing of a value.
func (b *Broker) draw(key secret.Key, entries []secret.Entry, d secret.Delivery) (*drawn, error) {
	stored, err := b.cfg.Store.Open(unshare(key), b.refsOf(entries, d))
	if err != nil {
		return nil, err
	}
	b.prints.seen(entries, stored)
	x := &drawn{}
	for i, e := range entries {
		if err := b.drawOne(x, e, stored[i], d); err != nil {
			x.drop()
			for _, v := range stored[i:] {
				v.Wipe()
			}
			return nil, err
		}
	}
	return x, nil
}

// drawOne adds what goes out of e, whose stored value v it takes over unless it fails.
func (b *Broker) drawOne(x *drawn, e secret.Entry, v secret.Value, d secret.Delivery) error {
	var out secret.Value
	var err error
	switch formOf(e, d) {
	case codeOfNow:
		out, err = b.codeOf(x, e.Name, v)
	case nextCode:
		out, err = b.nextOf(x, e, v)
	default:
		x.values = append(x.values, v)
		return nil
	}
	if err != nil {
		return about(e.Name, err)
	}
	v.Wipe()
	x.values = append(x.values, out)
	return nil
}

func (b *Broker) codeOf(x *drawn, n secret.Name, seed secret.Value) (code secret.Value, err error) {
	err = seed.Use(func(s []byte) error {
		k, err := totp.Parse(s)
		if err != nil {
			return err
		}
		defer k.Wipe()
		var left time.Duration
		if code, left, err = k.Code(b.cfg.Clock.Wall()); err == nil {
			x.told = append(x.told, fmt.Sprintf("%s: this code is good for %d s", n, (left+time.Second-1)/time.Second))
		}
		return err
	})
	return code, err
}

func (b *Broker) nextOf(x *drawn, e secret.Entry, list secret.Value) (code secret.Value, err error) {
	err = list.Use(func(l []byte) error {
		unused, used := totp.Count(l)
		next, rest, left, err := totp.NextCode(l, b.cfg.Clock.Wall())
		if err != nil {
			return err
		}
		code = next
		x.changes = append(x.changes, secret.Change{Action: secret.ActionSet, Name: e.Name, Value: rest, Replace: true})
		x.lines = append(x.lines, Write{Action: secret.ActionSet, Name: e.Name, Exists: true, Old: e.Metadata, New: e.Metadata, Version: e.Version})
		x.notes = append(x.notes, fmt.Sprintf("%s: recovery code %d of %d handed out", e.Name, used+1, used+unused))
		x.told = append(x.told, fmt.Sprintf("%s: %s left, and this one is struck off", e.Name, codes(left)))
		return nil
	})
	return code, err
}

func codes(n int) string {
	switch n {
	case 0:
		return "no recovery code is"
	case 1:
		return "1 recovery code is"
	}
	return fmt.Sprintf("%d recovery codes are", n)
}

// about puts the secret's name before an error of package totp's, which knows none.
func about(n secret.Name, err error) error {
	return &secret.Error{Code: secret.CodeOf(err), Names: []secret.Name{n}, Msg: string(n) + ": " + err.Error()}
}

// giveOut draws entries, records r, strikes off what goes out, and only then returns the
// values, which are the caller's. Two who ask at the same time are served one after the
// other, so that no code is handed out twice; one that was struck off and does not
// arrive is lost, since nobody knows whether it was seen.
func (b *Broker) giveOut(who caller.Caller, req *secret.Request, r secret.Record, key secret.Key, entries []secret.Entry, d secret.Delivery) ([]secret.Value, []string, error) {
	if slices.ContainsFunc(entries, func(e secret.Entry) bool { return formOf(e, d) == nextCode }) {
		b.writing.Lock()
		defer b.writing.Unlock()
	}
	x, err := b.draw(key, entries, d)
	if err != nil {
		return nil, nil, b.refuse(who, req, r.Names, err)
	}
	defer x.spent()
	if err := redactable(who, req, entries, x.values); err != nil {
		x.drop()
		return nil, nil, b.refuse(who, req, r.Names, err)
	}
	r.Detail = strings.Join(append(slices.DeleteFunc([]string{r.Detail}, func(s string) bool { return s == "" }), x.notes...), "; ")
	if err := b.audit.append(r); err != nil {
		x.drop()
		return nil, nil, err
	}
	if err := b.strike(key, x); err != nil {
		x.drop()
		return nil, nil, b.refuse(who, req, r.Names, err)
	}
	return x.values, x.told, nil
}

// strike writes the lists without the codes that go out. The caller holds writing.
func (b *Broker) strike(key secret.Key, x *drawn) error {
	if len(x.changes) == 0 {
		return nil
	}
	if err := b.cfg.Store.Apply(unshare(key), x.changes); err != nil {
		return err
	}
	b.prints.written(x.lines, x.changes)
	for _, c := range x.changes {
		e, _, err := b.entryOf(c.Name)
		if err != nil {
			return err
		}
		run := b.struck[c.Name]
		if run.to != e.Version-1 {
			run.from = e.Version - 1
		}
		run.to = e.Version
		b.struck[c.Name] = run
	}
	return nil
}

// versions are those of one list of codes, of which nothing but codes went between.
type versions struct{ from, to uint64 }

// refsOf pins the versions that were approved. Of a list of codes any version counts
// that differs by codes handed out meanwhile, and by nothing else.
func (b *Broker) refsOf(entries []secret.Entry, d secret.Delivery) []secret.Ref {
	refs := make([]secret.Ref, len(entries))
	for i, e := range entries {
		refs[i] = secret.Ref{Name: e.Name, Version: e.Version}
		if formOf(e, d) != nextCode {
			continue
		}
		if run := b.struck[e.Name]; run.from <= e.Version && e.Version < run.to {
			refs[i].Version = run.to
		}
	}
	return refs
}

// foresee looks whether entries can be turned into codes at all, and words what fetching
// them will do, before a ticket is given: whoever fetches is a shell that cannot be told.
func (b *Broker) foresee(key secret.Key, entries []secret.Entry, d secret.Delivery) ([]string, error) {
	entries = slices.DeleteFunc(slices.Clone(entries), func(e secret.Entry) bool { return formOf(e, d) == asStored })
	if len(entries) == 0 {
		return nil, nil
	}
	b.writing.Lock()
	defer b.writing.Unlock()
	stored, err := b.cfg.Store.Open(unshare(key), b.refsOf(entries, d))
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, v := range stored {
			v.Wipe()
		}
	}()
	var told []string
	for i, e := range entries {
		err := stored[i].Use(func(v []byte) error {
			if formOf(e, d) == codeOfNow {
				told = append(told, string(e.Name)+": what is fetched is the code of that moment")
				return checkSeed(v)
			}
			unused, used := totp.Count(v)
			if unused == 0 {
				return secret.Errorf(secret.NotFound, "none of its %d recovery codes is left: get new ones from the site", used)
			}
			told = append(told, fmt.Sprintf("%s: recovery code %d of %d, struck off when it is fetched", e.Name, used+1, used+unused))
			return nil
		})
		if err != nil {
			return nil, about(e.Name, err)
		}
	}
	return told, nil
}

func checkSeed(v []byte) error {
	k, err := totp.Parse(v)
	if err == nil {
		k.Wipe()
	}
	return err
}

// checkCodes refuses seeds from which no code can be computed, and lists without a code,
// before they are stored. A change without a value has none to look at: of one that the
// person types it is called again, and a type that is changed afterwards is found out when
// the first code is asked for.
func checkCodes(lines []Write, changes []secret.Change) error {
	for i, c := range changes {
		if c.Action != secret.ActionSet || c.Value.Empty() {
			continue
		}
		e := secret.Entry{Name: c.Name, Metadata: lines[i].New}
		err := c.Value.Use(func(v []byte) error {
			switch formOf(e, secret.DeliverShell) {
			case codeOfNow:
				return checkSeed(v)
			case nextCode:
				if unused, used := totp.Count(v); unused+used == 0 {
					return secret.Errorf(secret.Invalid, "there is no recovery code in it: one code a line is expected")
				}
			}
			return nil
		})
		if err != nil {
			return about(c.Name, err)
		}
	}
	return nil
}
