package keychain

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"

	"noxkey/secret"
	"noxkey/vault/internal/table"
)

// label is an item's label as JSON. Every program of the user can read it, so the
// peek is in it sealed only.
type label struct {
	Format int `json:"noxkey"`
	secret.Metadata
	Version    uint64 `json:"version"`
	SealedPeek string `json:"sealed_peek,omitempty"` // base64, see peekAD
	// Sum is the sum of the item's data, so that Verify finds exchanged data without a
	// key, and the manifest vouches for it.
	Sum string `json:"sum"`
}

const labelFormat = 1

// maxVersion leaves room to count on.
const maxVersion = math.MaxInt64

// tag is the start of the SHA-256 of account and label, as the manifest has it.
type tag [16]byte

func tagOf(n secret.Name, label string) tag {
	h := sha256.Sum256([]byte(string(n) + "\x00" + label))
	return tag(h[:])
}

// sumOf is the start of the SHA-256 of sealed data, in base64.
func sumOf(sealed []byte) string {
	h := sha256.Sum256(sealed)
	return base64.StdEncoding.EncodeToString(h[:18])
}

// encodeLabel returns e as the label of an item whose data has that sum. The error
// has code Locked.
func encodeLabel(b *browse, e *secret.Entry, sum string) (string, error) {
	l := label{Format: labelFormat, Metadata: e.Metadata, Version: e.Version, Sum: sum}
	if l.Peek = ""; e.Peek != "" {
		sealed, err := b.seal("peek", []byte(e.Peek), peekAD(e))
		if err != nil {
			return "", err
		}
		l.SealedPeek = base64.StdEncoding.EncodeToString(sealed)
	}
	text, err := json.Marshal(&l)
	if err != nil {
		return "", secret.Errorf(secret.Invalid, "the metadata of %s cannot be written: %v", e.Name, err)
	}
	return string(text), nil
}

func peekAD(e *secret.Entry) string {
	return string(e.Name) + "\x00" + strconv.FormatUint(e.Version, 10)
}

// decodeLabel reads a label that is as encodeLabel made it. The entry is without its
// peek.
func decodeLabel(n secret.Name, text string) (e secret.Entry, sealedPeek []byte, sum string, ok bool) {
	var l label
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if d.Decode(&l) != nil || l.Format != labelFormat || l.Peek != "" || l.Version == 0 || l.Version > maxVersion || l.Check() != nil {
		return e, nil, "", false
	}
	sealedPeek, err := base64.StdEncoding.DecodeString(l.SealedPeek)
	return secret.Entry{Name: n, Metadata: l.Metadata, Version: l.Version}, sealedPeek, l.Sum, err == nil
}

// row returns the row of a secret's item. want is the manifest's tag, nil if it has
// none, and trusted false if there is no manifest to say. A label that is not as
// NoxKey wrote it makes the row damaged and, since its level cannot be believed, as
// strict as there is.
func (b *browse) row(n secret.Name, text string, want *tag, trusted bool) *table.Row[*stored] {
	e, peek, sum, ok := decodeLabel(n, text)
	if ok && trusted {
		ok = want != nil && *want == tagOf(n, text)
	}
	if ok && len(peek) > 0 {
		plain, err := b.unseal("peek", peek, peekAD(&e))
		e.Peek, ok = string(plain), err == nil
	}
	if !ok {
		e = secret.Entry{Name: n, Damaged: true, Metadata: secret.Metadata{
			FieldType: secret.Text, Kind: secret.KindCustom, Level: secret.OffLimits}}
	}
	return &table.Row[*stored]{Entry: e, Rest: &stored{label: text, sum: sum}}
}
