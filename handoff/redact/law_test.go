package redact

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"noxkey/handoff/redact/internal/forms"
	"noxkey/secret"
)

// TestThreatF2CutInThree: what comes out does not depend on where the output was cut.
func TestThreatF2CutInThree(t *testing.T) {
	r := build(t, plain{"a/b/K", "Zq8x\"W2\n-end/7"}, plain{"a/b/L", "Zq8x\"W2\n-end/7-longer"}, plain{"a/b/M", "end/7-lo"})
	for _, text := range []string{
		"x Zq8x\"W2\n-end/7-long Zq8x\"W2\n-end/7-longer",
		`{"k":"Zq8x\"W2\n-end\/7-longer","l":"Zq8x\u0022W2\r\n-end/7"}`,
		"\x1b[1mZq8x\x1b[0m\"W2\x1b]0;t\a\n-e\x1b[Knd/7\x1b[m",
		"WnE4eCJXMgot\nZW5kLzc= 5a713878 5a 71 38 78 22 57 32 0a 2d 65 6e 64 2f 37",
	} {
		want := pass(t, r, text)
		for i := range text {
			for j := i; j < len(text); j++ {
				if got := pass(t, r, text[:i], text[i:j], text[j:]); got != want {
					t.Fatalf("cut at %d and %d:\n%q\n%q", i, j, got, want)
				}
			}
		}
		if !strings.Contains(want, "[noxkey:a/b/") {
			t.Errorf("nothing was replaced in %q", text)
		}
	}
}

// TestThreatF2ColoursWithinEscapes: escape sequences may stand between any two bytes of a form.
func TestThreatF2ColoursWithinEscapes(t *testing.T) {
	v := values[3]
	r := build(t, v)
	for _, f := range written {
		for i, text := range f.text(v.value) {
			if f.name == "Colours" || f.name == "HexDump" && i > 3 || f.name == "OdC" && i > 0 {
				continue // those that begin with text that is not the value
			}
			got := pass(t, r, between1(text, "\x1b[38;5;9m"))
			if !strings.Contains(got, marker(secret.Name(v.name))) {
				t.Errorf("%s #%d: %q", f.name, i, got)
			}
		}
	}
}

// TestThreatF2OneColour: one escape sequence anywhere within a form hides nothing: after
// the third byte neither, where the filter's four bytes would hold the escape.
func TestThreatF2OneColour(t *testing.T) {
	v := values[0]
	r := build(t, v)
	for _, f := range written {
		if f.name == "Colours" {
			continue // the escape would stand within another
		}
		for i, text := range f.text(v.value) {
			begins := strings.Index(pass(t, r, text), marker(secret.Name(v.name)))
			for at := begins + 1; at < min(len(text), begins+12); at++ {
				coloured := text[:at] + "\x1b[1;31m" + text[at:]
				if got := pass(t, r, "..."+coloured); !strings.HasPrefix(got[3+begins:], marker(secret.Name(v.name))) {
					t.Errorf("%s #%d at %d: %q", f.name, i, at, got)
				}
			}
		}
	}
}

// TestThreatF2LineByLine: a tool prints a value of several lines a line at a time, with
// other text between.
func TestThreatF2LineByLine(t *testing.T) {
	v := values[5]
	r := build(t, v)
	for i, line := range strings.Split(v.value, "\n")[1:3] {
		for _, text := range []string{fmt.Sprintf("%4d  %s\n", i, line), "+ \"" + line + "\\n\",\n", ">> " + reverse(line)} {
			got := pass(t, r, text)
			if !strings.Contains(got, marker(secret.Name(v.name))) || strings.Contains(got, line[:8]) {
				t.Errorf("%q became %q", text, got)
			}
		}
	}
	const first = "-----BEGIN KEY-----\n"
	if got := pass(t, r, first+"public\n"); got != first+"public\n" {
		t.Errorf("the first line of PEM is no secret: %q", got)
	}
}

