// Package broker is the one place that says yes or no, and the only reader of
// the store. A request is decided, approved by the person where the rules want
// it, authenticated, read, and recorded before anything is released; sessions,
// the queue of cards and the audit live here too. It knows no socket, no screen
// and no vault: those are the small interfaces of this file.
package broker

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
	"unicode/utf8"

	"noxkey/caller"
	"noxkey/secret"
)

// Store is where values rest. Its errors carry the codes of package secret:
// Locked while nothing may be known, NotFound, Damaged, Conflict when a Ref's
// version is no longer the current one, Storage for the disk.
type Store interface {
	// Under returns the entries that p covers, sorted by name; p "" covers all. The
	// slice is the caller's, the entries are shared and must not be changed.
	Under(p secret.Prefix) ([]secret.Entry, error)
	// Open returns the values in the order of refs, each the caller's to wipe. Easy
	// values need no key (k may be nil); for others k must reach them. On an error
	// nothing is returned.
	Open(k secret.Key, refs []secret.Ref) ([]secret.Value, error)
	// Apply makes all changes or none. It takes no ownership of the values in them.
	Apply(k secret.Key, changes []secret.Change) error
	// Lock forgets every key, names included, until the next authentication.
	Lock()
}

// Authenticator asks the person to prove that it is them.
type Authenticator interface {
	// Authenticate returns a key for s. An error of code Cancelled means that the
	// person thought better of it and may choose again; WrongKey that they could
	// not; any other error is a refusal. A success also opens the store for browsing.
	Authenticate(ctx context.Context, p secret.Prompt, s secret.Scope) (secret.Key, error)
}

// Maintainer changes what protects the vault; an Authenticator may be one.
type Maintainer interface {
	// Passwd asks for the present passphrase and a new one.
	Passwd(ctx context.Context, p secret.Prompt) error
	// Rekey seals every value again under a new root key.
	Rekey(ctx context.Context, p secret.Prompt) error
}

// Ledger keeps small things of the broker's between runs, sealed by the vault:
// the audit's head, known callers, settings. Keys are short words.
type Ledger interface {
	// Recall returns what was remembered under key, nil if nothing was.
	Recall(key string) ([]byte, error)
	Remember(key string, data []byte) error
	// AuditKey returns the key that seals the audit, an error of code Locked
	// before the first authentication. It is the same in every run.
	AuditKey() ([32]byte, error)
}

// Approver puts a question before the person.
type Approver interface {
	// Ask shows a and waits for the answer. It returns ctx's error when ctx ends
	// first: the asker has gone or the time is over, and nothing may be granted any
	// more. Asked again with the same ID it shows the same card anew, a.Note saying why.
	Ask(ctx context.Context, a *Ask) (Answer, error)
	// Enter asks the person to type the value that a describes.
	Enter(ctx context.Context, a *Ask) (secret.Value, error)
	// Close takes away the card of that id; how it ended is told for the list of
	// recent requests. It is called once for every id that Ask or Enter saw.
	Close(id uint64, end secret.Outcome)
	// Rest tells the person that an agent's requests are refused for a while.
	Rest(agent string, until time.Time)
}

// Kind says what an Ask wants of the person.
type Kind string

// The kinds.
const (
	// AskCard wants a choice: deny, allow once, allow for a session, vouch.
	AskCard Kind = "card"
	// AskHuman tells the person what their own Touch ID or passphrase is about to
	// open. The answer is AllowOnce (or AllowSession for OpUnlock) at once; the
	// authentication that follows is the choice.
	AskHuman Kind = "human"
	// AskEntry wants a value typed.
	AskEntry Kind = "entry"
)

