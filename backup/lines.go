package backup

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"noxkey/secret"
)

// reader reads the plain text, line by line.
type reader struct {
	lines *bufio.Scanner
	total int
	seen  names
	f     func(Record) error
}

func newReader(plain io.Reader, buf []byte, f func(Record) error) *reader {
	r := &reader{lines: bufio.NewScanner(plain), seen: names{}, f: f}
	r.lines.Buffer(buf, len(buf)) // which is all it ever holds
	r.lines.Split(wholeLine)
	return r
}

func readAll(plain io.Reader, f func(Record) error) (Summary, error) {
	buf := make([]byte, maxLine)
	defer secret.Wipe(buf)
	r := newReader(plain, buf, f)
	line, err := r.next()
	if err != nil {
		return Summary{}, err
	}
	h, err := parseHeader(line)
	if err != nil {
		return Summary{}, err
	}
	for done := false; !done; {
		if line, err = r.next(); err != nil {
			return Summary{}, err
		}
		if done, err = r.row(line); err != nil {
			return Summary{}, err
		}
	}
	// The end of the encryption is checked by reading past the last line.
	if r.lines.Scan() {
		return Summary{}, secret.Errorf(secret.Invalid, "the backup goes on after its last line")
	}
	if r.lines.Err() != nil {
		return Summary{}, damaged(len(r.seen))
	}
	return Summary{Created: h.Created, Records: len(r.seen)}, nil
}

var errPartial = errors.New("a line without an end")

// wholeLine splits at line feeds, and unlike bufio.ScanLines takes no line that was
// broken off for one.
func wholeLine(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, errPartial
	}
	return 0, nil, nil
}

// next returns one line, which is valid until the next call.
func (r *reader) next() ([]byte, error) {
	if !r.lines.Scan() {
		if errors.Is(r.lines.Err(), bufio.ErrTooLong) {
			return nil, secret.Errorf(secret.Invalid, "line %d of the backup is longer than any secret", len(r.seen)+2)
		}
		return nil, damaged(len(r.seen))
	}
	line := r.lines.Bytes()
	if r.total += len(line) + 1; r.total > maxTotal {
		return nil, secret.Errorf(secret.Invalid, "the backup is larger than %d GiB", maxTotal>>30)
	}
	return line, nil
}

// parseHeader asks for format and version first: a later version's header may have
// fields that this program does not know, and the version is what is to be said then.
func parseHeader(line []byte) (header, error) {
	var h header
	if err := json.Unmarshal(line, &h); err != nil || h.Format != format {
		return h, secret.Errorf(secret.Invalid, "the age file holds something else than a noxkey backup")
	}
	if h.Version != version {
		return h, secret.Errorf(secret.Invalid, "the backup is of version %d; this program reads version %d", h.Version, version)
	}
	return h, decode(line, &h, "the header")
}

// row takes one line after the header and reports whether it was the last.
func (r *reader) row(line []byte) (last bool, err error) {
	defer secret.Wipe(line)
	at := fmt.Sprintf("line %d", len(r.seen)+2)
	var in row
	if err := decode(line, &in, at); err != nil {
		secret.Wipe(in.Value)
		return false, err
	}
	if in.End != nil {
		return true, r.end(in, at)
	}
	if in.Name == "" {
		secret.Wipe(in.Value)
		return false, secret.Errorf(secret.Invalid, "%s of the backup has no name", at)
	}
	value, err := secret.NewValue(in.Value) // wipes what it refuses
	if err == nil {
		err = in.meta().Check()
	}
	if err != nil {
		value.Wipe()
		return false, about(in.Name, err)
	}
	if err = r.seen.add(in.Name); err != nil {
		value.Wipe()
		return false, err
	}
	return false, r.f(Record{Name: in.Name, Meta: in.meta(), Value: value})
}

// end checks the last line: a count, and nothing else.
func (r *reader) end(in row, at string) error {
	n := *in.End
	in.End = nil
	defer secret.Wipe(in.Value)
	if !reflect.ValueOf(in).IsZero() {
		return secret.Errorf(secret.Invalid, "%s of the backup is a secret and the end at once", at)
	}
	if n != len(r.seen) {
		return secret.Errorf(secret.Damaged, "the backup says it holds %d secrets, and holds %d", n, len(r.seen))
	}
	return nil
}

// decode reads one line strictly: no unknown, doubled or differently spelt field. It
// shows nothing of the line but the name of a field; the library's own errors
// quote what they did not understand.
func decode(line []byte, v any, at string) error {
	err := json.Unmarshal(line, v, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*secret.Error](err); ok { // of a name, and cut to length
		return secret.Errorf(secret.Invalid, "%s of the backup: %s", at, e.Msg)
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		what := "a wrong"
		if errors.Is(err, json.ErrUnknownName) {
			what = "an unknown"
		}
		return secret.Errorf(secret.Invalid, "%s of the backup has %s field %.80q", at, what, e.JSONPointer.LastToken())
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok && errors.Is(err, jsontext.ErrDuplicateName) {
		return secret.Errorf(secret.Invalid, "%s of the backup has the field %.80q twice", at, e.JSONPointer.LastToken())
	}
	return secret.Errorf(secret.Invalid, "%s of the backup is not JSON", at)
}
