package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"noxkey/dotenv"
	"noxkey/manifest"
	"noxkey/secret"
)

type initFlags struct {
	under        string
	only, except []string
	direnv       bool
}

func initCommand(p *program) *cobra.Command {
	var f initFlags
	c := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Make a .noxkey.toml from the keys of a .env file",
		Long: `Make a .noxkey.toml in this folder from the keys of FILE (.env if it is left out):
each variable with the name of its secret, PREFIX/KEY, and no value. Commit it: with
it, noxkey run -- COMMAND needs no names here. A key whose value is a reference
already (noxkey://NAME) keeps that name. What is not in the vault yet is said.

--direnv prints a .envrc for those who want the variables in the shell itself.`,
		Example: `  noxkey init --under acme/api
  noxkey init .env.local --under acme/api --except PORT,NODE_ENV
  noxkey init --direnv > .envrc`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageHint(c.CommandPath()+" --help shows examples", "there is more than FILE")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if f.direnv {
				_, err := io.WriteString(p.out, manifest.Direnv)
				return err
			}
			return p.initManifest(c.Context(), append(args, ".env")[0], &f)
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.under, "under", "", "`PREFIX` that the secrets are or will be below, such as acme/api")
	fl.StringSliceVar(&f.only, "only", nil, "these `KEYS` and no others, separated by commas")
	fl.StringSliceVar(&f.except, "except", nil, "not these `KEYS`")
	fl.BoolVar(&f.direnv, "direnv", false, "print a .envrc that loads the manifest, and do nothing else")
	_ = c.RegisterFlagCompletionFunc("under", p.completeNames)
	return p.listing(c)
}

// initRow is one key of the new manifest.
type initRow struct {
	Env    string      `json:"env"`
	Name   secret.Name `json:"name,omitempty"`
	State  string      `json:"state"` // stored, missing, unknown, refused
	Reason string      `json:"reason,omitempty"`

	reference bool // the file names the secret, and holds no value to import
}

func (p *program) initManifest(ctx context.Context, path string, f *initFlags) error {
	if _, err := os.Lstat(manifest.File); err == nil {
		return manifestTaken()
	}
	rows, err := p.initRows(ctx, path, f)
	if err != nil {
		return err
	}
	var bindings []manifest.Binding
	var missing, absent, refused []string // keys to import, names that are referred to, keys
	for _, r := range rows {
		switch {
		case r.State == "refused":
			refused = append(refused, r.Env)
			continue
		case r.State == "missing" && r.reference:
			absent = append(absent, string(r.Name))
		case r.State == "missing":
			missing = append(missing, r.Env)
		}
		bindings = append(bindings, manifest.Binding{Env: r.Env, Name: r.Name})
	}
	if err := p.showInit(rows); err != nil {
		return err
	}
	switch {
	case len(refused) > 0:
		return failf("leave out what cannot be given to a program: --except "+strings.Join(refused, ","), "nothing was written: %s cannot be in a manifest", strings.Join(refused, ", "))
	case len(bindings) == 0:
		return failf("noxkey scan shows the keys of a file", "there is no key to write")
	}
	if err := writeManifest(bindings); err != nil {
		return err
	}
	if p.json {
		return nil
	}
	fmt.Fprintf(p.out, "wrote %s\n", manifest.File)
	if len(missing) > 0 {
		fmt.Fprintf(p.err, "noxkey: not in the vault yet: noxkey import %s --under %s --only %s\n", show(path), f.under, strings.Join(missing, ","))
	}
	if len(absent) > 0 {
		fmt.Fprintf(p.err, "noxkey: named in %s and not in the vault yet: %s\n", show(path), strings.Join(absent, ", "))
	}
	return nil
}

func manifestTaken() error {
	return failf("change it by hand, or delete it first", "%s exists and is not overwritten", manifest.File)
}

// initRows reads the keys of the file and says of each which secret it is.
func (p *program) initRows(ctx context.Context, path string, f *initFlags) ([]initRow, error) {
	var under secret.Prefix
	if f.under != "" {
		list, err := prefixes([]string{f.under})
		if err != nil {
			return nil, err
		}
		under = list[0]
	}
	file, _, err := readEnv(path)
	if err != nil {
		return nil, err
	}
	defer file.Wipe()
	for _, b := range file.Bad {
		fmt.Fprintf(p.err, "noxkey: %s:%d: %s\n", show(path), b.Line, b.Reason)
	}
	var rows []initRow
	for _, pair := range file.Last() {
		if f.only != nil && !slices.Contains(f.only, pair.Key) || slices.Contains(f.except, pair.Key) {
			continue
		}
		r, err := initPair(pair, under)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, p.findStored(ctx, rows)
}

// initPair maps one key. It looks at the value only for whether it is a reference.
func initPair(pair dotenv.Pair, under secret.Prefix) (initRow, error) {
	name, meant, err := manifest.ParseReference(pair.Value)
	r := initRow{Env: pair.Key, State: "unknown", reference: meant}
	if !meant {
		if under == "" {
			return r, usageHint("noxkey init --under acme/api", "--under PREFIX is missing: it says below which name the secret of %s is or will be", show(pair.Key))
		}
		if name, err = under.Join(pair.Key); err == nil {
			err = name.Writable()
		}
	}
	if err == nil {
		_, err = manifest.Init([]manifest.Binding{{Env: pair.Key, Name: name}})
	}
	if err != nil {
		r.State, r.Reason = "refused", err.Error()
		return r, nil
	}
	r.Name = name
	return r, nil
}

// findStored says which of the names are in the vault. That is not known without the
// app, which is no reason not to make a manifest.
func (p *program) findStored(ctx context.Context, rows []initRow) error {
	there, err := p.entries(ctx, nil)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		fmt.Fprintf(p.err, "noxkey: what is stored is not known: %s\n", show(err.Error()))
		return nil
	}
	stored := map[secret.Name]bool{}
	for _, e := range there {
		stored[e.Name] = true
	}
	for i := range rows {
		switch r := &rows[i]; {
		case r.State == "refused":
		case stored[r.Name]:
			r.State = "stored"
		default:
			r.State = "missing"
		}
	}
	return nil
}

func (p *program) showInit(rows []initRow) error {
	if p.json {
		return printArray(p.out, rows)
	}
	t := newTable(p.out)
	for _, r := range rows {
		state := cell{r.State, map[string]string{"refused": red, "missing": yellow}[r.State]}
		if err := t.row(cell{r.Env, ""}, cell{string(r.Name), ""}, state, cell{r.Reason, red}); err != nil {
			return err
		}
	}
	return t.flush()
}

// writeManifest makes the file, and never in the place of another. Everybody may read
// it: it holds names.
func writeManifest(bindings []manifest.Binding) error {
	text, err := manifest.Init(bindings)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(manifest.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return manifestTaken()
	}
	if err == nil {
		_, err = f.Write(text)
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Remove(manifest.File)
		}
	}
	if err != nil {
		return fileNotWritten(manifest.File, err)
	}
	return nil
}
