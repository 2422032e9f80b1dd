package ui

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"noxkey/secret"
)

// leastPassphrase is the number of characters below which a passphrase is
// refused. It is no measure of strength: Argon2id makes each guess dear, and length
// is the only thing that can be told without a dictionary.
const leastPassphrase = 8

// PassphraseHint says how long a passphrase is, and what to think of it.
func PassphraseHint(b []byte) string {
	n := utf8.RuneCount(b)
	s := Count(n, "character") + ". "
	switch {
	case n == 0:
		return "At least 8 characters; four or five random words are good."
	case n < leastPassphrase:
		return s + fmt.Sprintf("At least %d.", leastPassphrase)
	case monotone(b):
		return s + "Too much of the same."
	case n < 14:
		return s + "Short; four or five random words are better."
	}
	return s + "Good."
}

// monotone reports whether b is made of fewer than four different characters.
func monotone(b []byte) bool {
	seen := map[rune]bool{}
	for len(b) > 0 { // not over string(b), which would be a copy that nobody wipes
		r, size := utf8.DecodeRune(b)
		seen[r] = true
		b = b[size:]
	}
	return len(seen) < 4
}

// PassphraseFault says why a new passphrase, typed twice, cannot be taken; "" if
// it can.
func PassphraseFault(first, again []byte) string {
	switch {
	case utf8.RuneCount(first) < leastPassphrase:
		return fmt.Sprintf("A passphrase needs at least %d characters.", leastPassphrase)
	case monotone(first):
		return "That passphrase is too much of the same."
	case bytes.IndexByte(first, 0) >= 0:
		return "A passphrase cannot hold a zero byte."
	case !bytes.Equal(first, again):
		return "The two are not the same."
	}
	return ""
}

// ValueFault says why b cannot be stored as a value; "" if it can.
func ValueFault(b []byte) string {
	switch {
	case len(b) == 0:
		return "The value is empty."
	case len(b) > secret.MaxValue:
		return fmt.Sprintf("%d KiB is too long; the most is 64 KiB.", (len(b)+1023)>>10)
	case bytes.IndexByte(b, 0) >= 0:
		return "The value holds a zero byte, which no variable can carry."
	}
	return ""
}

// ValueCount is the line below a value field: how long the value is, or what is
// wrong with it. Nothing typed yet is nothing wrong.
func ValueCount(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if why := ValueFault(b); why != "" {
		return why
	}
	s := Count(utf8.RuneCount(b), "character")
	if n := bytes.Count(b, []byte{'\n'}); n > 0 {
		s += ", " + Count(n+1, "line")
	}
	s += "."
	if len(bytes.TrimSpace(b)) != len(b) {
		s += " Spaces at the ends are kept."
	}
	return s
}

// NameFault says why s cannot be the name of a new secret; "" if it can.
func NameFault(s string) string {
	n, err := secret.ParseName(s)
	if err != nil {
		return "A name is 2 to 6 parts of letters, digits, dot, dash and underscore, such as acme/api/KEY."
	}
	if err := n.Writable(); err != nil {
		return Words(err)
	}
	return ""
}