// TestThreatF2NewlinesAsTwoCharacters: a key whose newlines are stored as \n is printed
// with newlines by whoever uses it.
func TestThreatF2NewlinesAsTwoCharacters(t *testing.T) {
	stored := strings.ReplaceAll(values[5].value, "\n", `\n`)
	r := build(t, plain{"a/b/K", `{"key":"` + stored + `"}`}, plain{"a/b/L", stored})
	for _, text := range []string{values[5].value, stored, "  1 " + strings.Split(values[5].value, "\n")[1], b64(values[5].value)} {
		if got := pass(t, r, text); !strings.Contains(got, "[noxkey:a/b/") || strings.Contains(got, "b3Blbn") || len(got) > 20 {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestOrdinaryLinesOfAValue: a value of several lines does not take away lines that
// stand in every file of its kind.
func TestOrdinaryLinesOfAValue(t *testing.T) {
	const token = "    token: Zq8xW2vLm4tR\n"
	const ordinary = "apiVersion: v1\nkind: Config\ncurrent-context: prod\nclusters:\nusers:\n- name: prod\n"
	r := build(t, plain{"a/b/K", ordinary + token + "    user:\n"})
	if got := pass(t, r, ordinary); got != ordinary {
		t.Errorf("%q", got)
	}
	if got := pass(t, r, "x\n"+token); got != "x\n    [noxkey:a/b/K]\n" {
		t.Errorf("%q", got)
	}
}

func reverse(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// TestThreatF2WhiteSpaceAtTheEnds: shells drop the newline that a file of a value ends with.
func TestThreatF2WhiteSpaceAtTheEnds(t *testing.T) {
	r := build(t, plain{"a/b/K", "  Zq8xW2vLm4\n"})
	if got := pass(t, r, "K=Zq8xW2vLm4;"); got != "K=[noxkey:a/b/K];" {
		t.Errorf("%q", got)
	}
}

// TestThreatF2NotUTF8: encoders replace what is no UTF-8; the rest of the value is
// legible.
func TestThreatF2NotUTF8(t *testing.T) {
	r := build(t, plain{"a/b/K", "Zq8x\xffW2v\xc3Lm4t"})
	for _, text := range []string{"Zq8x\xffW2v\xc3Lm4t", "Zq8x\ufffdW2v\ufffdLm4t", `Zq8x\ufffdW2v\uFFFDLm4t`, `Zq8x\udcffW2v\udcc3Lm4t`, `Zq8x\xffW2v\xc3Lm4t`, "Zq8x%FFW2v%C3Lm4t", "t4mL\xc3v2W\xffx8qZ"} {
		if got := pass(t, r, text); got != "[noxkey:a/b/K]" {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestThreatF2EscapeInTheValue: a value may hold an escape character itself.
func TestThreatF2EscapeInTheValue(t *testing.T) {
	r := build(t, plain{"a/b/K", "Z\x1b[1mq8xW2"})
	for _, text := range []string{"Z\x1b[1mq8xW2", "Z\x1b[0m\x1b[1mq8\x1b[mxW2", `Z\u001b[1mq8xW2`, `Z\e[1mq8xW2`, `Z^[[1mq8xW2`} {
		if got := pass(t, r, text); got != "[noxkey:a/b/K]" {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestThreatF2InsideAHyperlink: a value within an escape sequence is found, too.
func TestThreatF2InsideAHyperlink(t *testing.T) {
	r := build(t, plain{"a/b/K", "Zq8xW2vLm4"})
	if got := pass(t, r, "\x1b]8;;http://x/?t=Zq8xW2vLm4\x1b\\link\x1b]8;;\x1b\\"); strings.Contains(got, "Zq8x") {
		t.Errorf("%q", got)
	}
}

// TestThreatF2Overlap: values that overlap are covered from the first byte to the last.
func TestThreatF2Overlap(t *testing.T) {
	r := build(t, plain{"a/b/K", "abcdefgh"}, plain{"a/b/L", "efghijkl"}, plain{"a/b/M", "abcdefghij"}, plain{"a/b/A", "zzzzzz"})
	for text, want := range map[string]string{
		"-abcdefghijkl-": "-[noxkey:a/b/M][noxkey:a/b/L]-",
		"-abcdefghi-":    "-[noxkey:a/b/K]i-",
		"-zzzzzzzzzzzz-": "-[noxkey:a/b/A]-",
		"abcdefgh":       "[noxkey:a/b/K]",
		"abcdefg":        "abcdefg",
	} {
		if got := pass(t, r, text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if got := pass(t, r, splitBytes(text)...); got != want {
			t.Errorf("%q byte by byte became %q, want %q", text, got, want)
		}
	}
}

// TestNearMiss: what differs from a value in one byte is not the value, in any form.
func TestNearMiss(t *testing.T) {
	const v = "sk-ant/Zq8xW2+vLm%4é"
	r := build(t, plain{"a/b/K", v})
	for i := range v {
		near := []byte(v)
		if near[i] ^= 4; near[i] >= 0x80 {
			near[i] ^= 4
			continue // would not be text
		}
		for _, f := range written {
			for j, text := range f.text(string(near)) {
				if f.name == "HexDump" && j%4 == 3 && (i == 0 || i == len(v)-2) {
					continue // a word that holds another byte, too, is not looked at
				}
				if got := pass(t, r, text); got != text {
					t.Errorf("%s #%d, byte %d:\n%q\n%q", f.name, j, i, text, got)
				}
			}
		}
	}
}

// TestSameValueTwice: two names of one value are both found, and the first is printed.
func TestSameValueTwice(t *testing.T) {
	r := build(t, plain{"a/b/K", "Zq8xW2vLm4"}, plain{"a/c/K", "Zq8xW2vLm4"})
	if got := pass(t, r, "Zq8xW2vLm4"); got != "[noxkey:a/b/K]" {
		t.Errorf("%q", got)
	}
	hits, err := r.Find([]byte("..Zq8xW2vLm4"))
	if err != nil || len(hits) != 2 || hits[0] != (Hit{"a/b/K", 2, 12}) || hits[1] != (Hit{"a/c/K", 2, 12}) {
		t.Errorf("%v, %v", hits, err)
	}
}

// TestTooShort: a value below MinLen is named and not looked for; one of MinLen is.
func TestTooShort(t *testing.T) {
	r := build(t, plain{"a/b/FIVE", "12345\n"}, plain{"a/b/SIX", "abcdef"})
	if got := r.TooShort(); len(got) != 1 || got[0] != "a/b/FIVE" {
		t.Errorf("%v", got)
	}
	if got := pass(t, r, "12345 abcdef"); got != "12345 [noxkey:a/b/SIX]" {
		t.Errorf("%q", got)
	}
	if got := pass(t, build(t), "nothing to find"); got != "nothing to find" {
		t.Errorf("%q", got)
	}
}

// TestWipe: a wiped Redactor refuses, and holds nothing.
func TestWipe(t *testing.T) {
	r := build(t, values...)
	var out bytes.Buffer
	w := r.Writer(&out)
	nodes, states := r.trie.Nodes, r.trie.States
	r.Wipe()
	if n, err := w.Write([]byte("text")); n != 0 || !errors.Is(err, ErrWiped) {
		t.Errorf("write: %d, %v", n, err)
	}
	if err := w.FlushIdle(); !errors.Is(err, ErrWiped) {
		t.Errorf("flush: %v", err)
	}
	if err := w.Close(); !errors.Is(err, ErrWiped) {
		t.Errorf("close: %v", err)
	}
	if _, err := r.Find(nil); !errors.Is(err, ErrWiped) {
		t.Errorf("find: %v", err)
	}
	for _, n := range nodes {
		if n != (forms.Node{}) {
			t.Fatal("a node is left")
		}
	}
	for _, s := range states {
		if s.Edges != nil || s.Done != nil {
			t.Fatal("a state is left")
		}
	}
	if out.Len() > 0 {
		t.Errorf("%q", &out)
	}
}

// failing takes n bytes and fails then.
type failing struct{ n int }

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return f.n, fmt.Errorf("disk full")
	}
	f.n -= len(p)
	return len(p), nil
}

// TestErrorsStay: after an error below nothing more is written.
func TestErrorsStay(t *testing.T) {
	r := build(t, values...)
	w := r.Writer(&failing{n: 5})
	if _, err := w.Write([]byte("~~~~~")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if n, err := w.Write([]byte("~")); n != 0 || err == nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if err := w.Close(); err == nil {
		t.Error("close knows of no error")
	}
	w = r.Writer(&bytes.Buffer{})
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if _, err := w.Write([]byte("1")); err == nil {
		t.Error("a closed writer takes more")
	}
}

// TestThreatF2Base64Ends: nothing of the last character and the padding stays, and at
// most one character that the value shares with what stands before it.
func TestThreatF2Base64Ends(t *testing.T) {
	for n := range 6 {
		v := "Zq8xW2vLm4tR7y"[:6+n]
		r := build(t, plain{"a/b/K", v})
		for i := range 3 {
			text := b64("abc"[:i] + v)
			for _, text := range []string{text, strings.TrimRight(text, "="), url.QueryEscape(text)} {
				if got := strings.ReplaceAll(pass(t, r, text+"|"), marker("a/b/K"), ""); len(got) != (i*8+5)/6+1 {
					t.Errorf("%d bytes at %d: %q became %q", len(v), i, text, got)
				}
			}
		}
	}
}
