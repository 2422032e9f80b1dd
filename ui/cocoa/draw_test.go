package cocoa

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSignsParse(t *testing.T) {
	for name, s := range signs {
		path, err := parsePath(s.d)
		if err != nil || len(path) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		for _, seg := range path {
			for i, v := range seg.P {
				if math.IsNaN(v) || v < -2 || v > s.box+2 {
					t.Errorf("%s leaves its square: %c %d %v", name, seg.Op, i, v)
				}
			}
		}
	}
}

// TestArcs: the points that an arc's curves pass lie on the circle.
func TestArcs(t *testing.T) {
	path, err := parsePath("M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, s := range path {
		if s.Op != 'C' {
			continue
		}
		n++
		if d := math.Hypot(s.P[4]-8, s.P[5]-8); math.Abs(d-6) > 1e-6 {
			t.Errorf("%v is %v from the centre", s.P, d)
		}
	}
	if n != 4 {
		t.Errorf("a circle has %d curves", n)
	}
}

func TestPathFaultsAreNamed(t *testing.T) {
	for _, d := range []string{"M8", "Q1 2 3 4", "M0 0a6 5 0 1 1 0 12", "M0 0a6 6 0 2 1 0 12"} {
		if _, err := parsePath(d); err == nil {
			t.Errorf("%q is read", d)
		}
	}
}

// TestSignsOfFrames: every glyph that the design places can be drawn.
func TestSignsOfFrames(t *testing.T) {
	for _, name := range []string{"b1-panel-empty", "b3-panel-details", "b5-panel-locked", "c1-card-one", "c3-card-unknown", "c6-card-resting", "c9-human-touchid", "d1-import-drop", "d4-import-partial", "d5-import-failed", "e1-entry-agent", "e2-entry-new"} {
		for id, rest := range lookFrames(t, name) {
			_, style, ok := strings.Cut(rest, "glyph ")
			if !ok {
				continue
			}
			glyph := strings.Fields(style)[0]
			if _, ok := SignOf(glyph); !ok {
				t.Errorf("%s, %s: no glyph %q", name, id, glyph)
			}
		}
	}
}

func ten(s string) float64 { return float64(utf8.RuneCountInString(s)) * 10 }

func TestBreak(t *testing.T) {
	for _, c := range []struct {
		text string
		cut  Cut
		most int
		want string
		full bool
	}{
		{"short", Tail, 0, "short", true},
		{"a longer text", Tail, 0, "a longer…", false},
		{"two\nlines", Tail, 0, "two⏎lines", true},
		{"/usr/local/bin/claude", MiddleCut, 0, "/us…claude", false},
		{"one two three four", Words, 2, "one two|three four", true},
		{"one two three four five", Words, 2, "one two|three fou…", false},
		{"averyveryverylongword and", Words, 3, "averyveryv|erylongwor|d and", true},
		{"STRIPE_SECRET_KEY_LIVE", Characters, -1, "STRIPE_SEC|RET_KEY_LI|VE", true},
		{"ääääääääääää", Characters, -1, "ääääääääää|ää", true},
		{"", Words, 2, "", true},
	} {
		lines, full := Break(c.text, c.cut, c.most, 100, ten)
		if got := strings.Join(lines, "|"); got != c.want || full != c.full {
			t.Errorf("%q: %q %v, want %q %v", c.text, got, full, c.want, c.full)
		}
	}
}

// TestBreakLosesNothing: what wraps by character comes out whole, in any width.
func TestBreakLosesNothing(t *testing.T) {
	const name = "acme/some-project/VERY_LONG_NAME.with-dots_4711"
	for w := 1.0; w < 600; w += 7 {
		lines, full := Break(name, Characters, -1, w, ten)
		if strings.Join(lines, "") != name || !full {
			t.Fatalf("at %v: %q", w, lines)
		}
	}
}
