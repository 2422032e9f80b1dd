package file

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"runtime/debug"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"noxkey/secret"
)

// seal returns nonce and ciphertext of b under XChaCha20-Poly1305. The nonce is
// random: with 24 bytes, two never meet.
func seal(key, b, ad []byte) []byte {
	out := make([]byte, nonceSize, sealSize+len(b))
	_, _ = rand.Read(out) // never fails (package crypto/rand)
	return aead(key).Seal(out, out, b, ad)
}

// unseal is the inverse; false means that key, ad or a byte is not what was sealed.
func unseal(key, sealed, ad []byte) ([]byte, bool) {
	if len(sealed) < sealSize {
		return nil, false
	}
	b, err := aead(key).Open(nil, sealed[:nonceSize], sealed[nonceSize:], ad)
	return b, err == nil
}

func aead(key []byte) cipher.AEAD {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic("file: a key is not 32 bytes long: " + err.Error()) // keySize is a constant
	}
	return a
}

// valueAD is what a sealed value is bound to. Each text has its length before it,
// so that no two entries have the same.
func valueAD(e *secret.Entry) []byte {
	ad := []byte("noxkey value 1")
	for _, s := range []string{string(e.Name), string(e.FieldType), string(e.Kind), string(e.Level)} {
		ad = binary.AppendUvarint(ad, uint64(len(s)))
		ad = append(ad, s...)
	}
	return binary.LittleEndian.AppendUint64(ad, e.Version)
}

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
	defer release(kek)
	copy(h.wrapped[:], seal(kek, root, h.encode()[:wrapADSize]))
	return h
}

// unwrapRoot returns the root key in memory of its own, or an error of code WrongKey.
func unwrapRoot(h *header, passphrase secret.Value) ([]byte, error) {
	kek := derive(h, passphrase)
	defer release(kek)
	plain, ok := unseal(kek, h.wrapped[:], h.encode()[:wrapADSize])
	if !ok {
		return nil, secret.Errorf(secret.WrongKey, "that is not the passphrase")
	}
	root := allocate(keySize)
	copy(root, plain)
	secret.Wipe(plain)
	return root, nil
}

// derive runs Argon2id and gives its memory back to the system. What it computed
// with in that memory is garbage, not wiped: x/crypto offers no way to.
func derive(h *header, passphrase secret.Value) []byte {
	kek := allocate(keySize)
	_ = passphrase.Use(func(b []byte) error {
		k := argon2.IDKey(b, h.salt[:], h.params.Passes, h.params.Memory, uint8(h.params.Lanes), keySize)
		copy(kek, k)
		secret.Wipe(k)
		return nil
	})
	debug.FreeOSMemory()
	return kek
}
