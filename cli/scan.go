package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"noxkey/dotenv"
	"noxkey/secret"
)

func scanCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "scan [DIR]",
		Short: "Find .env files, their keys, and which of them are stored",
		Long: `Find the .env files below DIR (or here) and list their keys, the start of each
value as far as it may be shown, and the names in the vault that end in the same
key. Nothing is changed. Works without the app, and then says that it does not
know what is stored.`,
		Example: "  noxkey scan\n  noxkey scan ~/src --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return p.scan(c.Context(), dir)
		},
	}
	return p.listing(c)
}

// scanned is one key of one file.
type scanned struct {
	File   string           `json:"file"`
	Line   int              `json:"line"`
	Key    string           `json:"key"`
	Peek   string           `json:"peek,omitempty"`
	Type   secret.FieldType `json:"field_type"`
	Stored []secret.Name    `json:"stored"` // null: not known
	Doubt  string           `json:"doubt,omitempty"`
}

func (p *program) scan(ctx context.Context, dir string) error {
	p.heed()
	found, partial, err := findEnv(ctx, dir)
	if err != nil {
		return err
	}
	stored, unknown := p.storedKeys(ctx)
	a, t := &array{w: p.out}, newTable(p.out)
	for _, f := range found {
		if err := p.scanFile(f, stored, func(s scanned) error {
			if p.json {
				return a.add(s)
			}
			return t.row(scanCells(s)...)
		}); err != nil {
			return err
		}
	}
	if p.json {
		err = a.end()
	} else {
		err = t.flush()
	}
	if unknown != nil {
		fmt.Fprintf(p.err, "noxkey: what is stored is not known: %s\n", show(unknown.Error()))
	}
	if partial != nil {
		return failf("scan a folder further down", "%v", partial)
	}
	return err
}

// findEnv lists the family below dir, or dir itself if it is a file.
func findEnv(ctx context.Context, dir string) (list []dotenv.Found, partial, err error) {
	if fi, err := os.Stat(dir); err == nil && !fi.IsDir() {
		return []dotenv.Found{{Path: dir}}, nil, nil
	}
	list, err = dotenv.Find(ctx, dir, dotenv.Options{})
	if errors.Is(err, dotenv.ErrPartial) {
		return list, err, nil
	}
	return list, nil, fileError(dir, err)
}

// storedKeys maps the last parts of all names to the names, nil with an error if
// the app does not say.
func (p *program) storedKeys(ctx context.Context) (map[string][]secret.Name, error) {
	list, err := p.entries(ctx, nil)
	if err != nil {
		return nil, err
	}
	keys := make(map[string][]secret.Name, len(list))
	for _, e := range list {
		keys[e.Name.Key()] = append(keys[e.Name.Key()], e.Name)
	}
	return keys, nil
}

// scanFile hands each key of a file to out. What cannot be read is said on
// standard error, and the scan goes on.
func (p *program) scanFile(f dotenv.Found, stored map[string][]secret.Name, out func(scanned) error) error {
	err := fileError(f.Path, f.Err)
	var file dotenv.File
	if err == nil {
		file, _, err = readEnv(f.Path)
	}
	if err != nil {
		fmt.Fprintf(p.err, "noxkey: %s\n", show(err.Error()))
		return nil
	}
	defer file.Wipe()
	for _, b := range file.Bad {
		fmt.Fprintf(p.err, "noxkey: %s:%d: %s\n", show(f.Path), b.Line, b.Reason)
	}
	for _, pair := range file.Last() {
		s := scanned{File: f.Path, Line: pair.Line, Key: pair.Key, Doubt: pair.Doubt}
		s.Peek, s.Type, _ = peekOf(pair, "")
		if stored != nil {
			s.Stored = append([]secret.Name{}, stored[pair.Key]...)
		}
		if err := out(s); err != nil {
			return err
		}
	}
	return nil
}

func scanCells(s scanned) []cell {
	where := cell{"not stored", yellow}
	switch {
	case s.Stored == nil:
		where = cell{"?", yellow}
	case len(s.Stored) > 0:
		where = cell{strings.Join(strs(s.Stored), ", "), dim}
	}
	return []cell{{fmt.Sprintf("%s:%d", s.File, s.Line), ""}, {s.Key, ""}, {s.Peek, dim}, {string(s.Type), dim}, where, {s.Doubt, yellow}}
}
