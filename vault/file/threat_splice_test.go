package file

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"noxkey/secret"
)

// generations are two states of one vault with the same names, of which every value tells
// its generation; and the places of the values in both.
type generations struct {
	file  [2][]byte
	at    [2][]int64 // where each record starts, and the end
	names []secret.Name
	level []secret.Level

	versions []uint64 // of the first generation
}

func twoGenerations(t testing.TB) *generations {
	t.Helper()
	v, path := create(t)
	k := unlock(t, v)
	g := &generations{}
	for gen := range 2 {
		var batch []secret.Change
		for i := range 8 {
			n, l := secret.Name(fmt.Sprintf("acme/api/KEY_%d", i)), secret.Levels[i/2]
			if gen == 0 {
				g.names, g.level = append(g.names, n), append(g.level, l)
			}
			batch = append(batch, secret.Change{Action: secret.ActionSet, Name: n, Replace: true, Value: pass(g.value(gen, i)), Meta: secret.Patch{Level: &l}})
		}
		must(t, v.Apply(k, batch))
		g.file[gen] = read(t, path)
		for _, r := range v.index.Rows {
			g.at[gen] = append(g.at[gen], r.Rest.off)
			if gen == 0 {
				g.versions = append(g.versions, r.Version)
			}
		}
		g.at[gen] = append(g.at[gen], int64(len(g.file[gen])))
	}
	v.Close()
	return g
}

// value is as long for each, so that every record fits in the place of every other.
func (g *generations) value(gen, i int) string { return fmt.Sprintf("generation %d of %d", gen, i) }

// check opens b as far as it goes: no panic, no value of another name or generation than
// the index says, no level that is lower, and every name there. It returns how many opened.
func (g *generations) check(t testing.TB, dir string, b []byte) (opened int) {
	t.Helper()
	v, err := Open(place(t, dir, b))
	if err != nil {
		refusal(t, err)
		return 0
	}
	defer v.Close()
	k, err := v.Unlock(pass("open sesame"), secret.Scope{Root: true})
	if err != nil {
		refusal(t, err)
		return 0
	}
	list, err := v.Under("")
	if err != nil || len(list) != len(g.names) {
		t.Fatalf("a listing of %d, %v", len(list), err)
	}
	for i, e := range list {
		if e.Name != g.names[i] || e.Level != g.level[i] {
			t.Fatalf("%s is %s", e.Name, e.Level)
		}
		got, err := v.Open(k, []secret.Ref{{Name: e.Name}})
		if err != nil {
			if secret.CodeOf(err) != secret.Damaged {
				t.Fatalf("%s: %v", e.Name, err)
			}
			continue
		}
		gen := 0
		if e.Version > g.versions[i] {
			gen = 1
		}
		if !got[0].Equal(pass(g.value(gen, i))) {
			t.Fatalf("%s opens as another value than the index of generation %d has", e.Name, gen)
		}
		opened++
	}
	return opened
}

// TestThreatD2EveryTwoRecordsSwapped: each record in each other's place, of its own
// generation and of the one before, opens nowhere but at home; all others open.
func TestThreatD2EveryTwoRecordsSwapped(t *testing.T) {
	t.Parallel()
	g, dir := twoGenerations(t), t.TempDir()
	now, at := g.file[1], g.at[1]
	for i := range g.names {
		for j := range g.names {
			b := bytes.Clone(now)
			copy(b[at[i]:at[i+1]], now[at[j]:at[j+1]])
			copy(b[at[j]:at[j+1]], now[at[i]:at[i+1]])
			want := len(g.names) - 2
			if i == j {
				want = len(g.names)
			}
			if n := g.check(t, dir, b); n != want {
				t.Fatalf("%d and %d swapped: %d open, want %d", i, j, n, want)
			}
			b = bytes.Clone(now)
			copy(b[at[i]:at[i+1]], g.file[0][g.at[0][j]:g.at[0][j+1]])
			if n := g.check(t, dir, b); n != len(g.names)-1 {
				t.Fatalf("%d replaced by %d of the generation before: %d open", i, j, n)
			}
		}
	}
}

// TestThreatD2RandomDamage: random splices of two generations, cuts, zeroed and repeated
// parts and flipped bytes, with and without hashes that fit.
func TestThreatD2RandomDamage(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	g, dir := twoGenerations(t), t.TempDir()
	some, none := 0, 0
	for range rounds(300, 10000) {
		script := make([]byte, 3+r.IntN(24))
		for i := range script {
			script[i] = byte(r.Uint32())
		}
		if n := g.check(t, dir, g.damaged(script)); n > 0 {
			some++
		} else {
			none++
		}
	}
	if some < rounds(10, 300) || none < rounds(10, 300) {
		t.Errorf("of %d nothing opened, of %d something", none, some)
	}
}

// damaged does what script says to a copy of the newer generation: three bytes a step.
func (g *generations) damaged(script []byte) []byte {
	b := bytes.Clone(g.file[1])
	for ; len(script) >= 3; script = script[3:] {
		from := len(b) * int(script[1]) / 256
		if script[0]&8 != 0 { // among the values, which are the smaller part
			from = int(g.at[1][0]) + (len(b)-int(g.at[1][0]))*int(script[1])/256
		}
		from = max(0, min(from, len(b)))
		to := min(len(b), from+1+int(script[2])/4)
		switch script[0] % 8 {
		case 0:
			copy(b[from:to], g.file[0][min(from, len(g.file[0])):])
		case 1:
			clear(b[from:to])
		case 2:
			copy(b[from:to], b[len(b)-(to-from):])
		case 3:
			if script[2] == 0 {
				b = b[:from]
			}
		case 4:
			copy(b[:g.at[1][0]], g.file[0]) // the older header and index
		case 5:
			rehash(padded(b))
		default:
			if from < len(b) {
				b[from] ^= 1 << (script[2] % 8)
			}
		}
	}
	return b
}

// padded is b if it has room for a header.
func padded(b []byte) []byte {
	if len(b) < headerSize {
		return make([]byte, headerSize)
	}
	return b
}

// FuzzThreatD2Damage: the law of TestThreatD2RandomDamage over what the fuzzer writes.
func FuzzThreatD2Damage(f *testing.F) {
	g := twoGenerations(f)
	f.Add([]byte{})
	f.Add([]byte{4, 0, 0})
	f.Add([]byte{0, 0, 255, 5, 0, 0})
	f.Add([]byte{8 | 6, 40, 3, 8 | 2, 200, 90})
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 300 {
			return
		}
		g.check(t, dir, g.damaged(script))
	})
}

// TestThreatD2VaultOfEarlierBuild: a vault that an earlier build wrote, committed as bytes,
// still opens, value by value.
func TestThreatD2VaultOfEarlierBuild(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/format1.vault")
	must(t, err)
	if o := try(t, place(t, t.TempDir(), b)); o.refused != "" || o.damaged != nil {
		t.Errorf("%+v", o)
	}
}
