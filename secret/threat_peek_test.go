package secret

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestThreatF3PeekLaw: over random values and all types and kinds, a peek is a start of the
// value, at most 8 characters and a quarter of it, printable, and nothing for passwords,
// seeds and recovery codes. It says nothing of the rest of the value but how long it is,
// up to 32 characters.
func TestThreatF3PeekLaw(t *testing.T) {
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	rounds := 20000
	if os.Getenv("NOXKEY_ATTACK") == "1" {
		rounds = 400000
	}
	shown := 0
	for range rounds {
		v := randomValue(r)
		ft, k := FieldTypes[r.IntN(len(FieldTypes))], Kinds[r.IntN(len(Kinds))]
		p := Peek(v, ft, k)
		n := utf8.RuneCountInString(p)
		if n > 8 || 4*n > utf8.RuneCount(v) || 4*len(p) > 4*len(v) || !bytes.HasPrefix(v, []byte(p)) {
			t.Fatalf("seed %d: %q of %q", seed, p, v)
		}
		if strings.ContainsFunc(p, func(c rune) bool { return !unicode.IsPrint(c) }) || !utf8.ValidString(p) {
			t.Fatalf("seed %d: %q does not print", seed, p)
		}
		if p != "" && (ft == Password || ft == TOTPSeed || k == KindRecoveryCodes) {
			t.Fatalf("seed %d: %q of a %s, %s", seed, p, ft, k)
		}
		w := bytes.Clone(v) // the rest of the value changes nothing
		for i := len(p); i < len(w); i++ {
			if w[i] < 0x80 {
				w[i] = 'x'
			}
		}
		if q := Peek(w, ft, k); n == 8 && q != p {
			t.Fatalf("seed %d: %q of %q and %q of %q", seed, p, v, q, w)
		}
		if n > 0 {
			shown++
		}
	}
	if shown < rounds/20 {
		t.Errorf("only %d of %d values had a peek", shown, rounds)
	}
}

// randomValue is text of one or many alphabets, or bytes.
func randomValue(r *rand.Rand) []byte {
	alphabets := []string{"abcdefghijklmnopqrstuvwxyz0123456789_-", "aé", "漢字kana", "\x1b\u202e\u200bab \n\t", "👩‍👩‍👧a", "e\u0301o\u0308"}
	a := []rune(alphabets[r.IntN(len(alphabets))])
	var b []byte
	for range 1 + r.IntN(60) {
		switch {
		case r.IntN(300) == 0:
			b = append(b, byte(1+r.IntN(255)))
		default:
			b = utf8.AppendRune(b, a[r.IntN(len(a))])
		}
	}
	return b
}
