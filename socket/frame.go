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
	errRoom = secret.Errorf(secret.Busy, "too many long requests at once: try again")
	errLong = secret.Errorf(secret.Protocol, "a frame is longer than 1 MiB")
	errMany = secret.Errorf(secret.Protocol, "a frame holds more than %d objects", maxObjects)
)

// readFrame reads one line into v. Unknown fields, duplicate fields, invalid
// UTF-8 and anything after the object are refused, by name where there is one.
func readFrame(r *bufio.Reader, v any) error { return readFrameIf(r, v, nil) }

// readFrameIf is readFrame that asks long, unless it is nil, before it keeps more than
// shortFrame bytes of a line.
func readFrameIf(r *bufio.Reader, v any, long func() error) error {
	line, err := readLine(r, long)
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
func readLine(r *bufio.Reader, long func() error) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxFrame {
			return nil, errLong
		}
		if long != nil && len(line)+len(part) > shortFrame {
			if err := long(); err != nil {
				return nil, err
			}
			long = nil
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
