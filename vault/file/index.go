package file

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"time"

	"noxkey/secret"
	"noxkey/vault/internal/sealing"
	"noxkey/vault/internal/table"
)

// index is the sealed part that says what the vault holds: every secret with its
// metadata, and the size and hash of its sealed value (the manifest).
type index struct {
	table.Table[*blob]
	seed   []byte // Ed25519 (RFC 8032), 32 bytes
	audit  []byte // seals the audit log, 32 bytes
	ledger map[string][]byte
}

// encode returns the index as bytes. Numbers are varints (package
// encoding/binary), texts have their length before them, entries are sorted by name.
func (x *index) encode() []byte {
	b := make([]byte, 0, 256+200*len(x.Rows))
	b = binary.AppendUvarint(b, x.Counter)
	b = append(b, x.seed...)
	b = append(b, x.audit...)
	b = binary.AppendUvarint(b, uint64(len(x.ledger)))
	for _, k := range slices.Sorted(maps.Keys(x.ledger)) {
		b = appendText(appendText(b, k), string(x.ledger[k]))
	}
	b = binary.AppendUvarint(b, uint64(len(x.Rows)))
	for _, r := range x.Rows {
		b = appendRow(b, r)
	}
	return b
}

func appendRow(b []byte, r *table.Row[*blob]) []byte {
	for _, s := range []string{string(r.Name), string(r.FieldType), string(r.Kind), string(r.Level),
		r.Bundle, r.Desc, r.RotateURL, r.Peek} {
		b = appendText(b, s)
	}
	for _, t := range []time.Time{r.Expires, r.Created, r.Changed} {
		b = appendTime(b, t)
	}
	b = binary.AppendUvarint(b, r.Version)
	b = binary.AppendUvarint(b, uint64(r.Rest.size))
	return append(b, r.Rest.hash[:]...)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendTime writes seconds since year 1, which is 0 for the zero time, and nanoseconds.
func appendTime(b []byte, t time.Time) []byte {
	b = binary.AppendVarint(b, t.Unix()-time.Time{}.Unix())
	return binary.AppendUvarint(b, uint64(t.Nanosecond()))
}

// decodeIndex is the inverse of encode. What it reads was sealed by us; that it
// still trusts nothing keeps a fault of ours, or a thief of the key, from a panic.
func decodeIndex(b []byte) (*index, bool) {
	d := &decoder{b: b}
	x := &index{ledger: make(map[string][]byte)}
	x.Counter = d.number(math.MaxUint64)
	x.seed = slices.Clone(d.take(sealing.KeySize))
	x.audit = slices.Clone(d.take(sealing.KeySize))
	for range d.count(2) {
		k := d.text()
		x.ledger[k] = []byte(d.text())
	}
	n := d.count(40)
	x.Rows = make([]*table.Row[*blob], 0, n)
	for range n {
		r := d.row()
		if d.bad || r.Version > x.Counter || len(x.Rows) > 0 && x.Rows[len(x.Rows)-1].Name >= r.Name {
			return nil, false
		}
		x.Rows = append(x.Rows, r)
	}
	return x, !d.bad && len(d.b) == 0
}

// decoder reads from b until something is not there; then bad is set and all it
// returns is empty.
type decoder struct {
	b     []byte
	bad   bool
	words map[string]string // one copy of texts that come often
}

func (d *decoder) row() *table.Row[*blob] {
	r := &table.Row[*blob]{Rest: &blob{}}
	name, err := secret.ParseName(d.text())
	if err != nil {
		d.fail()
	}
	r.Name = name
	r.FieldType, r.Kind, r.Level = secret.FieldType(d.word()), secret.Kind(d.word()), secret.Level(d.word())
	r.Bundle, r.Desc, r.RotateURL, r.Peek = d.word(), d.text(), d.text(), d.text()
	r.Expires, r.Created, r.Changed = d.time(), d.time(), d.time()
	r.Version = d.number(math.MaxUint64)
	r.Rest.size = int64(d.number(secret.MaxValue + sealing.Overhead))
	copy(r.Rest.hash[:], d.take(len(r.Rest.hash)))
	// A level or type that nobody knows is not guessed at.
	if r.Check() != nil || r.Rest.size < sealing.Overhead {
		d.fail()
	}
	return r
}

func (d *decoder) fail() { d.bad, d.b = true, nil }

func (d *decoder) take(n int) []byte {
	if n > len(d.b) {
		d.fail()
		return nil
	}
	p := d.b[:n]
	d.b = d.b[n:]
	return p
}

// number reads a number that is at most limit.
func (d *decoder) number(limit uint64) uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > limit {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

// count reads how many things follow, of at least size bytes each.
func (d *decoder) count(size int) int { return int(d.number(uint64(len(d.b) / size))) }

func (d *decoder) text() string { return string(d.take(d.count(1))) }

// word reads a text of which there are few.
func (d *decoder) word() string {
	p := d.take(d.count(1))
	if s, ok := d.words[string(p)]; ok {
		return s
	}
	if d.words == nil {
		d.words = make(map[string]string)
	}
	s := string(p)
	d.words[s] = s
	return s
}

func (d *decoder) time() time.Time {
	sec, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return time.Time{}
	}
	d.b = d.b[n:]
	nsec := d.number(999_999_999)
	return time.Unix(sec+time.Time{}.Unix(), int64(nsec)).UTC()
}