// Ask is one question to the person.
type Ask struct {
	ID   uint64
	Kind Kind
	Op   secret.Op
	Who  caller.Caller

	Items    []Item        // strictest first, then by name
	Prefix   secret.Prefix // what was asked for, if it was one prefix
	LeftOut  []secret.Name // off limits, not part of the grant
	Writes   []Write       // OpWrite: what would change, old and new
	Delivery secret.Delivery
	// Setting is what OpSettings would change, nil with every other operation.
	Setting *Adjustment `json:",omitempty"`
	// Run is the program that the values are for, with DeliverRun; Manifest what is known
	// of the file that chose the secrets, nil if none did.
	Run      *secret.Run `json:",omitempty"`
	Manifest *Manifest   `json:",omitempty"`
	// Session is how long the grant would last if AllowSession is chosen; 0 means
	// that no session is offered. Covered are the names it would cover.
	Session time.Duration
	Covered []secret.Name

	Reason  string // the asker's words, raw: show them escaped and cut
	Command string // the same
	Known   Known
	// Vouch is the multiplexer or container shell that may be vouched for, or nil.
	Vouch *caller.Process
	// Touch says that an authentication follows an Allow.
	Touch bool

	// The fields below do not change what is granted and are not in the digest.
	Position, Waiting int // 1 of 3
	Deadline          time.Time
	Note              string // why the card is back
}

// Item is one secret on a card.
type Item struct {
	Name  secret.Name
	Level secret.Level
	Type  secret.FieldType
	Kind  secret.Kind
	// Version is the one that would be released.
	Version uint64
}

// Write is one line "old -> new" of a card.
type Write struct {
	Action  secret.Action
	Name    secret.Name
	To      secret.Name
	Exists  bool // ActionSet replaces a value
	Enter   bool
	Old     secret.Metadata // zero for a new secret
	New     secret.Metadata // as it would be
	Version uint64          // of what would be replaced
	// Over is the version of the secret that ActionMove would replace.
	Over uint64
}

// Adjustment is the change of a setting.
type Adjustment struct {
	Name     string // one of secret's settings
	Old, New time.Duration
}

// Known is what is remembered of a caller's program.
type Known struct {
	Path  string    // the executable (or script) that is known
	First time.Time // zero: first seen now
	// Changed is set when the file at Path is not the one seen before.
	Changed bool
	Seen    time.Time // when the earlier file was seen last
	// Signed says who signed the program: "signed by …", "not signed"; "" where programs
	// are not signed.
	Signed string `json:",omitempty"`
}

// Choice is what the person chose.
type Choice int

// The choices. The zero value denies.
const (
	Deny Choice = iota
	AllowOnce
	AllowSession
	Vouch
)

// Answer is the person's answer to an Ask.
type Answer struct {
	Choice Choice
	// Digest is that of the Ask the person saw; a grant with another is refused.
	Digest Digest
	// Prompt is what the authentication that follows shall say.
	Prompt secret.Prompt
}

// Digest is the SHA-256 of everything in an Ask that changes what is granted.
type Digest [sha256.Size]byte

// Digest computes the digest: every field but the ID, the place in the queue,
// the deadline and the note.
func (a *Ask) Digest() Digest {
	c := *a
	c.ID, c.Position, c.Waiting, c.Deadline, c.Note = 0, 0, 0, time.Time{}, ""
	b, err := json.Marshal(&c)
	if err != nil {
		// Every field is plain data. A digest that could not be made must equal
		// none, not even itself: panic rather than grant.
		panic("broker: ask cannot be encoded: " + err.Error())
	}
	h := sha256.New()
	h.Write(b)
	// JSON has one U+FFFD for every byte that is not UTF-8, which the names of files and
	// processes may hold. Such texts follow as they are.
	texts(reflect.ValueOf(c), func(s string) {
		if !utf8.ValidString(s) {
			fmt.Fprintf(h, "%q", s)
		}
	})
	return Digest(h.Sum(nil))
}

// texts calls f with every string below v, in order.
func texts(v reflect.Value, f func(string)) {
	switch v.Kind() {
	case reflect.String:
		f(v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			texts(v.Elem(), f)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			texts(v.Index(i), f)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			texts(v.Field(i), f)
		}
	}
}
