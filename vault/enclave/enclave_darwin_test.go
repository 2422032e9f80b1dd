//go:build darwin && cgo

package enclave

import (
	"bytes"
	"crypto/rand"
	"testing"

	"noxkey/secret"
)

// TestSystem tries the real Enclave as far as that goes without a person: a key is
// made, found, sealed to, refused to a presence without a context, and removed. On
// a Mac or in a build that may not use one it wants Probe to say why, in words.
func TestSystem(t *testing.T) {
	ok, why := Probe()
	if !ok {
		if why == "" {
			t.Fatal("no Enclave, and no word why")
		}
		t.Logf("no Enclave for this build: %s", why)
		_, err := Make("noxkey-test")
		if err == nil {
			t.Error("a key where Probe says there can be none")
		}
		return
	}
	tag := "noxkey-test-" + rand.Text()
	s, err := Make(tag)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := Remove(tag); err != nil {
			t.Error(err)
		}
		_, err := Open(tag)
		wantCode(t, err, secret.NotFound)
	}()
	_, err = Make(tag)
	wantCode(t, err, secret.Exists)
	box, err := s.Seal(bytes.Repeat([]byte{7}, 32))
	if err != nil || len(box) != 65+32+16 {
		t.Fatalf("sealed to %d bytes, %v", len(box), err)
	}
	if _, err := s.Open(nil, box); secret.CodeOf(err) != secret.Denied {
		t.Error(err)
	}
}
