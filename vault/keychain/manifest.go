package keychain

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"noxkey/secret"
	"noxkey/vault/internal/table"
)

// The accounts of NoxKey's own items. No secret's name starts with a dot.
const (
	accountRoot     = ".root"
	accountKeys     = ".keys"
	accountManifest = ".manifest"
	accountJournal  = ".journal"
	accountLedger   = ".ledger."
)

// manifest says which secrets there are, and with which label, at one count of the
// counter. 10,000 secrets make about 400 KiB; it is written with every batch.
type manifest struct {
	counter uint64
	tags    map[secret.Name]tag
}

func (m *manifest) encode() []byte {
	b := binary.AppendUvarint(make([]byte, 0, 16+48*len(m.tags)), m.counter)
	for _, n := range slices.Sorted(maps.Keys(m.tags)) {
		b = binary.AppendUvarint(b, uint64(len(n)))
		b = append(b, n...)
		t := m.tags[n]
		b = append(b, t[:]...)
	}
	return b
}

func decodeManifest(b []byte) (*manifest, bool) {
	m := &manifest{tags: make(map[secret.Name]tag)}
	counter, n := binary.Uvarint(b)
	if n <= 0 || counter > maxVersion {
		return nil, false
	}
	m.counter = counter
	for b = b[n:]; len(b) > 0; {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > 1<<10 || uint64(len(b)-n) < size+uint64(len(tag{})) {
			return nil, false
		}
		b = b[n:]
		m.tags[secret.Name(b[:size])] = tag(b[size:])
		b = b[size+uint64(len(tag{})):]
	}
	return m, true
}

// readManifest returns nil and words if there is none that NoxKey sealed.
func (v *Vault) readManifest(b *browse) (m *manifest, why string, err error) {
	box, err := v.items.Read(accountManifest)
	if is(err, StatusNotFound) {
		return nil, "the keychain's list of secrets is gone", nil
	}
	if err != nil {
		return nil, "", explain(err, accountManifest)
	}
	plain, err := b.unseal("manifest", box, "")
	if secret.CodeOf(err) == secret.Locked {
		return nil, "", err
	}
	m, ok := decodeManifest(plain)
	if err != nil || !ok {
		return nil, "the keychain's list of secrets was changed outside noxkey", nil
	}
	return m, "", nil
}

// load reads what there is, after undoing a batch that was broken off. Only labels
// and NoxKey's own items are read. The caller holds work.
func (v *Vault) load(b *browse) (*state, error) {
	if err := v.mend(b); err != nil {
		return nil, err
	}
	list, err := v.items.List()
	if err != nil {
		return nil, explain(err, "")
	}
	m, why, err := v.readManifest(b)
	if err != nil {
		return nil, err
	}
	if m == nil {
		v.notice(why + "; whether secrets are missing or were put back cannot be told")
	}
	s := &state{browse: b, tags: make(map[secret.Name]tag)}
	if m != nil {
		s.Counter, s.tags = m.counter, m.tags
	}
	for _, it := range list {
		v.place(s, it, m != nil)
	}
	slices.SortFunc(s.Rows, func(x, y *table.Row[*stored]) int { return strings.Compare(string(x.Name), string(y.Name)) })
	s.settle(m != nil)
	return s, nil
}

// place puts one item where it belongs in s.
func (v *Vault) place(s *state, it Item, trusted bool) {
	n, err := secret.ParseName(it.Account)
	switch {
	case strings.HasPrefix(it.Account, "."):
		// NoxKey's own
	case err != nil:
		s.strange = append(s.strange, it.Account)
	default:
		want, ok := s.tags[n]
		if !ok {
			s.Rows = append(s.Rows, s.browse.row(n, it.Label, nil, trusted))
			return
		}
		s.Rows = append(s.Rows, s.browse.row(n, it.Label, &want, trusted))
	}
}

// settle sets the counter where there is no manifest to give it, and the versions of
// rows whose labels could not be believed.
func (s *state) settle(trusted bool) {
	if !trusted {
		for _, r := range s.Rows {
			s.Counter = max(s.Counter, r.Version)
			if !r.Entry.Damaged {
				s.tags[r.Name] = tagOf(r.Name, r.Rest.label)
			}
		}
		s.Counter = min(s.Counter, maxVersion/2) + 1<<20 // past what a removed secret may have had
	}
	for _, r := range s.Rows {
		if r.Entry.Damaged || r.Version > s.Counter {
			r.Entry.Damaged, r.Version = true, s.Counter
		}
	}
}

