package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"noxkey/backup"
	"noxkey/secret"
)

type restoreFlags struct {
	identity            string
	stdin, replace, yes bool
}

func restoreCommand(p *program) *cobra.Command {
	var f restoreFlags
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Show what a backup holds and write it into the vault (people only)",
		Long: `Open a file made by noxkey backup, show of each secret whether it is new, the same as
in the vault, or in conflict with it, and write what is new after a yes. What is in
conflict is left out; with --replace it is written too, old and new shown by NoxKey.
Where secrets of the same names are in the vault, NoxKey asks once more, to read and
compare them. "lowers" marks what would be protected less than now.

Without a terminal nothing is written unless --yes is given. A vault of more than 1024
secrets or 500 KiB is written in several batches, each whole or not at all.`,
		Example: `  noxkey restore ~/vault.age
  noxkey restore ~/vault.age --identity ~/.age/key.txt --yes
  noxkey restore ~/vault.age --json < /dev/null`,
		Args: exactly("FILE"),
		RunE: func(c *cobra.Command, args []string) error { return p.restore(c.Context(), args[0], &f) },
	}
	c.Flags().StringVar(&f.identity, "identity", "", "open it with the private keys of age in `FILE`")
	c.Flags().BoolVar(&f.stdin, "passphrase-stdin", false, "read the passphrase from standard input")
	c.Flags().BoolVar(&f.replace, "replace", false, "overwrite what is in conflict")
	c.Flags().BoolVar(&f.yes, "yes", false, "write without asking at the terminal (NoxKey itself still asks)")
	return p.listing(c)
}

// restored is a secret of the backup and what becomes of it.
type restored struct {
	backup.Preview
	record backup.Record
}

func (p *program) restore(ctx context.Context, path string, f *restoreFlags) error {
	if f.identity != "" && f.stdin {
		return usagef("give --identity or --passphrase-stdin, not both")
	}
	if err := p.peopleOnly(ctx); err != nil {
		return err
	}
	p.heed()
	rows, sum, err := p.openBackup(ctx, path, f)
	defer wipeRestored(rows)
	if err != nil {
		return err
	}
	if err := p.compare(ctx, rows); err != nil {
		return err
	}
	if err := p.showRestore(rows, sum); err != nil {
		return err
	}
	batches := restoreBatches(rows, f.replace)
	if len(batches) == 0 {
		return p.nothingToRestore(rows)
	}
	if !f.yes && (terminal(p.in) == nil || terminal(p.err) == nil) {
		fmt.Fprintf(p.err, "noxkey: nothing was written; add --yes to write\n")
		return nil
	}
	if !f.yes {
		if err := p.confirm(ctx, restoreQuestion(batches)); err != nil {
			return err
		}
	}
	return p.writeBatches(ctx, batches, rows, f.replace)
}

func wipeRestored(rows []restored) {
	for _, r := range rows {
		r.record.Value.Wipe()
	}
}

// openBackup reads all of the file; nothing is known of it before its end.
func (p *program) openBackup(ctx context.Context, path string, f *restoreFlags) ([]restored, backup.Summary, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, backup.Summary{}, notOpened(path, err, "name the file that noxkey backup wrote")
	}
	defer file.Close()
	if fi, err := file.Stat(); err == nil && fi.IsDir() {
		return nil, backup.Summary{}, failf("name the file that noxkey backup wrote", "%s is a folder", path)
	}
	ids, err := p.identities(ctx, f)
	if err != nil {
		return nil, backup.Summary{}, err
	}
	var rows []restored
	sum, err := backup.Read(file, func(r backup.Record) error {
		rows = append(rows, restored{record: r})
		return ctx.Err()
	}, ids...)
	switch secret.CodeOf(err) {
	case "":
		return rows, sum, nil
	case secret.WrongKey:
		hint := "the passphrase is that of the backup, not of the vault; for one made with --to use --identity KEYFILE"
		if f.identity != "" {
			hint = "take the private key of a public key that it was sealed to with --to; one made with a passphrase is opened without --identity"
		}
		err = &failure{fmt.Sprintf("%s: %s", path, err), hint, exitDenied}
	case secret.Invalid, secret.Damaged, secret.Storage:
		err = failf("nothing was written; take another copy of the file, or the noxkey that wrote it", "%s: %s", path, err)
	}
	return rows, sum, err
}

