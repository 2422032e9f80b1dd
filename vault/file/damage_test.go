package file

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
)

const (
	keyA secret.Name = "acme/api/KEY_A"
	keyB secret.Name = "acme/api/KEY_B"
	keyC secret.Name = "acme/prod/KEY_C"
)

var values = map[secret.Name]string{keyA: "value-a", keyB: "value-b", keyC: "value-c"}

func put(t testing.TB, v *Vault, k secret.Key, n secret.Name, val string, l secret.Level) {
	t.Helper()
	p := pass(val)
	defer p.Wipe()
	err := v.Apply(k, []secret.Change{{Action: secret.ActionSet, Name: n, Value: p, Replace: true, Meta: secret.Patch{Level: &l}}})
	if err != nil {
		t.Fatal(err)
	}
}

// small returns the bytes of a vault with three secrets.
func small(t testing.TB) []byte {
	t.Helper()
	v, path := create(t)
	k := unlock(t, v)
	put(t, v, k, keyA, values[keyA], secret.Normal)
	put(t, v, k, keyB, values[keyB], secret.Normal)
	put(t, v, k, keyC, values[keyC], secret.Strict)
	v.Close()
	return read(t, path)
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// place writes b as a vault of its own and returns its path.
func place(t testing.TB, dir string, b []byte) string {
	t.Helper()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "vault.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// outcome is what became of a damaged vault.
type outcome struct {
	refused secret.Code   // the vault did not open
	damaged []secret.Name // these did not, and were named
}

// try opens whatever is at path as far as it goes, and fails on a wrong value, a
// damaged secret that is not named, or an error without words.
func try(t testing.TB, path string) outcome {
	t.Helper()
	v, err := Open(path)
	if err != nil {
		return refusal(t, err)
	}
	defer v.Close()
	k, err := v.Unlock(pass("open sesame"), secret.Scope{Root: true})
	if err != nil {
		return refusal(t, err)
	}
	list, err := v.Under("")
	if err != nil || len(list) != len(values) {
		t.Fatalf("a listing of %d, %v", len(list), err)
	}
	var o outcome
	for _, e := range list {
		got, err := v.Open(k, []secret.Ref{{Name: e.Name}})
		if err == nil {
			same := got[0].Equal(pass(values[e.Name]))
			if !same || e.Damaged {
				t.Fatalf("%s: right value %t, said to be damaged %t", e.Name, same, e.Damaged)
			}
			continue
		}
		if secret.CodeOf(err) != secret.Damaged || !strings.Contains(err.Error(), string(e.Name)) {
			t.Fatalf("%s: %v", e.Name, err)
		}
		o.damaged = append(o.damaged, e.Name)
		if !e.Damaged {
			t.Fatalf("%s does not open, and the listing does not say so", e.Name)
		}
	}
	if found, err := v.Verify(); err != nil || !slices.Equal(found, o.damaged) {
		t.Fatalf("verify found %v, %v; damaged are %v", found, err, o.damaged)
	}
	return o
}

func refusal(t testing.TB, err error) outcome {
	t.Helper()
	if len(err.Error()) < 20 {
		t.Fatalf("refused without words: %v", err)
	}
	return outcome{refused: secret.CodeOf(err)}
}

func TestThreatD2EveryFlippedBitIsNamed(t *testing.T) {
	t.Parallel()
	whole, dir := small(t), t.TempDir()
	if o := try(t, place(t, dir, whole)); o.refused != "" || o.damaged != nil {
		t.Fatalf("undamaged: %+v", o)
	}
	h, err := decodeHeader(whole, int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	start := headerSize + int(h.indexSize)
	size := int(h.valuesSize) / 3
	names := []secret.Name{keyA, keyB, keyC}
	for i := range whole {
		for bit := range 8 {
			if i >= start && bit != i%8 { // each of these costs a derivation
				continue
			}
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			o := try(t, place(t, dir, b))
			switch {
			case i < start && o.refused != secret.Damaged:
				t.Fatalf("byte %d, bit %d: %+v", i, bit, o)
			case i >= start && (o.refused != "" || !slices.Equal(o.damaged, names[(i-start)/size:(i-start)/size+1])):
				t.Fatalf("byte %d, bit %d: %+v", i, bit, o)
			}
		}
	}
}

// rehash makes the hashes that have no key fit again, as an attacker would.
func rehash(b []byte) {
	n := binary.LittleEndian.Uint64(b[116:])
	if n <= uint64(len(b)-headerSize) {
		sum := sha256.Sum256(b[headerSize : headerSize+n])
		copy(b[indexADSize:], sum[:])
	}
	sum := sha256.Sum256(b[:164])
	copy(b[164:], sum[:])
}

func TestThreatD2EditedHeaderAndIndexAreFoundBehindFittingHashes(t *testing.T) {
	t.Parallel()
	whole, dir := small(t), t.TempDir()
	h, _ := decodeHeader(whole, int64(len(whole)))
	for i := range headerSize + int(h.indexSize) {
		b := bytes.Clone(whole)
		if i >= indexADSize && i < headerSize { // rehash undoes these
			continue
		}
		b[i] ^= 1
		rehash(b)
		switch o := try(t, place(t, dir, b)); {
		case i == 8 && o.refused != secret.Damaged: // version 0
			t.Fatalf("byte %d: %+v", i, o)
		case i > 8 && i < 12 && o.refused != secret.Storage: // a newer version
			t.Fatalf("byte %d: %+v", i, o)
		case o.refused != secret.Damaged && o.refused != secret.WrongKey && o.refused != secret.Storage:
			t.Fatalf("byte %d: %+v", i, o)
		}
	}
}

func TestThreatD2Truncated(t *testing.T) {
	t.Parallel()
	whole, dir := small(t), t.TempDir()
	for n := range whole {
		if o := try(t, place(t, dir, whole[:n])); o.refused != secret.Damaged {
			t.Fatalf("cut to %d bytes: %+v", n, o)
		}
	}
	if o := try(t, place(t, dir, append(whole, 0))); o.refused != secret.Damaged {
		t.Fatalf("with a byte more: %+v", o)
	}
}

func TestThreatD2SwappedValuesAreNamed(t *testing.T) {
	t.Parallel()
	b := small(t)
	h, _ := decodeHeader(b, int64(len(b)))
	start, size := headerSize+int(h.indexSize), int(h.valuesSize)/3
	first, second := b[start:start+size], b[start+size:start+2*size]
	tmp := bytes.Clone(first)
	copy(first, second)
	copy(second, tmp)
	o := try(t, place(t, t.TempDir(), b))
	if !slices.Equal(o.damaged, []secret.Name{keyA, keyB}) {
		t.Fatalf("%+v", o)
	}
}

func TestThreatD2OneRecordRolledBackIsNamed(t *testing.T) {
	t.Parallel()
	v, path := create(t)
	k := unlock(t, v)
	put(t, v, k, keyA, "0ld-a..", secret.Normal)
	put(t, v, k, keyB, values[keyB], secret.Normal)
	put(t, v, k, keyC, values[keyC], secret.Strict)
	record := func(i int) []byte {
		b := read(t, path)
		at := headerSize + int(v.header.indexSize) + i*int(v.header.valuesSize)/3
		return b[at : at+int(v.header.valuesSize)/3]
	}
	old := bytes.Clone(record(0))
	put(t, v, k, keyA, values[keyA], secret.Normal)
	b := read(t, path)
	copy(b[headerSize+int(v.header.indexSize):], old)
	v.Close()
	if o := try(t, place(t, t.TempDir(), b)); !slices.Equal(o.damaged, []secret.Name{keyA}) {
		t.Fatalf("%+v", o)
	}
}

// Two histories of one vault can have the same version of a secret with different
// values. Only the hash in the index tells whose is whose.
func TestThreatD2RecordOfAnotherHistoryIsNamed(t *testing.T) {
	t.Parallel()
	whole := small(t)
	history := func(val string) (*Vault, secret.Key, string, []byte) {
		path := place(t, t.TempDir(), whole)
		v := reopened(t, path)
		k := unlock(t, v)
		put(t, v, k, keyA, val, secret.Normal)
		r := v.index.Rows[0].Rest
		return v, k, path, read(t, path)[r.off : r.off+r.size]
	}
	_, _, _, theirs := history("their-a")
	v, k, path, _ := history(values[keyA])
	b := read(t, path)
	copy(b[v.index.Rows[0].Rest.off:], theirs)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := v.Open(k, []secret.Ref{{Name: keyA}}); secret.CodeOf(err) != secret.Damaged || got != nil {
		t.Fatalf("while open: %v", err)
	}
	v.Close()
	if o := try(t, path); !slices.Equal(o.damaged, []secret.Name{keyA}) {
		t.Fatalf("opened again: %+v", o)
	}
}

// Somebody who has the browse key can write an index that fits. What is bound to
// the values still is.
func TestThreatD2ForgedIndexOpensNoValue(t *testing.T) {
	t.Parallel()
	forge := map[string]func(x *index){
		"a level lowered":      func(x *index) { x.Rows[2].Level = secret.Normal },
		"a level lowered more": func(x *index) { x.Rows[2].Level = secret.Easy },
		"off limits to strict": func(x *index) { x.Rows[2].Level = secret.OffLimits },
		"another type":         func(x *index) { x.Rows[2].FieldType = secret.Text },
		"another kind":         func(x *index) { x.Rows[2].Kind = secret.KindCustom },
		"another version":      func(x *index) { x.Rows[2].Version-- },
		"another name":         func(x *index) { x.Rows[2].Name = "acme/prod/KEY_D" },
		"another's value":      func(x *index) { x.Rows[2].Rest = x.Rows[1].Rest },
	}
	for name, f := range forge {
		v, path := create(t)
		k := unlock(t, v)
		put(t, v, k, keyA, values[keyA], secret.Normal)
		put(t, v, k, keyB, values[keyB], secret.Strict)
		put(t, v, k, keyC, values[keyC], secret.Strict)
		x := v.index.with(v.index.Table)
		f(x)
		if err := v.commit(v.header, x, v.browse); err != nil {
			t.Fatal(err)
		}
		v.Close()
		w := reopened(t, path)
		k = unlock(t, w)
		n := w.index.Rows[2].Name
		if got, err := w.Open(k, []secret.Ref{{Name: n}}); secret.CodeOf(err) != secret.Damaged || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if _, err := w.Open(k, []secret.Ref{{Name: keyA}, {Name: keyB}}); err != nil {
			t.Errorf("%s: the others: %v", name, err)
		}
	}
}

func TestThreatD2DamageSurvivesWritesUntilReplaced(t *testing.T) {
	t.Parallel()
	b := small(t)
	b[len(b)-1] ^= 1
	path := place(t, t.TempDir(), b)
	v := reopened(t, path)
	k := unlock(t, v)
	put(t, v, k, "acme/api/ANOTHER", "x", secret.Normal)
	v.Close()
	v = reopened(t, path)
	k = unlock(t, v)
	if got := v.index.Damaged(); !slices.Equal(got, []secret.Name{keyC}) {
		t.Fatalf("after a write: %v", got)
	}
	move := secret.Change{Action: secret.ActionMove, Name: keyC, To: "acme/prod/MOVED"}
	if err := v.Apply(k, []secret.Change{move}); secret.CodeOf(err) != secret.Damaged {
		t.Fatal(err)
	}
	if err := v.Rekey(pass("open sesame")); secret.CodeOf(err) != secret.Damaged || !strings.Contains(err.Error(), string(keyC)) {
		t.Fatal(err)
	}
	put(t, v, k, keyC, "again", secret.Strict)
	if got := v.index.Damaged(); got != nil {
		t.Fatalf("after a replacement: %v", got)
	}
	if err := v.Rekey(pass("open sesame")); err != nil {
		t.Fatal(err)
	}
}

func TestDamageWhileOpenIsNamed(t *testing.T) {
	t.Parallel()
	path := place(t, t.TempDir(), small(t))
	v := reopened(t, path)
	k := unlock(t, v)
	b := read(t, path)
	b[len(b)-1] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Open(k, []secret.Ref{{Name: keyC}}); secret.CodeOf(err) != secret.Damaged {
		t.Fatal(err)
	}
	if got, err := v.Verify(); err != nil || !slices.Equal(got, []secret.Name{keyC}) {
		t.Fatalf("verify: %v, %v", got, err)
	}
	if err := os.Truncate(path, 300); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Open(k, []secret.Ref{{Name: keyA}}); secret.CodeOf(err) != secret.Damaged {
		t.Fatal(err)
	}
	if _, err := v.Verify(); err == nil {
		t.Fatal("verify found nothing in half a vault")
	}
	v.Lock()
	if _, err := v.Unlock(pass("open sesame"), secret.Scope{}); secret.CodeOf(err) != secret.Damaged || !v.Locked() {
		t.Fatal(err)
	}
}

func TestPreviousGenerationAfterDamage(t *testing.T) {
	t.Parallel()
	v, path := create(t)
	k := unlock(t, v)
	if _, err := Previous(path); secret.CodeOf(err) != secret.NotFound {
		t.Fatalf("before there is one: %v", err)
	}
	put(t, v, k, keyA, "one", secret.Normal)
	put(t, v, k, keyA, "two", secret.Normal)
	v.Close()
	b := read(t, path)
	b[headerSize+3] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); secret.CodeOf(err) != secret.Damaged {
		t.Fatal(err)
	}
	if when, err := Previous(path); err != nil || time.Since(when) > time.Hour {
		t.Fatalf("%v, %v", when, err)
	}
	kept, err := Restore(path)
	if err != nil || !bytes.Equal(read(t, filepath.Join(filepath.Dir(path), kept)), b) {
		t.Fatalf("kept %q, %v", kept, err)
	}
	v = reopened(t, path)
	k = unlock(t, v)
	got, err := v.Open(k, []secret.Ref{{Name: keyA}})
	if err != nil || !got[0].Equal(pass("one")) {
		t.Fatalf("the previous generation: %v", err)
	}
	if _, err := Restore(path); secret.CodeOf(err) != secret.NotFound {
		t.Fatalf("restored from itself: %v", err)
	}
	put(t, v, k, keyA, "three", secret.Normal) // and it goes on, with generations that differ
	if _, err := Previous(path); err != nil {
		t.Fatal(err)
	}
	if entries, _ := filepath.Glob(path + ".new-*"); entries != nil {
		t.Fatalf("left behind: %v", entries)
	}
}

func TestVaultGoneIsNotANewOne(t *testing.T) {
	t.Parallel()
	v, path := create(t)
	put(t, v, unlock(t, v), keyA, "one", secret.Normal)
	v.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); secret.CodeOf(err) != secret.Damaged {
		t.Fatal(err)
	}
	if _, err := Create(path, pass("x"), cheap); secret.CodeOf(err) != secret.Exists {
		t.Fatal(err)
	}
	if kept, err := Restore(path); err != nil || kept != "" {
		t.Fatal(kept, err)
	}
	unlock(t, reopened(t, path))
}

func TestHostileHeader(t *testing.T) {
	t.Parallel()
	whole, dir := small(t), t.TempDir()
	le := binary.LittleEndian
	for name, edit := range map[string]func(b []byte){
		"a terabyte of memory": func(b []byte) { le.PutUint32(b[16:], 1<<30) },
		"no memory":            func(b []byte) { le.PutUint32(b[16:], 0) },
		"a year of passes":     func(b []byte) { le.PutUint32(b[20:], 1<<31) },
		"no passes":            func(b []byte) { le.PutUint32(b[20:], 0) },
		"no lanes":             func(b []byte) { le.PutUint32(b[24:], 0) },
		"256 lanes":            func(b []byte) { le.PutUint32(b[24:], 256) },
		"an index of 16 EiB":   func(b []byte) { le.PutUint64(b[116:], 1<<64-1) },
		"values of 16 EiB":     func(b []byte) { le.PutUint64(b[124:], 1<<64-100) },
		"no index":             func(b []byte) { le.PutUint64(b[116:], 0) },
		"sizes that wrap":      func(b []byte) { le.PutUint64(b[116:], 1<<63+600); le.PutUint64(b[124:], 1<<63+100) },
		"a header of 4 GiB":    func(b []byte) { le.PutUint32(b[12:], 1<<32-1) },
		"a header of nothing":  func(b []byte) { le.PutUint32(b[12:], 0) },
	} {
		b := bytes.Clone(whole)
		edit(b)
		rehash(b)
		if o := try(t, place(t, dir, b)); o.refused != secret.Damaged {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func TestNewerVersionIsRefusedWithWords(t *testing.T) {
	t.Parallel()
	b := make([]byte, 300, 400) // another header, other fields
	copy(b, magic)
	binary.LittleEndian.PutUint32(b[8:], 2)
	binary.LittleEndian.PutUint32(b[12:], 332)
	sum := sha256.Sum256(b)
	b = append(append(b, sum[:]...), "whatever comes then"...)
	_, err := Open(place(t, t.TempDir(), b))
	if secret.CodeOf(err) != secret.Storage || !strings.Contains(err.Error(), "newer NoxKey") {
		t.Fatal(err)
	}
}
