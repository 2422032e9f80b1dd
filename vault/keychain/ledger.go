package keychain

import "slices"

// Recall returns what was remembered under key, the caller's own; nil if nothing
// was. The error has code Locked; Damaged if the item was changed outside NoxKey; or Storage.
func (v *Vault) Recall(key string) ([]byte, error) {
	s, err := v.snapshot()
	if err != nil {
		return nil, err
	}
	box, err := v.items.Read(accountLedger + key)
	if is(err, StatusNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, explain(err, accountLedger+key)
	}
	data, err := s.browse.unseal("ledger", box, key)
	if err == nil && data == nil {
		data = []byte{}
	}
	return data, err
}

// Remember keeps data under key, sealed; nil forgets it. Being one item, it needs no
// journal. The error has code Locked or Storage.
func (v *Vault) Remember(key string, data []byte) error {
	v.remembering.Lock()
	defer v.remembering.Unlock()
	s, err := v.snapshot()
	if err != nil {
		return err
	}
	account := accountLedger + key
	if data == nil {
		err := v.items.Delete(account)
		if is(err, StatusNotFound) {
			err = nil
		}
		return explain(err, account)
	}
	box, err := s.browse.seal("ledger", data, key)
	if err != nil {
		return err
	}
	return explain(put(v.items, Item{account, ownLabel("ledger")}, box), account)
}

// AuditKey returns the key that seals the audit: random, made with the vault, and
// the same for ever. It stays known when the vault is locked. The error has code
// Locked before the vault was open.
func (v *Vault) AuditKey() ([32]byte, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.audit == nil {
		return [32]byte{}, errLocked
	}
	return [32]byte(v.audit), nil
}

// Sign returns the Ed25519 signature of msg by the vault's identity, which was made
// with the vault and stays. The error has code Locked.
func (v *Vault) Sign(msg []byte) ([]byte, error) {
	s, err := v.snapshot()
	if err != nil {
		return nil, err
	}
	return s.browse.sign(msg)
}

// Public returns the public key of the identity, 32 bytes. It stays known when the
// vault is locked; the error has code Locked before it was open.
func (v *Vault) Public() ([]byte, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.public == nil {
		return nil, errLocked
	}
	return slices.Clone(v.public), nil
}
