package socket

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

// encodings are the forms in which a value might be found by somebody who looks.
func encodings(s string) []string {
	b := []byte(s)
	rev := slices.Clone(b)
	slices.Reverse(rev)
	list := []string{s, hex.EncodeToString(b), url.QueryEscape(s), string(rev)}
	for off := range 3 {
		padded := append(make([]byte, off), b...)
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			t := e.EncodeToString(padded)
			list = append(list, t[4:len(t)-4])
		}
	}
	return list
}

// FuzzCall: no frame of a client makes the server panic, and one that is taken
// says the same when it is written again.
func FuzzCall(f *testing.F) {
	f.Add([]byte(`{"noxkey":1,"key":"AAAA","request":{"op":"get","targets":["a/b/C"],"delivery":"shell"}}` + "\n"))
	f.Add([]byte(`{"noxkey":1,"request":{"op":"write","changes":[{"action":"set","name":"a/b/C","meta":{"security_level":"easy"}}]},"sealed":[null],"enc":""}` + "\n"))
	f.Add([]byte(`{"noxkey":1,"noxkey":1}` + "\n"))
	f.Add([]byte("{\"noxkey\":1,\"request\":{\"reason\":\"\\ud800\"}}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var in call
		if readFrame(bufio.NewReader(bytes.NewReader(b)), &in) != nil || in.Request == nil {
			return
		}
		key, err := newOneTime()
		if err != nil {
			t.Fatal(err)
		}
		if err := in.unseal(key); err != nil && in.Sealed == nil {
			return
		}
		for _, c := range in.Request.Changes {
			if c.Name == "" {
				return
			}
		}
		in.Sealed, in.Enc = nil, nil
		var once, twice bytes.Buffer
		if err := writeFrame(&once, in); err != nil {
			t.Fatalf("taken, and cannot be written: %v", err)
		}
		var again call
		if err := readFrame(bufio.NewReader(bytes.NewReader(once.Bytes())), &again); err != nil {
			t.Fatalf("written, and cannot be read: %v in %q", err, once.Bytes())
		}
		if err := writeFrame(&twice, again); err != nil || !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Fatalf("%q is not %q (%v)", twice.Bytes(), once.Bytes(), err)
		}
	})
}

// FuzzReply: no frame of a server makes the client panic.
func FuzzReply(f *testing.F) {
	f.Add([]byte(`{"answer":{"entry":{"name":"a/b/C","version":3,"field_type":"token","kind":"custom","security_level":"normal"}}}` + "\n"))
	f.Add([]byte(`{"answer":{"value":{"name":"a/b/C","env":"C"}},"enc":"AAAA","sealed":"AAAA"}` + "\n"))
	f.Add([]byte(`{"error":{"code":"denied","msg":"no"}}` + "\n" + `{"done":true}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		key, err := newOneTime()
		if err != nil {
			t.Fatal(err)
		}
		var c Client
		_ = c.receive(t.Context(), bufio.NewReader(bytes.NewReader(b)), key, make([]byte, 32), func(a secret.Answer) error {
			if a.Value != nil && !a.Value.Value.Empty() {
				t.Error("a value came out of nothing")
			}
			return nil
		})
	})
}

// FuzzGreeting: no greeting but a signed one is believed.
func FuzzGreeting(f *testing.F) {
	f.Add([]byte(`{"noxkey":1,"key":"AAAA","time":5,"sig":"AAAA"}` + "\n"))
	f.Add([]byte(`{"noxkey":1,"locked":true}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var g greeting
		if readFrame(bufio.NewReader(bytes.NewReader(b)), &g) != nil {
			return
		}
		if err := g.check(make([]byte, 32), caller.ProcID{PID: 1}, 0); err == nil {
			t.Fatalf("believed %q", b)
		}
	})
}
