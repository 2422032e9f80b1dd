package backup

import (
	"encoding/base64"
	"io"
	"iter"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"

	"noxkey/secret"
)

// Write makes a backup of records on w, sealed for all of to, and returns how many
// secrets are in it. created is the time to be written into it.
//
// It takes each value over and wipes it. It stops at the first error: one that came
// with a record, a name that comes twice, a record that Read would refuse, or what w
// answers. What is on w then has no end and Read refuses it; the caller removes it.
// Write neither flushes nor closes w.
func Write(w io.Writer, created time.Time, records iter.Seq2[Record, error], to ...Recipient) (int, error) {
	under := &sink{w: w}
	sealed, err := age.Encrypt(under, to...)
	if under.err != nil {
		return 0, under.err
	}
	if err != nil {
		return 0, secret.Errorf(secret.Invalid, "cannot seal a backup so: %v", err)
	}
	out := writer{out: sealed, seen: names{}, line: make([]byte, 0, maxLine)}
	defer func() { secret.Wipe(out.line[:cap(out.line)]) }()
	if err := out.json(header{format, version, created.UTC()}); err != nil {
		return 0, err
	}
	for r, err := range records {
		if err == nil {
			err = out.record(r)
		}
		r.Value.Wipe()
		if err != nil {
			return 0, err
		}
	}
	n := len(out.seen)
	if err := out.json(row{End: &n}); err != nil {
		return 0, err
	}
	return n, sealed.Close()
}

// sink remembers what its writer failed with: age does not tell a full disk from
// recipients that do not go together.
type sink struct {
	w   io.Writer
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		s.err = err
	}
	return n, err
}

type writer struct {
	out   io.Writer
	seen  names
	total int
	line  []byte // of maxLine bytes, so that it never grows and leaves a copy behind
}

func (w *writer) record(r Record) error {
	if _, err := secret.ParseName(string(r.Name)); err != nil {
		return err
	}
	if err := r.Meta.Check(); err != nil {
		return about(r.Name, err)
	}
	if err := w.seen.add(r.Name); err != nil {
		return err
	}
	meta, err := json.Marshal(rowOf(r.Name, r.Meta))
	if err != nil {
		return secret.Errorf(secret.Invalid, "%s: a time in its metadata cannot be written down", r.Name)
	}
	if r.Value.Empty() {
		return secret.Errorf(secret.Invalid, "%s: the value is empty", r.Name)
	}
	return r.Value.Use(func(value []byte) error {
		// The value is written in here and not by the JSON library, whose buffers
		// are pooled and would keep it.
		w.line = append(w.line[:0], meta[:len(meta)-1]...)
		w.line = append(w.line, `,"value":"`...)
		w.line = base64.StdEncoding.AppendEncode(w.line, value)
		w.line = append(w.line, "\"}\n"...)
		return w.flush()
	})
}

func (w *writer) json(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return secret.Errorf(secret.Invalid, "the backup's time cannot be written down")
	}
	w.line = append(append(w.line[:0], b...), '\n')
	return w.flush()
}

func (w *writer) flush() error {
	if w.total += len(w.line); w.total > maxTotal {
		return secret.Errorf(secret.Invalid, "a backup holds at most %d GiB", maxTotal>>30)
	}
	_, err := w.out.Write(w.line)
	return err
}
