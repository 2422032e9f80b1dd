// Package forms knows in which ways programs write a value: the forms as words of
// letters, the spellings of each letter, and what may stand between two of them. It
// makes one automaton of all that, which package redact runs.
//
// The forms:
//   - text, each character as itself or escaped, in any mixture: URLs (once or twice),
//     quoted-printable, JSON (once, or within JSON), C, Go, Python, HTML by name and
//     number, the quoting of shells, cat -v; lines broken and indented anywhere,
//     newlines as a terminal makes them
//   - base64 in both alphabets at all three offsets, with and without padding, broken into
//     lines, escaped in URLs and JSON; also of the value in UTF-16 LE
//   - hex in any case, with and without separators; dumps by xxd, hexdump and od -x with
//     their offsets and text columns, in bytes or in 16-bit words
//   - lists of decimal numbers, of bytes or of characters; od -c and od -a; characters
//     spaced out, one a line, or in a list
//   - UTF-16 in both orders; the value from its end to its start
//   - each telling line of a value of several lines, as text and reversed; and if the value
//     holds CR LF, or \n as two characters, all of that with newlines for them
//
// Escape sequences may stand between any two bytes of any of these: that is the
// business of package redact.
package forms

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"unicode/utf16"
	"unicode/utf8"

	"noxkey/secret"
)

// MinLen is the length in bytes below which a value has no forms.
const MinLen = secret.MinRedacted

// Add inserts all forms of v, a value of MinLen bytes or more with no white space at
// its ends, and the lines of it. Needle is what Needles will return for them.
func (b *Builder) Add(v []byte, needle int32) {
	b.addWhole(v, needle)
	// Keys of several lines are often stored as one, for files that know no others, or
	// as other systems end lines.
	lines := unixLines(v)
	if whole := secret.Trim(lines); len(whole) >= MinLen && !bytes.Equal(whole, v) {
		b.addWhole(whole, needle)
	}
	b.addLines(lines, needle)
	secret.Wipe(lines)
}

// unixLines is v with newlines for all that stands for one.
func unixLines(v []byte) []byte {
	out := bytes.Clone(v)
	for _, s := range []string{`\r\n`, `\n`, "\r\n"} {
		next := bytes.ReplaceAll(out, []byte(s), []byte("\n"))
		secret.Wipe(out)
		out = next
	}
	return out
}

func (b *Builder) addWhole(v []byte, needle int32) {
	b.addText(v, needle)
	b.addBytes(v, needle, true)
	b.addBase64(v, needle)
	b.addNumbers(v, needle)
	if wide, ok := utf16le(v); ok {
		b.addBytes(wide, needle, false)
		b.addBase64(wide, needle)
		for i := 0; i+1 < len(wide); i += 2 {
			wide[i], wide[i+1] = wide[i+1], wide[i]
		}
		b.addBytes(wide, needle, false)
		secret.Wipe(wide)
	}
	b.addColumn(v, needle)
}

// addLines adds the telling lines of v, if it has several.
func (b *Builder) addLines(v []byte, needle int32) {
	if !bytes.Contains(v, []byte("\n")) {
		return
	}
	for line := range bytes.Lines(v) {
		if line = secret.Trim(line); telling(line) {
			b.addText(line, needle)
			b.addBytes(line, needle, true)
		}
	}
}

// telling reports whether one line of a value of several is looked for on its own: it
// holds a word of 20 bytes, or one of 8 bytes with a digit. Lines such as
// "apiVersion: v1" and PEM's first stand in other texts, too.
func telling(line []byte) bool {
	if bytes.HasPrefix(line, []byte("-----")) {
		return false
	}
	for word := range bytes.FieldsSeq(line) {
		if len(word) >= 20 || len(word) >= 8 && bytes.ContainsAny(word, "0123456789") {
			return true
		}
	}
	return false
}

// peek is how many bytes of a value of n bytes FlushIdle may let go: as many as a
// peek shows, a quarter and at most 8.
func peek(n int) int { return min(n/4, 8) }

