// Package file is the vault of Linux: one sealed file that is always replaced
// whole, opened by a passphrase.
//
// A random root key is sealed under Argon2id of the passphrase. HKDF turns it
// into a browse key (names, metadata, peeks, easy values, the identity, the
// ledger) and two trees of keys along the names' segments, normal and strict. The
// root is wiped as soon as the keys of one authentication are derived from it.
//
// In memory are the names and metadata (from unlock to lock) and the keys that
// were asked for. Sealed values stay in the file and are read by offset from the
// descriptor that is held open, whatever the path names by then. Names and
// metadata are Go strings, which nothing can wipe: locking forgets them, and the
// garbage collector reuses their memory when it comes to it.
//
// Out of reach: an older copy of the whole file put in the place of the present
// one is a valid vault; nothing outside the file remembers it.
package file

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
	"noxkey/vault/internal/table"
)

// Vault is an open vault file, locked or not. Its methods may be called at once
// from many goroutines; none but Unlock, Passwd and Rekey takes longer than the disk does.
type Vault struct {
	dir *folder

	// deriving lets one Argon2id run at a time, for its memory. Who holds it may be
	// sure of the header. It is taken before mu, never under it.
	deriving sync.Mutex

	ring sealing.Ring[*key]

	mu     sync.RWMutex // guards the fields below
	file   *os.File     // the present generation; nil once closed
	stamp  stamp
	header header
	swept  bool
	locks  uint64 // how often Lock was called
	browse *browse
	index  *index            // nil while locked
	audit  memory            // nil before the first unlock
	public ed25519.PublicKey // nil before the first unlock
}

// Create makes a new vault at path, and its directory if there is none, and
// returns it locked. It takes as long as one derivation. p is not checked for being
// costly enough: DefaultParams is. The error has code Exists if there is a vault or an
// older generation of one, Invalid for an empty passphrase, else Storage.
func Create(path string, passphrase secret.Value, p Params) (*Vault, error) {
	if err := p.check(); err != nil {
		return nil, secret.Errorf(secret.Invalid, "%v", err)
	}
	if passphrase.Empty() {
		return nil, secret.Errorf(secret.Invalid, "the passphrase is empty")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, storageError(err)
	}
	d, err := openFolder(path)
	if err != nil {
		return nil, err
	}
	if d.exists(d.name) || d.exists(d.previous()) {
		_ = d.Close()
		return nil, secret.Errorf(secret.Exists, "there is a vault at %s, or an older generation of one (%s)", path, d.previous())
	}
	v := &Vault{dir: d}
	if err := v.found(passphrase, p); err != nil {
		v.Close()
		return nil, err
	}
	v.Lock()
	return v, nil
}

// found writes the first generation.
func (v *Vault) found(passphrase secret.Value, p Params) error {
	root := allocate(sealing.KeySize)
	defer root.Wipe()
	_, _ = rand.Read(root.Bytes()) // never fails (package crypto/rand)
	h := wrapRoot(p, root.Bytes(), passphrase)
	b := newBrowse(root.Bytes())
	defer b.wipe()
	v.mu.Lock()
	defer v.mu.Unlock()
	audit := allocate(sealing.KeySize)
	defer audit.Wipe()
	x := &index{seed: b.identity()[:ed25519.SeedSize], audit: audit.Bytes()}
	_, _ = rand.Read(x.seed)
	_, _ = rand.Read(x.audit)
	return v.commit(h, x, b)
}

// Open opens the vault at path, locked: it reads the header and looks whether the
// rest is whole, as far as that can be seen without a passphrase. The error has
// code NotFound; Damaged, and then Previous tells what can be done; or Storage for
// what is not ours, cannot be read, or was written by a newer NoxKey.
func Open(path string) (*Vault, error) {
	d, err := openFolder(path)
	if err != nil {
		return nil, err
	}
	v, err := d.load(d.name)
	if err != nil {
		if secret.CodeOf(err) == secret.NotFound && d.exists(d.previous()) {
			err = secret.Errorf(secret.Damaged, "the vault %s is gone; its previous generation is there", path)
		}
		_ = d.Close()
		return nil, err
	}
	return v, nil
}

// load opens one generation.
func (d *folder) load(name string) (*Vault, error) {
	f, err := d.open(name)
	if err != nil {
		return nil, err
	}
	v := &Vault{dir: d, file: f}
	if v.stamp, err = stampOf(f); err == nil {
		err = v.readHeader()
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return v, nil
}

func (v *Vault) readHeader() error {
	b := make([]byte, min(maxHeader, v.stamp.size))
	if _, err := v.file.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return secret.Errorf(secret.Storage, "the vault cannot be read: %v", plain(err))
	}
	h, err := decodeHeader(b, v.stamp.size)
	if err != nil {
		return err
	}
	if err := v.hashIndex(&h); err != nil {
		return err
	}
	v.header = h
	return nil
}

// Close locks the vault, forgets the audit key and closes the file.
func (v *Vault) Close() {
	v.Lock()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.audit.Wipe()
	v.audit = nil
	if v.file != nil {
		_ = v.file.Close()
		v.file = nil
	}
	_ = v.dir.Close()
}

// Lock forgets names, metadata and every key there is, those that Unlock returned
// and their sessions among them; all but the audit's and the public one. An
// Unlock that is under way fails.
func (v *Vault) Lock() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.locks++
	v.ring.Wipe()
	if v.browse != nil {
		v.browse.wipe()
	}
	v.browse, v.index = nil, nil
}

// Locked reports whether the vault knows nothing at the moment.
func (v *Vault) Locked() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.index == nil
}

// Describe returns "file vault, Argon2id 256 MiB, 3 passes".
func (v *Vault) Describe() string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return "file vault, " + v.header.params.String()
}

var errLocked = secret.Errorf(secret.Locked, "the vault is locked")

// Under returns the entries that p covers, sorted by name; all for the empty
// prefix. The slice is the caller's. The error has code Locked.
func (v *Vault) Under(p secret.Prefix) ([]secret.Entry, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.index == nil {
		return nil, errLocked
	}
	return v.index.Under(p), nil
}

// Open returns the values of refs in their order, each the caller's to wipe. Easy
// values need no key; for others k must reach them. The error has code Locked,
// NotFound, Conflict (another version is current), Denied (k does not reach) or
// Damaged, and names the secret; then nothing is returned.
func (v *Vault) Open(k secret.Key, refs []secret.Ref) ([]secret.Value, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.index == nil {
		return nil, errLocked
	}
	rows, err := v.index.Pick(refs)
	if err != nil {
		return nil, err
	}
	return table.OpenAll(v.box(k), rows)
}

// Apply makes all changes in one replacement of the file, or none. The rules are
// those of table.Table.Apply. It takes no ownership of the values. The error has
// code Locked, or one of those rules, or Storage.
func (v *Vault) Apply(k secret.Key, changes []secret.Change) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.index == nil {
		return errLocked
	}
	if len(changes) == 0 {
		return nil
	}
	t, err := v.index.Apply(changes, v.box(k), time.Now())
	if err != nil {
		return err
	}
	return v.commit(v.header, v.index.with(t), v.browse)
}

// with is the index with another table.
func (x *index) with(t table.Table[*blob]) *index {
	c := *x
	c.Table = t
	return &c
}
