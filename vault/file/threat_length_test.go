package file

import (
	"strings"
	"testing"

	"noxkey/secret"
)

// TestThreatF3LengthAtRest: the size of the sealed values, which whoever cannot open the
// vault can still read in its header, is the same for all values of 1 to 64 bytes; and the
// longest value there is still fits, and comes back. (The size of the index varies by some
// bytes with the time of day, and with the length of the peek, which everybody may see.)
func TestThreatF3LengthAtRest(t *testing.T) {
	t.Parallel()
	v, path := create(t)
	k := unlock(t, v)
	ft := secret.Password
	size := func(n int) int64 {
		val := strings.Repeat("x", n)
		must(t, v.Apply(k, []secret.Change{{Action: secret.ActionSet, Name: keyA, Replace: true, Value: pass(val), Meta: secret.Patch{FieldType: &ft}}}))
		got, err := v.Open(k, []secret.Ref{{Name: keyA}})
		if err != nil || !got[0].Equal(pass(val)) {
			t.Fatalf("a value of %d bytes: %v", n, err)
		}
		b := read(t, path)
		h, err := decodeHeader(b, int64(len(b)))
		must(t, err)
		return h.valuesSize
	}
	want := size(1)
	for _, n := range []int{2, 7, 8, 12, 16, 31, 32, 33, 63, 64} {
		if got := size(n); got != want {
			t.Errorf("with a value of %d bytes the values take %d, with one of 1 byte %d", n, got, want)
		}
	}
	if size(65) == want {
		t.Error("a longer one takes no more room")
	}
	size(secret.MaxValue)
	size(secret.MaxValue - 1)
}
