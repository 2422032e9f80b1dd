package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"time"

	"github.com/spf13/cobra"

	"noxkey/backup"
	"noxkey/secret"
)

type backupFlags struct {
	to             []string
	stdin, replace bool
}

func backupCommand(p *program) *cobra.Command {
	var f backupFlags
	c := &cobra.Command{
		Use:   "backup FILE [PREFIX...]",
		Short: "Write all secrets into one encrypted file (people only)",
		Long: `Write all secrets, or those below PREFIX, into one file encrypted with age
(age-encryption.org), under one authentication: values and metadata, also of what is
off limits to agents, TOTP seeds and recovery codes. People only.

It is sealed to a passphrase, which is asked for twice, or with --to to public keys of
age. Whoever has the file and the passphrase or key has all of it; without them nobody
has. Sessions, settings and the audit are not in it. noxkey restore reads it, and age
itself can.`,
		Example: `  noxkey backup ~/vault.age
  noxkey backup ~/vault.age --to age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kdxqh4qqq2k8u6s
  noxkey backup ~/acme.age acme --replace
  pass show noxkey-backup | noxkey backup ~/vault.age --passphrase-stdin`,
		Args: atLeast(1, "FILE"),
		ValidArgsFunction: func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return p.completeNames(c, args, typed)
		},
		RunE: func(c *cobra.Command, args []string) error {
			targets, err := prefixes(args[1:])
			if err != nil {
				return err
			}
			return p.backup(c.Context(), args[0], targets, &f)
		},
	}
	c.Flags().StringArrayVar(&f.to, "to", nil, "seal it to this public key of age, `RECIPIENT`; may be repeated")
	c.Flags().BoolVar(&f.stdin, "passphrase-stdin", false, "read the passphrase from standard input, up to the first newline at its end")
	c.Flags().BoolVar(&f.replace, "replace", false, "take the place of FILE if it exists")
	return c
}

// peopleOnly refuses, before anything is typed or read, whom the app would refuse.
func (p *program) peopleOnly(ctx context.Context) error {
	st, err := p.status(ctx)
	switch {
	case err != nil:
		return err
	case st.Locked:
		return secret.Errorf(secret.Locked, "NoxKey is locked")
	case st.You != "human":
		return secret.Errorf(secret.HumanOnly, "only a person at a known terminal may do this")
	}
	return nil
}

func (p *program) backup(ctx context.Context, path string, targets []secret.Prefix, f *backupFlags) error {
	if fi, err := os.Lstat(path); err == nil && (!f.replace || !fi.Mode().IsRegular()) {
		return backupTaken(path, fi)
	}
	if err := p.peopleOnly(ctx); err != nil {
		return err
	}
	to, err := p.recipients(ctx, f)
	if err != nil {
		return err
	}
	there, err := p.entries(ctx, targets)
	if err != nil {
		return err
	}
	p.heed() // a file cut short would be left behind
	out, err := newWhole(path)
	if err != nil {
		return err
	}
	defer out.drop()
	parts := &parts{p: p, ctx: ctx, targets: targets, total: len(there)}
	n, err := backup.Write(out, time.Now(), parts.records(), to...)
	parts.line.stop()
	if err == nil {
		err = out.keep(f.replace)
	}
	if err != nil {
		return err
	}
	if _, err = fmt.Fprintf(p.out, "wrote %s to %s\n", secrets(n), show(path)); err == nil && len(parts.damaged) > 0 {
		err = failf("noxkey verify names what is damaged", "not in it, since they are damaged: %s", secret.List(parts.damaged))
	}
	return err
}

func backupTaken(path string, fi fs.FileInfo) error {
	if !fi.Mode().IsRegular() {
		return failf("choose another file", "%s is not a regular file and is not overwritten", path)
	}
	return failf("add --replace to take its place, or choose another file", "%s exists and is not overwritten", path)
}

// recipients are those of --to, or a passphrase.
func (p *program) recipients(ctx context.Context, f *backupFlags) ([]backup.Recipient, error) {
	if len(f.to) > 0 && f.stdin {
		return nil, usagef("give --to or --passphrase-stdin: a file for public keys has no passphrase beside them")
	}
	var all []backup.Recipient
	for _, s := range f.to {
		r, err := backup.ParseRecipient(s)
		if err != nil {
			return nil, usageHint("age-keygen -y KEYFILE shows the public key of a pair", "--to: %s", err)
		}
		all = append(all, r)
	}
	if all != nil {
		return all, nil
	}
	pass, err := p.newPassphrase(ctx, f.stdin)
	if err != nil {
		return nil, err
	}
	defer pass.Wipe()
	r, err := backup.Passphrase(pass)
	return []backup.Recipient{r}, err
}

