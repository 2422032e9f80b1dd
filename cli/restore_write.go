package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"noxkey/backup"
	"noxkey/secret"
)

// Bounds of one batch: the socket takes 512 KiB of sealed values and 1 MiB of all in a
// request, in which what is sealed grows by a third.
const (
	batchValues = 500 << 10
	batchMeta   = 256 << 10
)

// restoreBatches are the changes that write what is new and, if told so, in conflict.
func restoreBatches(rows []restored, replace bool) [][]secret.Change {
	var all [][]secret.Change
	values, meta := 0, 0
	for _, r := range rows {
		if r.Refused != "" || r.State == backup.Same || r.State == backup.Differs && !replace {
			continue
		}
		c := restoreChange(r.record, r.State == backup.Differs)
		v, m := sizeOf(c)
		if n := len(all); n == 0 || len(all[n-1]) == secret.MaxChanges || values+v > batchValues || meta+m > batchMeta {
			all = append(all, nil)
			values, meta = 0, 0
		}
		all[len(all)-1] = append(all[len(all)-1], c)
		values, meta = values+v, meta+m
	}
	return all
}

func restoreChange(r backup.Record, replace bool) secret.Change {
	m := r.Meta
	return secret.Change{Action: secret.ActionSet, Name: r.Name, Value: r.Value, Replace: replace, Meta: secret.Patch{
		FieldType: &m.FieldType, Kind: &m.Kind, Level: &m.Level, Bundle: &m.Bundle, Desc: &m.Desc, Expires: &m.Expires, RotateURL: &m.RotateURL}}
}

// sizeOf is how many bytes a change takes in a request, its sealed value apart.
func sizeOf(c secret.Change) (value, meta int) {
	_ = c.Value.Use(func(b []byte) error { value = len(b) + 64; return nil })
	text, err := json.Marshal(c)
	if err != nil {
		return value, batchMeta
	}
	return value, len(text)
}

func restoreQuestion(batches [][]secret.Change) string {
	n, over := 0, 0
	for _, b := range batches {
		for _, c := range b {
			n++
			if c.Replace {
				over++
			}
		}
	}
	q := "write " + secrets(n)
	if over > 0 {
		q += fmt.Sprintf(", %d of them over what is there", over)
	}
	if len(batches) > 1 {
		q += fmt.Sprintf(", in %d batches, for each of which NoxKey asks", len(batches))
	}
	return q + "?"
}

func (p *program) nothingToRestore(rows []restored) error {
	if !p.json {
		fmt.Fprintln(p.out, "nothing to write")
	}
	p.leftOutOf(rows, false)
	return nil
}

// writeBatches writes one after the other. Each is whole or not at all; one that fails
// leaves those before it written, and says so.
func (p *program) writeBatches(ctx context.Context, batches [][]secret.Change, rows []restored, replace bool) error {
	n := 0
	for i, b := range batches {
		done, err := p.apply(ctx, b)
		if err == nil && len(done) != len(b) {
			err = secret.Errorf(secret.Protocol, "the app confirmed %d of %d", len(done), len(b))
		}
		if err != nil {
			if i > 0 {
				fmt.Fprintf(p.err, "noxkey: %s in %d of %d batches were restored before this; run it again for the rest\n", secrets(n), i, len(batches))
			}
			return err
		}
		n += len(done)
		if len(batches) > 1 {
			fmt.Fprintf(p.err, "batch %d of %d: %s\n", i+1, len(batches), secrets(len(done)))
		}
	}
	if !p.json {
		fmt.Fprintf(p.out, "restored %s\n", secrets(n))
	}
	p.leftOutOf(rows, replace)
	return nil
}

// leftOutOf says what was not written although the backup has it otherwise.
func (p *program) leftOutOf(rows []restored, replaced bool) {
	conflicts, refused := 0, 0
	for _, r := range rows {
		switch {
		case r.Refused != "":
			refused++
		case r.State == backup.Differs && !replaced:
			conflicts++
		}
	}
	if conflicts > 0 {
		fmt.Fprintf(p.err, "noxkey: left out, being other than in the backup: %s; --replace writes them\n", secrets(conflicts))
	}
	if refused > 0 {
		fmt.Fprintf(p.err, "noxkey: left out, being refused: %s\n", secrets(refused))
	}
}
