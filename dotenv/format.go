package dotenv

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

var (
	// ErrKey means a key that Parse would not accept.
	ErrKey = errors.New("not a name that a .env file can hold")
	// ErrValue means a value with a NUL byte or over MaxValue.
	ErrValue = errors.New("value holds a NUL byte or is over 64 KiB")
)

// Format writes pairs, one after the other, as text that Parse reads back byte
// for byte: keys, values, Exported, order and duplicates. (Line and Doubt are
// Parse's.) The result holds the secrets and belongs to the caller. Errors wrap
// ErrKey or ErrValue and name the pair by its number, or are a *SizeError.
//
// Each value is written in the first of these forms that npm's dotenv reads
// rightly; quoting has no rule that all readers share:
//
//	bare        letters, digits and _ . / : @ % + , - only
//	'single'    as is; not for values with ' or CR
//	"double"    as is, CR as \r; not with " or \\ \n \r
//	bare        as is, whatever is in it but #, line ends and space at the ends
//	"loose"     "double" with " inside and LF as \n; one line, no #
//	"escaped"   \ as \\, " as \", CR as \r: only here npm reads something else
//
// A value that ends in a backslash has a comment with a lone quote behind it,
// which keeps npm from taking the next line for part of the value. Backticks are
// never written, though npm would read a few more values that way: a shell that
// sources the file would run the value as a command.
//
// Other readers may read a `$` differently: docker compose, Python's and Ruby's
// dotenv and dotenv-expand interpolate outside single quotes. ReadBy says for one
// pair what npm and a shell make of it.
func Format(pairs []Pair) ([]byte, error) {
	size := 0
	for i, p := range pairs {
		if !validKey(p.Key) {
			return nil, fmt.Errorf("pair %d: %w", i+1, ErrKey)
		}
		if len(p.Value) > MaxValue || bytes.IndexByte(p.Value, 0) >= 0 {
			return nil, fmt.Errorf("pair %d: %w", i+1, ErrValue)
		}
		size += 2*len(p.Key) + 2*len(p.Value) + len("export =''\n# ' ends \n")
	}
	out := make([]byte, 0, size) // enough: no copy is left behind by growing
	for _, p := range pairs {
		out = appendPair(out, p)
	}
	if len(out) > MaxFile {
		clear(out)
		return nil, &SizeError{int64(len(out))}
	}
	return out, nil
}

// ReadBy says who reads p, as Format writes it, byte for byte: npm's dotenv (as
// recorded in testdata/format), and a POSIX shell that sources the file. Where
// shell is false, sourcing the file may run parts of the value.
func ReadBy(p Pair) (npm, shell bool) {
	f := formOf(p.Value)
	npm = f != escapedForm && utf8.Valid(p.Value) && p.Key != "__proto__"
	switch f {
	case plain, single:
		shell = true
	case double:
		shell = !bytes.ContainsAny(p.Value, "$`\r") && !bytes.Contains(p.Value, []byte("\\\n"))
	case escapedForm:
		shell = !bytes.ContainsAny(p.Value, "$`\r")
	}
	return npm, shell && !strings.ContainsAny(p.Key, ".-")
}

// form is a way to write a value; see Format.
type form int

const (
	plain form = iota
	single
	double
	bare
	loose
	escapedForm
)

func formOf(v []byte) form {
	has := func(chars string) bool { return bytes.ContainsAny(v, chars) }
	ends := bytes.HasSuffix(v, []byte{'\\'})
	switch {
	case isPlain(v):
		return plain
	case !has("'\r") && !(ends && has("\n")):
		return single
	case !has(`"`) && !ends && !backslashMeans(v):
		return double
	case isBare(v):
		return bare
	case !has("#") && !ends && !backslashMeans(v):
		return loose
	}
	return escapedForm
}

func isPlain(v []byte) bool {
	for _, c := range v {
		if !isKeyByte(c) && !strings.ContainsRune("/:@%+,", rune(c)) {
			return false
		}
	}
	return len(v) > 0
}

// isBare says whether v can stand unquoted. U+2028 and U+2029 are line ends to
// npm's quote stripping.
func isBare(v []byte) bool {
	return len(v) > 0 && !isQuote(v[0]) && !bytes.ContainsAny(v, "#\r\n\u2028\u2029") &&
		skipSpace(v, 0) == 0 && len(trimRight(v)) == len(v)
}

// backslashMeans says whether a backslash in v would mean more than itself
// within double quotes, when line ends may be written as \n and \r.
func backslashMeans(v []byte) bool {
	for i := range len(v) - 1 {
		if v[i] == '\\' && bytes.IndexByte([]byte("\\\"nr\r\n"), v[i+1]) >= 0 {
			return true
		}
	}
	return false
}

func appendPair(out []byte, p Pair) []byte {
	if p.Exported {
		out = append(out, "export "...)
	}
	out = append(append(out, p.Key...), '=')
	f, quote := formOf(p.Value), byte('"')
	switch f {
	case plain, bare:
		return append(append(out, p.Value...), '\n')
	case single:
		quote = '\''
	}
	out = append(out, quote)
	for _, c := range p.Value {
		out = appendEscaped(out, c, f)
	}
	out = append(out, quote, '\n')
	if bytes.HasSuffix(p.Value, []byte{'\\'}) {
		out = append(append(append(out, "# "...), quote), " ends "...)
		out = append(append(out, p.Key...), '\n')
	}
	return out
}

func appendEscaped(out []byte, c byte, f form) []byte {
	switch {
	case f == single:
		return append(out, c)
	case c == '\r':
		return append(out, `\r`...)
	case c == '\n' && f == loose:
		return append(out, `\n`...)
	case f == escapedForm && (c == '"' || c == '\\'):
		return append(out, '\\', c)
	}
	return append(out, c)
}