// leastPass is the length of the shortest passphrase that is taken, in bytes: the same as
// for the vault.
const leastPass = 8

// newPassphrase asks twice, or reads standard input.
func (p *program) newPassphrase(ctx context.Context, stdin bool) (secret.Value, error) {
	pass, err := p.passphrase(ctx, stdin, "passphrase of the backup (not shown): ")
	if err != nil {
		return pass, err
	}
	size := 0
	_ = pass.Use(func(b []byte) error { size = len(b); return nil })
	if size < leastPass {
		pass.Wipe()
		return pass, failf("whoever has the file can try passphrases for years: take a long one, or seal it to a key with --to", "a passphrase needs at least %d characters", leastPass)
	}
	if stdin {
		return pass, nil
	}
	again, err := p.passphrase(ctx, false, "the same again: ")
	if err != nil {
		pass.Wipe()
		return pass, err
	}
	defer again.Wipe()
	if !pass.Equal(again) {
		pass.Wipe()
		return pass, failf("run the command again", "the two are not the same; nothing was written")
	}
	return pass, nil
}

// passphrase reads one from standard input, or asks for it without showing it.
func (p *program) passphrase(ctx context.Context, stdin bool, prompt string) (secret.Value, error) {
	if stdin {
		return p.fromInput(ctx, false)
	}
	tty := terminal(p.in)
	if tty == nil {
		return secret.Value{}, usageHint("pipe it in and add --passphrase-stdin, or use a key: backup --to, restore --identity",
			"there is no terminal to type the passphrase at")
	}
	p.heed()
	line, err := hidden(ctx, tty, p.err, prompt)
	fmt.Fprintln(p.err)
	if errors.Is(err, errSeveralLines) { // whose hint is about values
		err = failf("type it again, or pipe it in: --passphrase-stdin", "more than one line came, and a passphrase is one")
	}
	if err != nil {
		return secret.Value{}, err
	}
	return secret.NewValue(line)
}

// parts asks for a backup and fetches it, part by part, under the one authentication.
type parts struct {
	p       *program
	ctx     context.Context
	targets []secret.Prefix
	total   int

	line    counter
	damaged []secret.Name
}

// records yields every secret. Its values are the caller's.
func (s *parts) records() iter.Seq2[backup.Record, error] {
	return func(yield func(backup.Record, error) bool) {
		s.line.w = s.p.err
		id, err := s.ask()
		for err == nil && id != "" {
			var part []backup.Record
			part, id, err = s.next(id)
			for i, r := range part {
				s.line.add(s.total)
				if !yield(r, nil) {
					for _, r := range part[i+1:] {
						r.Value.Wipe()
					}
					return
				}
			}
		}
		if err != nil {
			yield(backup.Record{}, err)
		}
	}
}

func (s *parts) ask() (id string, err error) {
	req := &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverBackup, Targets: s.targets}
	err = s.p.do(s.ctx, req, func(a secret.Answer) error {
		if a.Ticket != nil {
			id, s.damaged = a.Ticket.ID, a.Ticket.LeftOut
		}
		return nil
	})
	if err == nil && id == "" {
		err = secret.Errorf(secret.Protocol, "the app allowed a backup and gave none")
	}
	return id, err
}

// next fetches a part, and the ticket for the one after it, "" after the last.
func (s *parts) next(ticket string) (part []backup.Record, id string, err error) {
	var about *secret.Entry
	err = s.p.do(s.ctx, &secret.Request{Op: secret.OpRedeem, Ticket: ticket}, func(a secret.Answer) error {
		switch {
		case a.Ticket != nil:
			id = a.Ticket.ID
		case a.Entry != nil:
			about = a.Entry
		case a.Value != nil && (about == nil || about.Name != a.Value.Name):
			a.Value.Value.Wipe()
			return secret.Errorf(secret.Protocol, "the app sent a value without what is known of it")
		case a.Value != nil:
			part = append(part, backup.Record{Name: about.Name, Meta: about.Metadata, Value: a.Value.Value})
		}
		return nil
	})
	if err != nil {
		for _, r := range part {
			r.Value.Wipe()
		}
		return nil, "", err
	}
	return part, id, nil
}

// counter is a line on a terminal's standard error that says how far it is.
type counter struct {
	w    io.Writer
	n    int
	last time.Time
}

func (c *counter) add(total int) {
	c.n++
	if terminal(c.w) == nil || time.Since(c.last) < 100*time.Millisecond && c.n < total {
		return
	}
	c.last = time.Now()
	fmt.Fprintf(c.w, "\r\x1b[K%d of %s", c.n, secrets(total))
}

func (c *counter) stop() {
	if terminal(c.w) != nil && c.n > 0 {
		io.WriteString(c.w, "\r\x1b[K")
	}
}
