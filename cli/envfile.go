package cli

import (
	"errors"
	"io/fs"
	"strings"

	"noxkey/dotenv"
	"noxkey/secret"
	"noxkey/totp"
)

// readEnv reads one .env file. Its bad lines come with ErrNoKeys too, so that is
// no error here.
func readEnv(path string) (dotenv.File, dotenv.Digest, error) {
	f, d, err := dotenv.ReadFile(path)
	if errors.Is(err, dotenv.ErrNoKeys) {
		err = nil
	}
	return f, d, fileError(path, err)
}

// fileError names the file and what is wrong with it.
func fileError(path string, err error) error {
	hint := "noxkey scan lists the .env files below a folder"
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return &failure{"there is no file " + path, hint, exitNotFound}
	case errors.Is(err, fs.ErrPermission):
		return failf(hint, "%s may not be read by you", path)
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err // its own text would name the path again
	}
	return failf(hint, "%s: %s", path, strings.TrimPrefix(err.Error(), path+": "))
}

// guess proposes what a pair is: for part of a login by its name, else by the
// words of its key and the shape of its value.
func guess(p dotenv.Pair, target secret.Name) (secret.FieldType, secret.Kind) {
	if _, ok := target.Login(); ok {
		m := secret.DefaultMetadata(target)
		return m.FieldType, m.Kind
	}
	t := secret.FieldType(dotenv.Guess(p.Key, p.Value))
	if t == secret.APIKey || t == secret.Token {
		return t, secret.KindAPIKey
	}
	return t, secret.KindCustom
}

// peekOf is what may be shown of a value that is not stored yet.
func peekOf(p dotenv.Pair, target secret.Name) (string, secret.FieldType, secret.Kind) {
	t, k := guess(p, target)
	return secret.Peek(p.Value, t, k), t, k
}

// storable says, before a batch is sent, why the app would refuse a value of that type.
func storable(t secret.FieldType, k secret.Kind, v secret.Value) error {
	return v.Use(func(b []byte) error {
		if t == secret.TOTPSeed {
			key, err := totp.Parse(b)
			if err == nil {
				key.Wipe()
			}
			return err
		}
		if unused, used := totp.Count(b); k == secret.KindRecoveryCodes && unused+used == 0 {
			return secret.Errorf(secret.Invalid, "there is no recovery code in it: one code a line is expected")
		}
		return nil
	})
}
