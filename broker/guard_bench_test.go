package broker

import (
	"fmt"
	"strings"
	"testing"

	"noxkey/fingerprint"
	"noxkey/secret"
)

// BenchmarkGuard is the broker's part of a guard over 480 KiB of log text, with 10,000
// secrets: what the socket adds is the sealing.
func BenchmarkGuard(b *testing.B) {
	p := newPrints(nil, &clock{})
	p.key = fingerprint.Key{7, 11, 13, 17, 19, 23, 29, 31}
	p.all = map[secret.Name]fingerprint.Print{}
	for i := range 10_000 {
		v := fmt.Sprintf("sk_live_%032d%08x", i*7919, i)
		pr, ok := p.key.Of([]byte(v), 0)
		if !ok {
			b.Fatal("a value without a fingerprint")
		}
		p.all[secret.Name(fmt.Sprintf("acme/p%d/KEY_%d", i%50, i))] = pr
	}
	br := &Broker{prints: p}
	text := strings.Repeat("2026-11-22T12:00:00Z INFO request served path=/api/v1/users status=200 took=13ms\n", 60<<10/80+1)
	req := &secret.Request{Op: secret.OpGuard}
	for range 8 {
		v, err := secret.NewValue([]byte(text[:60<<10]))
		if err != nil {
			b.Fatal(err)
		}
		req.Texts = append(req.Texts, v)
	}
	b.SetBytes(8 * 60 << 10)
	for b.Loop() {
		if err := br.guard(human(20), req, func(secret.Answer) error { b.Fatal("found something"); return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
