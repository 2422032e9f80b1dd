package forms

import (
	"bytes"
	"unicode/utf8"

	"noxkey/secret"
)

// addNumbers is the value as a list of numbers: hex, of bytes and of the 16-bit words
// that hexdump and od -x print (where such a word holds a byte that is not v's, v's other
// byte stays: the first, the last or both); decimal; and as od -c prints it.
func (b *Builder) addNumbers(v []byte, needle int32) {
	b.addHex(v, needle)
	for odd := range 2 {
		if words := v[odd : len(v)-(len(v)-odd)%2]; len(words) >= 4 {
			words = bytes.Clone(words)
			for i := 0; i+1 < len(words); i += 2 {
				words[i], words[i+1] = words[i+1], words[i]
			}
			b.addHex(words, needle)
			secret.Wipe(words)
		}
	}
	decimal := word{letters: make([]Letter, 0, 2*len(v)), loose: 2 * peek(len(v)), gaps: func(depth int) gaps {
		if depth%2 == 0 {
			return gapList
		}
		return 0
	}}
	dump := word{letters: make([]Letter, 0, 2*len(v)), loose: 2 * peek(len(v)), gaps: always(0)}
	for i, c := range v {
		if i > 0 {
			decimal.letters = append(decimal.letters, comma)
			dump.letters = append(dump.letters, between)
		}
		decimal.letters = append(decimal.letters, inDecimal+Letter(c))
		dump.letters = append(dump.letters, inDump+Letter(c))
	}
	b.joinPoints(v, b.insert(decimal, needle))
	b.joinSpaced(v, b.insert(dump, needle))
	clear(decimal.letters)
	clear(dump.letters)
}

// joinPoints lets the decimal form have code points.
func (b *Builder) joinPoints(v []byte, path []int32) {
	for i := 0; i < len(v); {
		r, size := utf8.DecodeRune(v[i:])
		if size > 1 {
			b.join(path[2*i], numbered+Letter(r), path[2*(i+size)-1])
		}
		i += size
	}
}

// joinSpaced lets the spaced-out form have whole characters, and no newlines: what works
// line by line drops them.
func (b *Builder) joinSpaced(v []byte, path []int32) {
	for i := 0; i < len(v); {
		r, size := utf8.DecodeRune(v[i:])
		switch {
		case size > 1:
			b.join(path[2*i], dumpRune+Letter(r), path[2*(i+size)-1])
		case r == utf8.RuneError:
			b.join(path[2*i], dumpLost+Letter(v[i]), path[2*i+1])
		}
		if r == '\n' && i > 0 && i+1 < len(v) {
			b.join(path[2*i-1], betweenNL, path[2*i+2])
		}
		i += size
	}
}

func (b *Builder) addHex(v []byte, needle int32) {
	w := word{letters: make([]Letter, 0, 2*len(v)), loose: 2 * peek(len(v)), gaps: func(depth int) gaps {
		if depth%2 == 0 {
			return gapHex | gapDump | gapWrap
		}
		return gapWrap
	}}
	for _, c := range v {
		w.letters = append(w.letters, inHex+Letter(c>>4), inHex+Letter(c&15))
	}
	b.insert(w, needle)
	clear(w.letters)
}
