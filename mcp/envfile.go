package mcp

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"noxkey/dotenv"
	"noxkey/secret"
)

// Bounds of a scan.
const (
	maxFiles = 200
	maxKeys  = 2000
)

// absolute joins p to dir (or the working directory) unless it is absolute. ~ is
// not expanded: there is no shell here.
func absolute(dir, p string) (string, error) {
	if filepath.IsAbs(p) {
		return filepath.Clean(p), nil
	}
	base, err := workDir(dir)
	if err != nil {
		return "", fileError(err)
	}
	return filepath.Join(base, p), nil
}

// readEnv reads one file of the .env family, by name: no tool of ours is a way to
// look into any file at all.
func readEnv(path string) (dotenv.File, error) {
	if !dotenv.IsEnvName(filepath.Base(path)) {
		return dotenv.File{}, secret.Errorf(secret.Invalid, "only files of the .env family are read (.env, .env.NAME, NAME.env, .envrc)")
	}
	f, _, err := dotenv.ReadFile(path)
	if errors.Is(err, dotenv.ErrNoKeys) { // bad lines may say why
		return f, nil
	}
	return f, fileError(err)
}

// fileError says what is wrong with a file in words of a fixed set.
func fileError(err error) error {
	var size *dotenv.SizeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return secret.Errorf(secret.Invalid, "there is no such file or folder")
	case errors.Is(err, fs.ErrPermission):
		return secret.Errorf(secret.Storage, "no permission to read it")
	case errors.As(err, &size):
		return secret.Errorf(secret.Invalid, "%v", size)
	case errors.Is(err, dotenv.ErrNotText):
		return secret.Errorf(secret.Invalid, "%v", dotenv.ErrNotText)
	case errors.Is(err, dotenv.ErrNotRegular):
		return secret.Errorf(secret.Invalid, "%v", dotenv.ErrNotRegular)
	}
	return secret.Errorf(secret.Storage, "it could not be read")
}

// findEnv lists the files of the family below path, or path itself. cut says that
// there are more.
func findEnv(ctx context.Context, path string) (found []dotenv.Found, cut bool, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, false, fileError(err)
	}
	if !info.IsDir() {
		if !dotenv.IsEnvName(filepath.Base(path)) {
			_, err = readEnv(path)
			return nil, false, err
		}
		return []dotenv.Found{{Path: path}}, false, nil
	}
	found, err = dotenv.Find(ctx, path, dotenv.Options{Files: maxFiles})
	if errors.Is(err, dotenv.ErrPartial) {
		return found, true, nil
	}
	if err != nil && ctx.Err() == nil {
		err = fileError(err)
	}
	return found, false, err
}

// importFile stores the keys of a .env file. The values go from the file to the
// app and come by no other place.
func (s *server) importFile(c *call) (changed, error) {
	prefixes, keys := c.args.prefixes("prefix"), c.args.list("keys")
	level, replace, path := given[secret.Level](c.args, "security_level"), c.args.flag("replace"), c.args.str("path")
	c.args.patch() // checks the level
	if err := c.args.err(); err != nil {
		return changed{}, err
	}
	if len(prefixes) != 1 || path == "" {
		return changed{}, secret.Errorf(secret.Invalid, "import needs a path, and a prefix such as acme/api")
	}
	path, err := s.path(path)
	if err != nil {
		return changed{}, err
	}
	f, err := readEnv(path)
	if err != nil {
		return changed{}, err
	}
	defer f.Wipe()
	changes, skipped := importChanges(f, prefixes[0], keys)
	for i := range changes {
		changes[i].Meta.Level, changes[i].Replace = level, replace
	}
	if len(changes) == 0 {
		return changed{}, secret.Errorf(secret.Invalid, "the file has no key that could be imported%s", firstReason(skipped))
	}
	d, err := s.write(c, changes)
	d.Skipped = skipped
	return d, err
}

func firstReason(list []skip) string {
	if len(list) == 0 {
		return ""
	}
	return ": " + list[0].Name + ": " + list[0].Reason
}

// importChanges makes a change of each key that counts; what cannot be stored is
// named with its reason.
func importChanges(f dotenv.File, p secret.Prefix, keys []string) (changes []secret.Change, skipped []skip) {
	seen := map[string]bool{}
	for _, pair := range f.Last() {
		seen[pair.Key] = true
		if keys != nil && !slices.Contains(keys, pair.Key) {
			continue
		}
		ch, err := importChange(p, pair)
		if err != nil {
			skipped = append(skipped, skip{pair.Key, describe(err, nil).Message})
			continue
		}
		changes = append(changes, ch)
	}
	for _, k := range keys {
		if !seen[k] {
			skipped = append(skipped, skip{clip(visible(k), 64), "not in the file"})
		}
	}
	return changes, skipped
}

func importChange(p secret.Prefix, pair dotenv.Pair) (secret.Change, error) {
	n, err := p.Join(pair.Key)
	if err == nil {
		err = n.Writable()
	}
	if err != nil {
		return secret.Change{}, err
	}
	field := secret.FieldType(dotenv.Guess(pair.Key, pair.Value))
	v, err := secret.NewValue(bytes.Clone(pair.Value))
	return secret.Change{Action: secret.ActionSet, Name: n, Value: v, Meta: secret.Patch{FieldType: &field}}, err
}
