// Package redact takes secrets out of what a program prints, while it prints.
//
// A Redactor is built once from the values; each stream gets a Writer of its own.
// What is found is the value and the ways in which programs commonly write one: see
// package forms. What is known to be out of reach is the table in reach_test.go, each
// row proved by TestOutOfReach. A program that wants to hide a value can; this package
// is there against accidents, and against an agent that does the usual things.
// Where a value goes, colours that were set within it go, too.
//
// Each Writer simulates one automaton over all forms of all values, byte by byte,
// so its output depends on the bytes alone and not on how they were cut into
// writes (FlushIdle aside). A filter on four bytes passes over text in which no
// form can begin.
package redact

import (
	"bytes"
	"slices"
	"sync/atomic"

	"noxkey/handoff/redact/internal/forms"
	"noxkey/secret"
)

// Needle is one value to find and the name that is printed in its place. The value
// stays its owner's: New reads it and keeps no reference.
type Needle struct {
	Name  secret.Name
	Value secret.Value
}

// MinLen is the length in bytes below which a value is not looked for: a shorter
// one would take ordinary words and numbers out of every text. It is counted
// after white space at both ends is taken off, since programs print without it.
const MinLen = forms.MinLen

// Redactor holds the automaton for a set of values. It is safe for use by many
// Writers at once, but not while Wipe runs.
//
// Its memory is about 0.9 KiB for each byte of the values (60 MB for one of 64 KiB), and
// 1 MB besides. On 50 values of 40 bytes New takes some 15 ms.
type Redactor struct {
	names   []secret.Name
	short   []secret.Name
	trie    *forms.Trie
	filter  filter
	first   [256][]thread // what each first byte begins
	maxSpan int64         // bytes; what is spelled longer than this is not found, nor, in a crowd, than half
	crowd   int           // threads from which a crowd is used
	hasESC  bool          // a form holds an escape character
	wiped   atomic.Bool
}

// New builds the automaton. Values that are empty or shorter than MinLen are left
// out, and TooShort names them. The error is Value.Use's.
func New(needles []Needle) (*Redactor, error) {
	r := &Redactor{crowd: crowdSize}
	b := forms.NewBuilder()
	longest := 0
	for i, n := range needles {
		r.names = append(r.names, n.Name)
		err := n.Value.Use(func(v []byte) error {
			v = secret.Trim(v)
			if len(v) < MinLen {
				r.short = append(r.short, n.Name)
				return nil
			}
			longest = max(longest, len(v))
			b.Add(v, int32(i))
			if words := unquoted(v); words != nil {
				b.Add(words, int32(i))
				secret.Wipe(words)
			}
			return nil
		})
		if err != nil {
			b.Finish().Wipe()
			return nil, err
		}
	}
	r.maxSpan = int64(64*longest + 32<<10)
	r.trie = b.Finish()
	for _, s := range r.trie.States {
		r.hasESC = r.hasESC || slices.ContainsFunc(s.Edges, func(e forms.Edge) bool { return e.Lo <= 0x1b && 0x1b <= e.Hi })
	}
	for c := range 256 {
		r.first[c] = begin(r.trie, byte(c))
	}
	r.filter.build(r.trie)
	return r, nil
}

// unquoted is what a shell makes of an unquoted variable: its words with one space between
// them. nil if that is the value itself. (What it makes of * and ? is out of reach.)
func unquoted(v []byte) []byte {
	words := bytes.Join(bytes.Fields(v), []byte(" "))
	if bytes.Equal(words, v) || len(words) < MinLen {
		secret.Wipe(words)
		return nil
	}
	return words
}

// TooShort names the values that are not looked for, because they are shorter than
// MinLen bytes. Whoever runs a program with them should tell the person.
func (r *Redactor) TooShort() []secret.Name { return r.short }

// Wipe overwrites the automaton, from which the values could be computed. Writers
// refuse from then on. No Writer may be at work meanwhile. As everywhere in Go,
// what the runtime copied before is out of reach.
func (r *Redactor) Wipe() {
	r.wiped.Store(true)
	r.trie.Wipe()
	r.filter.wipe()
	for c := range r.first {
		clear(r.first[c])
		r.first[c] = nil
	}
}

// marker is what is printed in place of a value.
func marker(n secret.Name) string { return "[noxkey:" + string(n) + "]" }
