package dotenv

import (
	"bytes"
	"unicode/utf8"
)

// scanner walks text whose lines end in LF.
type scanner struct {
	src  []byte
	pos  int // always at the start of a line between calls of one
	line int // of pos, from 1
	file File
}

func (s *scanner) run() {
	for s.pos < len(s.src) {
		end := s.one()
		s.line += bytes.Count(s.src[s.pos:end], []byte{'\n'}) + 1
		s.pos = end + 1
	}
}

// one reads the pair, comment or bad line at pos and returns the index of the LF
// that ends it (or len(src)).
func (s *scanner) one() int {
	eol := lineEnd(s.src, s.pos)
	i := skipSpace(s.src[:eol], s.pos)
	if i == eol || s.src[i] == '#' {
		return eol
	}
	key, exported, i, ok := name(s.src[:eol], i)
	if !ok {
		s.bad(ReasonNoPair)
		return eol
	}
	v := readValue(s.src, i)
	switch {
	case v.reason != "":
		s.bad(v.reason)
	case bytes.IndexByte(v.text, 0) >= 0:
		s.bad(ReasonNUL)
	case key[0] != '_' && !isLetter(key[0]):
		s.bad(ReasonName) // only now, so that a value of many lines is skipped whole
	default:
		s.pair(string(key), exported, v)
	}
	return v.end
}

func (s *scanner) bad(reason string) {
	s.file.Bad = append(s.file.Bad, BadLine{s.line, reason})
}

func (s *scanner) pair(key string, exported bool, v value) {
	text, doubt := v.text, v.doubt
	var out []byte
	if v.quote == '"' {
		var used bool
		if out, used = unescape(text); used && doubt == "" {
			doubt = DoubtBackslash
		}
	} else {
		out = bytes.Clone(text)
	}
	if len(out) > MaxValue {
		clear(out)
		s.bad(ReasonTooLong)
		return
	}
	s.file.Pairs = append(s.file.Pairs, Pair{key, out, s.line, exported, doubt})
}

// name reads `[export ]KEY` and the `=` (or npm's `: `) after it from i on, and
// returns the index behind that. ok is false if line holds no such thing.
func name(line []byte, i int) (key []byte, exported bool, next int, ok bool) {
	if rest, found := bytes.CutPrefix(line[i:], []byte("export")); found {
		j := skipSpace(line, len(line)-len(rest))
		if j > len(line)-len(rest) && j < len(line) && isKeyByte(line[j]) {
			exported, i = true, j
		}
	}
	start := i
	for i < len(line) && isKeyByte(line[i]) {
		i++
	}
	if key = line[start:i]; len(key) == 0 || i == len(line) {
		return nil, false, 0, false
	}
	if line[i] == ':' && skipSpace(line, i+1) > i+1 {
		return key, exported, i + 1, true
	}
	if i = skipSpace(line, i); i == len(line) || line[i] != '=' {
		return nil, false, 0, false
	}
	return key, exported, i + 1, true
}

// value is a value as it stands in the source.
type value struct {
	text   []byte // part of src, without the quotes, still escaped
	quote  byte   // ' " ` or 0
	end    int    // index of the LF that ends the pair
	doubt  string
	reason string // of a bad line; then text is nil
}

// readValue reads the value that begins right behind the `=` at i.
func readValue(src []byte, i int) value {
	eol := lineEnd(src, i)
	start := skipSpace(src[:eol], i)
	if start < eol && isQuote(src[start]) {
		return quoted(src, start, eol)
	}
	v := value{end: eol}
	stop := eol
	if h := bytes.IndexByte(src[i:eol], '#'); h >= 0 {
		stop = i + h
		if len(trimRight(src[i:stop])) == stop-i {
			v.doubt = DoubtHash
		}
	}
	if start < stop {
		v.text = trimRight(src[start:stop])
	}
	return v
}

