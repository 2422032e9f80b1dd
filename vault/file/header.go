package file

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
)

// Params are what one guess at the passphrase costs (RFC 9106).
type Params struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint32
}

// DefaultParams costs 256 MiB and 0.8 s (two shared cores of an AMD EPYC, 2026). The
// memory is given back after each derivation.
var DefaultParams = Params{Memory: 256 << 10, Passes: 3, Lanes: 4}

// The most that a file may ask for: without bounds a hostile one could ask for
// terabytes or years. Argon2 itself wants at least 8 KiB a lane.
const (
	maxMemory = 1 << 20 // KiB: 1 GiB
	maxPasses = 16
	maxLanes  = 16
)

func (p Params) check() error {
	if p.Passes < 1 || p.Passes > maxPasses || p.Lanes < 1 || p.Lanes > maxLanes ||
		p.Memory < 8*p.Lanes || p.Memory > maxMemory {
		return secret.Errorf(secret.Damaged, "the vault asks for %d KiB, %d passes and %d lanes to check a passphrase, more than 1 GiB, %d and %d or too few",
			p.Memory, p.Passes, p.Lanes, maxPasses, maxLanes)
	}
	return nil
}

// String returns "Argon2id 256 MiB, 3 passes".
func (p Params) String() string {
	size := fmt.Sprintf("%d KiB", p.Memory)
	if p.Memory >= 1<<10 {
		size = fmt.Sprintf("%d MiB", p.Memory>>10)
	}
	if p.Passes == 1 {
		return fmt.Sprintf("Argon2id %s, 1 pass", size)
	}
	return fmt.Sprintf("Argon2id %s, %d passes", size, p.Passes)
}

// The header, little endian, sizes in bytes:
//
//	 0   8  magic
//	 8   4  format version
//	12   4  size of the header, this and the last field included
//	16  12  Argon2id: memory in KiB, passes, lanes
//	28  16  salt
//	44  24  nonce                  \ the root key, sealed under the passphrase's
//	68  48  sealed root            / key; bytes 0 to 44 are associated data
//	116  8  size of the sealed index
//	124  8  size of all sealed values together
//	132 32  SHA-256 of the sealed index
//	164 32  SHA-256 of bytes 0 to 164
//
// After it come the sealed index, with bytes 0 to 132 as associated data, and the
// sealed values in the order of the index. In every version to come, magic,
// version and size stay where they are and the last 32 bytes of the header are
// its SHA-256, so that a newer file is told from a damaged one. The hashes have
// no key: they find rot before a passphrase is typed, the seals find the rest.
const (
	magic       = "noxkeydb"
	version     = 1
	headerSize  = 196
	maxHeader   = 4096 // of any version
	wrapADSize  = 44
	indexADSize = 132
	saltSize    = 16
)

// maxIndex bounds the sealed index: 10,000 secrets with every text at its limit
// take a seventh of it.
const maxIndex = 256 << 20

type header struct {
	params     Params
	salt       [saltSize]byte
	wrapped    [sealing.Overhead + sealing.KeySize]byte
	indexSize  int64
	valuesSize int64
	indexHash  [sha256.Size]byte
}

func newHeader(p Params) header {
	h := header{params: p}
	_, _ = rand.Read(h.salt[:]) // never fails (package crypto/rand)
	return h
}

// encode returns the header's bytes; the first indexADSize do not depend on indexHash.
func (h *header) encode() []byte {
	b := make([]byte, 0, headerSize)
	b = append(b, magic...)
	for _, n := range []uint32{version, headerSize, h.params.Memory, h.params.Passes, h.params.Lanes} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	b = append(b, h.salt[:]...)
	b = append(b, h.wrapped[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(h.indexSize))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.valuesSize))
	b = append(b, h.indexHash[:]...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// decodeHeader reads a header from the start of b, which holds the first
// maxHeader bytes of a file of size bytes, or all of it.
func decodeHeader(b []byte, size int64) (header, error) {
	var h header
	if err := checkHeader(b); err != nil {
		return h, err
	}
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	h.params = Params{Memory: u32(16), Passes: u32(20), Lanes: u32(24)}
	if err := h.params.check(); err != nil {
		return h, err
	}
	copy(h.salt[:], b[28:])
	copy(h.wrapped[:], b[wrapADSize:])
	index, values := binary.LittleEndian.Uint64(b[116:]), binary.LittleEndian.Uint64(b[124:])
	copy(h.indexHash[:], b[indexADSize:])
	rest := uint64(size - headerSize)
	if index < sealing.Overhead || index > maxIndex || index > rest || values != rest-index {
		return h, secret.Errorf(secret.Damaged, "the vault is damaged: it is %d bytes long, and that is not what its header says (cut off?)", size)
	}
	h.indexSize, h.valuesSize = int64(index), int64(values)
	return h, nil
}

// checkHeader tells whether b starts with a whole header of this version.
func checkHeader(b []byte) error {
	if len(b) < headerSize || string(b[:len(magic)]) != magic {
		return secret.Errorf(secret.Damaged, "the vault is damaged: it does not start as one")
	}
	v, n := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
	if n < 16+sha256.Size || n > maxHeader || int(n) > len(b) {
		return secret.Errorf(secret.Damaged, "the vault is damaged: its header has no end")
	}
	end := n - sha256.Size
	if sum := sha256.Sum256(b[:end]); !bytes.Equal(sum[:], b[end:n]) {
		return secret.Errorf(secret.Damaged, "the vault is damaged: its header was changed")
	}
	switch {
	case v > version:
		return secret.Errorf(secret.Storage, "the vault was written by a newer NoxKey (format %d; this one knows %d): update NoxKey to open it", v, version)
	case v != version || n != headerSize:
		return secret.Errorf(secret.Damaged, "the vault is damaged: it has format %d and a header of %d bytes", v, n)
	}
	return nil
}
