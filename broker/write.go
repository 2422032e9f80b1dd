package broker

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"noxkey/caller"
	"noxkey/secret"
)

// write is the road of every change: the same five steps, with old and new on
// the card.
func (b *Broker) write(ctx context.Context, who caller.Caller, req *secret.Request, out func(secret.Answer) error) error {
	lines, err := b.planWrite(req.Changes)
	if err != nil {
		return err
	}
	d := decide(question{class: who.Class, act: actOfWrite(lines)})
	if d.road == refused {
		return b.refuse(who, req, namesOf(lines), d.err)
	}
	changes := slices.Clone(req.Changes)
	var key secret.Key
	if d.auth {
		g, err := b.approve(ctx, req, b.askWrite(who, req, lines, d), out)
		if err != nil {
			return err
		}
		defer g.drop()
		b.known.seen(who)
		key = g.key
		if !g.value.Empty() {
			changes[0].Value = g.value
			if err := checkCodes(lines, changes); err != nil {
				return b.refuse(who, req, namesOf(lines), err)
			}
		}
	}
	return b.apply(who, req, lines, changes, key, out)
}

func (b *Broker) apply(who caller.Caller, req *secret.Request, lines []Write, changes []secret.Change, key secret.Key, out func(secret.Answer) error) error {
	if err := b.commit(who, req, lines, changes, key); err != nil {
		return err
	}
	for _, w := range lines {
		done := secret.Written{Action: w.Action, Name: w.Name, To: w.To, Replaced: w.Exists}
		if err := out(secret.Answer{Written: &done}); err != nil {
			return err
		}
	}
	return nil
}

// commit makes the changes if the vault is as the person saw it. One write is
// committed at a time, so that none comes between the look and the change.
func (b *Broker) commit(who caller.Caller, req *secret.Request, lines []Write, changes []secret.Change, key secret.Key) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	if err := b.unmoved(lines); err != nil {
		return b.refuse(who, req, namesOf(lines), err)
	}
	r := b.entry(who, req, namesOf(lines), secret.AllowedOnce)
	r.Detail = summary(lines)
	if err := b.audit.append(r); err != nil {
		return err
	}
	if err := b.cfg.Store.Apply(key, changes); err != nil {
		return b.refuse(who, req, namesOf(lines), err)
	}
	b.sessions.forget(touched(lines)...)
	b.prints.written(lines, changes)
	return nil
}

func (b *Broker) askWrite(who caller.Caller, req *secret.Request, lines []Write, d decision) *Ask {
	a := &Ask{Kind: AskCard, Op: req.Op, Who: who, Writes: lines, Reason: req.Reason, Command: req.Command, Touch: true}
	if d.road == prompt {
		a.Kind = AskHuman
	} else {
		a.Known = b.known.look(who)
	}
	if lines[0].Enter {
		a.Kind = AskEntry
	}
	return a
}

// planWrite checks the changes against the vault as it is and returns what each
// would do.
func (b *Broker) planWrite(changes []secret.Change) ([]Write, error) {
	if len(changes) == 0 {
		return nil, secret.Errorf(secret.Invalid, "nothing to write")
	}
	taken := map[secret.Name]bool{}
	lines := make([]Write, 0, len(changes))
	for _, c := range changes {
		w, err := b.planChange(c)
		if err != nil {
			return nil, err
		}
		if w.Enter && len(changes) > 1 {
			return nil, secret.Errorf(secret.Invalid, "one value at a time can be typed")
		}
		for _, n := range []secret.Name{w.Name, w.To} {
			if n != "" && taken[n] {
				return nil, secret.Errorf(secret.Conflict, "%s is in the batch twice", n)
			}
			taken[n] = true
		}
		lines = append(lines, w)
	}
	return lines, checkCodes(lines, changes)
}

func (b *Broker) planChange(c secret.Change) (Write, error) {
	old, exists, err := b.entryOf(c.Name)
	if err != nil {
		return Write{}, err
	}
	w := Write{Action: c.Action, Name: c.Name, To: c.To, Enter: c.Enter, Old: old.Metadata, New: c.Meta.Apply(old.Metadata), Version: old.Version}
	w.Old.Peek, w.New.Peek = "", ""
	if c.Action != secret.ActionSet && !exists {
		return w, secret.Errorf(secret.NotFound, "there is no secret %s", c.Name)
	}
	switch c.Action {
	case secret.ActionSet:
		return b.planSet(c, w, exists)
	case secret.ActionMove:
		return b.planMove(c, w)
	case secret.ActionRemove:
		w.New = secret.Metadata{}
		return w, nil
	case secret.ActionEdit:
		return w, w.New.Check()
	}
	return w, secret.Errorf(secret.Protocol, "unknown change %q", string(c.Action))
}

