// Package memory is a vault for tests of what stands on one: it keeps the same
// contract as the others, levels and reach of keys included, and seals nothing. No
// program that is shipped imports it.
package memory

import (
	"crypto/ed25519"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"noxkey/secret"
	"noxkey/vault/internal/table"
)

// Vault is a vault in memory. Its methods may be called at once from many goroutines.
type Vault struct {
	mu         sync.Mutex // guards the fields below
	passphrase string
	locked     bool
	opened     bool // ever
	table      table.Table[[]byte]
	ledger     map[string][]byte
	audit      [32]byte
	identity   ed25519.PrivateKey
	// generation changes with every lock and rekey; keys of an earlier one are dead.
	generation int
}

// New returns an empty, locked vault that this passphrase opens.
func New(passphrase string) *Vault {
	_, identity, _ := ed25519.GenerateKey(rand.Reader) // never fails (package crypto/rand)
	v := &Vault{passphrase: passphrase, locked: true, ledger: make(map[string][]byte), identity: identity}
	_, _ = rand.Read(v.audit[:])
	return v
}

// right returns an error of code WrongKey unless p is the passphrase.
func (v *Vault) right(p secret.Value) error {
	return p.Use(func(b []byte) error {
		if string(b) != v.passphrase {
			return secret.Errorf(secret.WrongKey, "that is not the passphrase")
		}
		return nil
	})
}

// Unlock returns the key for s and opens the vault. The error has code WrongKey.
func (v *Vault) Unlock(passphrase secret.Value, s secret.Scope) (secret.Key, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.right(passphrase); err != nil {
		return nil, err
	}
	v.locked, v.opened = false, true
	s.Names = slices.Clone(s.Names)
	return &key{vault: v, scope: s, strict: true, generation: v.generation}, nil
}

// Passwd changes the passphrase. The error has code WrongKey, or Invalid for an
// empty new one.
func (v *Vault) Passwd(old, new secret.Value) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if new.Empty() {
		return secret.Errorf(secret.Invalid, "the new passphrase is empty")
	}
	if err := v.right(old); err != nil {
		return err
	}
	v.locked, v.opened = false, true
	return new.Use(func(b []byte) error { v.passphrase = string(b); return nil })
}

// Rekey ends every key. The error has code WrongKey.
func (v *Vault) Rekey(passphrase secret.Value) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.right(passphrase); err != nil {
		return err
	}
	v.locked, v.opened = false, true
	v.generation++
	return nil
}

// Lock closes the vault and ends every key.
func (v *Vault) Lock() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.locked = true
	v.generation++
}

// Locked reports whether the vault is closed.
func (v *Vault) Locked() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.locked
}

// Describe returns "memory vault (tests only)".
func (v *Vault) Describe() string { return "memory vault (tests only)" }

// Verify finds nothing: memory does not rot.
func (v *Vault) Verify() ([]secret.Name, error) { return nil, v.open(func() error { return nil }) }

// open calls f unless the vault is locked.
func (v *Vault) open(f func() error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.locked {
		return secret.Errorf(secret.Locked, "the vault is locked")
	}
	return f()
}

// Under returns the entries that p covers, sorted by name. The error has code Locked.
func (v *Vault) Under(p secret.Prefix) (list []secret.Entry, err error) {
	err = v.open(func() error { list = v.table.Under(p); return nil })
	return list, err
}

// Open returns the values of refs, the caller's to wipe. The error has code
// Locked, NotFound, Conflict or Denied.
func (v *Vault) Open(k secret.Key, refs []secret.Ref) (values []secret.Value, err error) {
	err = v.open(func() error {
		rows, err := v.table.Pick(refs)
		if err != nil {
			return err
		}
		got := make([]secret.Value, len(rows))
		for i, r := range rows {
			if got[i], err = (box{v, k}).Open(r); err != nil {
				for _, done := range got {
					done.Wipe()
				}
				return err
			}
		}
		values = got
		return nil
	})
	return values, err
}

