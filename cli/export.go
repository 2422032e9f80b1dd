package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"noxkey/dotenv"
	"noxkey/secret"
)

func exportCommand(p *program) *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "export PREFIX...",
		Short: "Write secrets as a .env file (people only)",
		Long: `Write everything below PREFIX as .env text, to a pipe or, with --output, to a new
file that only you can read. People only. The file is plain text: delete it after
use. A file that exists is not overwritten.`,
		Example:           "  noxkey export acme/api --output .env\n  noxkey export acme/api | docker run --env-file /dev/stdin ...",
		Args:              atLeast(1, "PREFIX"),
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			targets, err := prefixes(args)
			if err != nil {
				return err
			}
			return p.export(c.Context(), targets, output)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "write to the new `FILE`, mode 0600")
	return c
}

func (p *program) export(ctx context.Context, targets []secret.Prefix, output string) error {
	if output == "" && terminal(p.out) != nil {
		return usageHint("use --output FILE or a pipe", "on a terminal values are not printed")
	}
	if _, err := os.Lstat(output); output != "" && err == nil {
		return taken(output)
	}
	values, err := p.values(ctx, &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverExport, Targets: targets})
	if err != nil {
		return err
	}
	text, err := envText(values)
	defer secret.Wipe(text)
	if err != nil {
		return err
	}
	if output == "" {
		_, err = p.out.Write(text)
		return err
	}
	p.heed() // a file cut short would be left behind
	if err := writeNew(output, text); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "wrote %s to %s\n", secrets(len(values)), show(output))
	return err
}

func taken(path string) error {
	return failf("choose another file, or delete that one first", "%s exists and is not overwritten", path)
}

// envText formats values as .env text, the caller's to wipe, and wipes them.
func envText(values []secret.Named) ([]byte, error) {
	pairs := make([]dotenv.Pair, len(values))
	defer func() { dotenv.File{Pairs: pairs}.Wipe() }()
	for i, n := range values {
		pairs[i].Key = n.Env
		_ = n.Value.Use(func(b []byte) error { pairs[i].Value = bytes.Clone(b); return nil })
	}
	wipe(values)
	return dotenv.Format(pairs)
}

// writeNew writes text to a file that is not there yet; a half-written one is
// removed again.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return taken(path)
	}
	if err != nil {
		return notWritten(path, err)
	}
	_, err = f.Write(text)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(path)
		return notWritten(path, err)
	}
	return nil
}

func notWritten(path string, err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err // its own text would name the path again
	}
	return failf("choose another file with --output", "%s cannot be written: %v", path, err)
}
