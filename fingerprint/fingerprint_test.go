package fingerprint

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var key = Key{1, 2, 3, 4, 5, 6, 7, 8, 9}

func random(r *rand.Rand, n int) []byte {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return b
}

func setOf(t testing.TB, values ...[]byte) *Set[int] {
	t.Helper()
	s := NewSet[int](key, len(values))
	for i, v := range values {
		p, ok := key.Of(v, 0)
		if !ok {
			t.Fatalf("value %d has no fingerprint", i)
		}
		enc := p.Append(nil)
		back, ok := Parse(enc)
		if !ok || back != p {
			t.Fatalf("%v is read back as %v", p, back)
		}
		s.Add(back, i)
	}
	return s
}

func find(s *Set[int], text []byte) (hits []Hit[int]) {
	s.Find(text, func(h Hit[int]) bool { hits = append(hits, h); return true })
	return hits
}

// TestFindsEveryValueWhereverItStands: at the start, in the middle, at the end, beside
// one another, more than once.
func TestFindsEveryValueWhereverItStands(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 200 {
		var values [][]byte
		for range 1 + r.IntN(40) {
			values = append(values, random(r, 14+r.IntN(400)))
		}
		s := setOf(t, values...)
		var text []byte
		var want []int
		for range r.IntN(30) {
			if r.IntN(2) == 0 {
				text = append(text, random(r, r.IntN(50))...)
			}
			i := r.IntN(len(values))
			want = append(want, i)
			text = append(text, values[i]...)
		}
		var got []int
		for _, h := range find(s, text) {
			got = append(got, h.What)
			if v := values[h.What]; !bytes.Equal(text[h.Off:h.Off+h.Len], v[:min(len(v), Cover)]) {
				t.Fatalf("round %d: a hit at %d is not the value", round, h.Off)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: found %v, want %v", round, got, want)
		}
	}
}

// TestFindsNothingElse: a changed byte, a cut one, another key.
func TestFindsNothingElse(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	v := random(r, 40)
	s := setOf(t, v)
	for i := range v {
		w := bytes.Clone(v)
		w[i] ^= 1
		if hits := find(s, w); len(hits) > 0 {
			t.Errorf("byte %d changed: found %v", i, hits)
		}
	}
	for n := range len(v) {
		if len(find(s, v[:n])) > 0 || n > 0 && len(find(s, v[n:])) > 0 {
			t.Errorf("found in %d bytes of it", n)
		}
	}
	other := Key{9}
	if p, _ := other.Of(v, 0); len(find(func() *Set[int] { s := NewSet[int](key, 1); s.Add(p, 0); return s }(), v)) > 0 {
		t.Error("a fingerprint under another key is found")
	}
}

// TestSameBeginning: private keys begin alike, and are told apart all the same.
func TestSameBeginning(t *testing.T) {
	head := []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n")
	r := rand.New(rand.NewPCG(5, 6))
	a, b := append(bytes.Clone(head), random(r, 500)...), append(bytes.Clone(head), random(r, 500)...)
	s := setOf(t, a, b)
	if hits := find(s, b); len(hits) != 1 || hits[0].What != 1 {
		t.Errorf("%v", hits)
	}
	if hits := find(s, append(bytes.Clone(head), random(r, 500)...)); len(hits) != 0 {
		t.Errorf("a third key is taken for one of them: %v", hits)
	}
}

// TestThreatF3GuessableValuesHaveNoFingerprint: whoever may ask whether text holds a
// stored value could try all PINs and short words.
func TestThreatF3GuessableValuesHaveNoFingerprint(t *testing.T) {
	for v, want := range map[string]bool{
		"123456": true, "4111111111111111": true, "1234567890123456": true, "hunter2": true, "octocat": true,
		"aaaaaaaaaaaaaaaaaaaaaaaa": true, "abababababababababab": true,
		"a1b2c3d4e5f6": true, "deadbeef00112233": false, "sk_live_51Hx9aQkT3": false, "correct horse battery": false,
	} {
		if Guessable([]byte(v), 0) != want {
			t.Errorf("%q: guessable %v", v, !want)
		}
		if _, ok := key.Of([]byte(v), 0); ok == want {
			t.Errorf("%q: fingerprint %v", v, ok)
		}
	}
	for v, want := range map[string]bool{ // what stands around a password is in every example file
		"postgres://app:hunter2@db.internal:5432/production?sslmode=require": true, "https://user:7391@registry.example.com/": true,
		"postgres://app:Xk29fjQ8slPz03kd@db.internal:5432/production": false, "https://hooks.example.com/services/T0/B0/x8KfLq02mZv7Tn4b": false,
		"redis://:hunter2@cache-1.a1b2c3d4e5f6.cache.example.com:6379/0": true, "https://a1b2c3d4e5f60718293a4b5c6d7e8f90@o1.ingest.example.com/7": false,
		"https://api.example.com/v1/customers?page=2&limit=100": true, "dGhpcyBpcyBhIGtleQ//x8KfLq==": false,
	} {
		if Guessable([]byte(v), 8) != want {
			t.Errorf("%q: guessable %v", v, !want)
		}
	}
	if !Guessable([]byte("deadbeef00112233"), 4) {
		t.Error("what the peek shows was not taken off")
	}
	if Guessable([]byte("  deadbeef00112233\n"), 0) || !Guessable([]byte("short         \n\n\n\n\n"), 0) {
		t.Error("white space counts")
	}
}

func TestParseRefusesWhatIsNone(t *testing.T) {
	p, _ := key.Of([]byte("deadbeef00112233"), 0)
	b := p.Append(nil)
	for _, bad := range [][]byte{nil, b[:Size-1], append(bytes.Clone(b), 0), append(append(bytes.Clone(b[:8]), 0, 3), b[10:]...), append(append(bytes.Clone(b[:8]), 9, 9), b[10:]...)} {
		if _, ok := Parse(bad); ok {
			t.Errorf("%x is taken", bad)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{50, 10_000} {
		values := make([][]byte, n)
		for i := range values {
			values[i] = random(r, 40)
		}
		s := setOf(b, values...)
		text := []byte(strings.Repeat("2026-11-22T12:00:00Z INFO request served path=/api/v1/users status=200 took=13ms\n", 13_000))
		b.Run(fmt.Sprintf("%d values", n), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if len(find(s, text)) > 0 {
					b.Fatal("found something")
				}
			}
		})
	}
}

func FuzzFind(f *testing.F) {
	f.Add([]byte("sk_live_51Hx9aQkT3"), []byte("before "), []byte(" after"))
	f.Fuzz(func(t *testing.T, value, before, after []byte) {
		p, ok := key.Of(value, 0)
		if !ok {
			return
		}
		s := NewSet[int](key, 1)
		s.Add(p, 0)
		if text := slices.Concat(before, value, after); len(find(s, text)) == 0 {
			t.Errorf("%q is not found in %q", value, text)
		}
	})
}
