// Package table is what every vault has in common: the rows sorted by name, and
// the rules by which changes alter them. It holds no key and touches no disk; how
// a value is opened and sealed is its user's.
package table

import (
	"slices"
	"sort"
	"strings"

	"noxkey/secret"
)

// Row is one secret: what a listing shows, and what the vault keeps of its value.
// A row that is part of a Table is never changed; Apply makes new ones.
type Row[R any] struct {
	secret.Entry
	Rest R
}

// Table is the content of a vault at one moment. The zero Table is empty.
type Table[R any] struct {
	// Counter grows with every change, and no Version is above it.
	Counter uint64
	// Rows are sorted by name, bytewise; no name is there twice.
	Rows []*Row[R]
}

// Find returns the place of n, or the place where it would be.
func (t Table[R]) Find(n secret.Name) (int, bool) {
	return slices.BinarySearchFunc(t.Rows, n, func(r *Row[R], n secret.Name) int {
		return strings.Compare(string(r.Name), string(n))
	})
}

// Under returns the entries that p covers, sorted by name, in a slice of the
// caller's own.
func (t Table[R]) Under(p secret.Prefix) []secret.Entry {
	rows := t.Rows
	var self *Row[R]
	if p != "" {
		if i, ok := t.Find(secret.Name(p)); ok {
			self = t.Rows[i]
		}
		// Whatever lies below p starts with p and a slash. '0' is the byte after '/'.
		rows = t.Rows[t.lower(string(p)+"/"):t.lower(string(p)+"0")]
	}
	list := make([]secret.Entry, 0, len(rows)+1)
	if self != nil {
		list = append(list, self.Entry)
	}
	for _, r := range rows {
		list = append(list, r.Entry)
	}
	return list
}

func (t Table[R]) lower(s string) int {
	return sort.Search(len(t.Rows), func(i int) bool { return string(t.Rows[i].Name) >= s })
}

// Pick returns the rows of refs in their order. The error has code NotFound, or
// Conflict when a version is no longer the current one, and names the first.
func (t Table[R]) Pick(refs []secret.Ref) ([]*Row[R], error) {
	rows := make([]*Row[R], len(refs))
	for i, ref := range refs {
		at, ok := t.Find(ref.Name)
		if !ok {
			return nil, Fail(secret.NotFound, ref.Name, "there is no secret "+string(ref.Name))
		}
		rows[i] = t.Rows[at]
		if ref.Version != 0 && ref.Version != rows[i].Version {
			return nil, Fail(secret.Conflict, ref.Name, string(ref.Name)+" has changed in the meantime")
		}
	}
	return rows, nil
}

// Damaged returns the names of the rows whose values cannot be opened.
func (t Table[R]) Damaged() []secret.Name {
	var names []secret.Name
	for _, r := range t.Rows {
		if r.Entry.Damaged {
			names = append(names, r.Name)
		}
	}
	return names
}

// Fail is an error of that code about n.
func Fail(code secret.Code, n secret.Name, msg string) error {
	return &secret.Error{Code: code, Msg: msg, Names: []secret.Name{n}}
}

// OpenAll opens all rows or none. The values are the caller's to wipe.
func OpenAll[R any](b Box[R], rows []*Row[R]) ([]secret.Value, error) {
	values := make([]secret.Value, 0, len(rows))
	for _, r := range rows {
		val, err := b.Open(r)
		if err != nil {
			for _, done := range values {
				done.Wipe()
			}
			return nil, err
		}
		values = append(values, val)
	}
	return values, nil
}