// missing returns the names of secrets that were taken away outside NoxKey.
func (s *state) missing() []secret.Name {
	var names []secret.Name
	for n := range s.tags {
		if _, ok := s.Find(n); !ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return names
}

// reload puts what the Keychain holds now in the place of s. The caller holds work.
func (v *Vault) reload(s *state) (*state, error) {
	now, err := v.load(s.browse)
	if err != nil {
		return nil, err
	}
	now.resealing = s.resealing
	v.replace(s, now)
	return now, nil
}

// exchanged returns the names of the damaged rows of s, and of those whose data is
// not what the label says. It reads every item, and stops if the vault is locked meanwhile.
func (v *Vault) exchanged(s *state) ([]secret.Name, error) {
	var bad []secret.Name
	for _, r := range s.Rows {
		if v.Locked() {
			return nil, errLocked
		}
		if r.Entry.Damaged {
			bad = append(bad, r.Name)
			continue
		}
		data, err := v.items.Read(string(r.Name))
		if err != nil && !is(err, StatusNotFound) {
			return nil, explain(err, string(r.Name))
		}
		if err != nil || sumOf(data) != r.Rest.sum {
			bad = append(bad, r.Name)
		}
	}
	return bad, nil
}

// Verify reads every item again, and returns the names of the secrets whose label or
// data is not as NoxKey wrote it; it opens no value, for which it has no key. The
// error has code Locked, Storage, or Damaged: then it says what else is wrong, which
// Notices are, and which secrets are missing.
func (v *Vault) Verify() ([]secret.Name, error) {
	v.work.Lock()
	defer v.work.Unlock()
	s, err := v.snapshot()
	if err != nil {
		return nil, err
	}
	now, err := v.reload(s)
	if err != nil {
		return nil, err
	}
	bad, err := v.exchanged(now)
	if err != nil {
		return nil, err
	}
	words := v.Notices()
	missing := now.missing()
	if len(missing) > 0 {
		words = append(words, "taken away outside noxkey: "+names(missing))
	}
	if len(now.strange) > 0 {
		words = append(words, fmt.Sprintf("%d items under the vault's service are not noxkey's", len(now.strange)))
	}
	if now.resealing {
		words = append(words, "sealing again was broken off; the next touch id finishes it")
	}
	if len(words) == 0 {
		return bad, nil
	}
	return bad, &secret.Error{Code: secret.Damaged, Msg: strings.Join(words, "; "), Names: missing}
}

// Acknowledge takes secrets that are missing off the manifest, so that Verify names
// them no more, and empties Notices. The error has code Locked or Storage.
func (v *Vault) Acknowledge() error {
	v.work.Lock()
	defer v.work.Unlock()
	s, err := v.snapshot()
	if err != nil {
		return err
	}
	next := *s
	next.Counter++
	next.tags = maps.Clone(s.tags)
	for _, n := range s.missing() {
		delete(next.tags, n)
	}
	if err := v.writeManifest(&next); err != nil {
		return err
	}
	v.replace(s, &next)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.notices = nil
	return nil
}

func (v *Vault) writeManifest(s *state) error {
	m := manifest{s.Counter, s.tags}
	box, err := s.browse.seal("manifest", m.encode(), "")
	if err != nil {
		return err
	}
	return explain(put(v.items, Item{accountManifest, ownLabel("manifest")}, box), accountManifest)
}

// put makes the item, or gives the one there is that label and data.
func put(items Items, it Item, data []byte) error {
	err := items.Update(it, data)
	if is(err, StatusNotFound) {
		err = items.Add(it, data)
	}
	return err
}

// ownLabel is the label of one of NoxKey's own items, for whoever finds it.
func ownLabel(what string) string { return "NoxKey " + what }

func names(list []secret.Name) string {
	words := make([]string, 0, len(list))
	for i, n := range list {
		if i == 20 {
			words = append(words, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		words = append(words, string(n))
	}
	return strings.Join(words, ", ")
}
