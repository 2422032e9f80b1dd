package table

import (
	"errors"
	"slices"
	"time"

	"noxkey/secret"
)

// Box opens and seals values with the keys at hand: those of the open vault for
// easy values, those of one authentication for the others.
type Box[R any] interface {
	// Reach returns an error of code Denied if the keys do not open and seal values
	// of n at that level.
	Reach(n secret.Name, l secret.Level) error
	// Open returns the value, the caller's to wipe, or an error of code Denied if the
	// keys do not reach it, Damaged if it is not what was sealed.
	Open(r *Row[R]) (secret.Value, error)
	// Seal keeps value for e, all of whose fields are final. It does not keep the slice.
	Seal(e *secret.Entry, value []byte) (R, error)
}

// Apply returns the table with all changes made, one after the other, each seeing
// the ones before it; or an error, and t is as it was either way. now becomes the
// time of what is created or set.
//
// A key has to reach whatever is written, at the level it had as well as at the
// one it gets: who cannot open a strict secret cannot replace it with a normal
// one either. Removing, and editing what is not bound to the value, need no key.
func (t Table[R]) Apply(changes []secret.Change, box Box[R], now time.Time) (Table[R], error) {
	w := &writer[R]{
		Table: Table[R]{Counter: t.Counter, Rows: slices.Clone(t.Rows)},
		box:   box,
		now:   instant(now),
	}
	for i := range changes {
		w.Counter++
		if err := w.change(&changes[i]); err != nil {
			return Table[R]{}, about(err, changes[i].Name)
		}
	}
	return w.Table, nil
}

// about adds the name to an error that has none, such as a broken rule of names.
func about(err error, n secret.Name) error {
	e, ok := errors.AsType[*secret.Error](err)
	if !ok || len(e.Names) > 0 || n == "" {
		return err
	}
	return &secret.Error{Code: e.Code, Msg: e.Msg, Names: []secret.Name{n}}
}

// instant drops what a vault does not keep of a time: zone and monotonic reading.
func instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Round(0)
}

type writer[R any] struct {
	Table[R]
	box Box[R]
	now time.Time
}

func (w *writer[R]) change(c *secret.Change) error {
	switch c.Action {
	case secret.ActionSet:
		return w.set(c)
	case secret.ActionMove:
		return w.move(c)
	case secret.ActionRemove:
		return w.remove(c)
	case secret.ActionEdit:
		return w.edit(c)
	}
	return secret.Errorf(secret.Invalid, "%q is not a kind of change", string(c.Action))
}

func (w *writer[R]) set(c *secret.Change) error {
	if err := target(c.Name); err != nil {
		return err
	}
	if c.Value.Empty() {
		return secret.Errorf(secret.Invalid, "the value of %s is empty", c.Name)
	}
	e := secret.Entry{Name: c.Name, Metadata: secret.DefaultMetadata(c.Name), Version: w.Counter}
	e.Created = w.now
	at, exists := w.Find(c.Name)
	if exists {
		old := w.Rows[at]
		if err := w.mayReplace(old, c.Replace); err != nil {
			return err
		}
		e.Metadata, e.Version = old.Metadata, old.Version+1
	}
	e.Metadata = c.Meta.Apply(e.Metadata)
	e.Changed = w.now
	return c.Value.Use(func(b []byte) error {
		r, err := w.seal(e, b)
		if err == nil {
			w.put(r)
		}
		return err
	})
}

// seal checks e, completes it and seals b for it.
func (w *writer[R]) seal(e secret.Entry, b []byte) (*Row[R], error) {
	if err := tidy(&e.Metadata); err != nil {
		return nil, err
	}
	if err := w.box.Reach(e.Name, e.Level); err != nil {
		return nil, err
	}
	e.Peek, e.Damaged = secret.Peek(b, e.FieldType, e.Kind), false
	rest, err := w.box.Seal(&e, b)
	if err != nil {
		return nil, err
	}
	return &Row[R]{Entry: e, Rest: rest}, nil
}

// tidy brings m into the form in which every vault keeps it, or says why it cannot.
func tidy(m *secret.Metadata) error {
	m.Expires = instant(m.Expires)
	if y := m.Expires.Year(); y < 0 || y > 9999 { // what RFC 3339 can write
		return secret.Errorf(secret.Invalid, "expires is not a date between the years 0 and 9999")
	}
	return m.Check()
}

func (w *writer[R]) mayReplace(old *Row[R], told bool) error {
	if !told {
		return Fail(secret.Exists, old.Name, string(old.Name)+" exists")
	}
	return w.box.Reach(old.Name, old.Level)
}

func (w *writer[R]) move(c *secret.Change) error {
	if err := target(c.To); err != nil {
		return err
	}
	if c.To == c.Name {
		return secret.Errorf(secret.Invalid, "%s already has that name", c.Name)
	}
	from, err := w.existing(c.Name)
	if err != nil {
		return err
	}
	if at, exists := w.Find(c.To); exists {
		if err := w.mayReplace(w.Rows[at], c.Replace); err != nil {
			return err
		}
	}
	e := from.Entry
	// Not the old version plus one: a removed secret of the new name may have had that.
	e.Name, e.Version = c.To, w.Counter
	r, err := w.reseal(from, e)
	if err != nil {
		return err
	}
	w.cut(c.Name)
	w.put(r)
	return nil
}

func (w *writer[R]) edit(c *secret.Change) error {
	old, err := w.existing(c.Name)
	if err != nil {
		return err
	}
	e := old.Entry
	e.Metadata = c.Meta.Apply(e.Metadata)
	bound := e.FieldType != old.FieldType || e.Kind != old.Kind || e.Level != old.Level
	if !bound {
		if err := tidy(&e.Metadata); err != nil {
			return err
		}
		w.put(&Row[R]{Entry: e, Rest: old.Rest})
		return nil
	}
	e.Version++
	r, err := w.reseal(old, e)
	if err != nil {
		return err
	}
	w.put(r)
	return nil
}

// reseal opens what old holds and seals it for e.
func (w *writer[R]) reseal(old *Row[R], e secret.Entry) (*Row[R], error) {
	if err := tidy(&e.Metadata); err != nil {
		return nil, err
	}
	v, err := w.box.Open(old)
	if err != nil {
		return nil, err
	}
	defer v.Wipe()
	var r *Row[R]
	err = v.Use(func(b []byte) error {
		r, err = w.seal(e, b)
		return err
	})
	return r, err
}

func (w *writer[R]) remove(c *secret.Change) error {
	if _, err := w.existing(c.Name); err != nil {
		return err
	}
	w.cut(c.Name)
	return nil
}

func (w *writer[R]) existing(n secret.Name) (*Row[R], error) {
	at, ok := w.Find(n)
	if !ok {
		return nil, Fail(secret.NotFound, n, "there is no secret "+string(n))
	}
	return w.Rows[at], nil
}

// put adds r, or lets it take the place of the row of its name.
func (w *writer[R]) put(r *Row[R]) {
	at, exists := w.Find(r.Name)
	if exists {
		w.Rows[at] = r
		return
	}
	w.Rows = slices.Insert(w.Rows, at, r)
}

func (w *writer[R]) cut(n secret.Name) {
	if at, ok := w.Find(n); ok {
		w.Rows = slices.Delete(w.Rows, at, at+1)
	}
}

// target checks the name of something new.
func target(n secret.Name) error {
	if _, err := secret.ParseName(string(n)); err != nil {
		return err
	}
	return n.Writable()
}
