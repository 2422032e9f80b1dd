package socket

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"noxkey/secret"
)

var (
	errLong = secret.Errorf(secret.Protocol, "a frame is longer than 1 MiB")
	errMany = secret.Errorf(secret.Protocol, "a frame holds more than %d objects", maxObjects)
)

// readFrame reads one line into v. Unknown fields, duplicate fields, invalid
// UTF-8 and anything after the object are refused, by name where there is one.
func readFrame(r *bufio.Reader, v any) error {
	line, err := readLine(r)
	if err != nil {
		return err
	}
	defer secret.Wipe(line)
	if bytes.Count(line, []byte("{")) > maxObjects {
		return errMany
	}
	if err := json.Unmarshal(line, v, json.RejectUnknownMembers(true)); err != nil {
		return secret.Errorf(secret.Protocol, "a frame does not fit: %s", where(err))
	}
	return nil
}

// readLine reads up to the newline, at most maxFrame bytes. It returns io.EOF for
// a peer that closed before the first byte and io.ErrUnexpectedEOF within a line.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxFrame {
			return nil, errLong
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(line, []byte("\n")), nil
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// where tells what is wrong with a frame without repeating what it held, beyond
// the name of the field.
func where(err error) string {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		if e, ok := errors.AsType[*secret.Error](err); ok {
			return e.Msg
		}
		if errors.Is(err, json.ErrUnknownName) {
			return "unknown field " + string(semantic.JSONPointer)
		}
		return "field " + string(semantic.JSONPointer)
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return "duplicate field " + string(syntax.JSONPointer)
		}
		return "not JSON"
	}
	return "not a frame"
}

// writeFrame writes v as one line.
func writeFrame(w io.Writer, v any) error {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return err
	}
	if len(b) >= maxFrame {
		return errLong
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
