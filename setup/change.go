package setup

import (
	"bytes"
	"os"
	"slices"
	"time"
)

// Change is what is going to happen to one file. It is made by Prepare or Revert, shown,
// and then written.
type Change struct {
	What    string
	Path    string
	Target  string // where a symbolic link leads; empty if none is on the way
	State   State  // before
	New     bool   // the file is not there yet
	Removes bool   // nothing would be left of the file, so it goes
	Hunks   []Hunk // empty: there is nothing to do

	home Home
	part Part
	plan func(Part, []byte) (Result, error)
}

// Nothing reports whether the file is already as it should be.
func (c *Change) Nothing() bool { return len(c.Hunks) == 0 }

// Foreign reports whether an entry that somebody wrote would be lost, so that it needs a
// yes of its own.
func (c *Change) Foreign() bool { return c.State == Changed && !c.Nothing() }

// Prepare plans what sets a up, a Change for each of its files. With an error, which names
// the file, none of them may be written.
func (h Home) Prepare(a Agent) ([]*Change, error) { return h.changes(a.parts(h), Plan) }

// Revert plans what takes us out of a's files again.
func (h Home) Revert(a Agent) ([]*Change, error) { return h.changes(a.parts(h), Undo) }

// PrepareGuide and RevertGuide do the same for a project's AGENTS.md in dir.
func (h Home) PrepareGuide(path string) ([]*Change, error) {
	return h.changes([]Part{Guide(path)}, Plan)
}

// RevertGuide takes our part out of an AGENTS.md.
func (h Home) RevertGuide(path string) ([]*Change, error) {
	return h.changes([]Part{Guide(path)}, Undo)
}

// FileError is about one file.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns what is wrong with the file.
func (e *FileError) Unwrap() error { return e.Err }

func (h Home) changes(parts []Part, plan func(Part, []byte) (Result, error)) ([]*Change, error) {
	var out []*Change
	for _, p := range parts {
		c := &Change{What: p.What, Path: p.Path, home: h, part: p, plan: plan}
		f, res, err := c.look()
		if err != nil {
			return nil, &FileError{p.Path, err}
		}
		c.Target, c.State, c.Hunks, c.New = f.target(), res.State, res.Hunks, f.info == nil
		_, gone, err := f.left(res.Next)
		if err != nil {
			return nil, &FileError{p.Path, err}
		}
		c.Removes = gone && !c.Nothing()
		out = append(out, c)
	}
	return out, nil
}

func (c *Change) look() (file, Result, error) {
	f, err := c.home.open(c.part)
	if err != nil {
		return f, Result{}, err
	}
	res, err := c.plan(c.part, f.text)
	return f, res, err
}

// Write makes the change. The file is read again: if another program has changed it since,
// the change is made to what is there now, provided that it is the same change, and else
// refused. It returns the path of the backup, empty if there was nothing to keep.
func (c *Change) Write() (backup string, err error) {
	if c.Nothing() {
		return "", nil
	}
	f, res, err := c.look()
	if err != nil {
		return "", &FileError{c.Path, err}
	}
	if !c.sameAs(f, res) {
		return "", &FileError{c.Path, errMoved}
	}
	next, gone, err := f.left(res.Next)
	if err != nil {
		return "", &FileError{c.Path, err}
	}
	if gone {
		err = f.remove() // all that was in it is what we can write again
	} else {
		if f.info != nil {
			if backup, err = f.backup(time.Now()); err != nil {
				return "", &FileError{c.Path, err}
			}
		}
		err = f.replace(next)
	}
	if err != nil {
		if backup != "" && f.unchanged() == nil {
			_ = os.Remove(backup) // of a file that is as it was
		}
		return "", &FileError{c.Path, err}
	}
	return backup, nil
}

// sameAs compares what would be done with what was shown, but for the lines' numbers.
func (c *Change) sameAs(f file, res Result) bool {
	return f.target() == c.Target && res.State == c.State && (f.info == nil) == c.New &&
		slices.EqualFunc(res.Hunks, c.Hunks, func(a, b Hunk) bool {
			return slices.Equal(a.Added, b.Added) && slices.Equal(a.Removed, b.Removed)
		})
}

// left decides what remains of a file in which nothing is left: the file as it was, if it
// was there before us and blank; an empty object, if it once held something, since the
// agent may want one; no file, if we made it.
func (f file) left(next []byte) (kept []byte, gone bool, err error) {
	text, _ := cutBOM(next)
	if !blank(text) || f.info == nil {
		return next, false, nil
	}
	once := false
	for _, path := range f.backups() {
		old, _, err := slurp(path, regular)
		if err != nil {
			return nil, false, cause(err)
		}
		if bytes.Equal(old, next) {
			return next, false, nil
		}
		once = true
	}
	if now, _ := cutBOM(f.text); once && bytes.HasPrefix(bytes.TrimLeft(now, " \t\r\n"), []byte("{")) {
		return []byte("{}\n"), false, nil
	}
	return next, !once, nil
}
