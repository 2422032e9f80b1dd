package redact

import (
	"bytes"
	"testing"

	"noxkey/secret"
)

// plain is one value as tests write it.
type plain struct{ name, value string }

func build(t testing.TB, list ...plain) *Redactor {
	t.Helper()
	var needles []Needle
	for _, p := range list {
		v, err := secret.NewValue([]byte(p.value))
		if err != nil {
			t.Fatal(err)
		}
		needles = append(needles, Needle{secret.Name(p.name), v})
	}
	r, err := New(needles)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// pass sends the parts through one Writer.
func pass(t testing.TB, r *Redactor, parts ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := r.Writer(&out)
	for _, p := range parts {
		if n, err := w.Write([]byte(p)); n != len(p) || err != nil {
			t.Fatalf("write: %d, %v", n, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestValueIsReplaced(t *testing.T) {
	r := build(t, plain{"acme/api/KEY", "sk-ant-0123456789"})
	if got := pass(t, r, "key=sk-ant-0123456789;\n"); got != "key=[noxkey:acme/api/KEY];\n" {
		t.Errorf("%q", got)
	}
}
