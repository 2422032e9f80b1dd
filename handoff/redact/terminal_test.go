package redact

import (
	"strings"
	"testing"

	"noxkey/secret"
)

// TestThreatF2BehindATerminal: a terminal makes CR LF of each newline, in every form.
func TestThreatF2BehindATerminal(t *testing.T) {
	r := build(t, values...)
	for _, v := range values {
		for _, f := range written {
			for i, text := range f.text(v.value) {
				want := pass(t, r, text)
				text := strings.ReplaceAll(text, "\n", "\r\n")
				got := pass(t, r, text)
				if !strings.Contains(got, marker(secret.Name(v.name))) || len(without(got)) > len(without(want))+strings.Count(got, "\r") {
					t.Errorf("%s, %s #%d:\n%q\n%q, not\n%q", v.name, f.name, i, text, got, want)
				}
			}
		}
	}
}