// addText is the value with every byte as itself or escaped, and every character
// above 0x7f as one. What is not UTF-8 may have become U+FFFD, or a lone surrogate
// as Python has it.
func (b *Builder) addText(v []byte, needle int32) {
	w := word{letters: make([]Letter, len(v)), loose: peek(len(v)), gaps: always(gapQuote | gapWrap)}
	for i, c := range v {
		w.letters[i] = Letter(c)
	}
	path := b.insert(w, needle)
	for i := 0; i < len(v); {
		r, size := utf8.DecodeRune(v[i:])
		switch {
		case size > 1:
			b.join(path[i], inRune+Letter(r), path[i+size])
		case r == utf8.RuneError:
			b.join(path[i], lost+Letter(v[i]), path[i+1])
			b.join(path[i], inRune+0xdc00+Letter(v[i]), path[i+1])
		}
		i += size
	}
	clear(w.letters)
}

func always(g gaps) func(int) gaps { return func(int) gaps { return g } }

// addBytes is the value with every byte as itself; if reversed is set, from its end
// to its start, by bytes and by characters.
func (b *Builder) addBytes(v []byte, needle int32, reversed bool) {
	w := word{letters: make([]Letter, len(v)), loose: peek(len(v)), gaps: always(gapWrap)}
	for i, c := range v {
		w.letters[i] = bare + Letter(c)
	}
	if reversed {
		slices.Reverse(w.letters)
	}
	b.insert(w, needle)
	if reversed && utf8.Valid(v) {
		at := len(v)
		for _, r := range string(v) {
			at -= utf8.RuneLen(r)
			for i, c := range utf8.AppendRune(nil, r) {
				w.letters[at+i] = bare + Letter(c)
			}
		}
		b.insert(w, needle)
	}
	clear(w.letters)
}

// addColumn is the value as the text columns of xxd and hexdump -C show it: a dot for
// each byte that does not print.
func (b *Builder) addColumn(v []byte, needle int32) {
	dotted, prints := bytes.Clone(v), 0
	for i, c := range v {
		if c < ' ' || c > '~' {
			dotted[i] = '.'
		} else {
			prints++
		}
	}
	if prints < len(v) && prints >= MinLen {
		b.addBytes(dotted, needle, false)
	}
	secret.Wipe(dotted)
}

// addBase64 is base64 of a text that holds v anywhere: at each of the 3 offsets, the
// characters that depend on v alone. A character that v shares with what stands
// before it stays in the text (at most 4 bits of v); one that it shares with
// what stands behind is taken, and so is the padding.
func (b *Builder) addBase64(v []byte, needle int32) {
	padded := append(make([]byte, 2, 2+len(v)), v...)
	text := make([]byte, base64.RawStdEncoding.EncodedLen(len(padded)))
	for offset := range 3 {
		base64.RawStdEncoding.Encode(text, padded[2-offset:])
		known := (offset + len(v)) * 8
		w := word{letters: make([]Letter, 0, len(text)), loose: peek(len(v)) * 8 / 6, gaps: always(gapWrap)}
		for i := (offset*8 + 5) / 6; i < known/6; i++ {
			w.letters = append(w.letters, inBase64+Letter(value64(text[i])))
		}
		path := b.insert(w, needle)
		if rest := known % 6; rest > 0 {
			b.tail64(path[len(path)-1], value64(text[known/6]), 6-rest, needle)
		}
		clear(w.letters)
	}
	secret.Wipe(padded)
	secret.Wipe(text)
}

// tail64 adds the last character, of which free bits are not v's, and the padding.
func (b *Builder) tail64(end int32, last, free int, needle int32) {
	b.t.Nodes[end].gaps |= gapWrap
	for low := range 1 << free {
		n := b.extend(end, inBase64+Letter(last|low))
		b.end(n, needle)
		if low != 0 {
			continue
		}
		for range free / 2 {
			b.t.Nodes[n].gaps |= gapWrap
			n = b.extend(n, pad64)
			b.end(n, needle)
		}
	}
}

func value64(c byte) int {
	return bytes.IndexByte([]byte(alphabet64+"+/"), c)
}

// utf16le returns v in UTF-16 LE, if v is text.
func utf16le(v []byte) ([]byte, bool) {
	if !utf8.Valid(v) {
		return nil, false
	}
	runes := bytes.Runes(v)
	units := utf16.Encode(runes)
	out := make([]byte, 0, 2*len(units))
	for _, u := range units {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	clear(runes)
	clear(units)
	return out, true
}