// notOpened is fileError with a hint for this file.
func notOpened(path string, err error, hint string) error {
	err = fileError(path, err)
	if f, ok := errors.AsType[*failure](err); ok {
		f.hint = hint
	}
	return err
}

// identities are the keys in --identity, or a passphrase.
func (p *program) identities(ctx context.Context, f *restoreFlags) ([]backup.Identity, error) {
	if f.identity == "" {
		pass, err := p.passphrase(ctx, f.stdin, "passphrase of the backup (not shown): ")
		if err != nil {
			return nil, err
		}
		defer pass.Wipe()
		id, err := backup.OpenPassphrase(pass)
		return []backup.Identity{id}, err
	}
	key, err := os.Open(f.identity)
	if err != nil {
		return nil, notOpened(f.identity, err, "name a file of private keys; age-keygen makes one")
	}
	defer key.Close()
	buf := make([]byte, secret.MaxValue+1)
	n, err := io.ReadFull(key, buf)
	if err == nil {
		secret.Wipe(buf)
		return nil, failf("age-keygen makes such a file", "%s is too long for a file of keys", f.identity)
	}
	v, err := secret.NewValue(buf[:n])
	if err != nil {
		return nil, failf("age-keygen makes such a file", "%s holds no key", f.identity)
	}
	defer v.Wipe()
	ids, err := backup.ParseIdentities(v)
	if err != nil {
		return nil, failf("age-keygen makes such a file", "%s: %s", f.identity, err)
	}
	return ids, nil
}

// compare says of each row what restoring it would do. Whether a value is the same only
// its reading tells, so that secrets of the same names are read, as for a backup.
func (p *program) compare(ctx context.Context, rows []restored) error {
	there, err := p.entries(ctx, nil)
	if err != nil {
		return err
	}
	stored := map[secret.Name]bool{}
	for _, e := range there {
		stored[e.Name] = true
	}
	var both []secret.Prefix
	total := 0
	for _, r := range rows {
		if stored[r.record.Name] {
			both = append(both, secret.Prefix(r.record.Name))
			total = len(both)
		}
	}
	have := map[secret.Name]backup.Record{}
	defer func() {
		for _, r := range have {
			r.Value.Wipe()
		}
	}()
	if len(both) > secret.MaxTargets {
		both, total = []secret.Prefix{}, len(there) // all of it: a request has no room for more names
	}
	if both != nil {
		in := &parts{p: p, ctx: ctx, targets: both, total: total}
		for r, err := range in.records() {
			if err != nil {
				in.line.stop()
				return err
			}
			have[r.Name] = r
		}
		in.line.stop()
	}
	for i := range rows {
		rows[i].Preview = previewOf(rows[i].record, have, stored[rows[i].record.Name])
	}
	return nil
}

func previewOf(in backup.Record, have map[secret.Name]backup.Record, stored bool) backup.Preview {
	var old *backup.Record
	if r, ok := have[in.Name]; ok {
		old = &r
	}
	v := backup.Compare(old, in)
	if old == nil && stored { // damaged: it was not read
		v.State, v.Fields = backup.Differs, []string{"value"}
	}
	if err := storable(in.Meta.FieldType, in.Meta.Kind, in.Value); v.Refused == "" && err != nil {
		v.Refused = err.Error()
	}
	return v
}

func (p *program) showRestore(rows []restored, sum backup.Summary) error {
	if p.json {
		return printArray(p.out, rows, func(r restored) any { return r.Preview })
	}
	fmt.Fprintf(p.out, "%s, made %s\n", secrets(sum.Records), sum.Created.Local().Format("2006-01-02 15:04"))
	t := newTable(p.out)
	for _, r := range rows {
		state, lowers := cell{string(r.State), ""}, cell{}
		switch {
		case r.Refused != "":
			state = cell{"refused", red}
		case r.State == backup.Differs:
			state.code = yellow
		}
		if r.Lowers {
			lowers = cell{"lowers", red}
		}
		if err := t.row(cell{string(r.Name), ""}, levelCell(r.record.Meta.Level), state, lowers, cell{strings.Join(r.Fields, ", "), dim}, cell{r.Refused, red}); err != nil {
			return err
		}
	}
	return t.flush()
}
