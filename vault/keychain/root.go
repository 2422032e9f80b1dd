package keychain

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"strings"

	"noxkey/secret"
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
	rootSize   = 1 + 3*keySize
)

func (r root) seed() []byte   { return r[1 : 1+keySize] }
func (r root) audit() []byte  { return r[1+keySize : 1+2*keySize] }
func (r root) browse() []byte { return r[1+2*keySize:] }

// roots are the tops of the normal and the strict tree, 32 bytes each.
type roots struct{ normal, strict []byte }

func newRoots() *roots {
	r := &roots{make([]byte, keySize), make([]byte, keySize)}
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
	if r.strict, err = v.sealer.Open(p, s.strict); err == nil && (len(r.normal) != keySize || len(r.strict) != keySize) {
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
		if s.mode == "" || s.mode == ModeGate && (len(s.normal) != keySize || len(s.strict) != keySize) {
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

// Recorded returns the mode that was chosen for the vault of items, "" if there is no
// vault. It reads labels only. The error has code Damaged if there are
// secrets without a vault, or a label that names no mode; or Storage.
func Recorded(items Items) (Mode, error) {
	list, err := items.List()
	if err != nil {
		return "", explain(err, "")
	}
	mode, manifest, secrets := Mode(""), false, 0
	for _, it := range list {
		switch it.Account {
		case accountKeys:
			mode = Mode(strings.TrimPrefix(it.Label, keysLabel))
		case accountManifest:
			manifest = true
		default:
			if _, err := secret.ParseName(it.Account); err == nil {
				secrets++
			}
		}
	}
	switch {
	case mode == ModeGate || mode == ModeEnclave:
		if secrets == 0 && !manifest {
			return "", nil // a first run that did not get to its end
		}
		return mode, nil
	case mode == "" && secrets == 0 && !manifest:
		return "", nil
	case mode == "":
		return "", secret.Errorf(secret.Damaged, "the keychain holds %d secrets of noxkey, but the item %s is gone: their values cannot be opened", secrets, accountKeys)
	}
	return "", secret.Errorf(secret.Damaged, "the keychain's label of %s names no mode that noxkey knows: it was changed outside noxkey, or by a newer one", accountKeys)
}

// Create makes a new vault in that mode and returns it locked. sealer is the key of
// ModeEnclave; in ModeGate it may be nil. The error has code Exists if there is a vault, Invalid for
// ModeEnclave without a sealer, or Storage.
func Create(items Items, m Mode, sealer Sealer) (*Vault, error) {
	if m != ModeGate && (m != ModeEnclave || sealer == nil) {
		return nil, secret.Errorf(secret.Invalid, "a vault of mode %q needs a key in the secure enclave", string(m))
	}
	switch was, err := Recorded(items); {
	case err != nil:
		return nil, err
	case was != "":
		return nil, secret.Errorf(secret.Exists, "there is a vault in the keychain, of mode %s", was)
	}
	r := make(root, rootSize)
	defer secret.Wipe(r)
	r[0] = rootFormat
	_, _ = rand.Read(r[1:]) // never fails (package crypto/rand)
	top := newRoots()
	defer top.wipe()
	s, err := wrap(top, m, sealer)
	defer s.wipe()
	if err != nil {
		return nil, err
	}
	v := &Vault{items: items, sealer: sealer, mode: m}
	b := newBrowse(r)
	defer b.wipe()
	if err := explain(put(items, Item{accountRoot, ownLabel("root")}, r), accountRoot); err != nil {
		return nil, err
	}
	if err := v.writeKeys(b, []set{s}); err != nil {
		return nil, err
	}
	// The manifest comes last: without it there is no vault yet.
	if err := v.writeManifest(&state{browse: b}); err != nil {
		return nil, err
	}
	return v, nil
}

// Open returns the vault of items, locked. want is the mode that is expected, "" for
// whichever is recorded. sealer is the Secure Enclave's key if this Mac and this build can use
// one, else nil. The error has code NotFound; Storage if another mode is recorded than
// wanted, or one that needs a sealer and there is none; or as Recorded's.
func Open(items Items, want Mode, sealer Sealer) (*Vault, error) {
	m, err := Recorded(items)
	switch {
	case err != nil:
		return nil, err
	case m == "":
		return nil, secret.Errorf(secret.NotFound, "there is no vault in the keychain yet")
	case want != "" && want != m:
		return nil, secret.Errorf(secret.Storage, "the vault in the keychain is of mode %s, not %s: it was exchanged, or its label changed", m, want)
	case m == ModeEnclave && sealer == nil:
		return nil, errNoSealer
	}
	return &Vault{items: items, sealer: sealer, mode: m}, nil
}

// adopt takes from r what outlasts a lock. The caller holds mu.
func (v *Vault) adopt(r root) {
	if v.audit == nil {
		v.audit = make([]byte, keySize)
	}
	copy(v.audit, r.audit())
	private := ed25519.NewKeyFromSeed(r.seed())
	v.public = ed25519.PublicKey(slices.Clone(private[ed25519.SeedSize:]))
	secret.Wipe(private)
}
