package redact

import (
	"bytes"
	"strings"
	"testing"

	"noxkey/secret"
)

// TestNothingIsHeldWithoutReason: after each Write, only what may begin a form is held.
func TestNothingIsHeldWithoutReason(t *testing.T) {
	const v = "sk-ant-Zq8xW2vLm4"
	r := build(t, plain{"a/b/K", v})
	for text, held := range map[string]int{
		"Password: ":          0,
		"user@host:~> ":       0,
		"100%":                1, // %73
		"s":                   1,
		"sk-ant":              6,
		"sk-ant-Zq8xW2vLm":    16,
		"sk-ant-Zq8xW2vLm5":   0,
		"sk-ant-Zq8xW2vLm4":   0,
		"sk-ant-Zq8xW2\x1b[1": 16,
		"\x1b[1m":             0,
		"a sk-sk-an":          5,
		"sk-ant-\n":           8,
		"sk-ant-\n\n":         9,
		"%73%6b%2":            8,
		"%73%6b%3":            0,
		"c2stYW50":            8,
		"736b2d616e":          10,
		"736b2d616e74 2":      14,
		"the end.\n":          0,
	} {
		w := r.Writer(&bytes.Buffer{})
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := w.Held(); got != held {
			t.Errorf("%q: %d bytes held, want %d", text, got, held)
		}
	}
}

