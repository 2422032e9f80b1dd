package mcp

import (
	"errors"
	"fmt"
	"strings"

	"noxkey/secret"
)

type written struct {
	Action   secret.Action `json:"action"`
	Name     secret.Name   `json:"name"`
	To       secret.Name   `json:"to,omitempty"`
	Replaced bool          `json:"replaced,omitempty"`
}

type skip struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// changed is the data of every tool that writes.
type changed struct {
	Written []written `json:"written"`
	Skipped []skip    `json:"skipped,omitempty"`
	Places  []string  `json:"places,omitempty"`
	Next    string    `json:"next,omitempty"`
}

// write asks for changes, all or none, and wipes the values in them.
func (s *server) write(c *call, changes []secret.Change) (changed, error) {
	defer func() {
		for _, ch := range changes {
			ch.Value.Wipe()
		}
	}()
	d := changed{Written: []written{}}
	if len(changes) == 0 {
		return d, secret.Errorf(secret.Invalid, "there is nothing to change")
	}
	if len(changes) > secret.MaxChanges {
		return d, secret.Errorf(secret.Invalid, "%d changes at once; the most is %d", len(changes), secret.MaxChanges)
	}
	err := s.ask(c, s.request(secret.Request{Op: secret.OpWrite, Changes: changes}), func(a secret.Answer) error {
		if w := a.Written; w != nil {
			d.Written = append(d.Written, written{w.Action, w.Name, w.To, w.Replaced})
		}
		return nil
	})
	return d, err
}

// place adds or removes places.
func (s *server) place(c *call, places ...secret.Place) error {
	return s.ask(c, s.request(secret.Request{Op: secret.OpPlaces, Places: places}), func(secret.Answer) error { return nil })
}

// verbs are past tense, for the words of a result.
var verbs = map[secret.Action]string{
	secret.ActionSet: "stored", secret.ActionMove: "moved", secret.ActionRemove: "deleted", secret.ActionEdit: "changed",
}

func (d changed) result() result {
	var b strings.Builder
	for _, w := range d.Written {
		verb := verbs[w.Action]
		if w.Replaced && w.Action == secret.ActionSet {
			verb = "replaced"
		}
		fmt.Fprintf(&b, "%s %s", verb, w.Name)
		if w.To != "" {
			fmt.Fprintf(&b, " to %s", w.To)
		}
		b.WriteByte('\n')
	}
	for _, p := range d.Places {
		fmt.Fprintf(&b, "%s\n", p)
	}
	for _, s := range d.Skipped {
		fmt.Fprintf(&b, "skipped %s: %s\n", s.Name, s.Reason)
	}
	if d.Next != "" {
		fmt.Fprintf(&b, "Next: %s\n", d.Next)
	}
	if b.Len() == 0 {
		b.WriteString("the app reports no change\n")
	}
	return result{b.String(), d}
}

// set stores one secret, whose value comes from the clipboard or from the person.
func (s *server) set(c *call) (result, error) {
	names := c.args.names("account")
	clipboard, meta := c.args.flag("clipboard"), c.args.patch()
	change := secret.Change{Action: secret.ActionSet, Meta: meta, Replace: c.args.flag("replace"), Enter: !clipboard}
	if err := c.args.err(); err != nil {
		return result{}, err
	}
	if len(names) != 1 {
		return result{}, secret.Errorf(secret.Invalid, "account must be one name")
	}
	if meta.FieldType == nil {
		return result{}, secret.Errorf(secret.Invalid, "field_type is missing: say what the value is")
	}
	change.Name = names[0]
	if err := change.Name.Writable(); err != nil {
		return result{}, err
	}
	if clipboard {
		v, err := s.clipboard()
		if err != nil {
			return result{}, err
		}
		change.Value = v
	}
	d, err := s.write(c, []secret.Change{change})
	return d.result(), err
}

func (s *server) clipboard() (secret.Value, error) {
	if s.opt.Clipboard == nil {
		return secret.Value{}, secret.Errorf(secret.Invalid, "this server has no clipboard: leave clipboard out, and the person types the value into the app")
	}
	v, err := s.opt.Clipboard()
	if err == nil && v.Empty() {
		err = secret.Errorf(secret.Invalid, "the clipboard is empty: ask the person to copy the value first")
	}
	if _, ok := errors.AsType[*secret.Error](err); err != nil && !ok {
		// What a clipboard program printed may be the clipboard.
		err = secret.Errorf(secret.Invalid, "the clipboard could not be read: leave clipboard out, and the person types the value into the app")
	}
	return v, err
}
