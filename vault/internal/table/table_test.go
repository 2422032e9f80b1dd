package table

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"noxkey/secret"
)

// Under finds by search what Prefix.Covers finds by looking at every name.
func TestUnderIsWhatThePrefixCovers(t *testing.T) {
	t.Parallel()
	segments := []string{"a", "a-", "a.", "a0", "aa", "A", "b", "a_"}
	pick := func(n int) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = segments[rand.IntN(len(segments))]
		}
		return strings.Join(parts, "/")
	}
	for range 200 {
		var tab Table[int]
		w := writer[int]{Table: tab}
		for range rand.IntN(60) {
			w.put(&Row[int]{Entry: secret.Entry{Name: secret.Name(pick(2 + rand.IntN(3)))}})
		}
		p := secret.Prefix(pick(1 + rand.IntN(3)))
		if rand.IntN(10) == 0 {
			p = ""
		}
		var want []secret.Name
		for _, r := range w.Rows {
			if p.Covers(r.Name) {
				want = append(want, r.Name)
			}
		}
		var got []secret.Name
		for _, e := range w.Under(p) {
			got = append(got, e.Name)
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("under %q: %v, want %v", p, got, want)
		}
	}
}
