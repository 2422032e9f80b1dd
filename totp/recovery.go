package totp

import (
	"bytes"
	"crypto/sha256"
	"time"
	"unicode"

	"noxkey/secret"
)

// A value of kind recovery_codes is text, one code a line. Blank lines and lines
// that begin with # are passed over and kept. Before a code, list marks are taken
// off: "- ", "* ", and a number with "." or ")" and a space. Everything else on the
// line is the code, spaces inside it included ("1234 5678" is one code), so two
// columns of codes must be made one by whoever stores them.
//
// A used code is not deleted but struck off, so that a person who looks at the value,
// or restores an old backup and compares, sees which are gone and since when:
//
//	# used 2026-11-22 abcd-efgh
//
// A code that stands on such a line is never handed out again, even if it stands
// on a line of its own as well.
const (
	struck  = "# used "
	dateLen = len(time.DateOnly)
)

// NextCode takes the first code that is not struck off. It returns the code, the
// whole value with the code struck off under at's date, and how many codes are left
// after it. Whoever hands out the code must have stored rest first, or the code can
// be handed out twice. Both are the caller's to wipe; value is neither kept nor changed.
//
// The errors: NotFound when there is no code or none that is unused; Invalid when the
// value would grow over secret.MaxValue, in which case nothing is handed out.
func NextCode(value []byte, at time.Time) (code, rest secret.Value, left int, err error) {
	l := read(value)
	switch {
	case len(l.unused) == 0 && len(l.used) == 0:
		return code, rest, 0, secret.Errorf(secret.NotFound, "there is no recovery code in it: one code a line is expected")
	case len(l.unused) == 0:
		return code, rest, 0, secret.Errorf(secret.NotFound, "all %d recovery codes have been used: get new ones from the site", len(l.used))
	}
	first := l.unused[0]
	mark := struck + at.Format(time.DateOnly) + " "
	text := value[first.start:first.end]
	// The line from its beginning to the end of the code is replaced, what follows stays.
	after := make([]byte, 0, len(value)+len(mark))
	after = append(after, value[:first.line]...)
	after = append(after, mark...)
	after = append(after, text...)
	after = append(after, value[first.end:]...)
	if len(after) > secret.MaxValue {
		secret.Wipe(after)
		return code, rest, 0, secret.Errorf(secret.Invalid, "there is no room left to strike the code off: delete the lines of used codes")
	}
	if rest, err = secret.NewValue(after); err != nil {
		return code, secret.Value{}, 0, err
	}
	if code, err = secret.NewValue(bytes.Clone(text)); err != nil {
		rest.Wipe()
		return secret.Value{}, secret.Value{}, 0, err
	}
	return code, rest, len(l.unused) - 1, nil
}

// Count says how many codes value holds that are unused, and how many that are struck off.
func Count(value []byte) (unused, used int) {
	l := read(value)
	return len(l.unused), len(l.used)
}

// span is where a code stands in the value, and where its line begins.
type span struct{ line, start, end int }

// sum stands for a code, so that no strings are made of codes to compare them.
type sum = [sha256.Size]byte

// list is a value of recovery codes.
type list struct {
	unused []span // in order, each code once
	used   map[sum]bool
}

func read(value []byte) list {
	l := list{used: map[sum]bool{}}
	var open []span
	for at := 0; at < len(value); {
		line := value[at:]
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		if code, isUsed := codeIn(line); isUsed {
			l.used[sha256.Sum256(code)] = true
		} else if len(code) > 0 {
			// A code always ends where the line ends but for white space.
			end := at + len(bytes.TrimRightFunc(line, unicode.IsSpace))
			open = append(open, span{line: at, start: end - len(code), end: end})
		}
		at += len(line) + 1
	}
	seen := map[sum]bool{}
	for _, s := range open {
		code := sha256.Sum256(value[s.start:s.end])
		if !l.used[code] && !seen[code] {
			l.unused = append(l.unused, s)
		}
		seen[code] = true
	}
	return l
}

// codeIn returns the code on a line, if there is one, and whether it is struck off.
func codeIn(line []byte) (code []byte, isUsed bool) {
	line = bytes.TrimSpace(line)
	if rest, ok := bytes.CutPrefix(line, []byte(struck)); ok && len(rest) > dateLen+1 && rest[dateLen] == ' ' {
		if _, err := time.Parse(time.DateOnly, string(rest[:dateLen])); err == nil {
			return bytes.TrimLeftFunc(rest[dateLen+1:], unicode.IsSpace), true
		}
	}
	if len(line) == 0 || line[0] == '#' {
		return nil, false
	}
	return bytes.TrimLeftFunc(line[listMark(line):], unicode.IsSpace), false
}

// listMark is the length of "-", "*", "7." or "7)" at the start of line, if a space or
// nothing follows it; otherwise 0.
func listMark(line []byte) int {
	n := 1
	if line[0] != '-' && line[0] != '*' {
		n = 0
		for n < len(line) && '0' <= line[n] && line[n] <= '9' {
			n++
		}
		if n == 0 || n == len(line) || line[n] != '.' && line[n] != ')' {
			return 0
		}
		n++
	}
	if n < len(line) && line[n] != ' ' && line[n] != '\t' {
		return 0
	}
	return n
}
