package file

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"io"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
	"noxkey/vault/internal/table"
)

// Unlock returns the key for s and, if the vault is locked, opens it. It takes as
// long as a derivation, and waits while another one runs. The error has code WrongKey,
// Damaged, Storage, or Locked if Lock was called meanwhile.
func (v *Vault) Unlock(passphrase secret.Value, s secret.Scope) (secret.Key, error) {
	v.deriving.Lock()
	defer v.deriving.Unlock()
	h, locks := v.snapshot()
	root, err := unwrapRoot(&h, passphrase)
	if err != nil {
		return nil, err
	}
	defer root.Wipe()
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.enter(root.Bytes(), locks); err != nil {
		return nil, err
	}
	k := newKey(root.Bytes(), s, &v.ring, v.browse.epoch)
	v.ring.Add(k)
	return k, nil
}

func (v *Vault) snapshot() (header, uint64) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.header, v.locks
}

// enter opens the vault for browsing unless it is, or it was locked after locks
// was read. The caller holds mu.
func (v *Vault) enter(root []byte, locks uint64) error {
	if v.locks != locks || v.file == nil {
		return secret.Errorf(secret.Locked, "the vault was locked while the passphrase was checked")
	}
	if v.browse != nil {
		return nil
	}
	b := newBrowse(root)
	x, err := v.readIndex(b)
	if err == nil {
		err = v.check(x)
	}
	if err != nil {
		b.wipe()
		return err
	}
	v.browse, v.index = b, x
	if v.audit == nil {
		v.audit = allocate(sealing.KeySize)
	}
	copy(v.audit.Bytes(), x.audit)
	secret.Wipe(x.audit)
	x.audit = v.audit.Bytes()
	v.public = ed25519.PublicKey(append([]byte(nil), b.identity()[ed25519.SeedSize:]...))
	return nil
}

var errIndex = secret.Errorf(secret.Damaged, "the vault is damaged: the list of what it holds was changed or rotted outside NoxKey")

// readIndex opens the index and gives b its identity.
func (v *Vault) readIndex(b *browse) (*index, error) {
	sealed := make([]byte, v.header.indexSize)
	if _, err := v.file.ReadAt(sealed, headerSize); err != nil {
		return nil, errIndex
	}
	plain, ok := sealing.Unseal(b.index(), sealed, v.header.encode()[:indexADSize])
	if !ok {
		return nil, errIndex
	}
	defer secret.Wipe(plain)
	x, ok := decodeIndex(plain)
	if !ok {
		return nil, errIndex
	}
	private := ed25519.NewKeyFromSeed(x.seed)
	copy(b.identity(), private)
	secret.Wipe(private)
	secret.Wipe(x.seed)
	x.seed = b.identity()[:ed25519.SeedSize]
	return x, nil
}

// hashIndex finds rot in the index without its key.
func (v *Vault) hashIndex(h *header) error {
	sum := sha256.New()
	_, err := io.Copy(sum, io.NewSectionReader(v.file, headerSize, h.indexSize))
	if err != nil {
		return secret.Errorf(secret.Storage, "the vault cannot be read: %v", plain(err))
	}
	if [sha256.Size]byte(sum.Sum(nil)) != h.indexHash {
		return errIndex
	}
	return nil
}

// check finds the place of every sealed value, reads all of them once, and marks
// those that are not what the index says.
func (v *Vault) check(x *index) error {
	off := headerSize + v.header.indexSize
	r := bufio.NewReaderSize(io.NewSectionReader(v.file, off, v.header.valuesSize), 1<<18)
	buf := make([]byte, secret.MaxValue+sealing.Overhead)
	for _, row := range x.Rows {
		b := row.Rest
		b.off = off
		off += b.size
		n, _ := io.ReadFull(r, buf[:b.size]) // what cannot be read is damaged
		row.Entry.Damaged = sha256.Sum256(buf[:n]) != b.hash
	}
	if off != headerSize+v.header.indexSize+v.header.valuesSize {
		return errIndex
	}
	return nil
}

