package cocoa

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// tenThousand is a vault of the size that has to stay quick.
func tenThousand() []secret.Entry {
	rnd := rand.New(rand.NewPCG(3, 4))
	words := strings.Fields("stripe secret key database url redis token sentry webhook api access publishable staging prod live report pipeline auth session mail smtp cloud bucket region")
	word := func() string { return words[rnd.IntN(len(words))] }
	list := make([]secret.Entry, 10_000)
	for i := range list {
		name := fmt.Sprintf("org%d/%s-%d/%s_%s_%s_%d", i%40, word(), i%300, strings.ToUpper(word()), strings.ToUpper(word()), strings.ToUpper(word()), i)
		list[i] = secret.Entry{Name: secret.Name(name), Metadata: secret.Metadata{Desc: word() + " " + word(), FieldType: secret.APIKey, Level: secret.Normal}, LastUsed: noon().Add(-time.Duration(i) * time.Minute)}
	}
	return list
}

// BenchmarkPanel measures a key stroke in a vault of 10,000: ranking alone, and ranking
// with the scene and the rows that are seen. The difference is what the front adds to
// the one frame that it has.
func BenchmarkPanel(b *testing.B) {
	k := newFakeKit(nil)
	f := New(context.Background(), Options{Desk: ui.NewDesk(noon), Service: &fakeService{}, Kit: k, Now: noon, Later: func(time.Duration, func()) func() { return func() {} }})
	index := ui.NewSearch(tenThousand())
	p := &panel{f: f, touch: true, index: index}
	f.windows[panelID] = p
	for _, q := range []string{"s", "strip", "stripe key", "zzzz", ""} {
		name := strings.ReplaceAll(q, " ", "+")
		b.Run("query="+name+"/ranking", func(b *testing.B) {
			for b.Loop() {
				index.Find(q)
			}
		})
		b.Run("query="+name+"/key", func(b *testing.B) {
			for b.Loop() {
				p.query = "\x00" // another one than before, so that each round ranks
				p.typed([]byte(q))
				if s := k.up[panelID]; s.Find("list") != nil {
					drawSeen(s.Find("list").List)
				}
			}
		})
	}
}

// drawSeen makes the rows that a toolkit would draw.
func drawSeen(l *List) {
	for i := range min(l.Count, panelRows) {
		l.Row(i, i == l.Selected[0])
	}
}