func (b *Broker) planSet(c secret.Change, w Write, exists bool) (Write, error) {
	if err := c.Name.Writable(); err != nil {
		return w, err
	}
	if exists && !c.Replace {
		return w, &secret.Error{Code: secret.Exists, Msg: fmt.Sprintf("%s exists", c.Name), Names: []secret.Name{c.Name}}
	}
	if c.Enter == !c.Value.Empty() {
		return w, secret.Errorf(secret.Invalid, "%s has no value", c.Name)
	}
	w.Exists = exists
	if !exists {
		w.New = c.Meta.Apply(secret.DefaultMetadata(c.Name))
	}
	return w, w.New.Check()
}

func (b *Broker) planMove(c secret.Change, w Write) (Write, error) {
	if c.To == "" || c.To == c.Name {
		return w, secret.Errorf(secret.Invalid, "%s has nowhere to go", c.Name)
	}
	if err := c.To.Writable(); err != nil {
		return w, err
	}
	if c.Meta != (secret.Patch{}) {
		return w, secret.Errorf(secret.Invalid, "a move changes the name of %s and nothing else", c.Name)
	}
	over, there, err := b.entryOf(c.To)
	if there && !c.Replace {
		return w, &secret.Error{Code: secret.Exists, Msg: fmt.Sprintf("%s exists", c.To), Names: []secret.Name{c.To}}
	}
	w.Exists, w.Over = there, over.Version
	return w, err
}

func (b *Broker) entryOf(n secret.Name) (secret.Entry, bool, error) {
	under, err := b.cfg.Store.Under(secret.Prefix(n))
	if err != nil {
		return secret.Entry{}, false, err
	}
	for _, e := range under {
		if e.Name == n {
			return e, true, nil
		}
	}
	return secret.Entry{}, false, nil
}

// unmoved refuses when a secret is not any more what the person saw.
func (b *Broker) unmoved(lines []Write) error {
	for _, w := range lines {
		e, _, err := b.entryOf(w.Name)
		if err != nil {
			return err
		}
		if e.Version != w.Version {
			return &secret.Error{Code: secret.Conflict, Names: []secret.Name{w.Name}, Msg: fmt.Sprintf("%s changed meanwhile; nothing was written", w.Name)}
		}
		if w.To == "" {
			continue
		}
		over, _, err := b.entryOf(w.To)
		if err != nil {
			return err
		}
		if over.Version != w.Over {
			return &secret.Error{Code: secret.Conflict, Names: []secret.Name{w.To}, Msg: fmt.Sprintf("%s changed meanwhile; nothing was written", w.To)}
		}
	}
	return nil
}

func namesOf(lines []Write) []secret.Name {
	names := make([]secret.Name, len(lines))
	for i, w := range lines {
		names[i] = w.Name
	}
	return names
}

// touched are the names that an open session does not cover any more: what was
// replaced in place by its owner stays covered, all else is not what was granted.
func touched(lines []Write) []secret.Name {
	var names []secret.Name
	for _, w := range lines {
		if w.Action == secret.ActionMove || w.Action == secret.ActionRemove || w.Old.Level != w.New.Level {
			names = append(names, w.Name)
		}
		if w.To != "" {
			names = append(names, w.To)
		}
	}
	return names
}

// summary is the audit's account of a write: what was done, never a value.
func summary(lines []Write) string {
	if len(lines) > 1 {
		return fmt.Sprintf("%d changes, the first: %s", len(lines), summary(lines[:1]))
	}
	w := lines[0]
	switch {
	case w.Action == secret.ActionMove:
		return fmt.Sprintf("move %s to %s", w.Name, w.To)
	case w.Action == secret.ActionRemove:
		return fmt.Sprintf("remove %s", w.Name)
	case w.Exists || w.Action == secret.ActionEdit:
		return fmt.Sprintf("%s %s: %s", w.Action, w.Name, strings.Join(w.differences(), ", "))
	}
	return fmt.Sprintf("set %s: new, level %s, type %s", w.Name, w.New.Level, w.New.FieldType)
}

// differences tells what an edit or a set of what exists changes: what protects the value
// from what to what, of free texts only that they do.
func (w *Write) differences() []string {
	var list []string
	if w.Action == secret.ActionSet {
		list = append(list, "value")
	}
	from := func(what string, old, now any) {
		if old != now {
			list = append(list, fmt.Sprintf("%s %v to %v", what, old, now))
		}
	}
	from("level", w.Old.Level, w.New.Level)
	from("type", w.Old.FieldType, w.New.FieldType)
	from("kind", w.Old.Kind, w.New.Kind)
	for _, text := range []struct {
		what    string
		changed bool
	}{
		{"bundle", w.Old.Bundle != w.New.Bundle}, {"description", w.Old.Desc != w.New.Desc},
		{"expiry", !w.Old.Expires.Equal(w.New.Expires)}, {"rotate url", w.Old.RotateURL != w.New.RotateURL},
	} {
		if text.changed {
			list = append(list, text.what)
		}
	}
	if len(list) == 0 {
		list = append(list, "nothing")
	}
	return list
}
