package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"noxkey/dotenv"
	"noxkey/secret"
)

// Counts is the first line of a review: "10 keys: 6 new, 1 same, 2 conflicts, 1
// refused. Line 9 could not be read."
func (r *Review) Counts() string {
	all, _ := r.count()
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{all[New], "new"}, {all[Same], "same"}, {all[Replaces], "replaced"}, {all[Conflicts], "conflict"}, {all[Refused], "refused"}} {
		if p.n == 0 {
			continue
		}
		if p.word == "conflict" {
			parts = append(parts, Count(p.n, p.word))
		} else {
			parts = append(parts, fmt.Sprintf("%s %s", Number(p.n), p.word))
		}
	}
	s := Count(len(r.Rows), "key")
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	s += "."
	var bad []int
	for _, f := range r.Files {
		bad = append(bad, f.Bad...)
	}
	return s + badLines(bad)
}

func badLines(lines []int) string {
	const most = 8
	if len(lines) == 0 {
		return ""
	}
	var words []string
	for _, l := range lines[:min(len(lines), most)] {
		words = append(words, fmt.Sprint(l))
	}
	s := strings.Join(words, ", ")
	if len(lines) > most {
		s += fmt.Sprintf(" and %d more", len(lines)-most)
	}
	if len(lines) == 1 {
		return " Line " + s + " could not be read."
	}
	return " Lines " + s + " could not be read."
}

// ChosenLine is the line above the buttons: "7 chosen: 6 new, 1 replaces".
func (r *Review) ChosenLine() string {
	_, chosen := r.count()
	s := fmt.Sprintf("%s chosen", Number(r.Chosen()))
	var parts []string
	if chosen[New] > 0 {
		parts = append(parts, Number(chosen[New])+" new")
	}
	if chosen[Replaces] > 0 {
		parts = append(parts, Number(chosen[Replaces])+" replaces")
	}
	if chosen[Same] > 0 {
		parts = append(parts, Number(chosen[Same])+" same")
	}
	if len(parts) > 0 {
		s += ": " + strings.Join(parts, ", ")
	}
	return s
}

// Result is what is told after the batch was written.
type Result struct {
	Title, Body string
	// Offers are the files that hold nothing which is not in the vault now.
	Offers []int
	// Left is how many keys of files that are not offered were left out.
	Left int
}

// Done closes the review after its batch was written, and wipes the values.
func (r *Review) Done(store string) Result {
	_, chosen := r.count()
	n := r.Chosen()
	res := Result{Title: Count(n, "secret") + " are in " + store}
	if n == 1 {
		res.Title = "1 secret is in " + store
	}
	var list []secret.Name
	for _, row := range r.Rows {
		if row.Use {
			list = append(list, row.name)
		}
	}
	res.Body = "At level " + LevelWord(r.Level) + "."
	if p := shared(list); p != "" {
		res.Body = fmt.Sprintf("Under %s, at level %s.", p, LevelWord(r.Level))
	}
	switch k := chosen[Replaces]; {
	case k == 1:
		res.Body += " One was replaced; its old value is gone."
	case k > 1:
		res.Body += fmt.Sprintf(" %d were replaced; their old values are gone.", k)
	}
	for i := range r.Files {
		if left := r.leftOut(i); left == 0 {
			res.Offers = append(res.Offers, i)
		} else {
			res.Left += left
		}
	}
	r.Wipe()
	r.dirty = false
	return res
}

// leftOut counts what a file holds that is not in the vault after the import:
// keys that were not chosen and are not the same there, and lines nobody could read.
func (r *Review) leftOut(file int) int {
	n := len(r.Files[file].Bad)
	for _, row := range r.Rows {
		if row.File == file && !row.Use && row.State != Same {
			n++
		}
	}
	return n
}

// LeftWords says why a file is not offered for deletion.
func LeftWords(n int) string {
	if n == 1 {
		return "1 key was left out and this file is its only copy, so NoxKey does not offer to delete it."
	}
	return fmt.Sprintf("%d keys were left out and this file is their only copy, so NoxKey does not offer to delete it.", n)
}

// Remove deletes a file that Done offered, if it is still what was read, and says
// in words how that went.
func (r *Review) Remove(file int, t Terms) (ok bool, words string) {
	f := &r.Files[file]
	name := t.Path(f.Path)
	if r.leftOut(file) > 0 {
		return false, LeftWords(r.leftOut(file))
	}
	switch err := dotenv.Remove(f.Path, f.digest); {
	case err == nil:
		f.done = true
		return true, name + " is deleted."
	case errors.Is(err, dotenv.ErrChanged):
		return false, name + " changed since it was read, so it was not deleted."
	default:
		return false, fmt.Sprintf("%s could not be deleted: %s.", name, cause(err))
	}
}

// EnvFile is a .env file as it was read, once.
type EnvFile struct {
	path   string
	file   dotenv.File
	digest dotenv.Digest
	held   [][]secret.Name // of each pair, by Compare
}

// ReadEnv reads the file at path for a review. FileWords says an error in words.
func ReadEnv(path string) (*EnvFile, error) {
	f, digest, err := dotenv.ReadFile(path)
	if err != nil {
		f.Wipe()
		return nil, err
	}
	return &EnvFile{path: path, file: f, digest: digest}, nil
}

// Wipe forgets the values of a file that no review took. A nil file is fine.
func (e *EnvFile) Wipe() {
	if e != nil {
		e.file.Wipe()
	}
}

// Take puts a file into the review, below the prefix that its path suggests, and
// takes ownership of its values.
func (r *Review) Take(e *EnvFile) { r.add(e, SuggestPrefix(e.path)) }

// FileWords says why a file could not be read.
func FileWords(path string, err error, t Terms) string {
	name := t.Path(path)
	var size *dotenv.SizeError
	switch {
	case errors.As(err, &size):
		return fmt.Sprintf("%s is %s MB; the most is 1 MB.", name, Number(int((size.Size+1<<20-1)>>20)))
	case errors.Is(err, dotenv.ErrNotText):
		return name + " is not text."
	case errors.Is(err, dotenv.ErrNoKeys):
		return name + " holds no keys."
	}
	return fmt.Sprintf("%s could not be read: %s.", name, cause(err))
}

// cause is what the system says of a path, without the path.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return Visible(err.Error(), 120)
}

// SuggestPrefix proposes where a file's keys go: the last two folders above it, as
// far as they can be parts of a name.
func SuggestPrefix(path string) string {
	dir := filepath.Dir(path)
	var parts []string
	for range 2 {
		base := filepath.Base(dir)
		if _, err := secret.ParsePrefix(base); err != nil || strings.Contains(base, "/") {
			break
		}
		parts = append([]string{base}, parts...)
		dir = filepath.Dir(dir)
	}
	return strings.Join(parts, "/")
}
