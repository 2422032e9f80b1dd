package keychain

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"slices"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
)

// Mode says what protects the roots.
type Mode string

// The modes; see the package comment.
const (
	ModeGate    Mode = "gate"
	ModeEnclave Mode = "enclave"
)

const keysLabel = "NoxKey keys, mode "

// root is the data of .root: one byte for the format, then 32 bytes each.
type root []byte

const (
	rootFormat = 1
	rootSize   = 1 + 3*sealing.KeySize
)

func (r root) seed() []byte   { return r[1 : 1+sealing.KeySize] }
func (r root) audit() []byte  { return r[1+sealing.KeySize : 1+2*sealing.KeySize] }
func (r root) browse() []byte { return r[1+2*sealing.KeySize:] }

// roots are the tops of the normal and the strict tree, 32 bytes each.
type roots struct{ normal, strict []byte }

func newRoots() *roots {
	r := &roots{make([]byte, sealing.KeySize), make([]byte, sealing.KeySize)}
	_, _ = rand.Read(r.normal) // never fails (package crypto/rand)
	_, _ = rand.Read(r.strict)
	return r
}

func (r *roots) wipe() {
	if r != nil {
		secret.Wipe(r.normal)
		secret.Wipe(r.strict)
	}
}

// set is a pair of roots as .keys holds it: each as it is, or in a box of the Sealer.
type set struct {
	mode           Mode
	normal, strict []byte
}

func (s *set) wipe() {
	secret.Wipe(s.normal)
	secret.Wipe(s.strict)
}

// wrap returns r as .keys holds it. sealer is nil in ModeGate.
func wrap(r *roots, m Mode, sealer Sealer) (set, error) {
	if m == ModeGate {
		return set{m, slices.Clone(r.normal), slices.Clone(r.strict)}, nil
	}
	normal, err := sealer.Seal(r.normal)
	if err != nil {
		return set{}, err
	}
	strict, err := sealer.Seal(r.strict)
	return set{m, normal, strict}, err
}

// unwrap is the inverse, for a person who is present.
func (v *Vault) unwrap(s set, p Presence) (*roots, error) {
	if s.mode == ModeGate {
		return &roots{slices.Clone(s.normal), slices.Clone(s.strict)}, nil
	}
	if v.sealer == nil {
		return nil, errNoSealer
	}
	normal, err := v.sealer.Open(p, s.normal)
	if err != nil {
		return nil, err
	}
	r := &roots{normal: normal}
	if r.strict, err = v.sealer.Open(p, s.strict); err == nil && (len(r.normal) != sealing.KeySize || len(r.strict) != sealing.KeySize) {
		err = errKeys
	}
	if err != nil {
		r.wipe()
		return nil, err
	}
	return r, nil
}

var (
	errNoSealer = secret.Errorf(secret.Storage, "this vault is sealed to a key in the secure enclave, which this build or this mac cannot use")
	errKeys     = secret.Errorf(secret.Damaged, "the keychain's keys item was changed outside noxkey: no value can be opened")
)

// encodeSets returns the plain content of .keys: the current set, then the one
// before if values are still sealed under it.
func encodeSets(sets []set) []byte {
	var b []byte
	for _, s := range sets {
		b = append(b, s.mode[0])
		for _, x := range [][]byte{s.normal, s.strict} {
			b = binary.BigEndian.AppendUint16(b, uint16(len(x)))
			b = append(b, x...)
		}
	}
	return b
}

func decodeSets(b []byte) ([]set, error) {
	var sets []set
	for len(b) > 0 {
		var s set
		switch b[0] {
		case ModeGate[0]:
			s.mode = ModeGate
		case ModeEnclave[0]:
			s.mode = ModeEnclave
		}
		b = b[1:]
		for _, x := range []*[]byte{&s.normal, &s.strict} {
			if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
				return nil, errKeys
			}
			size := int(binary.BigEndian.Uint16(b))
			*x, b = slices.Clone(b[2:2+size]), b[2+size:]
		}
		if s.mode == "" || s.mode == ModeGate && (len(s.normal) != sealing.KeySize || len(s.strict) != sealing.KeySize) {
			return nil, errKeys
		}
		sets = append(sets, s)
	}
	if len(sets) == 0 || len(sets) > 2 {
		return nil, errKeys
	}
	return sets, nil
}

// writeKeys replaces .keys. It is sealed under the browse root, so that nobody who
// cannot read .root puts roots of their own there.
func (v *Vault) writeKeys(b *browse, sets []set) error {
	plain := encodeSets(sets)
	defer secret.Wipe(plain)
	box, err := b.seal("keys", plain, "")
	if err != nil {
		return err
	}
	return explain(put(v.items, Item{accountKeys, keysLabel + string(sets[0].mode)}, box), accountKeys)
}

// readKeys returns the sets, the caller's to wipe, the current one first.
func (v *Vault) readKeys(b *browse) ([]set, error) {
	box, err := v.items.Read(accountKeys)
	if err != nil {
		return nil, ownItem(err, accountKeys)
	}
	plain, err := b.unseal("keys", box, "")
	if err != nil {
		return nil, err
	}
	defer secret.Wipe(plain)
	sets, err := decodeSets(plain)
	if err == nil && sets[0].mode != v.Mode() {
		return nil, secret.Errorf(secret.Damaged, "the keychain says mode %s, the keys in it are of mode %s: the label was changed outside noxkey", v.Mode(), sets[0].mode)
	}
	return sets, err
}

// ownItem is explain for an item without which nothing can be opened.
func ownItem(err error, account string) error {
	if is(err, StatusNotFound) {
		return secret.Errorf(secret.Damaged, "the keychain no longer holds noxkey's item %s: no value can be opened without it", account)
	}
	return explain(err, account)
}

// readRoot returns the data of .root, the caller's to wipe.
func (v *Vault) readRoot() (root, error) {
	data, err := v.items.Read(accountRoot)
	if err != nil {
		return nil, ownItem(err, accountRoot)
	}
	if len(data) != rootSize || data[0] != rootFormat {
		secret.Wipe(data)
		return nil, secret.Errorf(secret.Damaged, "the keychain's root item was changed outside noxkey, or by a newer one: nothing can be opened")
	}
	return root(data), nil
}

// adopt takes from r what outlasts a lock. The caller holds mu.
func (v *Vault) adopt(r root) {
	if v.audit == nil {
		v.audit = make([]byte, sealing.KeySize)
	}
	copy(v.audit, r.audit())
	private := ed25519.NewKeyFromSeed(r.seed())
	v.public = ed25519.PublicKey(slices.Clone(private[ed25519.SeedSize:]))
	secret.Wipe(private)
}