// quoted reads the value whose opening quote is at start, on the line that ends
// at eol.
func quoted(src []byte, start, eol int) value {
	q := src[start]
	if end, tail, ok := closing(src, start, eol); ok {
		v := value{text: src[start+1 : end], quote: q, end: tail}
		if i := bytes.LastIndexByte(v.text, '\n'); i >= 0 && looksLikeKey(v.text[i+1:]) {
			v.doubt = DoubtSwallowed
		}
		return v
	}
	// npm's second try: what stands before a # on this line, if it ends in the
	// quote it began with ('it's' is it's).
	text, _, _ := bytes.Cut(src[start:eol], []byte{'#'})
	text = trimRight(text)
	n := len(text)
	switch {
	case n > 1 && text[n-1] == q:
		return value{text: text[1 : n-1], quote: q, end: eol, doubt: DoubtQuote}
	case bytes.IndexByte(text[1:], q) >= 0:
		return value{end: eol, reason: ReasonTrailing}
	default:
		return value{end: eol, reason: ReasonUnterminated}
	}
}

// closing finds the quote that closes the one at start: the first that no
// backslash escapes, if only space or a comment follows it on its line. If that
// fails, an escaped one on the first line will do ("C:\dir\"). tail is the index
// of the LF behind it.
func closing(src []byte, start, eol int) (end, tail int, ok bool) {
	q := src[start]
	for s := start + 1; ; s++ {
		i := bytes.IndexByte(src[s:], q)
		if i < 0 {
			return end, tail, ok
		}
		s += i
		free := !escaped(src[start+1:s], q)
		if free || s < eol {
			if t, fits := lineRest(src, s+1); fits {
				end, tail, ok = s, t, true
			}
		}
		if free {
			return end, tail, ok
		}
	}
}

// escaped says whether a quote q behind before is escaped. In single quotes and
// backticks a backslash is no escape for itself.
func escaped(before []byte, q byte) bool {
	n := len(before) - len(bytes.TrimRight(before, `\`))
	if q == '"' {
		return n%2 == 1
	}
	return n > 0
}

// lineRest says whether from i on only space, or a comment, is left of the line,
// and where the line ends.
func lineRest(src []byte, i int) (eol int, ok bool) {
	i = skipSpace(src, i)
	if i < len(src) && src[i] == '#' {
		return lineEnd(src, i), true
	}
	return i, i == len(src) || src[i] == '\n'
}

// unescape undoes \n \r \" \\ and keeps every other backslash. doubtful is true
// if it met one of the two that npm does not undo.
func unescape(text []byte) (out []byte, doubtful bool) {
	out = make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' && i+1 < len(text) {
			switch text[i+1] {
			case 'n':
				c, i = '\n', i+1
			case 'r':
				c, i = '\r', i+1
			case '"', '\\':
				c, i, doubtful = text[i+1], i+1, true
			}
		}
		out = append(out, c)
	}
	return out, doubtful
}

// looksLikeKey says whether line is `KEY=` and nothing else.
func looksLikeKey(line []byte) bool {
	_, _, next, ok := name(line, skipSpace(line, 0))
	return ok && skipSpace(line, next) == len(line)
}

func lineEnd(src []byte, i int) int {
	if n := bytes.IndexByte(src[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(src)
}

func isQuote(c byte) bool  { return c == '\'' || c == '"' || c == '`' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isKeyByte(c byte) bool {
	return isLetter(c) || '0' <= c && c <= '9' || c == '_' || c == '.' || c == '-'
}

// isSpace is JavaScript's \s without LF (ECMA-262, WhiteSpace and
// LineTerminator), so that what npm trims is trimmed here. The byte order mark is
// in that set, which is how both skip it.
func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\v', '\f', '\r', 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF:
		return true
	}
	return 0x2000 <= r && r <= 0x200A
}

func skipSpace(src []byte, i int) int {
	for i < len(src) {
		r, n := utf8.DecodeRune(src[i:])
		if !isSpace(r) {
			break
		}
		i += n
	}
	return i
}

func trimRight(b []byte) []byte { return bytes.TrimRightFunc(b, isSpace) }

func validKey(key string) bool {
	for i := range len(key) {
		if !isKeyByte(key[i]) {
			return false
		}
	}
	return key != "" && (key[0] == '_' || isLetter(key[0]))
}
