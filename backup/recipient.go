package backup

import (
	"bytes"
	"strings"

	"filippo.io/age"

	"noxkey/secret"
)

// Recipient is whom a backup is sealed for, Identity what opens it.
type (
	Recipient = age.Recipient
	Identity  = age.Identity
)

// The cost of a passphrase: scrypt's N as a power of two; memory is 1 KiB times N.
const (
	workFactor    = 18 // 256 MiB and about a second; what age itself uses
	maxWorkFactor = 20 // 1 GiB: the most that a file from elsewhere may ask of us
)

// Passphrase returns what seals a backup to a passphrase, and nothing besides: age
// refuses other recipients beside it. p stays the caller's. age takes and keeps the
// passphrase as a string, a copy that cannot be wiped.
func Passphrase(p secret.Value) (Recipient, error) { return passphrase(p, workFactor) }

func passphrase(p secret.Value, logN int) (r *age.ScryptRecipient, err error) {
	err = p.Use(func(b []byte) error {
		if len(b) == 0 {
			return secret.Errorf(secret.Invalid, "the passphrase is empty")
		}
		r, err = age.NewScryptRecipient(string(b))
		return err
	})
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(logN)
	return r, nil
}

// OpenPassphrase returns what opens a backup that is sealed to a passphrase. A file that
// asks for more than 1 GiB of memory is refused. As to p and its copy see Passphrase.
func OpenPassphrase(p secret.Value) (Identity, error) {
	var id *age.ScryptIdentity
	err := p.Use(func(b []byte) (err error) {
		if len(b) == 0 {
			return secret.Errorf(secret.Invalid, "the passphrase is empty")
		}
		id, err = age.NewScryptIdentity(string(b))
		return err
	})
	if err != nil {
		return nil, err
	}
	id.SetMaxWorkFactor(maxWorkFactor)
	return id, nil
}

// ParseRecipient reads a public key as age-keygen prints it: age1... (X25519), or
// age1pq1... (hybrid with ML-KEM-768). A backup cannot be sealed to both kinds at
// once: age refuses, since the weaker would open it. Keys of SSH and of age plugins are
// refused: a plugin is a program that would be started here.
func ParseRecipient(s string) (Recipient, error) {
	var r Recipient
	var err error
	switch s = strings.TrimSpace(s); {
	case strings.HasPrefix(s, "AGE-"):
		return nil, secret.Errorf(secret.Invalid, "this is a private key; a backup is sealed to the public one (age-keygen -y shows it)")
	case strings.HasPrefix(s, "ssh-"), strings.HasPrefix(s, "ecdsa-"), strings.HasPrefix(s, "sk-"):
		return nil, secret.Errorf(secret.Invalid, "keys of ssh are not supported: use age-keygen to make a pair of age's own")
	case strings.HasPrefix(s, "age1pq1"):
		r, err = age.ParseHybridRecipient(s)
	case strings.HasPrefix(s, "age1") && len(strings.Fields(s)) == 1 && strings.LastIndexByte(s, '1') > len("age"):
		return nil, secret.Errorf(secret.Invalid, "recipients of age plugins are not supported")
	default:
		r, err = age.ParseX25519Recipient(s)
	}
	if err != nil {
		return nil, secret.Errorf(secret.Invalid, "this is not a recipient of age: age1... or age1pq1... is expected")
	}
	return r, nil
}

// ParseIdentities reads a file of private keys as age-keygen writes it: one a line,
// blank lines and lines with # passed over. The error does not show the key. age keeps
// parts of the keys in strings that cannot be wiped; file stays the caller's.
func ParseIdentities(file secret.Value) (ids []Identity, err error) {
	err = file.Use(func(b []byte) error {
		ids, err = age.ParseIdentities(bytes.NewReader(b))
		if err != nil {
			return secret.Errorf(secret.Invalid, "this is not a file of age's private keys: lines of AGE-SECRET-KEY-... are expected")
		}
		return nil
	})
	return ids, err
}
