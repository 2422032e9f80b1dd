package ui

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is the number of combining marks shown on one letter; more would
// paint over the lines around it.
const maxMarks = 2

// Visible returns foreign text as it may be shown to a person: characters that
// control, reorder, hide or pose as others appear as ‹U+202E›, bytes that are not
// UTF-8 as ‹xFF›, words of mixed or look-alike scripts are followed by a flag such
// as ‹Latin+Cyrillic›. Beyond max characters of s the text ends with "… 118 more
// characters"; max 0 shows all. Different texts look different, unless cut.
func Visible(s string, max int) string {
	rest := 0
	if max > 0 {
		if n := utf8.RuneCountInString(s); n > max {
			rest = n - max
			s = firstRunes(s, max)
		}
	}
	var b strings.Builder
	word, marks := 0, 0 // where the present word starts in s; marks on the letter before
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !inWord(r) {
			b.WriteString(scriptFlag(s[word:i]))
			word = i + size
		}
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, "‹x%02X›", s[i])
		case hidden(r) || marks > maxMarks || marks > 0 && i == 0:
			fmt.Fprintf(&b, "‹U+%04X›", r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	b.WriteString(scriptFlag(s[word:]))
	if rest > 0 {
		fmt.Fprintf(&b, "… %s", Count(rest, "more character"))
	}
	return b.String()
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// hidden reports whether r may not be drawn as itself. IsPrint already refuses
// controls, format characters (bidi, zero width, tags), private use, unassigned
// code points and every space but the common one.
func hidden(r rune) bool {
	return !unicode.IsPrint(r) || unicode.Is(posing, r) || r == '‹' || r == '›'
}

// posing are printable characters that draw nothing, or that are drawn like an
// ASCII character they are not. ‹ and › are kept for our own marks.
var posing = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x034F, 0x034F, 1}, // combining grapheme joiner
		{0x037E, 0x037E, 1}, // Greek question mark, drawn as ;
		{0x0589, 0x0589, 1}, // Armenian full stop, drawn as :
		{0x05C3, 0x05C3, 1}, // Hebrew sof pasuq, drawn as :
		{0x115F, 0x1160, 1}, // Hangul fillers
		{0x17B4, 0x17B5, 1}, // Khmer vowels without a shape
		{0x180B, 0x180F, 1}, // Mongolian variation selectors
		{0x2010, 0x2012, 1}, // hyphens drawn as -
		{0x2024, 0x2024, 1}, // one dot leader
		{0x2044, 0x2044, 1}, // fraction slash
		{0x2215, 0x2215, 1}, // division slash
		{0x2236, 0x2236, 1}, // ratio
		{0x2800, 0x2800, 1}, // braille blank
		{0x29F8, 0x29F8, 1}, // big solidus
		{0x3164, 0x3164, 1}, // Hangul filler
		{0xA789, 0xA789, 1}, // modifier colon
		{0xFB00, 0xFB06, 1}, // ligatures
		{0xFE00, 0xFE0F, 1}, // variation selectors
		{0xFF01, 0xFF5E, 1}, // fullwidth ASCII
		{0xFFA0, 0xFFA0, 1}, // halfwidth Hangul filler
		{0xFFFD, 0xFFFD, 1}, // replacement character, so that it cannot pass for ‹x..›
	},
	R32: []unicode.Range32{
		{0x1D400, 0x1D7FF, 1}, // mathematical letters
		{0x1F100, 0x1F1FF, 1}, // enclosed letters, regional indicators
		{0xE0100, 0xE01EF, 1}, // variation selectors supplement
	},
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

var scripts = []struct {
	name  string
	table *unicode.RangeTable
}{
	{"Latin", unicode.Latin}, {"Cyrillic", unicode.Cyrillic}, {"Greek", unicode.Greek}, {"Armenian", unicode.Armenian},
	{"Cherokee", unicode.Cherokee}, {"Georgian", unicode.Georgian}, {"Hebrew", unicode.Hebrew}, {"Arabic", unicode.Arabic},
	{"Lisu", unicode.Lisu}, {"Coptic", unicode.Coptic}, {"Deseret", unicode.Deseret}, {"Thai", unicode.Thai},
	{"CJK", unicode.Han}, {"CJK", unicode.Hiragana}, {"CJK", unicode.Katakana}, {"CJK", unicode.Bopomofo}, {"CJK", unicode.Hangul},
}

// lookAlike are letters of other scripts that are drawn like Latin ones. It is
// a short list of the common ones, not the whole of Unicode's confusables: a word
// wholly of rarer look-alikes passes unflagged.
const lookAlike = "асеорхуіјѕһԁԛԝьӏвкмнтгАВЕКМНОРСТХУІЈЅԌԚԜӀ" + "οαινρτυχκγΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" + "օսոհցքԼՕՍ"

// scriptFlag returns what is put after a word whose letters are not what they
// seem: two scripts in one word, or one other script that reads as Latin.
func scriptFlag(word string) string {
	var found []string
	letters, alike := 0, 0
	for _, r := range word {
		if r < utf8.RuneSelf {
			if unicode.IsLetter(r) {
				found = add(found, "Latin")
				letters++
			}
			continue
		}
		if !unicode.IsLetter(r) || hidden(r) || unicode.Is(unicode.Common, r) {
			continue
		}
		letters++
		if strings.ContainsRune(lookAlike, r) {
			alike++
		}
		found = add(found, scriptOf(r))
	}
	switch {
	case len(found) > 1:
		return "‹" + strings.Join(found, "+") + "›"
	case letters > 0 && letters == alike:
		return "‹" + found[0] + "›"
	}
	return ""
}

func scriptOf(r rune) string {
	for _, s := range scripts {
		if unicode.Is(s.table, r) {
			return s.name
		}
	}
	return "other"
}

func add(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// Middle cuts s in its middle to at most n characters, so that the start and
// the end of a path can both be read.
func Middle(s string, n int) string {
	r := []rune(s)
	if len(r) <= n || n < 1 {
		return s
	}
	head := (n - 1) / 3
	return string(r[:head]) + "…" + string(r[len(r)-(n-1-head):])
}
