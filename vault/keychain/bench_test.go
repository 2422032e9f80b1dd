package keychain

import (
	"fmt"
	"testing"

	"noxkey/secret"
)

// large is a vault of 10,000 secrets in a Keychain that answers at once: what is
// measured is ours.
func large(b *testing.B, m Mode) *scene {
	s := newScene(b, m)
	k := s.root()
	for i := range 100 {
		var c []secret.Change
		for j := range 100 {
			c = append(c, write(secret.Name(fmt.Sprintf("org%d/project%d/KEY_%d", i%10, i, j)), "0123456789abcdef0123456789abcdef", secret.Normal))
		}
		s.apply(k, c...)
	}
	return s
}

func BenchmarkBrowse10k(b *testing.B) {
	s := large(b, ModeGate)
	for b.Loop() {
		s.Lock()
		if err := s.Browse(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnder10k(b *testing.B) {
	s := large(b, ModeGate)
	for b.Loop() {
		if len(s.names()) != 10_000 {
			b.Fatal("not all")
		}
	}
}

func BenchmarkUnlockAndOpen(b *testing.B) {
	for _, m := range modes {
		b.Run(string(m), func(b *testing.B) {
			s := large(b, m)
			const n secret.Name = "org5/project55/KEY_55"
			for b.Loop() {
				k := s.unlock(secret.Scope{Names: []secret.Name{n}})
				s.read(k, n)
				k.Wipe()
			}
		})
	}
}

func BenchmarkSetIn10k(b *testing.B) {
	s := large(b, ModeGate)
	k := s.root()
	for b.Loop() {
		s.apply(k, write("org5/project55/KEY_55", "new", secret.Normal))
	}
}
