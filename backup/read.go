package backup

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"noxkey/secret"
)

const (
	intro      = "age-encryption.org/v1\n"
	maxLeading = 1 << 10 // bytes of white space that age takes before its armor
)

// Read opens a backup and gives each secret to f, which owns the value from then on
// and wipes it. Memory does not grow with the file, but for the names.
//
// Until Read has returned without an error nothing is known to be complete: f must
// keep or show what it got, and change nothing by it. An error of f ends Read and is
// returned as it is.
//
// The other errors have a code. Invalid: not an age file, not a backup, a version,
// field or type that is unknown, a name that comes twice, a bound that is exceeded, a
// passphrase that costs too much memory. WrongKey: none of ids opens it. Damaged: cut
// short or altered. Storage: r failed. Age's armor (a text form) is taken too.
func Read(r io.Reader, f func(Record) error, ids ...Identity) (Summary, error) {
	src := &source{r: r}
	plain, err := open(src, ids)
	if err == nil {
		var s Summary
		if s, err = readAll(plain, f); err == nil {
			return s, nil
		}
	}
	if src.err != nil {
		return Summary{}, secret.Errorf(secret.Storage, "cannot read the backup: %v", src.err)
	}
	return Summary{}, err
}

// source remembers what its reader failed with, since age does not tell a disk's
// error from a damaged file.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// open finds out what kind of file it is, and undoes age's encryption.
func open(src io.Reader, ids []Identity) (io.Reader, error) {
	in := bufio.NewReader(src)
	var file io.Reader = in
	start, _ := in.Peek(maxLeading + len(armor.Header))
	switch {
	case strings.HasPrefix(strings.TrimLeft(string(start), " \t\r\n"), armor.Header):
		file = armor.NewReader(in)
	case len(start) < len(intro) && strings.HasPrefix(intro, string(start)):
		return nil, damaged(0)
	case !strings.HasPrefix(string(start), intro):
		return nil, secret.Errorf(secret.Invalid, "this is not an age file, so no backup")
	}
	if len(ids) == 0 {
		return nil, secret.Errorf(secret.WrongKey, "there is no passphrase and no key to open the backup with")
	}
	plain, err := age.Decrypt(file, ids...)
	if none, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, noMatch(none.StanzaTypes, ids)
	}
	if err != nil && strings.Contains(err.Error(), "work factor too large") {
		return nil, secret.Errorf(secret.Invalid, "the backup's passphrase would cost more than 1 GiB of memory to try")
	}
	if err != nil {
		return nil, damaged(0)
	}
	return plain, nil
}

func damaged(after int) error {
	return secret.Errorf(secret.Damaged, "the backup is cut short or damaged, after %d readable secrets", after)
}

// noMatch says what the file is sealed for, when none of ids opens it.
func noMatch(types []string, ids []Identity) error {
	byPassphrase := slices.Contains(types, "scrypt")
	triedPassphrase := slices.ContainsFunc(ids, func(id Identity) bool { _, ok := id.(*age.ScryptIdentity); return ok })
	switch {
	case byPassphrase && triedPassphrase:
		return secret.Errorf(secret.WrongKey, "wrong passphrase")
	case byPassphrase:
		return secret.Errorf(secret.WrongKey, "the backup is sealed with a passphrase, not to a key")
	case triedPassphrase && len(ids) == 1:
		return secret.Errorf(secret.WrongKey, "the backup is sealed to a key, not with a passphrase")
	}
	return secret.Errorf(secret.WrongKey, "the backup is sealed to another key")
}
