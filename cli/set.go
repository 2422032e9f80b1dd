package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

type setFlags struct {
	meta                                          metaFlags
	stdin, keepNewline, clipboard, replace, enter bool
	generate                                      string
}

func setCommand(p *program) *cobra.Command {
	var f setFlags
	c := &cobra.Command{
		Use:   "set NAME",
		Short: "Store a secret",
		Long: `Store a secret. The value is typed at a hidden prompt, or comes from standard
input, the clipboard or a generator; never from the command line, which every
process can read and the shell keeps in its history.

Of --stdin exactly one newline at the end is removed (--keep-newline keeps it).
--generate makes 32 characters (or LEN, 8 to 4096) of A-Z a-z 0-9 - . _ ~ from
the system's random source, about 6 bits each, and does not show them.`,
		Example: `  noxkey set acme/api/STRIPE_SECRET_KEY
  noxkey set acme/api/TLS_KEY --stdin --type text < key.pem
  noxkey set acme/api/SESSION_KEY --generate=48 --level strict
  noxkey set login/github.com/PASSWORD --clipboard --replace`,
		Args:              setArgs,
		ValidArgsFunction: p.completeNames,
		RunE: func(c *cobra.Command, args []string) error {
			n, err := name(args[0])
			if err != nil {
				return err
			}
			patch, _, err := f.meta.patch(c)
			if err != nil {
				return err
			}
			return p.set(c.Context(), n, patch, &f)
		},
	}
	f.meta.add(c)
	c.Flags().BoolVar(&f.stdin, "stdin", false, "read the value from standard input")
	c.Flags().BoolVar(&f.keepNewline, "keep-newline", false, "with --stdin: keep a newline at the end")
	c.Flags().BoolVar(&f.clipboard, "clipboard", false, "take the value from the clipboard")
	c.Flags().StringVar(&f.generate, "generate", "", "make a random value of `LEN` characters")
	c.Flags().Lookup("generate").NoOptDefVal = "32"
	c.Flags().BoolVar(&f.enter, "enter", false, "let the person type it in NoxKey's own field")
	c.Flags().BoolVar(&f.replace, "replace", false, "overwrite the value that is there")
	return c
}

// setArgs refuses a value among the arguments, and never repeats one: also
// NAME=VALUE, which is no name.
func setArgs(c *cobra.Command, args []string) error {
	if len(args) > 1 || len(args) == 1 && strings.Contains(args[0], "=") {
		return usageHint("remove that line from the shell's history, replace the secret where it came from, then: noxkey set NAME --stdin, or without flags to type it",
			"set takes no value on the command line: every process can read it there, and it may now be in the shell's history")
	}
	return exactly("NAME")(c, args)
}

func (p *program) set(ctx context.Context, n secret.Name, patch secret.Patch, f *setFlags) error {
	if err := n.Writable(); err != nil {
		return err
	}
	if err := p.free(ctx, n, f.replace); err != nil {
		return err
	}
	change := secret.Change{Action: secret.ActionSet, Name: n, Meta: patch, Replace: f.replace, Enter: f.enter}
	if !f.enter {
		v, err := p.newValue(ctx, n, f)
		if err != nil {
			return err
		}
		defer v.Wipe()
		change.Value = v
	}
	return p.write(ctx, []secret.Change{change})
}

// free reports, before a value is typed in vain, that n is taken. The app decides
// again when it writes.
func (p *program) free(ctx context.Context, n secret.Name, replace bool) error {
	list, err := p.entries(ctx, []secret.Prefix{secret.Prefix(n)})
	if err != nil && secret.CodeOf(err) != secret.NotFound {
		return err
	}
	for _, e := range list {
		if e.Name == n && !replace {
			return secret.Errorf(secret.Exists, "%s exists already", n)
		}
	}
	return nil
}

// newValue gets the value from where the flags say.
func (p *program) newValue(ctx context.Context, n secret.Name, f *setFlags) (secret.Value, error) {
	sources := 0
	for _, on := range []bool{f.stdin, f.clipboard, f.generate != ""} {
		if on {
			sources++
		}
	}
	switch {
	case sources > 1:
		return secret.Value{}, usagef("give one of --stdin, --clipboard and --generate")
	case f.stdin:
		return p.fromInput(ctx, f.keepNewline)
	case f.clipboard:
		b, err := p.clip.read(ctx)
		if err != nil {
			return secret.Value{}, err
		}
		return secret.NewValue(b)
	case f.generate != "":
		return generate(f.generate)
	}
	return p.fromPrompt(ctx, "value of "+string(n)+" (not shown): ")
}

// fromInput reads standard input to its end, at most what a value may hold.
func (p *program) fromInput(ctx context.Context, keepNewline bool) (secret.Value, error) {
	if terminal(p.in) != nil {
		return secret.Value{}, usageHint("leave --stdin out to type the value at a hidden prompt",
			"--stdin is for a pipe or a file; what is typed here would be shown")
	}
	p.heed()
	buf := make([]byte, secret.MaxValue+2) // one for the newline, one to notice more
	n, err := readFull(ctx, p.in, buf)
	if ctx.Err() != nil {
		return secret.Value{}, ctx.Err()
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		secret.Wipe(buf)
		return secret.Value{}, fmt.Errorf("cannot read the value: %w", err)
	}
	b := buf[:n]
	if !keepNewline && n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
	}
	if n == len(buf) {
		secret.Wipe(buf)
		return secret.Value{}, secret.Errorf(secret.Invalid, "the value is too long; the most is 64 KiB")
	}
	return secret.NewValue(b)
}

// readFull is io.ReadFull that returns when ctx ends. The read itself cannot be
// ended; it is left behind with the buffer, which the end of the process takes.
func readFull(ctx context.Context, r io.Reader, buf []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := io.ReadFull(r, buf)
		done <- result{n, err}
	}()
	select {
	case got := <-done:
		return got.n, got.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// alphabet of generated values: RFC 3986's unreserved characters, so that they
// need quoting nowhere.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// generate returns as many random characters as length says.
func generate(length string) (secret.Value, error) {
	n, err := strconv.Atoi(length)
	if err != nil || n < 8 || n > 4096 {
		return secret.Value{}, usagef("--generate makes 8 to 4096 characters")
	}
	out := make([]byte, 0, n)
	buf := make([]byte, 256)
	defer secret.Wipe(buf)
	for {
		if _, err := rand.Read(buf); err != nil {
			return secret.Value{}, err
		}
		for _, b := range buf {
			// 198 is 3 times the alphabet: what is above would favour its start.
			if int(b) < 3*len(alphabet) {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
			if len(out) == n {
				return secret.NewValue(out)
			}
		}
	}
}
