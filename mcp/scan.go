package mcp

import (
	"fmt"
	"slices"
	"strings"

	"noxkey/dotenv"
	"noxkey/secret"
)

type scannedKey struct {
	Key       string        `json:"key"`
	Line      int           `json:"line"`
	FieldType string        `json:"field_type"`
	Peek      string        `json:"peek,omitempty"`
	Doubt     string        `json:"doubt,omitempty"`
	Stored    []secret.Name `json:"stored"`
}

type badLine struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

type scannedFile struct {
	Path    string       `json:"path"`
	Keys    []scannedKey `json:"keys"`
	Bad     []badLine    `json:"bad_lines"`
	Problem string       `json:"problem,omitempty"`
}

type scanned struct {
	Files     []scannedFile `json:"files"`
	Truncated bool          `json:"truncated"`
	Note      string        `json:"note,omitempty"`
}

// scan reads .env files in this process and answers with keys and peeks. It works
// without the app; only what is stored already is then not known, and that is said.
func (s *server) scan(c *call) (result, error) {
	path, prefixes := c.args.str("path"), c.args.prefixes("prefix")
	if err := c.args.err(); err != nil {
		return result{}, err
	}
	path, err := s.path(path)
	if err != nil {
		return result{}, err
	}
	found, cut, err := findEnv(c.ctx, path)
	if err != nil {
		return result{}, err
	}
	d := scanned{Files: []scannedFile{}, Truncated: cut}
	stored := map[string][]secret.Name{}
	if len(found) > 0 {
		stored, d.Note = s.stored(c, prefixes)
	}
	room := maxKeys
	for _, f := range found {
		if c.ctx.Err() != nil {
			return result{}, c.ctx.Err()
		}
		file := scanFile(f, stored)
		if len(file.Keys) > room {
			file.Keys, d.Truncated = file.Keys[:room], true
		}
		room -= len(file.Keys)
		d.Files = append(d.Files, file)
	}
	return result{scanText(d), d}, nil
}

// stored maps keys to the names that end in them.
func (s *server) stored(c *call, prefixes []secret.Prefix) (map[string][]secret.Name, string) {
	keys := map[string][]secret.Name{}
	entries, _, err := s.list(c, prefixes...)
	if err != nil && secret.CodeOf(err) != secret.NotFound {
		return keys, "which keys NoxKey has already is not known: " + describe(err, nil).Message
	}
	for _, e := range entries {
		if k := e.Name.Key(); len(keys[k]) < maxNear {
			keys[k] = append(keys[k], e.Name)
		}
	}
	return keys, ""
}

func scanFile(f dotenv.Found, stored map[string][]secret.Name) scannedFile {
	out := scannedFile{Path: visible(f.Path), Keys: []scannedKey{}, Bad: []badLine{}}
	file, err := dotenv.File{}, fileError(f.Err)
	if err == nil {
		file, err = readEnv(f.Path)
	}
	if err != nil {
		out.Problem = describe(err, nil).Message
		return out
	}
	defer file.Wipe()
	for _, p := range file.Pairs[:min(len(file.Pairs), maxKeys+1)] {
		field := secret.FieldType(dotenv.Guess(p.Key, p.Value))
		out.Keys = append(out.Keys, scannedKey{
			Key: p.Key, Line: p.Line, FieldType: string(field), Doubt: p.Doubt,
			Peek:   visible(secret.Peek(p.Value, field, secret.KindCustom)),
			Stored: append([]secret.Name{}, stored[p.Key]...),
		})
	}
	for _, b := range file.Bad[:min(len(file.Bad), maxListed)] {
		out.Bad = append(out.Bad, badLine{b.Line, b.Reason})
	}
	return out
}

func scanText(d scanned) string {
	var b strings.Builder
	if len(d.Files) == 0 {
		b.WriteString("No .env files.\n")
	}
	for _, f := range d.Files {
		fmt.Fprintf(&b, "%q\n", f.Path)
		if f.Problem != "" {
			fmt.Fprintf(&b, "  not read: %s\n", f.Problem)
		}
		for _, k := range f.Keys {
			fmt.Fprintf(&b, "  %d: %s  %s%s\n", k.Line, k.Key, k.FieldType, keyDetails(k))
		}
		for _, l := range f.Bad {
			fmt.Fprintf(&b, "  %d: bad line: %s\n", l.Line, l.Reason)
		}
	}
	if d.Truncated {
		b.WriteString("There is more; scan a folder further down.\n")
	}
	if d.Note != "" {
		fmt.Fprintf(&b, "Note: %s\n", d.Note)
	}
	if slices.ContainsFunc(d.Files, func(f scannedFile) bool { return len(f.Keys) > 0 }) {
		b.WriteString("Next: noxkey_admin with action import stores a file's keys without showing them.\n")
	}
	return b.String()
}

func keyDetails(k scannedKey) (text string) {
	if k.Peek != "" {
		text += fmt.Sprintf(", peek %q", k.Peek)
	}
	if len(k.Stored) > 0 {
		names := make([]string, len(k.Stored))
		for i, n := range k.Stored {
			names[i] = string(n)
		}
		text += ", in NoxKey: " + strings.Join(names, ", ")
	}
	if k.Doubt != "" {
		text += ", doubt: " + k.Doubt
	}
	return text
}
