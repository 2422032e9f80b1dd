package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

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
	pieceSize = 60 << 10
	pieces    = 8
	overlap   = fingerprint.Cover - 1
)

// look reads r to its end and returns what is in it, in order.
func (p *program) look(ctx context.Context, path string, r io.Reader) ([]finding, error) {
	s, err := p.service(p.home)
	if err != nil {
		return nil, err
	}
	l := &looker{service: s, path: path, seen: map[finding]bool{}}
	buf := make([]byte, pieceSize)
	defer clear(buf)
	kept := 0 // bytes of the piece before at the front of buf
	for {
		n, err := io.ReadFull(r, buf[kept:])
		piece := buf[:kept+n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return nil, err
		}
		if n > 0 {
			if err := l.add(ctx, piece, kept); err != nil {
				return nil, err
			}
		}
		if last {
			return l.all, l.ask(ctx)
		}
		kept = copy(buf, piece[len(piece)-overlap:])
	}
}

// looker collects pieces of one text and asks about several at once.
type looker struct {
	service secret.Service
	path    string
	texts   []secret.Value
	from    []int64 // offset of each of texts
	lines   []int   // newlines before each of texts
	end     int64   // bytes so far
	newline int     // newlines so far
	seen    map[finding]bool
	all     []finding
}

// add takes a piece whose first kept bytes belong to the one before.
func (l *looker) add(ctx context.Context, piece []byte, kept int) error {
	text := bytes.Clone(piece)
	for i, c := range text {
		if c == 0 { // which no stored value holds, nor any text that we may send
			text[i] = 1
		}
	}
	l.from = append(l.from, l.end-int64(kept))
	l.lines = append(l.lines, l.newline-bytes.Count(piece[:kept], []byte("\n")))
	l.end += int64(len(piece) - kept)
	l.newline += bytes.Count(piece[kept:], []byte("\n"))
	v, err := secret.NewValue(text)
	if err != nil {
		return err
	}
	l.texts = append(l.texts, v)
	if len(l.texts) == pieces {
		return l.ask(ctx)
	}
	return nil
}

// ask sends what was collected.
func (l *looker) ask(ctx context.Context) error {
	if len(l.texts) == 0 {
		return nil
	}
	defer func() {
		for _, t := range l.texts {
			t.Wipe()
		}
		l.texts, l.from, l.lines = nil, nil, nil
	}()
	return l.service.Do(ctx, &secret.Request{Op: secret.OpGuard, Texts: l.texts}, func(a secret.Answer) error {
		if a.Hit == nil {
			return nil
		}
		h := *a.Hit
		if h.Text < 0 || h.Text >= len(l.texts) {
			return secret.Errorf(secret.Protocol, "the app found something in a text that it was not sent")
		}
		f := finding{Name: h.Name, Path: l.path, off: l.from[h.Text] + int64(h.Off), size: h.Len}
		err := l.texts[h.Text].Use(func(b []byte) error {
			if h.Off < 0 || h.Len <= 0 || h.Off+h.Len > len(b) {
				return secret.Errorf(secret.Protocol, "the app found something beyond the end of a text")
			}
			f.Line = l.lines[h.Text] + bytes.Count(b[:h.Off], []byte("\n")) + 1
			return nil
		})
		if err == nil && !l.seen[f] { // pieces overlap
			l.seen[f] = true
			l.all = append(l.all, f)
		}
		return err
	})
}

// guardGit looks through every file that is staged, as it is staged.
func (p *program) guardGit(ctx context.Context) error {
	if _, err := gitOutput(ctx, "rev-parse", "--git-dir"); err != nil { // git diff works outside, and means something else
		return err
	}
	list, err := gitOutput(ctx, "diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative", "--diff-filter=ACMT")
	if err != nil {
		return err
	}
	staged, err := parseRaw(list)
	if err != nil {
		return err
	}
	var all []finding
	for _, f := range staged {
		found, err := p.lookBlob(ctx, f)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	return p.found(all, "take it out and stage the file again; a reference stays: noxkey init")
}

// stagedFile is a file in git's index.
type stagedFile struct{ path, blob string }

// parseRaw reads git diff --raw -z: ":mode mode id id status NUL path NUL" (git-diff(1),
// raw output format). Submodules hold no text of ours.
func parseRaw(out []byte) ([]stagedFile, error) {
	var files []stagedFile
	fields := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	if len(out) == 0 {
		return nil, nil
	}
	if len(fields)%2 != 0 {
		return nil, errors.New("git's list of staged files cannot be read")
	}
	for i := 0; i < len(fields); i += 2 {
		words := strings.Fields(fields[i])
		if len(words) != 5 || !strings.HasPrefix(words[0], ":") {
			return nil, errors.New("git's list of staged files cannot be read")
		}
		if words[1] != "160000" {
			files = append(files, stagedFile{path: fields[i+1], blob: words[3]})
		}
	}
	return files, nil
}

func (p *program) lookBlob(ctx context.Context, f stagedFile) ([]finding, error) {
	cmd := exec.CommandContext(ctx, "git", "cat-file", "blob", f.blob)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, gitError(err, nil)
	}
	found, err := p.look(ctx, f.path, out)
	if err != nil {
		_ = cmd.Process.Kill()
	}
	if e := cmd.Wait(); err == nil && e != nil {
		err = gitError(e, complaint.Bytes())
	}
	return found, err
}

func gitOutput(ctx context.Context, args ...string) ([]byte, error) {
	out, err := exec.CommandContext(ctx, "git", args...).Output()
	if err != nil {
		var complaint []byte
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			complaint = e.Stderr
		}
		return nil, gitError(err, complaint)
	}
	return out, nil
}

func gitError(err error, complaint []byte) error {
	line, _, _ := strings.Cut(strings.TrimSpace(string(complaint)), "\n")
	if errors.Is(err, exec.ErrNotFound) {
		return failf("install git, or look at files: noxkey guard FILE", "git is not there")
	}
	return failf("run it in a git repository", "git: %s", show(line))
}
