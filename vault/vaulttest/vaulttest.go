// Package vaulttest is the contract of every vault as one test body, run over each of
// them: what is true of one is true of all.
package vaulttest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"noxkey/secret"
)

// Vault is what the contract is about: package broker's Store and Ledger.
type Vault interface {
	Under(p secret.Prefix) ([]secret.Entry, error)
	Open(k secret.Key, refs []secret.Ref) ([]secret.Value, error)
	Apply(k secret.Key, changes []secret.Change) error
	Lock()
	Recall(key string) ([]byte, error)
	Remember(key string, data []byte) error
	AuditKey() ([32]byte, error)
}

// Fixture is an empty, locked vault to try.
type Fixture struct {
	Vault Vault
	// Unlock authenticates as its owner.
	Unlock func(secret.Scope) (secret.Key, error)
	// Reopen returns the same vault as the next run of the program finds it, locked. It
	// is nil where nothing outlasts the process.
	Reopen func(t *testing.T) Fixture
}

// Run runs the contract; open is called for each test in it.
func Run(t *testing.T, open func(t *testing.T) Fixture) {
	for _, c := range []struct {
		name string
		test func(*bench)
	}{
		{"a locked vault tells nothing", lockedTellsNothing},
		{"locking ends every key", lockEndsKeys},
		{"a value comes back as it went in", roundTrip},
		{"a listing is sorted and stops at whole segments", listing},
		{"entries carry metadata and peek", metadata},
		{"set does not overwrite unasked", setExists},
		{"a replacement keeps creation and counts on", replace},
		{"names are checked", namesChecked},
		{"metadata is checked", metadataChecked},
		{"move reseals under the new name", move},
		{"move does not overwrite unasked", moveExists},
		{"remove", remove},
		{"edit of free fields needs no key", editFree},
		{"edit of bound fields needs the key", editBound},
		{"all or nothing", allOrNothing},
		{"changes of one batch see each other", chained},
		{"a version that is no longer current is a conflict", versions},
		{"a version never comes back", versionsNeverReturn},
		{"easy needs no key", easy},
		{"ThreatB14 a level cannot be lowered without the strict key", lowering},
		{"ThreatD5 a key opens its scope alone", scopes},
		{"ThreatD5 a session never opens strict", sessions},
		{"what a key opens it replaces, and nothing else", rewrites},
		{"ThreatD5 a session makes no more than itself", sessionOfSession},
		{"a wiped key opens nothing", wiped},
		{"a foreign key opens nothing", foreign},
		{"values are the caller's", ownership},
		{"the ledger remembers", ledger},
		{"the audit key is the same in every run", auditKey},
		{"what was written is there in the next run", reopen},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(&bench{T: t, Fixture: open(t)})
		})
	}
}

// bench is a test with a vault and short words for what tests do with it.
type bench struct {
	*testing.T
	Fixture
}

func (b *bench) unlock(s secret.Scope) secret.Key {
	b.Helper()
	k, err := b.Unlock(s)
	if err != nil {
		b.Fatalf("unlock: %v", err)
	}
	return k
}

func (b *bench) root() secret.Key {
	b.Helper()
	return b.unlock(secret.Scope{Root: true})
}

func (b *bench) apply(k secret.Key, c ...secret.Change) {
	b.Helper()
	if err := b.Vault.Apply(k, c); err != nil {
		b.Fatalf("apply: %v", err)
	}
}

// refused wants an error of that code that names n, and no change of the listing.
func (b *bench) refused(code secret.Code, n secret.Name, k secret.Key, c ...secret.Change) {
	b.Helper()
	before := b.under("")
	b.want(b.Vault.Apply(k, c), code, n)
	if after := b.under(""); !slices.Equal(before, after) {
		b.Fatalf("a refused change changed\n%v to\n%v", before, after)
	}
}

// want wants an *Error of that code; one about n, unless that is "".
func (b *bench) want(err error, code secret.Code, n secret.Name) {
	b.Helper()
	e, ok := errors.AsType[*secret.Error](err)
	if !ok || e.Code != code {
		b.Fatalf("error %v (code %q), want code %q", err, secret.CodeOf(err), code)
	}
	if n != "" && !slices.Contains(e.Names, n) {
		b.Fatalf("error %v names %v, want %s", err, e.Names, n)
	}
}

func (b *bench) under(p secret.Prefix) []secret.Entry {
	b.Helper()
	list, err := b.Vault.Under(p)
	if err != nil {
		b.Fatalf("under %q: %v", p, err)
	}
	return list
}

func (b *bench) names(p secret.Prefix) []secret.Name {
	b.Helper()
	var names []secret.Name
	for _, e := range b.under(p) {
		names = append(names, e.Name)
	}
	return names
}

func (b *bench) entry(n secret.Name) secret.Entry {
	b.Helper()
	for _, e := range b.under(secret.Prefix(n)) {
		if e.Name == n {
			return e
		}
	}
	b.Fatalf("there is no %s", n)
	return secret.Entry{}
}

// open returns the value of n as text.
func (b *bench) open(k secret.Key, n secret.Name) string {
	b.Helper()
	v, err := b.Vault.Open(k, []secret.Ref{{Name: n}})
	if err != nil {
		b.Fatalf("open %s: %v", n, err)
	}
	return text(v[0])
}

// closed wants that k does not open n.
func (b *bench) closed(k secret.Key, n secret.Name) {
	b.Helper()
	v, err := b.Vault.Open(k, []secret.Ref{{Name: n}})
	b.want(err, secret.Denied, n)
	if v != nil {
		b.Fatal("values with an error")
	}
}

func text(v secret.Value) string {
	var s string
	_ = v.Use(func(p []byte) error { s = string(p); return nil })
	v.Wipe()
	return s
}

func value(s string) secret.Value {
	v, err := secret.NewValue([]byte(s))
	if err != nil {
		panic(err)
	}
	return v
}

func set(n secret.Name, v string, l secret.Level) secret.Change {
	return secret.Change{Action: secret.ActionSet, Name: n, Value: value(v), Meta: secret.Patch{Level: &l}}
}

func replaced(c secret.Change) secret.Change {
	c.Replace = true
	return c
}

func moved(from, to secret.Name) secret.Change {
	return secret.Change{Action: secret.ActionMove, Name: from, To: to}
}

func edited(n secret.Name, p secret.Patch) secret.Change {
	return secret.Change{Action: secret.ActionEdit, Name: n, Meta: p}
}

func removed(n secret.Name) secret.Change {
	return secret.Change{Action: secret.ActionRemove, Name: n}
}

func ptr[T any](v T) *T { return &v }

// near reports whether t is of this minute or the last few.
func near(t time.Time) bool {
	d := time.Since(t)
	return d > -time.Second && d < 10*time.Minute
}
