package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"noxkey/secret"
)

// TestThreatF2Forms: each form of each value is replaced, in text, cut in two at every
// place (every few, in long ones), and byte by byte.
func TestThreatF2Forms(t *testing.T) {
	r := build(t, values...)
	for _, f := range written {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			for _, v := range values {
				for i, text := range f.text(v.value) {
					checkForm(t, r, f, fmt.Sprintf("%s #%d", v.name, i), v, text)
				}
			}
		})
	}
}

func checkForm(t *testing.T, r *Redactor, f form, label string, v plain, text string) {
	t.Helper()
	whole := "see: <" + text + "> end\n"
	want := pass(t, r, whole)
	if !strings.Contains(want, marker(secret.Name(v.name))) {
		t.Errorf("%s is not replaced:\n%q\n%q", label, whole, want)
		return
	}
	gone := len(text)
	if f.gone != nil {
		gone = f.gone(len(v.value))
	}
	if rest := without(want); len(rest) > len(whole)-gone || strings.Contains(rest, v.value) {
		t.Errorf("%s leaves %d of %d:\n%q\n%q", label, len(rest), len(whole), whole, want)
	}
	if got := pass(t, r, splitBytes(whole)...); got != want {
		t.Errorf("%s byte by byte:\n%q\n%q", label, got, want)
	}
	if testing.Short() {
		return
	}
	for i := 1; i < len(whole); i += 1 + len(whole)/100 {
		if got := pass(t, r, whole[:i], whole[i:]); got != want {
			t.Errorf("%s cut at %d:\n%q\n%q", label, i, got, want)
			return
		}
	}
}

// without is what is left of s when the markers are taken out.
func without(s string) string {
	for _, v := range values {
		s = strings.ReplaceAll(s, marker(secret.Name(v.name)), "")
	}
	return s
}

// TestThreatF2RandomValues: the forms do not depend on the values that were chosen for
// the table.
func TestThreatF2RandomValues(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	pool := []rune("abcXYZ0189-_+/=.,:;!?\"'`\\$&<>%#@(){}[]|~^* äß€語😀\t\n\r\x01\x7f")
	for range 40 {
		v := make([]rune, 8+rnd.IntN(40))
		for i := range v {
			v[i] = pool[rnd.IntN(len(pool))]
		}
		p := plain{"a/b/K", strings.Trim(string(v), " \t\r\n")}
		if len(p.value) < MinLen {
			continue
		}
		r := build(t, p)
		for _, f := range written {
			for i, text := range f.text(p.value) {
				if got := pass(t, r, text); !strings.Contains(got, marker("a/b/K")) {
					t.Errorf("%q as %s #%d: %q", p.value, f.name, i, text)
				}
			}
		}
	}
}

// TestThreatF2UnquotedVariable: echo $KEY without quotes splits the value into words.
func TestThreatF2UnquotedVariable(t *testing.T) {
	value := []byte("DB 5DUSGX3JTXTWJO  two\tthree\nfour")
	v, err := secret.NewValue(bytes.Clone(value))
	if err != nil {
		t.Fatal(err)
	}
	r, err := New([]Needle{{Name: "acme/api/DB", Value: v}})
	if err != nil {
		t.Fatal(err)
	}
	words := bytes.Join(bytes.Fields(value), []byte(" "))
	for _, text := range []string{string(words), base64.StdEncoding.EncodeToString(append(words, '\n')), hex.EncodeToString(words)} {
		var out bytes.Buffer
		w := r.Writer(&out)
		if _, err := w.Write([]byte(text + "\n")); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(out.String(), "[noxkey:acme/api/DB]") {
			t.Errorf("%s came out as %s", text, out.String())
		}
	}
}
