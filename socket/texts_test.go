package socket

import (
	"bytes"
	"testing"

	"noxkey/secret"
)

// TestThreatC6TextsAreSealed: what a guard is asked about is in no frame, and cannot be
// taken for a value.
func TestThreatC6TextsAreSealed(t *testing.T) {
	server, err := newOneTime()
	if err != nil {
		t.Fatal(err)
	}
	client, err := newOneTime()
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) secret.Value {
		v, err := secret.NewValue([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	var wire bytes.Buffer
	req := &secret.Request{Op: secret.OpGuard, Texts: []secret.Value{text("canary one"), text("canary two")}}
	out := call{NoxKey: Version, Key: client.public, Request: req}
	if err := out.seal(server.public); err != nil {
		t.Fatal(err)
	}
	if err := writeFrame(&wire, out); err != nil || bytes.Contains(wire.Bytes(), []byte("canary")) {
		t.Fatalf("%v: %s", err, wire.Bytes())
	}
	read := func(change func(*call)) (call, error) {
		in := call{NoxKey: Version, Key: client.public, Request: &secret.Request{Op: secret.OpGuard}, Enc: out.Enc, Texts: bytes2(out.Texts)}
		change(&in)
		return in, in.unseal(server)
	}
	in, err := read(func(*call) {})
	if err != nil || len(in.Request.Texts) != 2 || !in.Request.Texts[1].Equal(text("canary two")) {
		t.Errorf("%v, %d texts", err, len(in.Request.Texts))
	}
	for what, change := range map[string]func(*call){
		"exchanged": func(c *call) { c.Texts[0], c.Texts[1] = c.Texts[1], c.Texts[0] },
		"shortened": func(c *call) { c.Texts = c.Texts[1:] },
		"many":      func(c *call) { c.Texts = make([][]byte, secret.MaxTexts+1) },
		"as a value": func(c *call) {
			c.Sealed, c.Texts = c.Texts[:1], nil
			c.Request.Changes = []secret.Change{{Name: "a/b"}}
		},
		"beside one": func(c *call) { c.Sealed = [][]byte{nil}; c.Request.Changes = []secret.Change{{Name: "a/b"}} },
	} {
		if in, err := read(change); err == nil {
			t.Errorf("%s: taken as %d texts", what, len(in.Request.Texts))
		}
	}
}

func bytes2(list [][]byte) [][]byte {
	c := make([][]byte, len(list))
	for i := range list {
		c[i] = bytes.Clone(list[i])
	}
	return c
}

// TestThreatC6LengthsOnTheWire: a sealed value tells its length to 64 bytes, and comes out
// as it went in.
func TestThreatC6LengthsOnTheWire(t *testing.T) {
	k, err := newOneTime()
	if err != nil {
		t.Fatal(err)
	}
	info := []byte("info")
	sizes := map[int]bool{}
	for n := 1; n <= 200; n++ {
		s, err := newSealer(k.public, info)
		if err != nil {
			t.Fatal(err)
		}
		o, err := newOpener(k, s.enc, info)
		if err != nil {
			t.Fatal(err)
		}
		v := value(t, string(bytes.Repeat([]byte("v"), n)))
		sealed, err := s.seal("a/b/C", v)
		if err != nil {
			t.Fatal(err)
		}
		sizes[len(sealed)] = true
		if back, err := o.open("a/b/C", sealed); err != nil || !back.Equal(v) {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
	if len(sizes) != 4 {
		t.Errorf("200 lengths have %d sizes on the wire", len(sizes))
	}
}
