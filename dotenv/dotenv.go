package dotenv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Limits, in bytes.
const (
	MaxFile  = 1 << 20  // of a whole file
	MaxValue = 64 << 10 // of one value, after unquoting; NoxKey's limit for a secret
)

var (
	// ErrTooBig means more than MaxFile bytes. It comes wrapped in a *SizeError.
	ErrTooBig = errors.New("file is over 1 MiB")
	// ErrNotText means that the bytes are not a text file (see isBinary).
	ErrNotText = errors.New("not a text file")
	// ErrNoKeys means that not one pair was found. The File returned with it
	// still holds the bad lines.
	ErrNoKeys = errors.New("no keys found")
)

// SizeError says how big the refused input is. It wraps ErrTooBig.
type SizeError struct {
	Size int64 // bytes; for a stream of unknown length, those read before it was refused
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%v: at least %d bytes", ErrTooBig, e.Size)
}

// Unwrap returns ErrTooBig.
func (e *SizeError) Unwrap() error { return ErrTooBig }

// Reasons for a BadLine.
const (
	ReasonNoPair       = "not a KEY=value line"
	ReasonName         = "name must begin with a letter or an underscore"
	ReasonUnterminated = "quote is not closed"
	ReasonTrailing     = "text after the closing quote"
	ReasonTooLong      = "value is over 64 KiB"
	ReasonNUL          = "holds a NUL byte"
)

// Doubts: why another reader may read a pair's value differently.
const (
	DoubtHash      = "a # with no space before it ended the value; some readers keep it"
	DoubtBackslash = "escaped quotes or backslashes; some readers keep the backslash"
	DoubtQuote     = "the value's own quote character occurs inside it unescaped"
	DoubtSwallowed = "the value runs over several lines and ends in what looks like another key"
)

// A Pair is one KEY=value.
type Pair struct {
	Key      string // [A-Za-z_][A-Za-z0-9_.-]*
	Value    []byte // unquoted, at most MaxValue bytes, no NUL; may be empty; the caller's to keep and wipe
	Line     int    // of the key, from 1
	Exported bool   // written as `export KEY=`
	Doubt    string // a Doubt constant, or empty
}

// Format prints the pair without its value, under every verb, so that a pair in a
// log line or a test failure gives nothing away. It implements fmt.Formatter.
func (p Pair) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "%s=[secret] (line %d)", p.Key, p.Line)
}

// MarshalJSON refuses.
func (p Pair) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a dotenv pair is not marshalled: it holds a secret")
}

// A BadLine is text that is neither pair, comment nor blank.
type BadLine struct {
	Line   int    // from 1; of the key when the text runs over several lines
	Reason string // a Reason constant; never quotes the line
}

// A File is what a `.env` text says, in the order of its lines.
type File struct {
	Pairs []Pair // duplicates included
	Bad   []BadLine
}

// Last returns the pairs that count: of each key the last one, as dotenv readers
// have it, in the order of their lines. The values are shared with f.
func (f File) Last() []Pair {
	at := make(map[string]int, len(f.Pairs))
	for i, p := range f.Pairs {
		at[p.Key] = i
	}
	last := make([]Pair, 0, len(at))
	for i, p := range f.Pairs {
		if at[p.Key] == i {
			last = append(last, p)
		}
	}
	return last
}

// Wipe overwrites all values with zeros.
func (f File) Wipe() {
	for _, p := range f.Pairs {
		clear(p.Value)
	}
}

// Parse reads r to its end and parses what it read. It stops one byte after
// MaxFile. Errors: *SizeError, ErrNotText, ErrNoKeys, and those of r.
func Parse(r io.Reader) (File, error) {
	src, err := readLimited(r, 0)
	if err != nil {
		return File{}, err
	}
	defer clear(src)
	return ParseBytes(src)
}

// ParseBytes parses src and keeps nothing of it. Errors: *SizeError, ErrNotText,
// ErrNoKeys.
func ParseBytes(src []byte) (File, error) {
	if len(src) > MaxFile {
		return File{}, &SizeError{int64(len(src))}
	}
	if isBinary(src) {
		return File{}, ErrNotText
	}
	if bytes.IndexByte(src, '\r') >= 0 {
		src = unixLines(src)
		defer clear(src)
	}
	s := scanner{src: src, line: 1}
	s.run()
	if len(s.file.Pairs) == 0 {
		return s.file, ErrNoKeys
	}
	return s.file, nil
}

// isBinary says whether src is refused as a whole. A NUL is what no text holds,
// yet one stray NUL must not cost the other lines, so it makes a bad line unless
// the rest is not text either: bytes that are no UTF-8 (images, archives,
// programs, UTF-16 with a byte order mark), or NULs by the dozen (UTF-16 without
// a mark, disk images). Without a NUL anything passes: Latin-1 passwords exist.
func isBinary(src []byte) bool {
	nuls := bytes.Count(src, []byte{0})
	if nuls == 0 {
		return false
	}
	return !utf8.Valid(src) || nuls >= 4 && nuls > len(src)/8
}

// unixLines returns a copy of src in which CR LF and a lone CR are LF, as npm
// does before anything else, inside quotes too.
func unixLines(src []byte) []byte {
	out := make([]byte, 0, len(src))
	for i, c := range src {
		switch {
		case c != '\r':
			out = append(out, c)
		case i+1 == len(src) || src[i+1] != '\n':
			out = append(out, '\n')
		}
	}
	return out
}

// readLimited reads all of r, at most MaxFile bytes; size is a guess. The buffer
// never grows past its first allocation when the guess is right, so that no
// forgotten copy of its content is left behind.
func readLimited(r io.Reader, size int64) ([]byte, error) {
	buf := make([]byte, 0, min(size, MaxFile)+512)
	for {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if len(buf) > MaxFile {
			clear(buf)
			return nil, &SizeError{int64(len(buf))}
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			clear(buf)
			return nil, err
		}
		if len(buf) == cap(buf) {
			bigger := make([]byte, len(buf), 2*cap(buf))
			copy(bigger, buf)
			clear(buf)
			buf = bigger
		}
	}
}
