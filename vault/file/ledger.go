package file

import (
	"crypto/ed25519"
	"slices"
)

// Recall returns a copy of what was remembered under key, nil if nothing was. The
// error has code Locked.
func (v *Vault) Recall(key string) ([]byte, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.index == nil {
		return nil, errLocked
	}
	return slices.Clone(v.index.ledger[key]), nil
}

// Remember keeps a copy of data under key; nil forgets it. The error has code
// Locked or Storage.
func (v *Vault) Remember(key string, data []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.index == nil {
		return errLocked
	}
	x := v.index.with(v.index.Table)
	x.ledger = make(map[string][]byte, len(v.index.ledger)+1)
	for k, d := range v.index.ledger {
		x.ledger[k] = d
	}
	if x.ledger[key] = slices.Clone(data); data == nil {
		delete(x.ledger, key)
	}
	x.Counter++
	return v.commit(v.header, x, v.browse)
}

// AuditKey returns the key that seals the audit: random, made with the vault, and
// the same for ever, whatever passphrase and root key. It stays known when the vault
// is locked. The error has code Locked before the first unlock.
func (v *Vault) AuditKey() ([32]byte, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.audit == nil {
		return [32]byte{}, errLocked
	}
	return [32]byte(v.audit.Bytes()), nil
}

// Sign returns the Ed25519 signature of msg by the vault's identity, which was made
// with the vault and stays. The error has code Locked.
func (v *Vault) Sign(msg []byte) ([]byte, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.browse == nil {
		return nil, errLocked
	}
	return ed25519.Sign(v.browse.identity(), msg), nil
}

// Public returns the public key of the identity, 32 bytes. It stays known when the
// vault is locked; the error has code Locked before the first unlock.
func (v *Vault) Public() ([]byte, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.public == nil {
		return nil, errLocked
	}
	return slices.Clone(v.public), nil
}
