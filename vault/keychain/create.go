package keychain

import (
	"crypto/rand"
	"strings"

	"noxkey/secret"
)

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
