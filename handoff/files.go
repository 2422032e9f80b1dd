package handoff

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// filePrefix begins the name of a file that holds a value, so that Sweep knows it.
const filePrefix = "file."

// Files are private files that hold values for a program which reads no variables: mode
// 0600, in a folder of mode 0700 of their own. They are on disk while they exist. A process
// that dies leaves them to Sweep.
type Files struct{ p *place }

// NewFiles makes the folder, in dir or, if dir is "", where handoffs are.
func NewFiles(dir string) (*Files, error) {
	b, err := openBase(dir)
	if err != nil {
		return nil, err
	}
	p, err := newPlace(b)
	if err != nil {
		b.discard()
		return nil, err
	}
	return &Files{p}, nil
}

// Add writes v into a new file named after env and returns its path. v stays the
// caller's.
func (f *Files) Add(env string, v secret.Value) (string, error) {
	if !secret.ValidEnv(env) {
		return "", secret.Errorf(secret.Invalid, "%q cannot name a file", env)
	}
	name := filePrefix + env
	if err := v.Use(func(b []byte) error { return f.p.write(name, b) }); err != nil {
		return "", err
	}
	return filepath.Join(f.p.path, name), nil
}

// Close removes the files and their folder.
func (f *Files) Close() {
	f.p.unlinkFiles()
	f.p.remove()
}

// unlinkFiles overwrites the files of values with zeros and takes them away. What a file
// system with a journal or a flash disk has kept is beyond that.
func (p *place) unlinkFiles() {
	entries, err := os.ReadDir(p.path)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), filePrefix) {
			continue
		}
		if fd, err := p.open(e.Name(), unix.O_WRONLY); err == nil {
			zero(fd)
			unix.Close(fd)
		}
		_ = unix.Unlinkat(p.fd, e.Name(), 0)
	}
}

func zero(fd int) {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || uint32(st.Mode)&unix.S_IFMT != unix.S_IFREG || st.Nlink != 1 {
		return
	}
	_, _ = unix.Pwrite(fd, make([]byte, min(st.Size, secret.MaxValue)), 0)
}
