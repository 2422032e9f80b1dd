package file

import (
	"crypto/sha256"
	"runtime/debug"

	"golang.org/x/crypto/argon2"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
)

// valueAD is what a sealed value is bound to.
func valueAD(e *secret.Entry) []byte { return sealing.Bind("noxkey value 1", e) }

// blob is a sealed value: in memory only until it is written, then at off in the
// vault's file.
type blob struct {
	hash    [sha256.Size]byte
	size    int64
	off     int64  // guarded by Vault.mu
	pending []byte // guarded by Vault.mu; nil once written
}

func newBlob(sealed []byte) *blob {
	return &blob{hash: sha256.Sum256(sealed), size: int64(len(sealed)), pending: sealed}
}

// wrapRoot seals root under the passphrase, into a header with a new salt.
func wrapRoot(p Params, root []byte, passphrase secret.Value) header {
	h := newHeader(p)
	kek := derive(&h, passphrase)
	defer kek.Wipe()
	copy(h.wrapped[:], sealing.Seal(kek.Bytes(), root, h.encode()[:wrapADSize]))
	return h
}

// unwrapRoot returns the root key in memory of its own, or an error of code WrongKey.
func unwrapRoot(h *header, passphrase secret.Value) (memory, error) {
	kek := derive(h, passphrase)
	defer kek.Wipe()
	plain, ok := sealing.Unseal(kek.Bytes(), h.wrapped[:], h.encode()[:wrapADSize])
	if !ok {
		return nil, secret.Errorf(secret.WrongKey, "that is not the passphrase")
	}
	root := allocate(sealing.KeySize)
	copy(root.Bytes(), plain)
	secret.Wipe(plain)
	return root, nil
}

// derive runs Argon2id and gives its memory back to the system. What it computed
// with in that memory is garbage, not wiped: x/crypto offers no way to.
func derive(h *header, passphrase secret.Value) memory {
	kek := allocate(sealing.KeySize)
	_ = passphrase.Use(func(b []byte) error {
		k := argon2.IDKey(b, h.salt[:], h.params.Passes, h.params.Memory, uint8(h.params.Lanes), sealing.KeySize)
		copy(kek.Bytes(), k)
		secret.Wipe(k)
		return nil
	})
	debug.FreeOSMemory()
	return kek
}
