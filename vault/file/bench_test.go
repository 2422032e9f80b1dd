package file

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"noxkey/secret"
)

// large returns a vault of n secrets in 100 projects, of the sizes that people have.
func large(b *testing.B, n int) (*Vault, string, secret.Key) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "home", "vault.db")
	v, err := Create(path, pass("open sesame"), cheap)
	must(b, err)
	b.Cleanup(v.Close)
	k := unlock(b, v)
	desc, url := "live key of the billing account, rotated each quarter", "https://dashboard.example.com/apikeys"
	changes := make([]secret.Change, n)
	for i := range changes {
		changes[i] = secret.Change{Action: secret.ActionSet, Name: secret.Name(fmt.Sprintf("acme/project-%02d/SERVICE_SECRET_KEY_%05d", i%100, i)),
			Value: pass(fmt.Sprintf("sk_live_51H8sd0AbCdEfGhIjKlMnOpQrStUvWxYz0123456789%06d", i)), Meta: secret.Patch{Desc: &desc, RotateURL: &url}}
	}
	must(b, v.Apply(k, changes))
	return v, path, k
}

func BenchmarkOpen10k(b *testing.B) { // all of opening but Argon2id
	v, path, _ := large(b, 10_000)
	h, _ := v.snapshot()
	root, err := unwrapRoot(&h, pass("open sesame"))
	must(b, err)
	for b.Loop() {
		w, err := Open(path)
		must(b, err)
		must(b, w.enter(root.Bytes(), 0))
		w.Close()
	}
}

func BenchmarkWrite10k(b *testing.B) {
	v, _, k := large(b, 10_000)
	for i := 0; b.Loop(); i++ {
		put(b, v, k, "acme/project-50/ONE", fmt.Sprint(i), secret.Normal)
	}
}

func BenchmarkRekey10k(b *testing.B) {
	v, _, _ := large(b, 10_000)
	for b.Loop() {
		must(b, v.Rekey(pass("open sesame")))
	}
}

func BenchmarkOpenOneOf10k(b *testing.B) {
	v, _, k := large(b, 10_000)
	s, err := k.Session(secret.Scope{Prefix: "acme/project-50"})
	must(b, err)
	refs := []secret.Ref{{Name: "acme/project-50/SERVICE_SECRET_KEY_05050"}}
	for b.Loop() {
		got, err := v.Open(s, refs)
		must(b, err)
		got[0].Wipe()
	}
}

func BenchmarkUnder10k(b *testing.B) {
	v, _, _ := large(b, 10_000)
	for _, p := range []secret.Prefix{"", "acme/project-50", "acme/project-50/SERVICE_SECRET_KEY_05050"} {
		b.Run(fmt.Sprintf("prefix=%q", p), func(b *testing.B) {
			for b.Loop() {
				_, err := v.Under(p)
				must(b, err)
			}
		})
	}
}

// BenchmarkDerive is one guess at a passphrase.
func BenchmarkDerive(b *testing.B) {
	h := newHeader(DefaultParams)
	for b.Loop() {
		derive(&h, pass("open sesame")).Wipe()
	}
}

// BenchmarkHeap10k reports what an unlocked vault of 10,000 secrets keeps in memory.
func BenchmarkHeap10k(b *testing.B) {
	v, path, _ := large(b, 10_000)
	v.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	w, err := Open(path)
	must(b, err)
	defer w.Close()
	unlock(b, w).Wipe()
	runtime.GC()
	runtime.ReadMemStats(&after)
	for b.Loop() {
		_ = w.Locked()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
	b.ReportMetric(0, "ns/op")
}
