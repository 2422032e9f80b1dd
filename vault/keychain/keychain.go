// Package keychain is the vault of macOS: one generic password of the Keychain
// for each secret, and a few of NoxKey's own beside them.
//
// # What lies where
//
// All items have one service. Account and label of an item can be read by every
// program of the same user without a prompt; the data of one made by NoxKey asks
// the person when another program wants it. So the label holds metadata, the
// data holds what is sealed:
//
//	acme/api/KEY  label: metadata, version, sealed peek    data: the sealed value
//	.root         data: identity, audit key, browse root; not sealed
//	.keys         label: the mode    data: the normal and the strict root; sealed
//	              under the browse root, in ModeEnclave to the Enclave's key as well
//	.manifest     data: name and label hash of every secret, a counter; sealed
//	.journal      data: what a batch under way changes, to undo it; sealed
//	.ledger.*     data: what the broker remembers; sealed
//
// Every value is sealed with XChaCha20-Poly1305 under a key that HKDF derives for
// its name and level: easy ones from the browse root, normal ones down the name
// tree from the normal root, strict and off_limits ones from the strict root. Name,
// field type, kind, level and version are associated data: editing a label makes
// the value unreadable instead of less protected. The manifest names labels that
// were edited or put back, and secrets that were taken away.
//
// # The two modes
//
// ModeEnclave: both roots rest sealed to a P-256 key in the Secure Enclave that
// works only for a person who is present (a Sealer). Unlock opens them with the
// LAContext of this one authentication, derives the keys of exactly the scope that
// was asked for, and wipes the roots. All items together open no normal or strict
// value without that Enclave and that person.
//
// ModeGate: both roots rest in .keys, which .root opens. Touch ID is then a gate
// in front of the program, not cryptography: whatever can read NoxKey's items
// (a program that the person lets, root, a debugger in this process) needs no Touch
// ID. What the sealing still gives: one who may write items but not read them
// cannot change a level, swap values or put one back without being found.
//
// In both modes a session holds the node key of its prefix or the leaf keys of its
// names, in the normal tree alone: no LAContext is kept for it, and neither another
// prefix nor a strict secret can be derived from what it holds.
//
// # Out of reach
//
// All items put back together to an earlier state; a ledger item put back alone; the
// moment of an authentication, when the roots are in memory; deletion of .root or
// .keys, which loses every value (keep a backup). In the login keychain, which is
// what go-keychain reaches, macOS does not heed "accessible when unlocked, this
// device only"; it is set for the day it does. go-keychain and CoreFoundation copy
// the data they carry, and those copies cannot be wiped; all but those of .root are
// sealed.
//
// Nothing here has run on a Mac. What must be seen there: that List never prompts,
// also with a locked login keychain; that items of an earlier build signed by the
// same team are read silently; which OSStatus a refused prompt gives.
package keychain

import (
	"crypto/ed25519"
	"slices"
	"sync"
	"unsafe"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
	"noxkey/vault/internal/table"
)

// Service is the service of NoxKey's items in the Keychain.
const Service = "noxkey"

// Presence is one authentication of the person that succeeded: on a Mac an LAContext
// that was evaluated. It is an alias, so that package touchid can name the same
// type without importing this one.
type Presence = interface {
	// Use calls f with the LAContext (an Objective-C id, borrowed until f returns) and
	// returns f's error; after Invalidate an error of code Denied, without calling f.
	Use(f func(context unsafe.Pointer) error) error
	// Invalidate ends it. It may be called twice.
	Invalidate()
}

// Sealer is a key that opens for a person who is present, and for nobody else.
type Sealer interface {
	// Name says what it is: "Secure Enclave".
	Name() string
	// Seal needs nobody. It does not keep plain.
	Seal(plain []byte) ([]byte, error)
	// Open returns what was sealed, the caller's to wipe. The error has code Cancelled
	// if the person declined, Denied if p has ended, Damaged if box is not of this
	// key; or another code when the key cannot be used now.
	Open(p Presence, box []byte) ([]byte, error)
}

// Vault is the Keychain's items of one service. Its methods may be called at once
// from many goroutines. Lock waits for nothing; the others may wait for macOS,
// which may be asking the person.
type Vault struct {
	items  Items
	sealer Sealer // nil if there is none

	// work lets one procedure of more than one item run at a time. It is taken
	// before mu, never under it, and mu is not held while the Keychain is asked.
	work   sync.Mutex
	broken bool // a batch could not be undone and its journal is there; guarded by work
	// remembering lets one Remember run at a time.
	remembering sync.Mutex

	ring sealing.Ring[*key]

	mu      sync.RWMutex // guards the fields below
	mode    Mode
	closed  bool
	locks   uint64 // how often Lock was called
	state   *state // nil while locked
	audit   []byte // nil before it was open
	public  ed25519.PublicKey
	notices []string
}

// state is what is known while the vault is open. It is replaced, never changed,
// but for browse, which Lock wipes.
type state struct {
	table.Table[*stored]
	browse *browse
	// tags are the manifest's: of secrets that are missing or were changed outside
	// NoxKey too, as they were when NoxKey wrote them.
	tags map[secret.Name]tag
	// strange are accounts of the service that are no secret's name.
	strange []string
	// resealing says that .keys holds two sets of roots: Reseal was broken off.
	resealing bool
}

var errLocked = secret.Errorf(secret.Locked, "the vault is locked")

// snapshot returns the state, or an error of code Locked.
func (v *Vault) snapshot() (*state, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.state == nil {
		return nil, errLocked
	}
	return v.state, nil
}

// Under returns the entries that p covers, sorted by name; all for the empty
// prefix. It answers from memory. The error has code Locked.
func (v *Vault) Under(p secret.Prefix) ([]secret.Entry, error) {
	s, err := v.snapshot()
	if err != nil {
		return nil, err
	}
	return s.Under(p), nil
}

// replace puts next in the place of s, unless s was forgotten by a lock meanwhile:
// then the next unlock reads what is there.
func (v *Vault) replace(s, next *state) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.state == s {
		v.state = next
	}
}

// Lock forgets names, metadata and every key there is, those that Unlock returned
// and their sessions among them; all but the audit's and the public one. An Unlock
// or Browse that is under way fails.
func (v *Vault) Lock() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.locks++
	v.ring.Wipe()
	if v.state != nil {
		v.state.browse.wipe()
		v.state = nil
	}
}

// Locked reports whether the vault knows nothing at the moment.
func (v *Vault) Locked() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.state == nil
}

// Close locks the vault for good and forgets the audit key.
func (v *Vault) Close() {
	v.Lock()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
	secret.Wipe(v.audit)
	v.audit = nil
}

// Mode returns the mode in which values rest.
func (v *Vault) Mode() Mode {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.mode
}

// Describe says in which mode the vault is, for noxkey verify.
func (v *Vault) Describe() string {
	if v.Mode() == ModeEnclave {
		return "keychain vault, sealed to the " + v.sealer.Name() + ": reading the items alone opens nothing"
	}
	return "keychain vault, touch id is a gate only: a program that may read the items needs no touch id"
}

// Notices are what was found wrong since the program started, each a sentence in
// lower case, oldest first: a batch that a crash had broken off, a missing manifest.
func (v *Vault) Notices() []string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.Clone(v.notices)
}

// notice keeps text for Notices, once.
func (v *Vault) notice(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !slices.Contains(v.notices, text) {
		v.notices = append(v.notices, text)
	}
}
