package setup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// file is a configuration as it is on the disk.
type file struct {
	path string      // as the agent knows it
	real string      // without symbolic links
	mode fs.FileMode // of a new one
	text []byte
	info fs.FileInfo // nil: there is none yet
}

func (f file) target() string {
	if f.real != f.path {
		return f.real
	}
	return ""
}

// open reads p's file. What is not there is empty. It follows symbolic links, as dotfile
// managers make them, to files of the user's own within the base, and refuses the rest.
func (h Home) open(p Part) (file, error) {
	f := file{path: p.Path, mode: 0o600}
	if p.public {
		f.mode = 0o644
	}
	real, err := resolve(p.Path)
	if err != nil {
		return f, cause(err)
	}
	base, err := resolve(p.base)
	if err != nil {
		return f, cause(err)
	}
	// What is only another name of the base itself (/tmp on a Mac) is not worth showing.
	f.real = real
	if rel, err := filepath.Rel(p.base, p.Path); err == nil && real == filepath.Join(base, rel) {
		f.real = p.Path
	}
	if !within(real, base) {
		return f, fmt.Errorf("a symbolic link leads out of %s, to %s", p.base, real)
	}
	f.text, f.info, err = slurp(real, h.acceptable)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f, cause(err)
	}
	return f, h.folder(filepath.Dir(real))
}

// slurp reads a file of at most maxFile bytes that is no link and passes ok. It does not
// wait for the other end of a pipe.
func slurp(path string, ok func(fs.FileInfo) error) ([]byte, fs.FileInfo, error) {
	r, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	info, err := r.Stat()
	if err == nil {
		err = ok(info)
	}
	if err != nil {
		return nil, nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errors.New("it is larger than 32 MiB")
	}
	return text, info, err
}

func regular(fi fs.FileInfo) error {
	if !fi.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	return nil
}

// acceptable refuses what replacing the file would take from its owner.
func (h Home) acceptable(fi fs.FileInfo) error {
	if err := regular(fi); err != nil {
		return err
	}
	switch {
	case owner(fi) != h.uid:
		return fmt.Errorf("it belongs to user %d, and this is user %d", owner(fi), h.uid)
	case fi.Mode()&0o200 == 0:
		return errors.New("it is write-protected")
	case fi.Sys().(*syscall.Stat_t).Nlink > 1:
		return errors.New("it has more than one hard link, and replacing it would part them")
	}
	return nil
}

// folder refuses a folder in which others could swap what we write. One that is not there
// yet will be made, and is ours.
func (h Home) folder(dir string) error {
	for ; ; dir = filepath.Dir(dir) {
		fi, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir) {
			continue
		}
		switch {
		case err != nil:
			return cause(err)
		case !fi.IsDir():
			return fmt.Errorf("%s is not a folder", dir)
		case owner(fi) != h.uid:
			return fmt.Errorf("its folder %s belongs to user %d, and this is user %d", dir, owner(fi), h.uid)
		case fi.Mode()&0o002 != 0:
			return fmt.Errorf("everybody may write to its folder %s", dir)
		}
		return nil
	}
}

// resolve is filepath.EvalSymlinks for a path whose end need not exist. A link that leads
// to nothing is an error: it says where a file should be made, but not whose idea that was.
func resolve(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if exists(path) {
		return "", errors.New("it is a symbolic link that leads nowhere")
	}
	dir, err := resolve(filepath.Dir(path))
	return filepath.Join(dir, filepath.Base(path)), err
}

func owner(fi fs.FileInfo) int { return int(fi.Sys().(*syscall.Stat_t).Uid) }

// cause strips a path from an error: whoever shows it names the file.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// replace puts next in the place of f: a new file beside it, on the disk before it takes
// the name. Mode and group stay; extended attributes and access lists do not. Between the
// last look at the old file and the rename lies a moment in which an agent's own write
// would be lost; it is as short as can be made, and the backup holds what was read.
func (f file) replace(next []byte) error {
	mode, gid := f.mode, -1
	if f.info != nil {
		mode, gid = f.info.Mode().Perm(), int(f.info.Sys().(*syscall.Stat_t).Gid)
	} else if err := os.MkdirAll(filepath.Dir(f.real), 0o700); err != nil {
		return cause(err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.real), ".noxkey-*.tmp") // 0600, O_EXCL
	if err != nil {
		return cause(err)
	}
	defer os.Remove(tmp.Name()) // gone after the rename
	defer tmp.Close()
	if _, err := tmp.Write(next); err != nil {
		return cause(err)
	}
	if err := tmp.Chown(-1, gid); err != nil {
		return fmt.Errorf("its group cannot be kept: %w", cause(err))
	}
	if err := errors.Join(tmp.Chmod(mode), tmp.Sync(), tmp.Close()); err != nil {
		return cause(err)
	}
	if err := f.unchanged(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), f.real); err != nil {
		return cause(err)
	}
	return syncDir(filepath.Dir(f.real))
}

// unchanged reports an error if the file is not what was read.
func (f file) unchanged() error {
	now, _, err := slurp(f.real, regular)
	if errors.Is(err, fs.ErrNotExist) && f.info == nil {
		return nil
	}
	if err != nil {
		return cause(err)
	}
	if f.info == nil || !bytes.Equal(now, f.text) {
		return errMoved
	}
	return nil
}

var errMoved = errors.New("the file was changed by another program in this moment; nothing was written")

// remove takes the file away.
func (f file) remove() error {
	if err := f.unchanged(); err != nil {
		return err
	}
	if err := os.Remove(f.real); err != nil {
		return cause(err)
	}
	return syncDir(filepath.Dir(f.real))
}

// backup writes what was read beside the file, for its owner alone, and returns the path.
func (f file) backup(now time.Time) (string, error) {
	stem := f.real + ".noxkey-" + now.Format("20060102-150405")
	for i := range 100 {
		path := stem + ".bak"
		if i > 0 {
			path = fmt.Sprintf("%s-%d.bak", stem, i)
		}
		w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, f.info.Mode().Perm()&0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("no backup could be written: %w", cause(err))
		}
		_, err = w.Write(f.text)
		if err := errors.Join(err, w.Sync(), w.Close()); err != nil {
			_ = os.Remove(path) // half of one is worse than none
			return "", fmt.Errorf("no backup could be written: %w", cause(err))
		}
		return path, nil
	}
	return "", errors.New("no backup could be written: there are a hundred of this second")
}

// backups lists the backups beside the file.
func (f file) backups() []string {
	dir, base := filepath.Split(f.real)
	entries, _ := os.ReadDir(dir) // none, if the folder cannot be listed
	var out []string
	for _, e := range entries {
		if n := e.Name(); len(n) > len(base)+8 && n[:len(base)+8] == base+".noxkey-" && filepath.Ext(n) == ".bak" {
			out = append(out, dir+n)
		}
	}
	return out
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return cause(err)
	}
	defer d.Close()
	return d.Sync()
}
