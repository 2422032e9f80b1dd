package keychain

import (
	"bytes"
	"testing"

	"noxkey/secret"
)

// FuzzLabel: every program of the user can write a label. Whatever stands there, a row
// comes of it; one that is not what NoxKey wrote is never looser than off limits where
// a manifest can tell.
func FuzzLabel(f *testing.F) {
	r := make(root, rootSize)
	b := newBrowse(r)
	e := secret.Entry{Name: api, Version: 7, Metadata: secret.DefaultMetadata(api)}
	e.Peek = "sk_live_"
	good, err := encodeLabel(b, &e, "sum")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("my key")
	f.Add(`{"noxkey":1,"field_type":"text","kind":"custom","security_level":"easy","version":1,"sum":""}`)
	want := tagOf(api, good)
	f.Fuzz(func(t *testing.T, text string) {
		loose := b.row(api, text, nil, false)
		if loose.Check() != nil || loose.Name != api || !loose.Entry.Damaged && loose.Version == 0 {
			t.Fatalf("%+v", loose.Entry)
		}
		r := b.row(api, text, &want, true)
		if text == good {
			if r.Entry != e {
				t.Fatalf("got %+v", r.Entry)
			}
			return
		}
		if !r.Entry.Damaged || r.Level != secret.OffLimits || r.Peek != "" {
			t.Fatalf("believed: %+v", r.Entry)
		}
	})
}

// FuzzSealed: what lies below a seal is decoded without trust as well.
func FuzzSealed(f *testing.F) {
	m := manifest{7, map[secret.Name]tag{api: {1}, admin: {2}}}
	f.Add(m.encode())
	f.Add(encodeSets([]set{{ModeGate, make([]byte, 32), make([]byte, 32)}, {ModeEnclave, []byte("x"), []byte("y")}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, ok := decodeManifest(b); ok {
			again, ok := decodeManifest(m.encode())
			if !ok || again.counter != m.counter || len(again.tags) != len(m.tags) {
				t.Fatalf("%v, %v", m, again)
			}
		}
		if s, err := decodeSets(b); err == nil && !bytes.Equal(encodeSets(s), b) {
			t.Fatalf("%v", s)
		}
	})
}
