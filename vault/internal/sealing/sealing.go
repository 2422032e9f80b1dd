// Package sealing is the cryptography that vaults have in common: boxes that are bound
// to what they belong to, and a tree of keys down the segments of a name, from a node of
// which nobody gets back up, nor sideways. What the roots are, and where boxes rest, is
// its user's.
package sealing

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"noxkey/secret"
)

// Sizes in bytes.
const (
	KeySize   = chacha20poly1305.KeySize
	NonceSize = chacha20poly1305.NonceSizeX
	Overhead  = NonceSize + chacha20poly1305.Overhead // what sealing adds
)

// Seal returns nonce and ciphertext of b under XChaCha20-Poly1305, bound to ad. The
// nonce is random: with 24 bytes, two never meet. key has KeySize bytes.
func Seal(key, b, ad []byte) []byte {
	out := make([]byte, NonceSize, Overhead+len(b))
	_, _ = rand.Read(out) // never fails (package crypto/rand)
	return aead(key).Seal(out, out, b, ad)
}

// Unseal is the inverse; false means that key, ad or a byte is not what was sealed.
func Unseal(key, sealed, ad []byte) ([]byte, bool) {
	if len(sealed) < Overhead {
		return nil, false
	}
	b, err := aead(key).Open(nil, sealed[:NonceSize], sealed[NonceSize:], ad)
	return b, err == nil
}

func aead(key []byte) cipher.AEAD {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic("sealing: a key is not 32 bytes long: " + err.Error()) // KeySize is a constant
	}
	return a
}

// Bind is what a sealed value is bound to: the vault's own label, and all of e that an
// edit could lessen. Each text has its length before it, so that no two entries have
// the same.
func Bind(label string, e *secret.Entry) []byte {
	ad := []byte(label)
	for _, s := range []string{string(e.Name), string(e.FieldType), string(e.Kind), string(e.Level)} {
		ad = binary.AppendUvarint(ad, uint64(len(s)))
		ad = append(ad, s...)
	}
	return binary.LittleEndian.AppendUint64(ad, e.Version)
}

// Expand is HKDF-Expand (RFC 5869) with SHA-256, KeySize bytes, into dst, which may be
// key. The inputs are uniform keys, so there is no Extract step.
func Expand(dst, key []byte, info string) {
	k, err := hkdf.Expand(sha256.New, key, info, KeySize)
	if err != nil {
		panic("sealing: hkdf: " + err.Error()) // only for more than 255 blocks
	}
	copy(dst, k)
	secret.Wipe(k)
}

// Descend turns the node key in dst into that of the node path below it, segment by
// segment.
func Descend(dst []byte, path string) {
	if path == "" {
		return
	}
	for seg := range strings.SplitSeq(path, "/") {
		Expand(dst, dst, "child "+seg)
	}
}

// Leaf turns the node key in dst into the key that seals the value of that very name,
// from which no key of a name below it can be derived.
func Leaf(dst []byte) { Expand(dst, dst, "value") }

// OutOfReach is the error for a name that a key does not open.
func OutOfReach(n secret.Name) error {
	return &secret.Error{Code: secret.Denied, Names: []secret.Name{n}, Msg: "the key does not reach " + string(n)}
}
