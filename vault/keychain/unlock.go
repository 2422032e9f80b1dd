package keychain

import (
	"errors"
	"unsafe"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
	"noxkey/vault/internal/table"
)

// Browse opens the vault for names, metadata, peeks, easy values, identity and
// ledger, without an authentication: on a Mac that is what an unlocked screen gives.
// Who calls it must know that it was not the person who locked the vault. The error has
// code Locked if Lock was called meanwhile, else as Unlock's.
func (v *Vault) Browse() error {
	v.work.Lock()
	defer v.work.Unlock()
	locks, err := v.start()
	if err != nil {
		return err
	}
	s, r, err := v.ready()
	if err != nil {
		return err
	}
	defer secret.Wipe(r)
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.enter(s, r, locks)
}

// Unlock returns the key for s to a person whose presence p is, and opens the vault
// for browsing if it is locked. p is needed until Unlock returns, and not after. The error
// has code Denied without a presence that lasts; Cancelled if the person declined
// what macOS asked meanwhile; Damaged; Storage, also when
// the Secure Enclave's key cannot be used; or Locked if Lock was called meanwhile.
func (v *Vault) Unlock(p Presence, scope secret.Scope) (secret.Key, error) {
	v.work.Lock()
	defer v.work.Unlock()
	var k *key
	_, top, err := v.admit(p, func(top *roots) {
		k = newKey(top, scope, &v.ring)
		v.ring.Add(k)
	})
	if err != nil {
		return nil, err
	}
	top.wipe()
	return k, nil
}

// admit opens the vault and its roots with p, and finishes a Reseal that was broken
// off. It calls f under mu, so that no lock comes between it and the decision, and
// returns the roots, the caller's to wipe. The caller holds work.
func (v *Vault) admit(p Presence, f func(top *roots)) (*state, *roots, error) {
	if p == nil {
		return nil, nil, secret.Errorf(secret.Denied, "nobody was authenticated")
	}
	if err := p.Use(func(unsafe.Pointer) error { return nil }); err != nil {
		return nil, nil, err
	}
	locks, err := v.start()
	if err != nil {
		return nil, nil, err
	}
	s, r, err := v.ready()
	if err != nil {
		return nil, nil, err
	}
	defer secret.Wipe(r)
	s, top, err := v.openRoots(s, p)
	if err != nil {
		v.discard(s)
		return nil, nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.enter(s, r, locks); err != nil {
		top.wipe()
		return nil, nil, err
	}
	f(top)
	return s, top, nil
}

// start returns how often the vault was locked so far.
func (v *Vault) start() (uint64, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.closed {
		return 0, errLocked
	}
	return v.locks, nil
}

// ready returns the present state or, if the vault is locked, what it would be, and then the
// data of .root as well. The caller holds work.
func (v *Vault) ready() (*state, root, error) {
	if s, err := v.snapshot(); err == nil {
		return s, nil, nil
	}
	r, err := v.readRoot()
	if err != nil {
		return nil, nil, err
	}
	b := newBrowse(r)
	s, err := v.load(b)
	if err == nil {
		err = v.checkKeys(s)
	}
	if err != nil {
		b.wipe()
		secret.Wipe(r)
		return nil, nil, err
	}
	return s, r, nil
}

// checkKeys sees that .keys is NoxKey's own, before anything is shown.
func (v *Vault) checkKeys(s *state) error {
	sets, err := v.readKeys(s.browse)
	for i := range sets {
		sets[i].wipe()
	}
	s.resealing = len(sets) > 1
	return err
}

// enter makes s the state, unless the vault was locked after locks was read. r is nil
// if s was the state already. The caller holds mu.
func (v *Vault) enter(s *state, r root, locks uint64) error {
	if v.locks != locks || v.closed {
		if r != nil {
			s.browse.wipe()
		}
		return secret.Errorf(secret.Locked, "the vault was locked meanwhile")
	}
	if r != nil {
		v.adopt(r)
	}
	v.state = s
	return nil
}

// discard wipes what ready made, unless it is the vault's state.
func (v *Vault) discard(s *state) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if s != nil && (v.state == nil || v.state.browse != s.browse) {
		s.browse.wipe()
	}
}