// Apply makes all changes, or none. The rules are those of table.Table.Apply.
func (v *Vault) Apply(k secret.Key, changes []secret.Change) error {
	return v.open(func() error {
		t, err := v.table.Apply(changes, box{v, k}, time.Now())
		if err == nil {
			v.table = t
		}
		return err
	})
}

// Recall returns a copy of what was remembered under key, nil if nothing was.
func (v *Vault) Recall(key string) (data []byte, err error) {
	err = v.open(func() error { data = slices.Clone(v.ledger[key]); return nil })
	return data, err
}

// Remember keeps a copy of data under key; nil forgets it.
func (v *Vault) Remember(key string, data []byte) error {
	return v.open(func() error {
		if v.ledger[key] = slices.Clone(data); data == nil {
			delete(v.ledger, key)
		}
		return nil
	})
}

// AuditKey returns the audit's key, an error of code Locked before the first unlock.
func (v *Vault) AuditKey() ([32]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.opened {
		return [32]byte{}, secret.Errorf(secret.Locked, "the vault is locked")
	}
	return v.audit, nil
}

// Sign returns the Ed25519 signature of msg. The error has code Locked.
func (v *Vault) Sign(msg []byte) (sig []byte, err error) {
	err = v.open(func() error { sig = ed25519.Sign(v.identity, msg); return nil })
	return sig, err
}

// Public returns the public key of the identity, an error of code Locked before
// the first unlock.
func (v *Vault) Public() ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.opened {
		return nil, secret.Errorf(secret.Locked, "the vault is locked")
	}
	return slices.Clone(v.identity[ed25519.SeedSize:]), nil
}

// key is a scope and what is left of it.
type key struct {
	vault  *Vault
	scope  secret.Scope
	strict bool // false for a session

	mu         sync.Mutex // guards the fields below
	wiped      bool
	generation int
}

// reaches reports whether k opens n at that level in the vault's present generation.
func (k *key) reaches(n secret.Name, l secret.Level, generation int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	strict := l != secret.Normal // what is not a level is the strictest
	switch {
	case k.wiped || k.generation != generation:
		return false
	case k.scope.Root:
		return true
	case slices.Contains(k.scope.Names, n):
		return k.strict || !strict
	}
	return !strict && k.scope.Prefix != "" && k.scope.Prefix.Covers(n)
}

// Session returns a key for the normal names of s. The error has code Denied.
func (k *key) Session(s secret.Scope) (secret.Key, error) {
	if s.Root {
		return nil, secret.Errorf(secret.Denied, "no session covers the whole vault")
	}
	k.mu.Lock()
	generation, dead := k.generation, k.wiped
	k.mu.Unlock()
	if p := s.Prefix; p != "" && (dead || !k.scope.Root && (k.scope.Prefix == "" || !k.scope.Prefix.Covers(secret.Name(p)))) {
		return nil, secret.Errorf(secret.Denied, "the key does not reach all of %s", p)
	}
	for _, n := range s.Names {
		if !k.reaches(n, secret.Normal, generation) {
			return nil, table.Fail(secret.Denied, n, "the key does not reach "+string(n))
		}
	}
	s.Names = slices.Clone(s.Names)
	return &key{vault: k.vault, scope: s, generation: generation}, nil
}

// Wipe ends the key.
func (k *key) Wipe() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.wiped = true
}

type box struct {
	vault *Vault
	key   secret.Key
}

func (b box) Reach(n secret.Name, l secret.Level) error {
	k, ok := b.key.(*key)
	if l == secret.Easy || ok && k != nil && k.vault == b.vault && k.reaches(n, l, b.vault.generation) {
		return nil
	}
	return table.Fail(secret.Denied, n, "the key does not reach "+string(n))
}

func (b box) Open(r *table.Row[[]byte]) (secret.Value, error) {
	if err := b.Reach(r.Name, r.Level); err != nil {
		return secret.Value{}, err
	}
	return secret.NewValue(slices.Clone(r.Rest))
}

func (b box) Seal(e *secret.Entry, value []byte) ([]byte, error) {
	return slices.Clone(value), b.Reach(e.Name, e.Level)
}
