package cli

import (
	"context"
	"encoding/json"
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
		return nil, backup.Summary{}, backupFileError(path, err)
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
		err = &failure{fmt.Sprintf("%s: %s", path, err), hint, exitDenied}
	case secret.Invalid, secret.Damaged, secret.Storage:
		err = failf("nothing was written; take another copy of the file", "%s: %s", path, err)
	}
	return rows, sum, err
}

func backupFileError(path string, err error) error {
	err = fileError(path, err)
	if f, ok := errors.AsType[*failure](err); ok {
		f.hint = "name the file that noxkey backup wrote"
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
		return nil, backupFileError(f.identity, err)
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
		a := &array{w: p.out}
		for _, r := range rows {
			if err := a.add(r.Preview); err != nil {
				return err
			}
		}
		return a.end()
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

// Bounds of one batch: the socket takes 512 KiB of sealed values and 1 MiB of all in a
// request, in which what is sealed grows by a third.
const (
	batchValues = 500 << 10
	batchMeta   = 256 << 10
)

// restoreBatches are the changes that write what is new and, if told so, in conflict.
func restoreBatches(rows []restored, replace bool) [][]secret.Change {
	var all [][]secret.Change
	values, meta := 0, 0
	for _, r := range rows {
		if r.Refused != "" || r.State == backup.Same || r.State == backup.Differs && !replace {
			continue
		}
		c := restoreChange(r.record, r.State == backup.Differs)
		v, m := sizeOf(c)
		if n := len(all); n == 0 || len(all[n-1]) == secret.MaxChanges || values+v > batchValues || meta+m > batchMeta {
			all = append(all, nil)
			values, meta = 0, 0
		}
		all[len(all)-1] = append(all[len(all)-1], c)
		values, meta = values+v, meta+m
	}
	return all
}

func restoreChange(r backup.Record, replace bool) secret.Change {
	m := r.Meta
	return secret.Change{Action: secret.ActionSet, Name: r.Name, Value: r.Value, Replace: replace, Meta: secret.Patch{
		FieldType: &m.FieldType, Kind: &m.Kind, Level: &m.Level, Bundle: &m.Bundle, Desc: &m.Desc, Expires: &m.Expires, RotateURL: &m.RotateURL}}
}

// sizeOf is how many bytes a change takes in a request, its sealed value apart.
func sizeOf(c secret.Change) (value, meta int) {
	_ = c.Value.Use(func(b []byte) error { value = len(b) + 64; return nil })
	text, err := json.Marshal(c)
	if err != nil {
		return value, batchMeta
	}
	return value, len(text)
}

func restoreQuestion(batches [][]secret.Change) string {
	n, over := 0, 0
	for _, b := range batches {
		for _, c := range b {
			n++
			if c.Replace {
				over++
			}
		}
	}
	q := "write " + secrets(n)
	if over > 0 {
		q += fmt.Sprintf(", %d of them over what is there", over)
	}
	if len(batches) > 1 {
		q += fmt.Sprintf(", in %d batches, for each of which NoxKey asks", len(batches))
	}
	return q + "?"
}

func (p *program) nothingToRestore(rows []restored) error {
	if !p.json {
		fmt.Fprintln(p.out, "nothing to write")
	}
	p.leftOutOf(rows, false)
	return nil
}

// writeBatches writes one after the other. Each is whole or not at all; one that fails
// leaves those before it written, and says so.
func (p *program) writeBatches(ctx context.Context, batches [][]secret.Change, rows []restored, replace bool) error {
	n := 0
	for i, b := range batches {
		done, err := p.apply(ctx, b)
		if err == nil && len(done) != len(b) {
			err = secret.Errorf(secret.Protocol, "the app confirmed %d of %d", len(done), len(b))
		}
		if err != nil {
			if i > 0 {
				fmt.Fprintf(p.err, "noxkey: %s in %d of %d batches were restored before this; run it again for the rest\n", secrets(n), i, len(batches))
			}
			return err
		}
		n += len(done)
		if len(batches) > 1 {
			fmt.Fprintf(p.err, "batch %d of %d: %s\n", i+1, len(batches), secrets(len(done)))
		}
	}
	if !p.json {
		fmt.Fprintf(p.out, "restored %s\n", secrets(n))
	}
	p.leftOutOf(rows, replace)
	return nil
}

// leftOutOf says what was not written although the backup has it otherwise.
func (p *program) leftOutOf(rows []restored, replaced bool) {
	conflicts, refused := 0, 0
	for _, r := range rows {
		switch {
		case r.Refused != "":
			refused++
		case r.State == backup.Differs && !replaced:
			conflicts++
		}
	}
	if conflicts > 0 {
		fmt.Fprintf(p.err, "noxkey: left out, being other than in the backup: %s; --replace writes them\n", secrets(conflicts))
	}
	if refused > 0 {
		fmt.Fprintf(p.err, "noxkey: left out, being refused: %s\n", secrets(refused))
	}
}
