package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"noxkey/dotenv"
	"noxkey/manifest"
	"noxkey/secret"
)

type importFlags struct {
	under, level                 string
	only, except                 []string
	replace, dryRun, deleteFiles bool
}

func importCommand(p *program) *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE... --under PREFIX",
		Short: "Store the keys of .env files",
		Long: `Store the keys of .env files below PREFIX, all or none, under one authentication.
Files are read literally: a $ in a value is a $. What cannot be stored (an empty
value, a name such as PATH) stops the import until --except leaves it out.

--delete removes a file after the import, not through the Trash, if every key in
it is in the vault by this import, no line of it was unreadable, and it has not
changed meanwhile.`,
		Example: `  noxkey import .env --under acme/api --dry-run
  noxkey import .env --under acme/api --delete
  noxkey import .env .env.local --under acme/api --only STRIPE_SECRET_KEY,DATABASE_URL`,
		Args: atLeast(1, "FILE"),
		RunE: func(c *cobra.Command, args []string) error { return p.importFiles(c.Context(), args, &f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.under, "under", "", "`PREFIX` that the keys go below, such as acme/api")
	fl.StringVar(&f.level, "level", "", "level of all of them, `LEVEL`: "+secret.List(secret.Levels))
	fl.StringSliceVar(&f.only, "only", nil, "these `KEYS` and no others, separated by commas")
	fl.StringSliceVar(&f.except, "except", nil, "not these `KEYS`")
	fl.BoolVar(&f.replace, "replace", false, "overwrite what is there")
	fl.BoolVar(&f.dryRun, "dry-run", false, "show what would be done and do nothing")
	fl.BoolVar(&f.deleteFiles, "delete", false, "delete the files afterwards")
	_ = c.RegisterFlagCompletionFunc("under", p.completeNames)
	return p.listing(c)
}

// source is one file that was read.
type source struct {
	path   string
	file   dotenv.File
	digest dotenv.Digest
	whole  bool // every pair of it is part of the import
}

// row is one key of the review.
type row struct {
	File   string           `json:"file"`
	Line   int              `json:"line"`
	Key    string           `json:"key"`
	Peek   string           `json:"peek,omitempty"`
	Target secret.Name      `json:"target,omitempty"`
	Type   secret.FieldType `json:"field_type"`
	State  string           `json:"state"` // new, exists, replaces, refused
	Reason string           `json:"reason,omitempty"`
	Doubt  string           `json:"doubt,omitempty"`
	change secret.Change
}

func (p *program) importFiles(ctx context.Context, paths []string, f *importFlags) error {
	if f.under == "" {
		return usageHint("noxkey import "+show(paths[0])+" --under acme/api", "--under PREFIX is missing: where the keys go")
	}
	under, err := prefixes([]string{f.under})
	if err != nil {
		return err
	}
	var patch secret.Patch
	if f.level != "" {
		if patch.Level, err = oneOf("level", f.level, secret.Levels); err != nil {
			return err
		}
	}
	sources, err := readSources(paths)
	defer wipeSources(sources)
	if err != nil {
		return err
	}
	rows, err := p.review(ctx, sources, under[0], patch, f)
	defer wipeRows(rows)
	if err != nil {
		return err
	}
	if err := p.showReview(rows, sources); err != nil {
		return err
	}
	if f.dryRun {
		return nil
	}
	return p.importRows(ctx, rows, sources, f)
}

func readSources(paths []string) ([]source, error) {
	var list []source
	for _, path := range paths {
		f, d, err := readEnv(path)
		if err != nil {
			return list, err
		}
		list = append(list, source{path, f, d, true})
	}
	return list, nil
}

func wipeSources(list []source) {
	for _, s := range list {
		s.file.Wipe()
	}
}

func wipeRows(rows []row) {
	for _, r := range rows {
		r.change.Value.Wipe()
	}
}

// review makes a row of each key that counts and finds out which names exist.
func (p *program) review(ctx context.Context, sources []source, under secret.Prefix, patch secret.Patch, f *importFlags) ([]row, error) {
	there, err := p.entries(ctx, []secret.Prefix{under})
	if err != nil && secret.CodeOf(err) != secret.NotFound {
		return nil, err
	}
	exists := map[secret.Name]bool{}
	for _, e := range there {
		exists[e.Name] = true
	}
	var rows []row
	from := map[string]string{}
	for i := range sources {
		s := &sources[i]
		for _, pair := range s.file.Last() {
			if !wanted(pair.Key, f) {
				s.whole = false
				continue
			}
			if other, twice := from[pair.Key]; twice {
				return rows, failf("import one file, or choose keys with --only and --except", "%s is in %s and in %s", pair.Key, other, s.path)
			}
			from[pair.Key] = s.path
			rows = append(rows, reviewPair(s.path, pair, under, patch, exists, f.replace))
		}
	}
	for _, key := range f.only {
		if from[key] == "" {
			return rows, failf("noxkey scan shows the keys of a file", "--only names %s, which no file has", show(key))
		}
	}
	return rows, nil
}

