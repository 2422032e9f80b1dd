package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// whole is a file that gets its name when all of it is on the disk.
type whole struct {
	*os.File
	path string
	kept bool
}

// newWhole makes it beside path, readable by its owner only.
func newWhole(path string) (*whole, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".noxkey-backup-*") // mode 0600
	if err != nil {
		return nil, fileNotWritten(path, err)
	}
	return &whole{File: f, path: path}, nil
}

// keep flushes the file and gives it its name; unless it may replace, never in the place
// of another.
func (f *whole) keep(replace bool) error {
	err := f.Sync()
	if err == nil {
		err = f.Close()
	}
	claimed := false
	if err == nil && !replace {
		err = f.claim()
		claimed = err == nil
	}
	if err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil && claimed {
		_ = os.Remove(f.path)
	}
	if errors.Is(err, fs.ErrExist) {
		return failf("add --replace to take its place, or choose another file", "%s exists and is not overwritten", f.path)
	}
	if err != nil {
		return fileNotWritten(f.path, err)
	}
	f.kept = true
	return syncDir(filepath.Dir(f.path))
}

// claim takes the name, if it is free, with an empty file that is replaced at once. A link
// would do it in one step, and not on every file system.
func (f *whole) claim() error {
	empty, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return empty.Close()
}

// drop removes the file unless it was kept.
func (f *whole) drop() {
	if !f.kept {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil // written, and not ours to read
	}
	defer d.Close()
	_ = d.Sync() // some file systems cannot
	return nil
}

func fileNotWritten(path string, err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		err = p.Err // its own text would name a path again
	case errors.As(err, &l):
		err = l.Err
	}
	return failf("choose a file in a folder of yours with room on the disk", "%s cannot be written: %v", path, err)
}
