package handoff

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Sweep removes what processes of ours that are dead left in dir ("" is the default
// one, with the random ones beside it), and releases a shell that still waits at
// such a pipe. What a live process holds is left alone, as is everything that is
// not a handoff. A directory that is not there is no error.
func Sweep(dir string) error {
	if dir != "" {
		return sweepBase(dir)
	}
	def := DefaultDir()
	err := sweepBase(def)
	beside, _ := filepath.Glob(def + "-*")
	for _, b := range beside {
		if sweepBase(b) == nil { // a foreign one under such a name is nothing of ours
			_ = unix.Rmdir(b) // only succeeds when nothing is left in it
		}
	}
	return err
}

func sweepBase(path string) error {
	fd, err := openDir(unix.AT_FDCWD, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return storage("open", path, err)
	}
	b := base{fd: fd, path: path}
	defer b.discard()
	if err := private(fd, path); err != nil {
		return err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return storage("list", path, err)
	}
	for _, e := range entries {
		if e.IsDir() && placeName(e.Name()) {
			sweepPlace(b, e.Name())
		}
	}
	return nil
}

// placeName reports whether newPlace makes such names: base32, sixteen of it.
func placeName(s string) bool {
	return len(s) == 16 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// sweepPlace removes one handoff if nobody holds its lock.
func sweepPlace(b base, name string) {
	fd, err := openDir(b.fd, name)
	if err != nil {
		return
	}
	p := &place{base: b, fd: fd, name: name, path: filepath.Join(b.path, name)}
	defer unix.Close(fd)
	if private(fd, p.path) != nil || unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) != nil {
		return
	}
	p.release()
	p.unlink()
	p.unlinkFiles()
	_ = unix.Unlinkat(b.fd, name, unix.AT_REMOVEDIR)
}

// release opens and closes the pipe for writing: a shell that waits for a writer
// goes on, and reads end of file. It reports whether there was one.
func (p *place) release() bool {
	w, err := p.open(pipeName, unix.O_WRONLY)
	if err == nil {
		unix.Close(w)
	}
	return err == nil
}
