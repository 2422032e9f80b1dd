package ui

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile is foreign text that tries to look like something else, and how it is
// shown. Code points are written as escapes, so that this file shows what is in it.
var hostile = []struct{ in, want string }{
	{"plain", "plain"},
	{"Zahlung für Müller", "Zahlung für Müller"},
	{"支払い API キー", "支払い API キー"},
	{"한국어 텍스트", "한국어 텍스트"},
	{"платёж", "платёж"},
	{"ελληνικά γράμματα", "ελληνικά γράμματα"},
	{"emoji \U0001F600", "emoji \U0001F600"},
	{"e\u0301", "e\u0301"},
	// control characters
	{"a\x00b", "a‹U+0000›b"},
	{"a\x07b", "a‹U+0007›b"},
	{"a\bb", "a‹U+0008›b"},
	{"a\tb", "a‹U+0009›b"},
	{"a\nb", "a‹U+000A›b"},
	{"a\rb", "a‹U+000D›b"},
	{"\x1b[2J", "‹U+001B›[2J"},
	{"\x1b]0;title\x07", "‹U+001B›]0;title‹U+0007›"},
	{"\x1b[31mred", "‹U+001B›[31mred"},
	{"a\x7fb", "a‹U+007F›b"},
	{"a\u0085b", "a‹U+0085›b"},
	{"a\u009bb", "a‹U+009B›b"},
	// direction
	{"a\u202eb", "a‹U+202E›b"},
	{"a\u202ab", "a‹U+202A›b"},
	{"a\u202bb", "a‹U+202B›b"},
	{"a\u202cb", "a‹U+202C›b"},
	{"a\u202db", "a‹U+202D›b"},
	{"a\u2066b", "a‹U+2066›b"},
	{"a\u2067b", "a‹U+2067›b"},
	{"a\u2068b", "a‹U+2068›b"},
	{"a\u2069b", "a‹U+2069›b"},
	{"a\u200eb", "a‹U+200E›b"},
	{"a\u200fb", "a‹U+200F›b"},
	{"a\u061cb", "a‹U+061C›b"},
	// nothing to see
	{"a\u200bb", "a‹U+200B›b"},
	{"a\u200cb", "a‹U+200C›b"},
	{"a\u200db", "a‹U+200D›b"},
	{"a\u2060b", "a‹U+2060›b"},
	{"a\u2061b", "a‹U+2061›b"},
	{"a\ufeffb", "a‹U+FEFF›b"},
	{"a\u00adb", "a‹U+00AD›b"},
	{"a\u034fb", "a‹U+034F›b"},
	{"a\u180eb", "a‹U+180E›b"},
	{"a\u2800b", "a‹U+2800›b"},
	{"a\u3164b", "a‹U+3164›b"},
	{"a\u115fb", "a‹U+115F›b"},
	{"a\uffa0b", "a‹U+FFA0›b"},
	{"a\ufe0fb", "a‹U+FE0F›b"},
	{"a\U000E0100b", "a‹U+E0100›b"},
	{"a\U000E0041\U000E007Fb", "a‹U+E0041›‹U+E007F›b"},
	// spaces that are none, or more than one
	{"a\u00a0b", "a‹U+00A0›b"},
	{"a\u2003b", "a‹U+2003›b"},
	{"a\u3000b", "a‹U+3000›b"},
	{"a\u2028b", "a‹U+2028›b"},
	{"a\u2029b", "a‹U+2029›b"},
	// not assigned, private, not characters
	{"a\ue000b", "a‹U+E000›b"},
	{"a\uffffb", "a‹U+FFFF›b"},
	{"a\U0010FFFFb", "a‹U+10FFFF›b"},
	{"a\ufffdb", "a‹U+FFFD›b"},
	{"a\xffb", "a‹xFF›b"},
	{"\xc3\x28", "‹xC3›("},
	{"\xed\xa0\x80", "‹xED›‹xA0›‹x80›"},
	// drawn like something else
	{"acme\u2044api", "acme‹U+2044›api"},
	{"acme\u2215api", "acme‹U+2215›api"},
	{"\uff21PI", "‹U+FF21›PI"},
	{"\U0001D400PI", "‹U+1D400›PI"},
	{"a\u2010b", "a‹U+2010›b"},
	{"\ufb01le", "‹U+FB01›le"},
	{"\U0001F1E6", "‹U+1F1E6›"},
	// our own marks
	{"a‹U+202E›b", "a‹U+2039›U+202E‹U+203A›b"},
	// scripts
	{"p\u0430ypal", "p\u0430ypal‹Latin+Cyrillic›"},
	{"\u0440\u0430\u0443\u0440\u0430", "\u0440\u0430\u0443\u0440\u0430‹Cyrillic›"},
	{"clau\u0501e", "clau\u0501e‹Latin+Cyrillic›"},
	{"g\u03bfogle", "g\u03bfogle‹Latin+Greek›"},
	{"\u0391\u0392", "\u0391\u0392‹Greek›"},
	{"STRI\u13e2E", "STRI\u13e2E‹Latin+Cherokee›"},
	{"a\u0585b", "a\u0585b‹Latin+Armenian›"},
	{"ok p\u0430 ok", "ok p\u0430‹Latin+Cyrillic› ok"},
	// too many marks on one letter
	{"a\u0300\u0301\u0302\u0303", "a\u0300\u0301‹U+0302›‹U+0303›"},
	{"\u0301a", "‹U+0301›a"},
}

