package keychain

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"noxkey/secret"
	"noxkey/vault/internal/table"
)

// journal is a batch under way: written before its first change and removed after
// its last. The values in it are as sealed as they are in their items.
type journal struct {
	// Before and After are the manifest's counters. One that has reached After means
	// that the batch is done.
	Before uint64 `json:"before"`
	After  uint64 `json:"after"`
	Steps  []step `json:"steps"`
}

// maxJournal is the size of the largest journal, in bytes: 90 of the longest values
// replaced, or some 10,000 usual ones.
const maxJournal = 8 << 20

// step is what a batch does to one item.
type step struct {
	Name secret.Name `json:"name"`
	Had  bool        `json:"had"` // there was an item, with
	Old  string      `json:"old,omitempty"`
	// OldData is set if the batch changes the data or removes the item.
	OldData []byte `json:"old_data,omitempty"`
	Has     bool   `json:"has"` // there will be one
	New     string `json:"new,omitempty"`
	NewData []byte `json:"-"` // nil: the data stays
}

// plan returns the steps from s to t, sorted by name, and the state after them. The
// rows of t that are new get their labels. The error has code Damaged for a row that
// cannot be believed and would be written, Locked or Storage.
func (v *Vault) plan(s *state, t table.Table[*stored]) ([]step, *state, error) {
	next := *s
	next.Table, next.tags = t, maps.Clone(s.tags)
	var steps []step
	var err error
	for _, r := range s.Rows {
		if _, ok := t.Find(r.Name); !ok {
			steps = append(steps, step{Name: r.Name, Had: true, Old: r.Rest.label})
			delete(next.tags, r.Name)
		}
	}
	for _, r := range t.Rows {
		at, had := s.Find(r.Name)
		if had && s.Rows[at] == r {
			continue
		}
		if r.Entry.Damaged {
			return nil, nil, damaged(r.Name)
		}
		label, err := encodeLabel(s.browse, &r.Entry, r.Rest.sum)
		if err != nil {
			return nil, nil, err
		}
		st := step{Name: r.Name, Had: had, Has: true, New: label, NewData: r.Rest.pending}
		if had {
			st.Old = s.Rows[at].Rest.label
		}
		steps = append(steps, st)
		r.Rest = &stored{label: label, sum: r.Rest.sum, pending: r.Rest.pending}
		next.tags[r.Name] = tagOf(r.Name, label)
	}
	slices.SortFunc(steps, func(a, b step) int { return order(a) - order(b) })
	for i := range steps {
		if st := &steps[i]; st.Had && (!st.Has || st.NewData != nil) {
			st.OldData, err = v.items.Read(string(st.Name))
			if is(err, StatusNotFound) { // taken away outside NoxKey: nothing to put back
				st.Had, err = false, nil
			}
			if err != nil {
				return nil, nil, explain(err, string(st.Name))
			}
		}
	}
	return steps, &next, nil
}

// order puts what can fail for the likeliest reason first: new items, then changed
// ones, then what is to go.
func order(s step) int {
	switch {
	case !s.Had:
		return 0
	case s.Has:
		return 1
	}
	return 2
}

// commit brings the Keychain from s to t, or leaves it as it was. The manifest is
// written last: with it the batch is done. The caller holds work.
func (v *Vault) commit(s *state, t table.Table[*stored]) (*state, error) {
	steps, next, err := v.plan(s, t)
	if err != nil {
		return nil, err
	}
	j := &journal{Before: s.Counter, After: t.Counter, Steps: steps}
	if err := v.writeJournal(s.browse, j); err != nil {
		return nil, err
	}
	for i := range steps {
		if err := v.do(&steps[i]); err != nil {
			return nil, v.takeBack(j, err)
		}
	}
	if err := v.writeManifest(next); err != nil {
		// It may be there all the same. The old one goes first: as long as the new one is
		// there the batch counts as done, and nothing of it must be undone.
		if again := v.writeManifest(s); again != nil {
			return nil, v.unsure(j, err)
		}
		return nil, v.takeBack(j, err)
	}
	for _, r := range t.Rows {
		r.Rest.pending = nil
	}
	// A journal that stays is known by its counter to be of a batch that is done.
	_ = v.items.Delete(accountJournal)
	return next, nil
}

func (v *Vault) writeJournal(b *browse, j *journal) error {
	text, err := json.Marshal(j)
	if err != nil {
		return secret.Errorf(secret.Internal, "the journal cannot be written: %v", err)
	}
	if len(text) > maxJournal {
		return secret.Errorf(secret.Invalid, "this batch changes too much at once to be undone if it fails (%d MiB, the most is %d): do it in parts", len(text)>>20, maxJournal>>20)
	}
	box, err := b.seal("journal", text, "")
	if err != nil {
		return err
	}
	return explain(put(v.items, Item{accountJournal, ownLabel("journal")}, box), accountJournal)
}

