package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"noxkey/fingerprint"
	"noxkey/secret"
)

func guardCommand(p *program) *cobra.Command {
	var git, strict bool
	var hook string
	c := &cobra.Command{
		Use:   "guard [FILE]...",
		Short: "Say whether stored secrets are in a text",
		Long: `Look for stored values in files or standard input. Nothing is unlocked for it: the app
keeps keyed fingerprints, and says which secrets it found and where, never a value.
Exit code 1 means that something was found, and 5 that NoxKey is locked.

Not found: values that are shorter than 12 characters or could be guessed, encoded
values (noxkey run knows those of what it gave), and a value of which a part is missing.

--git looks at what is staged, for a pre-commit hook. --hook claude is a hook of Claude
Code's, which noxkey setup claude installs: before a tool runs it refuses to list the
environment and to read .env files and handoffs, and afterwards it takes stored values
out of what the tool printed.`,
		Example: `  noxkey guard build.log
  kubectl logs deploy/api | noxkey guard
  printf '#!/bin/sh\nexec noxkey guard --git\n' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case hook != "" && (git || len(args) > 0), git && len(args) > 0:
				return usageHint("noxkey guard --help shows examples", "files, --git and --hook do not go together")
			case hook != "" && hook != "claude":
				return usageHint("noxkey guard --hook claude", "only Claude Code's hooks are known")
			case hook != "":
				return p.guardHook(c.Context(), strict)
			case git:
				return budget(p.guardGit(c.Context()))
			}
			return budget(p.guardFiles(c.Context(), args))
		},
	}
	c.Flags().BoolVar(&git, "git", false, "look at what is staged in the git repository here")
	c.Flags().StringVar(&hook, "hook", "", "be a hook of `AGENT`: claude")
	c.Flags().BoolVar(&strict, "strict", false, "with --hook: withhold what cannot be checked because NoxKey is locked or not running")
	return p.listing(c)
}

// budget gives an agent that has asked about too much text a hint about that, since no card
// is open.
func budget(err error) error {
	if secret.CodeOf(err) == secret.Busy {
		return failf("wait a minute, or ask the person to run it at a terminal of theirs", "%v", err)
	}
	return err
}

// finding is one secret found.
type finding struct {
	Name secret.Name `json:"name"`
	Path string      `json:"path,omitempty"`
	Line int         `json:"line"`
	off  int64
	size int
}

// guardFiles looks through files, or standard input.
func (p *program) guardFiles(ctx context.Context, paths []string) error {
	var all []finding
	if len(paths) == 0 {
		if terminal(p.in) != nil {
			return usageHint("noxkey guard FILE, or COMMAND | noxkey guard", "there is nothing on standard input")
		}
		found, err := p.look(ctx, "", p.in)
		if err != nil {
			return err
		}
		all = found
	}
	for _, path := range paths {
		found, err := p.lookFile(ctx, path)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	return p.found(all, "take it out, and give the secret a new value if the text has been somewhere")
}

func (p *program) lookFile(ctx context.Context, path string) ([]finding, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, failf("noxkey guard reads files, or standard input when none is named", "%v", err)
	}
	defer f.Close()
	if fi, err := f.Stat(); err == nil && fi.IsDir() {
		return nil, usageHint("name files: noxkey guard "+show(path)+"/*", "%s is a folder", show(path))
	}
	return p.look(ctx, path, f)
}

// found prints what was found, and ends with an exit code that says so.
func (p *program) found(all []finding, hint string) error {
	if p.json {
		if all == nil {
			all = []finding{}
		}
		if err := printJSON(p.out, all); err != nil {
			return err
		}
	} else {
		for _, f := range all {
			where := fmt.Sprintf("line %d", f.Line)
			if f.Path != "" {
				where = fmt.Sprintf("%s:%d", f.Path, f.Line)
			}
			if _, err := fmt.Fprintf(p.out, "%s: %s\n", show(where), f.Name); err != nil {
				return err
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	names := map[secret.Name]bool{}
	for _, f := range all {
		names[f.Name] = true
	}
	return failf(hint, "%s found", count(len(names), "stored secret", "stored secrets"))
}

// Sizes of what one request looks through, in bytes. The pieces of one text overlap, so
// that no value is cut by their borders.
const (
	pieceSize   = 60 << 10
	requestSize = 8 * pieceSize
	overlap     = fingerprint.Cover - 1
)

// look reads r to its end and returns what is in it, in order.
func (p *program) look(ctx context.Context, path string, r io.Reader) ([]finding, error) {
	l, err := p.looker()
	if err != nil {
		return nil, err
	}
	if err := l.read(ctx, path, r); err != nil {
		l.wipe()
		return nil, err
	}
	err = l.ask(ctx)
	return l.all, err
}

// piece is what of a text is looked through at once.
type piece struct {
	value secret.Value
	path  string
	off   int64 // in its text
	line  int   // newlines before it
}

// looker collects pieces of texts and asks about several at once.
type looker struct {
	service secret.Service
	pieces  []piece
	size    int // bytes of pieces
	seen    map[finding]bool
	all     []finding
}

func (p *program) looker() (*looker, error) {
	s, err := p.service(p.home)
	return &looker{service: s, seen: map[finding]bool{}}, err
}

// read takes all of r. What it asks about, and what is left for ask, is in l.
func (l *looker) read(ctx context.Context, path string, r io.Reader) error {
	buf := make([]byte, pieceSize)
	defer clear(buf)
	kept := 0 // bytes of the piece before at the front of buf
	next := piece{path: path}
	for {
		n, err := io.ReadFull(r, buf[kept:])
		text := buf[:kept+n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		if n > 0 {
			if err := l.add(ctx, next, text); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
		done := text[:len(text)-overlap]
		next.off += int64(len(done))
		next.line += bytes.Count(done, []byte("\n"))
		kept = copy(buf, text[len(done):])
	}
}

// add takes a piece, and asks first if there is no more room.
func (l *looker) add(ctx context.Context, p piece, text []byte) error {
	if len(l.pieces) == secret.MaxTexts || l.size+len(text) > requestSize {
		if err := l.ask(ctx); err != nil {
			return err
		}
	}
	text = bytes.Clone(text)
	for i, c := range text {
		if c == 0 { // which no stored value holds, nor any text that we may send
			text[i] = 1
		}
	}
	var err error
	if p.value, err = secret.NewValue(text); err != nil {
		return err
	}
	l.pieces = append(l.pieces, p)
	l.size += len(text)
	return nil
}

func (l *looker) wipe() {
	for _, p := range l.pieces {
		p.value.Wipe()
	}
	l.pieces, l.size = nil, 0
}

// ask sends what was collected.
func (l *looker) ask(ctx context.Context) error {
	if len(l.pieces) == 0 {
		return nil
	}
	defer l.wipe()
	req := &secret.Request{Op: secret.OpGuard}
	for _, p := range l.pieces {
		req.Texts = append(req.Texts, p.value)
	}
	return l.service.Do(ctx, req, func(a secret.Answer) error {
		if a.Hit == nil {
			return nil
		}
		return l.hit(*a.Hit)
	})
}

// hit notes what the app found.
func (l *looker) hit(h secret.Hit) error {
	if h.Text < 0 || h.Text >= len(l.pieces) {
		return secret.Errorf(secret.Protocol, "the app found something in a text that it was not sent")
	}
	p := l.pieces[h.Text]
	f := finding{Name: h.Name, Path: p.path, off: p.off + int64(h.Off), size: h.Len}
	err := p.value.Use(func(b []byte) error {
		if h.Off < 0 || h.Len <= 0 || h.Off+h.Len > len(b) {
			return secret.Errorf(secret.Protocol, "the app found something beyond the end of a text")
		}
		f.Line = p.line + bytes.Count(b[:h.Off], []byte("\n")) + 1
		return nil
	})
	if err == nil && !l.seen[f] { // pieces overlap
		l.seen[f] = true
		l.all = append(l.all, f)
	}
	return err
}