func TestThreatE2Corpus(t *testing.T) {
	if len(hostile) < 60 {
		t.Fatalf("%d strings", len(hostile))
	}
	for _, h := range hostile {
		if got := Visible(h.in, 0); got != h.want {
			t.Errorf("%+q is shown as %+q, want %+q", h.in, got, h.want)
		}
	}
}

// safe reports what of s could still deceive: nothing that Visible lets through may.
func safe(s string) bool {
	marks := 0
	for _, r := range s {
		if !unicode.IsPrint(r) || unicode.Is(posing, r) {
			return false
		}
		if unicode.Is(unicode.Mn, r) {
			marks++
		} else {
			marks = 0
		}
		if marks > maxMarks {
			return false
		}
	}
	return utf8.ValidString(s)
}

func TestThreatE2EveryCodePoint(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r > 0x3ffff && r < 0xe0000 || r > 0xe0fff { // nothing is assigned there, or it is private use
			r += 96
		}
		if s := Visible("a"+string(r)+"b", 0); !safe(s) {
			t.Errorf("U+%04X is shown as %+q", r, s)
		}
	}
}

func TestThreatE2LongNamesAreCut(t *testing.T) {
	long := strings.Repeat("x", 4096)
	if got := Visible(long, 240); got != long[:240]+"… 3,856 more characters" {
		t.Errorf("%q", got)
	}
	if got := Visible("abc", 2); got != "ab… 1 more character" {
		t.Errorf("%q", got)
	}
	if got := Visible("éé", 2); got != "éé" {
		t.Errorf("%q: the length is in characters", got)
	}
	if got := Says(strings.Repeat("\u202e", 5000)); !safe(got) || utf8.RuneCountInString(got) > 240*8+60 {
		t.Errorf("%d characters", utf8.RuneCountInString(got))
	}
}

func TestThreatE2QuotesCannotEndTheQuotation(t *testing.T) {
	got := Says("fine.” Program  /usr/local/bin/claude “")
	if want := "“fine.‹U+201D› Program  /usr/local/bin/claude ‹U+201C›”"; got != want {
		t.Errorf("%q", got)
	}
	if got := Says(" \n"); got != "nothing" {
		t.Errorf("%q", got)
	}
	// Text that ends like our own cut mark stays inside the quotation.
	if got := Says("abc… 5 more characters"); got != "“abc… 5 more characters”" {
		t.Errorf("%q", got)
	}
}

// FuzzVisible: what is shown is safe, and different texts are shown differently.
func FuzzVisible(f *testing.F) {
	for i, h := range hostile {
		f.Add(h.in, hostile[(i+1)%len(hostile)].in)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		va, vb := Visible(a, 0), Visible(b, 0)
		if !safe(va) || !safe(Visible(a, 7)) {
			t.Errorf("%+q is shown as %+q", a, va)
		}
		if a != b && va == vb {
			t.Errorf("%+q and %+q are both shown as %+q", a, b, va)
		}
	})
}

func TestMiddle(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"short", 5, "short"}, {"/usr/local/bin/claude", 12, "/us…n/claude"}, {"abc", 0, "abc"}, {"äöüß", 3, "…üß"}} {
		if got := Middle(c.in, c.n); got != c.want {
			t.Errorf("Middle(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestPaths(t *testing.T) {
	for in, want := range map[string]string{
		"/home/me": "~", "/home/me/a": "~/a", "/home/melon/a": "/home/melon/a", "~/a": "./~/a", "/x\u202ey": "/x‹U+202E›y",
	} {
		if got := Terminal("/home/me").Path(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}
