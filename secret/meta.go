package secret

import (
	"slices"
	"time"
	"unicode"
	"unicode/utf8"
)

// FieldType says what a value is; it decides what may be shown of it.
type FieldType string

// The field types.
const (
	APIKey   FieldType = "api_key"
	Token    FieldType = "token"
	Password FieldType = "password"
	TOTPSeed FieldType = "totp_seed"
	Username FieldType = "username"
	Email    FieldType = "email"
	URL      FieldType = "url"
	Text     FieldType = "text"
)

// FieldTypes lists every field type, in the order in which a person is offered them.
var FieldTypes = []FieldType{APIKey, Token, Password, TOTPSeed, Username, Email, URL, Text}

// Kind says what a secret belongs to.
type Kind string

// The kinds.
const (
	KindLogin         Kind = "login"
	KindAPIKey        Kind = "api_key"
	KindRecoveryCodes Kind = "recovery_codes"
	KindCustom        Kind = "custom"
)

// Kinds lists every kind.
var Kinds = []Kind{KindLogin, KindAPIKey, KindRecoveryCodes, KindCustom}

// Level says what it takes to read a value. The order of the constants is the
// order of strictness.
type Level string

// The levels, from the least to the most strict.
const (
	Easy      Level = "easy"
	Normal    Level = "normal"
	Strict    Level = "strict"
	OffLimits Level = "off_limits"
)

// Levels lists every level, least strict first.
var Levels = []Level{Easy, Normal, Strict, OffLimits}

// Rank orders levels: 0 easy to 3 off limits. What is not a level ranks above
// all of them, so that a level nobody knows is never read as a loose one.
func (l Level) Rank() int {
	if i := slices.Index(Levels, l); i >= 0 {
		return i
	}
	return len(Levels)
}

// Metadata is what is known of a secret besides its value. Level, field type and
// kind are bound to the value: editing them in the vault makes it unreadable.
type Metadata struct {
	FieldType FieldType `json:"field_type"`
	Kind      Kind      `json:"kind"`
	Level     Level     `json:"security_level"`
	// Bundle is a label of the person's that groups names across prefixes.
	Bundle    string    `json:"bundle,omitempty"`
	Desc      string    `json:"desc,omitempty"`
	Expires   time.Time `json:"expires,omitzero"`
	RotateURL string    `json:"rotate_url,omitempty"`
	Created   time.Time `json:"created,omitzero"`
	Changed   time.Time `json:"changed,omitzero"`
	// Peek is the start of the value by Peek's rule, to verify and never to
	// reveal; it is written by the vault together with the value.
	Peek string `json:"peek,omitempty"`
}

// Soon is how long before it expires a secret is said to.
const Soon = 14 * 24 * time.Hour

// Limits of the free texts of Metadata, in bytes.
const (
	maxBundle = 64
	maxDesc   = 1024
	maxURL    = 2048
)

// Check returns an error with code Invalid that names the first bad field.
func (m Metadata) Check() error {
	switch {
	case !slices.Contains(FieldTypes, m.FieldType):
		return Errorf(Invalid, "field_type %s is unknown: use one of %s", quote(string(m.FieldType)), List(FieldTypes))
	case !slices.Contains(Kinds, m.Kind):
		return Errorf(Invalid, "kind %s is unknown: use one of %s", quote(string(m.Kind)), List(Kinds))
	case !slices.Contains(Levels, m.Level):
		return Errorf(Invalid, "security level %s is unknown: use one of %s", quote(string(m.Level)), List(Levels))
	case len(m.Bundle) > maxBundle || len(m.Desc) > maxDesc || len(m.RotateURL) > maxURL:
		return Errorf(Invalid, "bundle, description or rotate_url is too long (at most %d, %d and %d bytes)", maxBundle, maxDesc, maxURL)
	case !utf8.ValidString(m.Bundle + m.Desc + m.RotateURL):
		return Errorf(Invalid, "bundle, description and rotate_url must be UTF-8")
	case !m.Expires.IsZero() && (m.Expires.UTC().Year() < 1 || m.Expires.UTC().Year() > 9999):
		return Errorf(Invalid, "expires must lie in the years 1 to 9999, in UTC too") // RFC 3339 has no others
	}
	return nil
}

// DefaultMetadata is what a new secret of that name gets where nothing was said:
// level normal, and for a login the type of its part.
func DefaultMetadata(n Name) Metadata {
	m := Metadata{FieldType: APIKey, Kind: KindAPIKey, Level: Normal}
	if _, ok := n.Login(); !ok {
		return m
	}
	m.Kind = KindLogin
	switch n.Key() {
	case "USERNAME":
		m.FieldType = Username
	case "PASSWORD":
		m.FieldType = Password
	case "TOTP":
		m.FieldType = TOTPSeed
	case "RECOVERY_CODES":
		m.FieldType, m.Kind = Text, KindRecoveryCodes
	}
	return m
}

// peekLen is the most that a peek shows, in characters.
const peekLen = 8

// Peek returns the start of a value as far as it may be shown for checking: the
// first 8 characters, never more than a quarter of the value, and nothing for
// passwords, TOTP seeds, recovery codes, values that are not text, and values
// whose start holds characters that do not print.
func Peek(value []byte, t FieldType, k Kind) string {
	if t == Password || t == TOTPSeed || k == KindRecoveryCodes || !utf8.Valid(value) {
		return ""
	}
	n := min(peekLen, utf8.RuneCount(value)/4)
	end := 0
	for range n {
		r, size := utf8.DecodeRune(value[end:])
		if !unicode.IsPrint(r) {
			return ""
		}
		end += size
	}
	return string(value[:end])
}
