package secret

// Key is what one authentication yields: the right to open certain values, and
// nothing else. It is opaque outside the vault that made it.
type Key interface {
	// Session returns a key of its own for what a session over s may open: easy
	// and normal values, never strict ones. It fails if the receiver does not
	// reach that far.
	Session(s Scope) (Key, error)
	// Wipe forgets the key; it opens nothing afterwards. It may be called twice.
	Wipe()
}

// Scope is what a person is asked to open. The key for a scope opens its names at
// every level and, if Prefix is set, every easy and normal name below it.
type Scope struct {
	Names  []Name
	Prefix Prefix
	// Root asks for the whole vault: a new passphrase, a new root key, a backup.
	Root bool
}

// Prompt is what a person reads while an authentication is asked of them.
type Prompt struct {
	// ID is the approval request this belongs to, 0 for none.
	ID uint64
	// Reason is one clause, verb first, lower case, without a full stop, with
	// foreign text already made visible: "give acme/api/KEY to Claude Code once".
	Reason string
	// Note is what went wrong the time before, empty at first.
	Note string
	// New asks for a new passphrase (typed twice) instead of the present one.
	New bool
}
