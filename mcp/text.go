package mcp

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"noxkey/secret"
)

// visible returns s with every character escaped that does not show, or that
// changes how its neighbours show: control, bidi, zero-width, tags, variation
// selectors, fillers and bytes that are not UTF-8. A text of a stranger's keeps no
// place to hide words in, and cannot start a line of its own.
func visible(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r != ' ' && (!unicode.IsPrint(r) || unicode.Is(hidden, r)):
			fmt.Fprintf(&b, `\u{%X}`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// hidden are letters and marks that show nothing; IsPrint lets them through.
var hidden = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034f, Hi: 0x034f, Stride: 1}, {Lo: 0x115f, Hi: 0x1160, Stride: 1}, {Lo: 0x17b4, Hi: 0x17b5, Stride: 1},
		{Lo: 0x180b, Hi: 0x180f, Stride: 1}, {Lo: 0x2800, Hi: 0x2800, Stride: 1}, {Lo: 0x3164, Hi: 0x3164, Stride: 1},
		{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, {Lo: 0xffa0, Hi: 0xffa0, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0xe0000, Hi: 0xe0fff, Stride: 1}},
}

// quoted is visible text in quotes, cut to limit characters.
func quoted(s string, limit int) string { return strconv.Quote(clip(visible(s), limit)) }

// clip cuts s to limit characters.
func clip(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}

// shellQuote returns s as one word of a POSIX shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// maxNear is how many names are suggested for one that is not there.
const maxNear = 5

// nearest returns the names that look most like one of wanted.
func nearest(wanted []string, entries []secret.Entry) []string {
	type scored struct {
		name secret.Name
		far  int
	}
	var list []scored
	for _, e := range entries {
		far := 1 << 30
		for _, w := range wanted {
			far = min(far, distance(w, e.Name))
		}
		if far < 1<<30 {
			list = append(list, scored{e.Name, far})
		}
	}
	slices.SortStableFunc(list, func(a, b scored) int { return cmp.Compare(a.far, b.far) })
	var names []string
	for _, s := range list[:min(len(list), maxNear)] {
		names = append(names, string(s.name))
	}
	return names
}

// distance is 0 for the same key elsewhere, 1 if one holds the other, else the
// edit distance plus 1 if that is small; 1<<30 means not alike.
func distance(want string, n secret.Name) int {
	w, have := strings.ToLower(strings.TrimSuffix(want, "/")), strings.ToLower(string(n))
	last := w[strings.LastIndexByte(w, '/')+1:]
	switch {
	case w == "":
		return 1 << 30
	case last == strings.ToLower(n.Key()):
		return 0
	case len(last) >= 3 && strings.Contains(have, last), strings.HasPrefix(have, w):
		return 1
	}
	if d := edits(w, have); d <= max(2, len(have)/4) {
		return 1 + d
	}
	return 1 << 30
}

// edits is the Levenshtein distance. Names are ASCII and at most 389 bytes; what
// differs much in length is not computed.
func edits(a, b string) int {
	if len(a) > len(b)+16 || len(b) > len(a)+16 {
		return 1 << 20
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, diag+1, row[j]+1)
		}
	}
	return row[len(b)]
}
