package ui

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
)

func entries(lines ...string) []secret.Entry {
	var list []secret.Entry
	for i, l := range lines {
		name, desc, _ := strings.Cut(l, " ")
		list = append(list, secret.Entry{Name: secret.Name(name), Metadata: secret.Metadata{Desc: desc}, LastUsed: noon.Add(-time.Duration(i) * time.Hour)})
	}
	return list
}

func found(s *Search, query string) []string {
	var list []string
	best, _ := s.Find(query)
	for _, m := range best {
		list = append(list, string(m.Entry.Name))
	}
	return list
}

func TestSearchRanks(t *testing.T) {
	s := NewSearch(entries("acme/ops/STATUS_REPORT_PIPELINE_KEY nightly", "acme/api/STRIPE_WEBHOOK_SECRET", "acme/api/STRIPE_SECRET_KEY live payments",
		"acme/web/SENTRY_DSN errors of the shop", "login/dashboard.stripe.com/PASSWORD", "acme/api/DATABASE_URL"))
	for query, want := range map[string][]string{
		"strip":       {"acme/api/STRIPE_SECRET_KEY", "acme/api/STRIPE_WEBHOOK_SECRET", "login/dashboard.stripe.com/PASSWORD", "acme/ops/STATUS_REPORT_PIPELINE_KEY"},
		"STRIPE":      {"acme/api/STRIPE_SECRET_KEY", "acme/api/STRIPE_WEBHOOK_SECRET", "acme/ops/STATUS_REPORT_PIPELINE_KEY"},
		"payments":    {"acme/api/STRIPE_SECRET_KEY"},
		"shop sent":   {"acme/web/SENTRY_DSN"},
		"stripe hook": {"acme/api/STRIPE_WEBHOOK_SECRET"},
		"dburl":       {"acme/api/DATABASE_URL"},
		"zzz":         nil,
		" \t ":        {"acme/ops/STATUS_REPORT_PIPELINE_KEY", "acme/api/STRIPE_WEBHOOK_SECRET", "acme/api/STRIPE_SECRET_KEY", "acme/web/SENTRY_DSN", "login/dashboard.stripe.com/PASSWORD", "acme/api/DATABASE_URL"},
	} {
		if got := found(s, query); !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
}

func TestSearchMarksWhatMatched(t *testing.T) {
	s := NewSearch(entries("acme/api/KEY live payments"))
	best, total := s.Find("key pay")
	if total != 1 || !slices.Equal(best[0].Name, []int{9, 10, 11}) || !slices.Equal(best[0].Desc, []int{5, 6, 7}) {
		t.Errorf("%d, %+v", total, best)
	}
}

// TestSearchFindsAllAndOnlyMatches holds the ranking against a plain look for
// the letters in order.
func TestSearchFindsAllAndOnlyMatches(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var lines []string
	for i := range 500 {
		lines = append(lines, fmt.Sprintf("o%d/p%d/%s %s", i%7, i%13, letters(rnd, 12), letters(rnd, 8)))
	}
	s := NewSearch(entries(lines...))
	for range 200 {
		q := letters(rnd, 1+rnd.IntN(3))
		want := 0
		for _, e := range s.entries {
			if inOrder(string(e.Name)+" "+e.Desc, q) {
				want++
			}
		}
		best, total := s.Find(q)
		if total != want || len(best) != min(want, MaxMatches) {
			t.Fatalf("%q: %d and %d found, want %d", q, total, len(best), want)
		}
	}
}

func letters(rnd *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(rnd.IntN(26))
	}
	return string(b)
}

func inOrder(text, q string) bool {
	for _, r := range text {
		if q != "" && r == rune(q[0]) {
			q = q[1:]
		}
	}
	return q == ""
}

func TestSearchTakesAnything(t *testing.T) {
	s := NewSearch(entries("acme/api/KEY ünïcödé"))
	for _, q := range []string{strings.Repeat("a", 1<<16), "\x00\xff", "\u202e", strings.Repeat("a ", 5000), "unicode"} {
		s.Find(q)
	}
	if got := found(s, "unicode"); len(got) != 1 {
		t.Error("accents are not folded")
	}
	if best, total := NewSearch(nil).Find(""); best != nil || total != 0 {
		t.Error("an empty vault has matches")
	}
}

// tenThousand is a vault of the size that has to stay quick, with descriptions.
func tenThousand() []secret.Entry {
	rnd := rand.New(rand.NewPCG(3, 4))
	words := strings.Fields("stripe secret key database url redis token sentry webhook api access publishable staging prod live report pipeline auth session mail smtp cloud bucket region")
	word := func() string { return words[rnd.IntN(len(words))] }
	list := make([]secret.Entry, 10_000)
	for i := range list {
		name := fmt.Sprintf("org%d/%s-%d/%s_%s_%s_%d", i%40, word(), i%300, strings.ToUpper(word()), strings.ToUpper(word()), strings.ToUpper(word()), i)
		list[i] = secret.Entry{Name: secret.Name(name), Metadata: secret.Metadata{Desc: word() + " " + word() + " " + word()}, LastUsed: noon.Add(-time.Duration(i) * time.Minute)}
	}
	return list
}

// BenchmarkFind ranks 10,000 entries; the bound is one frame, 16 ms.
func BenchmarkFind(b *testing.B) {
	s := NewSearch(tenThousand())
	for _, q := range []string{"s", "strip", "stripe key", "org7 sentry live", "prodsmtpbucket", "zzzz", ""} {
		b.Run("query="+strings.ReplaceAll(q, " ", "+"), func(b *testing.B) {
			for b.Loop() {
				s.Find(q)
			}
		})
	}
}

func BenchmarkNewSearch(b *testing.B) {
	list := tenThousand()
	for b.Loop() {
		NewSearch(list)
	}
}