// TestFlushIdleRule: what has read at most a quarter of a value, and at most 8 bytes
// of it, is let go; more is held until Close. What follows is redacted all the same.
func TestFlushIdleRule(t *testing.T) {
	long := "sk-" + strings.Repeat("aZ9x", 20)
	for _, v := range []string{"Zq8xW2", "Zq8xW2vLm4tR", long} {
		r := build(t, plain{"a/b/K", v})
		most := min(8, len(v)/4)
		for i := 1; i < len(v); i++ {
			var out bytes.Buffer
			w := r.Writer(&out)
			write(t, w, "$ "+v[:i])
			idle(t, w)
			shown := i
			if i > most {
				shown = 0
			}
			if got := out.Len() - 2; got != shown {
				t.Errorf("%d of %d bytes: %d shown, want %d", i, len(v), got, shown)
			}
			write(t, w, v[i:]+" $")
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if got, want := out.String(), "$ "+v[:shown]+"[noxkey:a/b/K] $"; got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
}

// TestFlushIdleWithinALetter: the half of an escape counts as the whole.
func TestFlushIdleWithinALetter(t *testing.T) {
	r := build(t, plain{"a/b/K", "Zq8xW2vLm4tR"}) // 3 bytes may be shown
	for text, shown := range map[string]int{"%5a%7": 5, "%5a%71%38": 9, "%5a%71%38%7": 0, "Zq8": 3, "Zq8x": 0, "Zq8%": 0, "Zq8\n": 4, "5a 71 38 ": 9, "5a 71 38 7": 0} {
		var out bytes.Buffer
		w := r.Writer(&out)
		write(t, w, text)
		idle(t, w)
		if out.Len() != shown {
			t.Errorf("%q: %q is shown", text, out.String())
		}
	}
}

// TestFlushIdleBehindAGap: the half of an escape is held, also where the value goes on
// behind a line break that was let go.
func TestFlushIdleBehindAGap(t *testing.T) {
	r := build(t, plain{"a/b/K", "Zq8xW2vLm4tR"}, plain{"a/b/L", "Zq8xW2vLm4tR-and-more"})
	var out bytes.Buffer
	w := r.Writer(&out)
	for _, step := range []struct{ in, out string }{
		{"Zq8xW2vLm4tR", "[noxkey:a/b/K]"}, {"\n    ", "\n    "}, {"%", ""}, {"2", ""}, {"Dand-more.", "[noxkey:a/b/L]."},
	} {
		out.Reset()
		write(t, w, step.in)
		idle(t, w)
		if got := out.String(); got != step.out {
			t.Errorf("%q: %q, want %q", step.in, got, step.out)
		}
	}
}

func write(t testing.TB, w *Writer, s string) {
	t.Helper()
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
}

func idle(t testing.TB, w *Writer) {
	t.Helper()
	if err := w.FlushIdle(); err != nil {
		t.Fatal(err)
	}
}

// TestThreatF2PausesLeakNoMoreThanAPeek: a pause after every byte shows no more of a
// value than a peek, in any form.
func TestThreatF2PausesLeakNoMoreThanAPeek(t *testing.T) {
	v := plain{"a/b/K", "Zq8xW2_vLm-4tR7yKp.Xb3Nf6Hc"}
	r := build(t, v)
	most := min(8, len(v.value)/4)
	for _, f := range written {
		for i, text := range f.text(v.value) {
			var out bytes.Buffer
			w := r.Writer(&out)
			for _, b := range splitBytes(text) {
				write(t, w, b)
				idle(t, w)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			// The share of the text that was shown is the share of the value.
			rest := strings.ReplaceAll(out.String(), marker(secret.Name(v.name)), "")
			gone := len(text)
			if f.gone != nil {
				gone = f.gone(len(v.value))
			}
			shown := len(rest) - (len(text) - gone)
			if shown*len(v.value) > (most+1)*len(text) {
				t.Errorf("%s #%d shows %d of %d:\n%q\n%q", f.name, i, shown, gone, text, out.String())
			}
		}
	}
}

// TestFlushIdleShowsMarkers: a value that is complete does not wait for the byte that
// says whether it was a longer one, which is redacted too when it comes.
func TestFlushIdleShowsMarkers(t *testing.T) {
	r := build(t, plain{"a/b/K", "Zq8xW2vLm4tR"}, plain{"a/b/L", "Zq8xW2vLm4tR-and-more"})
	var out bytes.Buffer
	w := r.Writer(&out)
	for _, step := range []struct{ in, out string }{
		{"token: Zq8xW2vLm4tR", "token: [noxkey:a/b/K]"},
		{"\x1b[0m", "\x1b[0m"},
		{"-and", ""},
		{"-mo", ""},
		{"re ", "[noxkey:a/b/L] "},
		{"WnE4eFcydkxtNHRS", "[noxkey:a/b/K]"}, // base64
	} {
		out.Reset()
		write(t, w, step.in)
		idle(t, w)
		if got := out.String(); got != step.out {
			t.Errorf("%q: %q, want %q", step.in, got, step.out)
		}
	}
}

// TestCloseLetsGo: what never became a value comes out at the end.
func TestCloseLetsGo(t *testing.T) {
	r := build(t, plain{"a/b/K", "sk-ant-Zq8xW2vLm4"})
	if got := pass(t, r, "sk-ant-Zq8xW2vLm"); got != "sk-ant-Zq8xW2vLm" {
		t.Errorf("%q", got)
	}
}

// TestHeldIsBounded: a stream that never decides makes a Writer hold no more than its
// bound.
func TestHeldIsBounded(t *testing.T) {
	v := strings.Repeat("a", 100) + "b"
	r := build(t, plain{"a/b/K", v})
	for _, text := range []string{strings.Repeat("a", 1<<16), "aaaa" + strings.Repeat("\x1b[0m", 1<<14), "aaaa\x1b]" + strings.Repeat("x", 1<<16),
		strings.Repeat("aa\x1b]"+strings.Repeat("x", 1000)+"\a", 100), "616161" + strings.Repeat(" ", 1<<16), strings.Repeat("61  xxx", 1<<14)} {
		w := r.Writer(&bytes.Buffer{})
		most, threads := 0, 0
		for _, b := range splitBytes(text) {
			write(t, w, b)
			most, threads = max(most, len(w.buf)), max(threads, len(w.m.threads))
		}
		if bound := 2 * int(r.maxSpan); most > bound || threads > 16*len(v) {
			t.Errorf("%.10q...: %d bytes and %d threads, bound %d", text, most, threads, bound)
		}
	}
}

// TestThreadsAreBounded: what each byte of a text begins is no more work than a few
// readings of the value, where letters are gaps as well, and gaps may hold beginnings.
func TestThreadsAreBounded(t *testing.T) {
	for _, c := range []struct {
		value, text string
		most        int
	}{
		{strings.Repeat("'", 100) + "b", strings.Repeat("'", 600), 6000},
		{strings.Repeat(`\`, 100) + "b", strings.Repeat(`\`, 1200), 2000},
		{strings.Repeat("a", 39) + "b", strings.Repeat(strings.Repeat("a\x1b]", 330)+"\x1b\\", 6), 2000},
		{"a" + strings.Repeat("\n", 100) + "b", strings.Repeat("a"+strings.Repeat("\n", 200), 3), 2000},
	} {
		r := build(t, plain{"a/b/K", c.value})
		w := r.Writer(&bytes.Buffer{})
		most := 0
		for _, b := range splitBytes(c.text) {
			write(t, w, b)
			most = max(most, len(w.m.threads))
		}
		if most > c.most {
			t.Errorf("%.20q in %.20q: %d threads, bound %d", c.value, c.text, most, c.most)
		}
	}
}

// TestHeldLeavesNoCopy: when what is held outgrows its memory, the old memory is wiped,
// and so is the last when the stream ends.
func TestHeldLeavesNoCopy(t *testing.T) {
	v := strings.Repeat("Zq8x", 500) + "."
	r := build(t, plain{"a/b/K", v})
	w := r.Writer(&bytes.Buffer{})
	write(t, w, v[:20])
	small := w.buf[:cap(w.buf)]
	write(t, w, v[20:len(v)-1])
	big := w.buf[:cap(w.buf)]
	if &small[0] == &big[0] || len(w.buf) != len(v)-1 {
		t.Fatal("nothing grew")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(bytes.Trim(small, "\x00")) > 0 || len(bytes.Trim(big, "\x00")) > 0 {
		t.Error("a part of the value is left in memory")
	}
}

// TestFlushIdleBesideWrite: the reader of a terminal flushes from a timer while it reads.
func TestFlushIdleBesideWrite(t *testing.T) {
	const v = "Zq8xW2vLm4tR"
	r := build(t, plain{"a/b/K", v})
	var out bytes.Buffer
	w := r.Writer(&out)
	stop, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
				if err := w.FlushIdle(); err != nil {
					done <- err
					return
				}
			}
		}
	}()
	for range 200 {
		for _, b := range splitBytes("- " + v + " -\n") {
			write(t, w, b)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if got := out.String(); strings.Contains(got, v[:4]) || strings.Count(got, "[noxkey:a/b/K] -\n") != 200 {
		t.Errorf("%.200q", got)
	}
}
