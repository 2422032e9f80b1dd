// Package secret holds the words that every part of NoxKey shares: names and
// prefixes, values that refuse to print, metadata and levels, what can be asked
// of the broker and what it answers, and the errors that cross the socket. It
// imports nothing of ours and decides nothing.
package secret

import "time"

// MaxValue is the size of the largest value, in bytes (64 KiB).
const MaxValue = 64 << 10

// Entry is one secret as a listing shows it: everything but the value.
type Entry struct {
	Name Name `json:"name"`
	Metadata
	// Version grows by one with each write of the value or of a field that is
	// bound to it; a ticket names the version it was approved for.
	Version uint64 `json:"version"`
	// Damaged says that the value cannot be opened: the vault was edited or
	// rotted outside NoxKey.
	Damaged bool `json:"damaged,omitempty"`
	// LastUsed is the time of the newest release, from the audit; zero if none.
	LastUsed time.Time `json:"last_used,omitzero"`
}

// Ref names one version of one secret. Version 0 means whichever is current.
type Ref struct {
	Name    Name   `json:"name"`
	Version uint64 `json:"version,omitempty"`
}
