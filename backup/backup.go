// Package backup writes and reads a whole vault as one age file (age-encryption.org/v1):
// to a passphrase, or to recipients whose private keys can be elsewhere.
//
// Inside the encryption is text, one JSON object a line: a header with format and
// version, a secret a line with its value in base64, and a last line with the number
// of secrets. Nothing is visible outside but who it is sealed for and about how long
// it is. Version, fields and types unknown to this program are refused, named, and
// never skipped: half a restore that looks like a whole one is worse than none.
//
// What age proves is that the file is whole and was made by somebody who knew the
// passphrase. To recipients anybody can seal a file who knows their public keys, so
// that a restore from one shows what it would change (Compare) and asks.
//
// A backup carries values and metadata. It does not carry versions and peeks, which
// the vault makes itself, places without a secret, sessions, settings, or the audit.
//
// Memory: lines are wiped here after use. The last 64 KiB of plain text that age keeps
// in its own buffer are not, nor is the passphrase as a string (see Passphrase).
package backup

import (
	"errors"
	"time"

	"noxkey/secret"
)

// MaxRecords is the most secrets one backup holds.
const MaxRecords = 1 << 16

// Bounds of the plain text, in bytes. A line is a value in base64 (88 KiB), and
// metadata whose every byte may be escaped as six.
const (
	maxLine  = 128 << 10
	maxTotal = 2 << 30
)

const (
	format  = "noxkey backup"
	version = 1
)

// Record is one secret as a backup carries it. Meta.Peek is not carried.
type Record struct {
	Name  secret.Name
	Meta  secret.Metadata
	Value secret.Value
}

// Summary says what a backup that was read to its end is.
type Summary struct {
	Created time.Time // by the clock of the machine that made it
	Records int
}

// header is the first line.
type header struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Created time.Time `json:"created"`
}

// row is a secret's line, or with only End set the last one.
type row struct {
	Name      secret.Name      `json:"name,omitzero"`
	FieldType secret.FieldType `json:"field_type,omitzero"`
	Kind      secret.Kind      `json:"kind,omitzero"`
	Level     secret.Level     `json:"security_level,omitzero"`
	Bundle    string           `json:"bundle,omitzero"`
	Desc      string           `json:"desc,omitzero"`
	Expires   time.Time        `json:"expires,omitzero"`
	RotateURL string           `json:"rotate_url,omitzero"`
	Created   time.Time        `json:"created,omitzero"`
	Changed   time.Time        `json:"changed,omitzero"`
	// Value is last, so that Write can append it without a library's buffers.
	Value []byte `json:"value,omitzero"`
	End   *int   `json:"end,omitzero"`
}

func (r row) meta() secret.Metadata {
	return secret.Metadata{
		FieldType: r.FieldType, Kind: r.Kind, Level: r.Level, Bundle: r.Bundle, Desc: r.Desc,
		Expires: r.Expires, RotateURL: r.RotateURL, Created: r.Created, Changed: r.Changed,
	}
}

func rowOf(n secret.Name, m secret.Metadata) row {
	return row{
		Name: n, FieldType: m.FieldType, Kind: m.Kind, Level: m.Level, Bundle: m.Bundle, Desc: m.Desc,
		Expires: m.Expires, RotateURL: m.RotateURL, Created: m.Created, Changed: m.Changed,
	}
}

// names refuses the second of two equal names, and more than MaxRecords.
type names map[secret.Name]struct{}

func (n names) add(name secret.Name) error {
	if _, twice := n[name]; twice {
		return &secret.Error{Code: secret.Invalid, Names: []secret.Name{name}, Msg: "the backup holds " + string(name) + " twice"}
	}
	if len(n) == MaxRecords {
		return secret.Errorf(secret.Invalid, "a backup holds at most %d secrets", MaxRecords)
	}
	n[name] = struct{}{}
	return nil
}

// about puts the secret's name into err, if it is one, and keeps its code.
func about(name secret.Name, err error) error {
	if e, ok := errors.AsType[*secret.Error](err); ok {
		return &secret.Error{Code: e.Code, Names: []secret.Name{name}, Msg: string(name) + ": " + e.Msg}
	}
	return err
}