func wanted(key string, f *importFlags) bool {
	return (f.only == nil || slices.Contains(f.only, key)) && !slices.Contains(f.except, key)
}

func reviewPair(path string, pair dotenv.Pair, under secret.Prefix, patch secret.Patch, exists map[secret.Name]bool, replace bool) row {
	r := row{File: path, Line: pair.Line, Key: pair.Key, State: "new", Doubt: pair.Doubt}
	n, err := under.Join(pair.Key)
	if err == nil {
		r.Target = n
		err = n.Writable()
	}
	if _, meant, _ := manifest.ParseReference(pair.Value); meant && err == nil {
		err = errors.New("it is a reference to a secret, and no value")
	}
	var kind secret.Kind
	r.Peek, r.Type, kind = peekOf(pair, r.Target)
	var v secret.Value
	if err == nil {
		v, err = secret.NewValue(bytes.Clone(pair.Value))
	}
	if err == nil {
		err = storable(r.Type, kind, v)
	}
	if err != nil {
		v.Wipe()
		r.State, r.Reason = "refused", err.Error()
		return r
	}
	switch {
	case exists[n] && replace:
		r.State = "replaces"
	case exists[n]:
		r.State = "exists"
	default: // the type of a secret that exists is its owner's
		patch.FieldType, patch.Kind = &r.Type, &kind
	}
	r.change = secret.Change{Action: secret.ActionSet, Name: n, Value: v, Meta: patch, Replace: replace}
	return r
}

func (p *program) showReview(rows []row, sources []source) error {
	for _, s := range sources {
		for _, b := range s.file.Bad {
			fmt.Fprintf(p.err, "noxkey: %s:%d: %s\n", show(s.path), b.Line, b.Reason)
		}
	}
	if p.json {
		return printArray(p.out, rows)
	}
	t := newTable(p.out)
	for _, r := range rows {
		note := cell{r.Reason, red}
		if r.Reason == "" {
			note = cell{r.Doubt, yellow}
		}
		if err := t.row(cell{r.Key, ""}, cell{r.Peek, dim}, cell{string(r.Target), ""}, cell{string(r.Type), dim}, stateCell(r.State), note); err != nil {
			return err
		}
	}
	return t.flush()
}

func stateCell(state string) cell {
	return cell{state, map[string]string{"refused": red, "exists": yellow, "replaces": yellow}[state]}
}

// importRows writes the batch, or says what keeps it from being written.
func (p *program) importRows(ctx context.Context, rows []row, sources []source, f *importFlags) error {
	if len(rows) == 0 {
		return failf("noxkey scan shows the keys of a file", "there is no key to import")
	}
	var changes []secret.Change
	var refused, taken []string
	for _, r := range rows {
		switch r.State {
		case "refused":
			refused = append(refused, r.Key)
		case "exists":
			taken = append(taken, r.Key)
		}
		changes = append(changes, r.change)
	}
	switch {
	case len(refused) > 0:
		return failf("leave out what cannot be stored: --except "+strings.Join(refused, ","), "nothing was imported: %s cannot be stored", strings.Join(refused, ", "))
	case len(taken) > 0:
		return failf("add --replace to overwrite, or --except "+strings.Join(taken, ","), "nothing was imported: %s would be overwritten", strings.Join(taken, ", "))
	}
	done, err := p.apply(ctx, changes)
	if err != nil {
		return err
	}
	if !p.json {
		fmt.Fprintf(p.out, "imported %s\n", secrets(len(done)))
	}
	if len(done) != len(changes) {
		return failf("noxkey ls shows what is there", "the app confirmed %d of %d", len(done), len(changes))
	}
	if f.deleteFiles {
		return p.deleteSources(sources)
	}
	return nil
}

// deleteSources removes the files whose every key is in the vault now.
func (p *program) deleteSources(sources []source) error {
	for _, s := range sources {
		switch {
		case len(s.file.Bad) > 0:
			return failf("look at the lines named above, then delete it yourself", "%s was kept: it has lines that could not be read", s.path)
		case !s.whole:
			return failf("import the rest, or delete it yourself", "%s was kept: not every key of it was imported", s.path)
		}
		if err := dotenv.Remove(s.path, s.digest); err != nil {
			return fileError(s.path+" was kept", err)
		}
		if !p.json {
			fmt.Fprintf(p.out, "deleted %s\n", show(s.path))
		}
	}
	return nil
}