// Verify reads every sealed value again and returns the names of the secrets
// whose values cannot be opened any more. The error has code Locked, or Damaged
// if it is the index.
func (v *Vault) Verify() ([]secret.Name, error) {
	v.mu.Lock() // check writes offsets, the same ones
	defer v.mu.Unlock()
	if v.index == nil {
		return nil, errLocked
	}
	if err := v.hashIndex(&v.header); err != nil {
		return nil, err
	}
	x, err := v.readIndex(v.browse)
	if err != nil {
		return nil, err
	}
	secret.Wipe(x.audit)
	if err := v.check(x); err != nil {
		return nil, err
	}
	return x.Damaged(), nil
}

// Passwd seals the root key under another passphrase. It writes twice, so that the
// previous generation does not open with the old one either; copies made elsewhere
// still do. Keys and sessions stay. The error has code WrongKey, Invalid, or as Unlock's.
func (v *Vault) Passwd(old, new secret.Value) error {
	if new.Empty() {
		return secret.Errorf(secret.Invalid, "the new passphrase is empty")
	}
	v.deriving.Lock()
	defer v.deriving.Unlock()
	h, locks := v.snapshot()
	root, err := unwrapRoot(&h, old)
	if err != nil {
		return err
	}
	defer root.Wipe()
	h = wrapRoot(h.params, root.Bytes(), new)
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.enter(root.Bytes(), locks); err != nil {
		return err
	}
	return v.commitTwice(h, v.index.with(v.index.Table), v.browse)
}

// commitTwice leaves nothing of the old generation but what it has in common with
// the new.
func (v *Vault) commitTwice(h header, x *index, b *browse) error {
	x.Counter++
	err := v.commit(h, x, b)
	if err != nil && v.header.wrapped != h.wrapped { // it did not come to pass
		return err
	}
	x = x.with(x.Table)
	x.Counter++
	if again := v.commit(h, x, b); again != nil {
		return secret.Errorf(secret.Storage, "it is done, but the previous generation, %s, may still be the old one and open as before (%s)", v.dir.previous(), cause(again))
	}
	return err
}

// Rekey makes a new root key and seals every value again; the identity, the audit
// key and the ledger stay. Every key and session ends. It holds all sealed values in
// memory while it runs. The error has code WrongKey, or Damaged if a value cannot
// be opened: remove it first; or as Unlock's.
func (v *Vault) Rekey(passphrase secret.Value) error {
	v.deriving.Lock()
	defer v.deriving.Unlock()
	h, locks := v.snapshot()
	root, err := unwrapRoot(&h, passphrase)
	if err != nil {
		return err
	}
	defer root.Wipe()
	fresh := allocate(sealing.KeySize)
	defer fresh.Wipe()
	_, _ = rand.Read(fresh.Bytes()) // never fails (package crypto/rand)
	h = wrapRoot(h.params, fresh.Bytes(), passphrase)
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.enter(root.Bytes(), locks); err != nil {
		return err
	}
	return v.reroot(h, root.Bytes(), fresh.Bytes())
}

// reroot moves everything from one root key to another.
func (v *Vault) reroot(h header, root, fresh []byte) error {
	b := newBrowse(fresh)
	copy(b.identity(), v.browse.identity())
	x := v.index.with(v.index.Table)
	x.seed = b.identity()[:ed25519.SeedSize]
	old, k := newKey(root, secret.Scope{Root: true}, &v.ring, v.browse.epoch), newKey(fresh, secret.Scope{Root: true}, &v.ring, b.epoch)
	defer old.Wipe()
	defer k.Wipe()
	rows, err := resealAll(x.Rows, v.box(old), box{v.file, b, k})
	if err != nil {
		b.wipe()
		return err
	}
	x.Rows = rows
	err = v.commitTwice(h, x, b)
	if v.header.wrapped != h.wrapped { // it did not come to pass
		b.wipe()
		return err
	}
	v.ring.Wipe()
	v.browse.wipe()
	v.browse = b
	return err
}

func resealAll(rows []*table.Row[*blob], from, to box) ([]*table.Row[*blob], error) {
	out := make([]*table.Row[*blob], len(rows))
	for i, r := range rows {
		val, err := from.Open(r)
		if err != nil {
			return nil, err
		}
		n := &table.Row[*blob]{Entry: r.Entry}
		err = val.Use(func(b []byte) error {
			n.Rest, err = to.Seal(&r.Entry, b)
			return err
		})
		val.Wipe()
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}
