package handoff

import (
	"testing"

	"noxkey/secret"
)

// The round trip of one small value and of a whole batch: start of the shell, both
// looks with their pause of 25 ms, and the shell's end.
func BenchmarkRoundTrip(b *testing.B) {
	sizes := map[string]func() []Var{
		"one":   func() []Var { return vars(b, "V", "a value of thirty-two characters") },
		"batch": func() []Var { return batch(b) },
	}
	for _, sh := range shells {
		need(b, sh.argv[0])
		for what, make := range sizes {
			b.Run(sh.name+"/"+what, func(b *testing.B) {
				for b.Loop() {
					h := newHandoff(b)
					s := serve(b.Context(), h, make())
					if o := run(b, sh.command(b, `. "$1"`, h.Script())); o.code != 0 {
						b.Fatal(o)
					}
					if s.wait(b); s.err != nil {
						b.Fatal(s.err)
					}
				}
			})
		}
	}
}

func BenchmarkPayload(b *testing.B) {
	vs := batch(b)
	b.SetBytes(MaxBatch)
	for b.Loop() {
		line, err := payload(vs)
		if err != nil {
			b.Fatal(err)
		}
		secret.Wipe(line)
	}
}
