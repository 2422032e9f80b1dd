package redact

import (
	"bytes"
	"strings"
	"testing"

	"noxkey/secret"
)

// cuts sends text through a Writer, cut where the bits of how say, with pauses where
// others do, and returns what came out.
func cuts(t *testing.T, r *Redactor, text, how []byte, pauses bool) string {
	t.Helper()
	var out bytes.Buffer
	w := r.Writer(&out)
	for i := 0; len(text) > 0; i++ {
		n, pause := len(text), false
		if i < 4*len(how) && len(how) > 0 {
			n = min(int(how[i%len(how)]&31)+1, len(text))
			pause = pauses && how[i%len(how)]&32 != 0
		}
		write(t, w, string(text[:n]))
		text = text[n:]
		if pause {
			idle(t, w)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// FuzzSplit: whatever the value and its neighbours, no cut of the output and no pause
// lets the value through, and without pauses no cut changes what comes out.
func FuzzSplit(f *testing.F) {
	for i, v := range values {
		f.Add([]byte(v.value), []byte("see "), []byte(" end\n"), byte(i), byte(i*7), []byte{3, 1, 40, 0, 63})
	}
	f.Add([]byte("0bb00bb00b"), []byte("bb0"), []byte("bb"), byte(len(written)-1), byte(4), []byte{3})
	f.Add([]byte("aaaaaaaaab"), []byte("aaaaaa"), []byte("\x1b[0maaab"), byte(0), byte(0), []byte{0})
	f.Fuzz(func(t *testing.T, value, before, after []byte, kind, which byte, how []byte) {
		v := string(secret.Trim(value))
		if len(v) < MinLen || len(v) > 200 || strings.Contains(v, "\x00") || len(before)+len(after) > 500 {
			return
		}
		const name = secret.Name("a/b/K")
		r := build(t, plain{string(name), v})
		texts := written[int(kind)%len(written)].text(v)
		form := texts[int(which)%len(texts)]
		text := []byte(string(before) + form + "|" + v + string(after))
		want := pass(t, r, string(text))
		for _, pauses := range []bool{false, true} {
			got := cuts(t, r, text, how, pauses)
			if !pauses && got != want {
				t.Errorf("cut otherwise:\n%q\n%q", got, want)
			}
			// A value like "noxkey" stands in the markers themselves.
			if strings.Contains(strings.ReplaceAll(got, marker(name), "\x00"), v) {
				t.Errorf("%q came through:\n%q", v, got)
			}
		}
	})
}

// FuzzNoFalseLoss: text in which nothing is found comes out byte for byte, and what
// is found can be spelled: it is never shorter than the value.
func FuzzNoFalseLoss(f *testing.F) {
	for _, s := range []string{"plain", "sk-ant-Zq8xW2+vLm", "%73%6B-ant", "c2stYW50", "73 6b 2d", "s   k   -", "\x1b[1ms\x1b[0mk-an", "115, 107", "s\x00k\x00", "\\u0073k-"} {
		f.Add([]byte(s), []byte{1, 40, 5})
	}
	const v = "sk-ant-Zq8xW2+vLm4"
	r := build(f, plain{"a/b/K", v})
	f.Fuzz(func(t *testing.T, text, how []byte) {
		hits, err := r.Find(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range hits {
			if h.End-h.Start < len(v) || h.End > len(text) {
				t.Errorf("%v in %d bytes", h, len(text))
			}
		}
		if len(hits) > 0 {
			return
		}
		for _, pauses := range []bool{false, true} {
			if got := cuts(t, r, text, how, pauses); got != string(text) {
				t.Errorf("%q became %q", text, got)
			}
		}
	})
}
