package file

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"noxkey/secret"
)

// FuzzOpen: whatever the file holds, there is an error with words or a vault; with
// the passphrase, an error or a listing.
func FuzzOpen(f *testing.F) {
	whole := small(f)
	f.Add(whole)
	f.Add(whole[:headerSize])
	f.Add([]byte(magic))
	for _, at := range []int{9, 13, 17, 30, 50, 117, 125, 140, 170, 200, len(whole) - 1} {
		b := bytes.Clone(whole)
		b[at] ^= 1
		f.Add(b)
	}
	path := filepath.Join(f.TempDir(), "vault.db")
	must(f, os.Chmod(filepath.Dir(path), 0o700))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, fit := range []bool{false, true} {
			if fit && len(b) >= headerSize {
				b = bytes.Clone(b)
				rehash(b)
			}
			must(t, os.WriteFile(path, b, 0o600))
			v, err := Open(path)
			if err != nil {
				if c := secret.CodeOf(err); c != secret.Damaged && c != secret.Storage {
					t.Fatalf("code %s: %v", c, err)
				}
				continue
			}
			if v.header.params.Memory <= 1<<10 && v.header.params.Passes < 4 { // no others, for time
				if _, err := v.Unlock(pass("open sesame"), secret.Scope{Root: true}); err == nil {
					_, err = v.Under("")
					must(t, err)
				}
			}
			v.Close()
		}
	})
}

// FuzzIndex: what decodes encodes to the same bytes again, and nothing panics.
func FuzzIndex(f *testing.F) {
	v, _ := create(f)
	k := unlock(f, v)
	f.Add(v.index.encode())
	put(f, v, k, keyA, "a", secret.Normal)
	put(f, v, k, keyB, "0123456789abcdef", secret.Strict)
	must(f, v.Remember("head", []byte("1")))
	f.Add(v.index.encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		x, ok := decodeIndex(bytes.Clone(b))
		if !ok {
			return
		}
		again := x.encode()
		y, ok := decodeIndex(again)
		if !ok || !bytes.Equal(again, y.encode()) {
			t.Fatal("an index does not survive encoding")
		}
	})
}