// openRoots returns the current roots, and s as it is after a Reseal that was broken
// off is finished. The caller holds work.
func (v *Vault) openRoots(s *state, p Presence) (*state, *roots, error) {
	sets, err := v.readKeys(s.browse)
	if err != nil {
		return s, nil, err
	}
	defer func() {
		for i := range sets {
			sets[i].wipe()
		}
	}()
	top, err := v.unwrap(sets[0], p)
	if err != nil || len(sets) == 1 {
		return s, top, err
	}
	old, err := v.unwrap(sets[1], p)
	if errors.Is(err, errNoSealer) {
		err = secret.Errorf(secret.Storage, "a change of the mode was broken off, and finishing it needs the key in the secure enclave once more")
	}
	if err == nil {
		s, err = v.reseal(s, old, top, sets[:1])
		old.wipe()
	}
	if err != nil {
		top.wipe()
		return s, nil, err
	}
	v.notice("sealing again had been broken off; it is done now")
	return s, top, nil
}

// Rekey seals every normal and strict value again under new roots, in the same mode. The
// identity, the audit key, the ledger and easy values stay as they are. The errors
// are Unlock's.
func (v *Vault) Rekey(p Presence) error { return v.Reseal(p, v.Mode()) }

// Reseal is Rekey with a change of the mode. Every key and session ends. Old and new
// roots are both kept until every value is sealed anew; one broken off is finished by
// the next Unlock. A value that cannot be opened is left as it is, damaged. Beside Unlock's,
// the error has code Invalid for ModeEnclave without a Sealer.
func (v *Vault) Reseal(p Presence, m Mode) error {
	if m != ModeGate && (m != ModeEnclave || v.sealer == nil) {
		return secret.Errorf(secret.Invalid, "mode %q needs a key in the secure enclave", string(m))
	}
	v.work.Lock()
	defer v.work.Unlock()
	s, old, err := v.admit(p, func(*roots) {})
	if err != nil {
		return err
	}
	defer old.wipe()
	return v.change(s, old, m)
}

// change puts new roots beside the old ones, which open .keys at the moment, and seals
// all values under them. The caller holds work.
func (v *Vault) change(s *state, old *roots, m Mode) error {
	sets, err := v.readKeys(s.browse)
	if err != nil {
		return err
	}
	top := newRoots()
	defer top.wipe()
	fresh, err := wrap(top, m, v.sealer)
	if err == nil {
		sets = []set{fresh, sets[0]}
		err = v.writeKeys(s.browse, sets)
	}
	defer func() {
		for i := range sets {
			sets[i].wipe()
		}
	}()
	if err != nil {
		return err
	}
	v.mu.Lock()
	v.mode = m
	v.ring.Wipe() // keys of the old roots would seal what nobody opens
	v.mu.Unlock()
	next, err := v.reseal(s, old, top, sets[:1])
	next.resealing = err != nil
	v.replace(s, next)
	return err
}

// resealChunk is how many values are sealed again in one batch.
const resealChunk = 64

// reseal seals what is sealed under old under top, batch by batch, and then drops the
// old roots from .keys. It returns the state as far as it came.
func (v *Vault) reseal(s *state, old, top *roots, keep []set) (*state, error) {
	all := secret.Scope{Root: true}
	from := box{v.items, s.browse, newKey(old, all, &sealing.Ring[*key]{})}
	to := box{v.items, s.browse, newKey(top, all, &sealing.Ring[*key]{})}
	defer from.key.Wipe()
	defer to.key.Wipe()
	for i := 0; i < len(s.Rows); i += resealChunk {
		t := table.Table[*stored]{Counter: s.Counter, Rows: append([]*table.Row[*stored](nil), s.Rows...)}
		changed := false
		for j := i; j < min(i+resealChunk, len(t.Rows)); j++ {
			r, err := v.resealed(t.Rows[j], from, to)
			if err != nil {
				return s, err
			}
			changed = changed || r != t.Rows[j]
			t.Rows[j] = r
		}
		if !changed {
			continue
		}
		t.Counter++
		next, err := v.commit(s, t)
		if err != nil {
			return s, err
		}
		s = next
	}
	return s, v.writeKeys(s.browse, keep)
}

// resealed returns r sealed by to, or r itself if that cannot be or need not be: it
// is easy, damaged, or sealed by to already.
func (v *Vault) resealed(r *table.Row[*stored], from, to box) (*table.Row[*stored], error) {
	if r.Level == secret.Easy || r.Entry.Damaged {
		return r, nil
	}
	val, err := from.Open(r)
	if c := secret.CodeOf(err); c == secret.Damaged || c == secret.NotFound {
		if done, err := to.Open(r); err == nil {
			done.Wipe()
			return r, nil
		}
		v.notice(string(r.Name) + " could not be opened and was not sealed again")
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	defer val.Wipe()
	n := &table.Row[*stored]{Entry: r.Entry}
	err = val.Use(func(b []byte) error {
		n.Rest, err = to.Seal(&r.Entry, b)
		return err
	})
	return n, err
}
