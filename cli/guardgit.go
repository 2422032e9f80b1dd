package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
)

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
	l, err := p.looker()
	if err != nil {
		return err
	}
	defer l.wipe()
	if err := readBlobs(ctx, staged, l); err != nil {
		return err
	}
	if err := l.ask(ctx); err != nil {
		return err
	}
	return p.found(l.all, "take it out and stage the file again; a reference stays: noxkey init")
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

// readBlobs reads the files through one git, which is asked for one after the other.
func readBlobs(ctx context.Context, staged []stagedFile, l *looker) error {
	cmd := exec.CommandContext(ctx, "git", "cat-file", "--batch")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	ask, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return gitError(err, nil)
	}
	answers := bufio.NewReader(out)
	for _, f := range staged {
		if err = readBlob(ctx, f, ask, answers, l); err != nil {
			break
		}
	}
	ask.Close()
	if err != nil {
		_ = cmd.Process.Kill()
	}
	if e := cmd.Wait(); e != nil && (err == nil || complaint.Len() > 0) {
		err = gitError(e, complaint.Bytes())
	}
	return err
}

// readBlob asks for one file. The answer is "id blob size LF content LF" (git-cat-file(1)).
func readBlob(ctx context.Context, f stagedFile, ask io.Writer, answers *bufio.Reader, l *looker) error {
	if _, err := fmt.Fprintln(ask, f.blob); err != nil {
		return err
	}
	line, err := answers.ReadString('\n')
	if err != nil {
		return err
	}
	words := strings.Fields(line)
	if len(words) != 3 || words[0] != f.blob || words[1] != "blob" {
		return failf("git fsck looks for damage", "git does not have what is staged as %s", show(f.path))
	}
	size, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil {
		return err
	}
	content := &io.LimitedReader{R: answers, N: size}
	if err := l.read(ctx, f.path, content); err != nil {
		return err
	}
	if content.N != 0 {
		return io.ErrUnexpectedEOF
	}
	_, err = answers.Discard(1)
	return err
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