// do takes one step.
func (v *Vault) do(s *step) error {
	it := Item{string(s.Name), s.New}
	var err error
	switch {
	case !s.Has:
		if err = v.items.Delete(string(s.Name)); is(err, StatusNotFound) {
			err = nil // that is what was wanted
		}
	case s.Had:
		err = v.items.Update(it, s.NewData)
	default:
		err = v.items.Add(it, s.NewData)
	}
	return explain(err, string(s.Name))
}

// takeBack undoes a batch that failed with cause, and says so if that fails as well.
func (v *Vault) takeBack(j *journal, cause error) error {
	left, err := v.undo(j)
	if err == nil {
		_ = v.items.Delete(accountJournal) // one that stays undoes nothing more
		return cause
	}
	v.broken = true
	return &secret.Error{Code: secret.Damaged, Names: left, Msg: fmt.Sprintf(
		"the batch failed (%v) and could not be undone (%v); not as before: %s. it is tried again at the next use", cause, err, names(left))}
}

// unsure is the error of a batch of which only the last step, the manifest, failed
// and could not be taken back. The journal tells the next use which it was.
func (v *Vault) unsure(j *journal, cause error) error {
	v.broken = true
	return &secret.Error{Code: secret.Damaged, Names: j.names(), Msg: fmt.Sprintf(
		"the batch failed at its end (%v); whether it is done shows at the next use: %s", cause, names(j.names()))}
}

// names are the secrets that j is about, sorted.
func (j *journal) names() []secret.Name {
	var list []secret.Name
	for _, s := range j.Steps {
		list = append(list, s.Name)
	}
	slices.Sort(list)
	return list
}

// undo puts every item of j back as it was, whichever steps were taken, and returns
// the names of those that it could not, with the first error.
func (v *Vault) undo(j *journal) (left []secret.Name, first error) {
	list, err := v.items.List()
	if err != nil {
		return j.names(), explain(err, "")
	}
	now := make(map[string]string, len(list))
	for _, it := range list {
		now[it.Account] = it.Label
	}
	for i := range j.Steps {
		s := &j.Steps[i]
		label, has := now[string(s.Name)]
		if err := v.putBack(s, label, has); err != nil {
			left = append(left, s.Name)
			if first == nil {
				first = explain(err, string(s.Name))
			}
		}
	}
	return left, first
}

// putBack undoes one step; label is what the item has now, if there is one. Every
// step that changes anything changes the label: one that the batch did not write
// belongs to an item that was not reached yet, or to another program's.
func (v *Vault) putBack(s *step, label string, has bool) error {
	switch {
	case has && (!s.Has || label != s.New):
		return nil
	case has && !s.Had:
		return v.items.Delete(string(s.Name))
	case has:
		return v.items.Update(Item{string(s.Name), s.Old}, s.OldData)
	case !s.Had || s.OldData == nil: // not there before; or taken away meanwhile, not by the batch
		return nil
	}
	return v.items.Add(Item{string(s.Name), s.Old}, s.OldData)
}

// mend looks for the journal of a batch that was broken off, undoes it and keeps a
// notice that names it. The caller holds work. The error has code Storage or the
// like: then the journal stays.
func (v *Vault) mend(b *browse) error {
	box, err := v.items.Read(accountJournal)
	if is(err, StatusNotFound) {
		v.broken = false
		return nil
	}
	if err != nil {
		return explain(err, accountJournal)
	}
	j := &journal{}
	plain, err := b.unseal("journal", box, "")
	if secret.CodeOf(err) == secret.Locked {
		return err
	}
	if err != nil || json.Unmarshal(plain, j) != nil {
		// Not ours: nothing of it is done. A batch that it may have hidden shows in the manifest.
		v.notice("the journal in the keychain was changed outside noxkey; it was not followed")
		return explain(v.items.Delete(accountJournal), accountJournal)
	}
	m, _, err := v.readManifest(b)
	if err != nil {
		return err
	}
	switch {
	case m == nil || m.counter == j.Before:
		if err := v.followBack(j); err != nil {
			return err
		}
	case m.counter < j.Before:
		v.notice("the keychain's list of secrets is older than its journal: something was put back outside noxkey")
	}
	if err := explain(v.items.Delete(accountJournal), accountJournal); err != nil {
		return err
	}
	v.broken = false
	return nil
}

// followBack undoes j at a start, or later if it could not be undone at once.
func (v *Vault) followBack(j *journal) error {
	left, err := v.undo(j)
	if err != nil {
		return &secret.Error{Code: secret.CodeOf(err), Names: left, Msg: fmt.Sprintf(
			"a batch of %d changes was broken off and cannot be undone (%v); not as before: %s", len(j.Steps), err, names(left))}
	}
	v.notice(fmt.Sprintf("a batch of %d changes was broken off; nothing of it was kept: %s", len(j.Steps), names(j.names())))
	return nil
}
