package keychain

import (
	"time"

	"noxkey/secret"
	"noxkey/vault/internal/table"
)

// Open returns the values of refs in their order, each the caller's to wipe. Easy
// values need no key; for others k must reach them. The error has code Locked,
// NotFound, Conflict (another version is current), Denied (k does not reach, or macOS
// refuses the item), Damaged or Storage, and names the secret; then nothing is returned.
func (v *Vault) Open(k secret.Key, refs []secret.Ref) ([]secret.Value, error) {
	s, err := v.snapshot()
	if err != nil {
		return nil, err
	}
	rows, err := s.Pick(refs)
	if err != nil {
		return nil, err
	}
	values, err := v.openAll(v.box(s, k), rows)
	if c := secret.CodeOf(err); c != secret.Damaged && c != secret.NotFound {
		return values, err
	}
	// A batch may have been changing the items meanwhile: look once more when no batch is
	// under way.
	v.work.Lock()
	defer v.work.Unlock()
	if s, err = v.snapshot(); err != nil {
		return nil, err
	}
	if rows, err = s.Pick(refs); err != nil {
		return nil, err
	}
	return v.openAll(v.box(s, k), rows)
}

// openAll opens all rows or none.
func (v *Vault) openAll(b box, rows []*table.Row[*stored]) ([]secret.Value, error) {
	for _, r := range rows { // before the Keychain is asked, which may prompt
		if err := b.Reach(r.Name, r.Level); err != nil {
			return nil, err
		}
	}
	return table.OpenAll(b, rows)
}

// Apply makes all changes or none; a batch that fails is undone. The rules are those
// of table.Table.Apply. It takes no ownership of the values. The error has code
// Locked, or one of those rules; Exists for an item that another program made;
// Denied or Storage if macOS refuses; Damaged if undoing failed as well: it
// names what is not as it was, and undoing is tried again at the next use.
func (v *Vault) Apply(k secret.Key, changes []secret.Change) error {
	if _, err := v.snapshot(); err != nil || len(changes) == 0 {
		return err
	}
	v.work.Lock()
	defer v.work.Unlock()
	s, err := v.snapshot()
	if err != nil {
		return err
	}
	if v.broken {
		if s, err = v.reload(s); err != nil {
			return err
		}
	}
	t, err := s.Apply(changes, v.box(s, k), time.Now())
	if err != nil {
		return err
	}
	next, err := v.commit(s, t)
	if err != nil {
		return err
	}
	v.replace(s, next)
	return nil
}
