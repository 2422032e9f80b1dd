package handoff

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// The two names in a handoff's directory.
const (
	scriptName = "load"
	pipeName   = "pipe"
)

// base is the private directory that handoffs are made in.
type base struct {
	fd   int
	path string
	own  bool // made for one handoff only, and removed with it
}

// place is one handoff's directory. Its lock (flock(2) on the directory) lives as
// long as the process that made it, however that dies and in whichever pid
// namespace: that is what tells Sweep a leftover from a handoff in use.
type place struct {
	base base
	fd   int
	name string
	path string
}

func (b base) discard() {
	unix.Close(b.fd)
	if b.own {
		_ = unix.Rmdir(b.path)
	}
}

// DefaultDir is where handoffs are made: a directory of the user's own that
// agents' sandboxes can see. The environment has no part in it.
func DefaultDir() string {
	return filepath.Join(tempRoot(), "noxkey-"+strconv.Itoa(os.Geteuid()))
}

// openBase opens dir, or the default one, and makes it if it is not there.
func openBase(dir string) (base, error) {
	if dir != "" {
		return openPrivate(dir)
	}
	root := tempRoot()
	if err := safeParent(root); err != nil {
		return base{}, err
	}
	return openDefault(DefaultDir())
}

// openDefault falls back to a random name beside the given one when that is squatted.
func openDefault(path string) (base, error) {
	b, err := openPrivate(path)
	if err == nil {
		return b, nil
	}
	b, other := openPrivate(path + "-" + rand.Text()[:12])
	if other != nil {
		return base{}, errors.Join(err, other)
	}
	b.own = true
	return b, nil
}

// openPrivate makes path if it is missing and refuses what is not a real directory
// of ours with mode 0700.
func openPrivate(path string) (base, error) {
	if !filepath.IsAbs(path) || strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return base{}, secret.Errorf(secret.Invalid, "the handoff directory must be an absolute path without control characters")
	}
	path = filepath.Clean(path)
	if err := unix.Mkdir(path, 0o700); err != nil && !errors.Is(err, unix.EEXIST) {
		return base{}, storage("make", path, err)
	}
	fd, err := openDir(unix.AT_FDCWD, path)
	if err != nil {
		return base{}, storage("open", path, err)
	}
	if err := private(fd, path); err != nil {
		unix.Close(fd)
		return base{}, err
	}
	return base{fd: fd, path: path}, nil
}

func openDir(at int, name string) (int, error) {
	return retry(func() (int, error) {
		return unix.Openat(at, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
}

// private checks that the open directory is ours and nobody else may enter it.
func private(fd int, path string) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return storage("look at", path, err)
	}
	if int(st.Uid) != os.Geteuid() {
		return secret.Errorf(secret.Storage, "%s belongs to uid %d, not to us: it will not be used", path, st.Uid)
	}
	if mode := uint32(st.Mode) & 0o7777; mode != 0o700 {
		return secret.Errorf(secret.Storage, "%s has mode %04o instead of 0700: it will not be used", path, mode)
	}
	return nil
}

// safeParent checks that nobody else can rename what we make in dir: it is root's
// or ours, and if others may write there, it is sticky.
func safeParent(dir string) error {
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return storage("look at", dir, err)
	}
	mode := uint32(st.Mode)
	switch {
	case mode&unix.S_IFMT != unix.S_IFDIR:
		return secret.Errorf(secret.Storage, "%s is not a directory", dir)
	case st.Uid != 0 && int(st.Uid) != os.Geteuid():
		return secret.Errorf(secret.Storage, "%s belongs to uid %d, neither root nor us", dir, st.Uid)
	case mode&0o022 != 0 && mode&unix.S_ISVTX == 0:
		return secret.Errorf(secret.Storage, "%s can be written by others and is not sticky", dir)
	}
	return nil
}

// newPlace makes and locks a directory with a random name in b. A Sweep elsewhere
// may take the fresh directory for a leftover before the lock is there; then
// another one is made.
func newPlace(b base) (*place, error) {
	var err error
	for range 8 {
		p := &place{base: b, name: rand.Text()[:16]}
		p.path = filepath.Join(b.path, p.name)
		if err = unix.Mkdirat(b.fd, p.name, 0o700); err != nil {
			break
		}
		if p.fd, err = openDir(b.fd, p.name); err != nil {
			continue
		}
		if err = private(p.fd, p.path); err == nil {
			err = unix.Flock(p.fd, unix.LOCK_EX|unix.LOCK_NB)
		}
		if err == nil && p.linked() {
			return p, nil
		}
		unix.Close(p.fd)
	}
	if err == nil {
		err = errors.New("it keeps being removed")
	}
	return nil, storage("make a directory in", b.path, err)
}

// linked reports whether the name still leads to the directory that we hold.
func (p *place) linked() bool {
	var byFD, byName unix.Stat_t
	return unix.Fstat(p.fd, &byFD) == nil && byFD.Nlink > 0 &&
		unix.Fstatat(p.base.fd, p.name, &byName, unix.AT_SYMLINK_NOFOLLOW) == nil &&
		byFD.Ino == byName.Ino && byFD.Dev == byName.Dev
}

// makePipe makes the FIFO and returns its write end, non-blocking. A FIFO opens
// for writing only when there is a reader, so we are one for a moment.
func (p *place) makePipe() (int, unix.Stat_t, error) {
	var st unix.Stat_t
	path := filepath.Join(p.path, pipeName)
	if err := unix.Mkfifo(path, 0o600); err != nil {
		return -1, st, storage("make", path, err)
	}
	r, err := p.open(pipeName, unix.O_RDONLY)
	if err != nil {
		return -1, st, storage("open", path, err)
	}
	defer unix.Close(r)
	w, err := p.open(pipeName, unix.O_WRONLY)
	if err != nil {
		return -1, st, storage("open", path, err)
	}
	var rst unix.Stat_t
	err = errors.Join(unix.Fchmod(w, 0o600), unix.Fstat(w, &st), unix.Fstat(r, &rst))
	if err != nil || uint32(st.Mode) != unix.S_IFIFO|0o600 || int(st.Uid) != os.Geteuid() || rst.Ino != st.Ino || rst.Dev != st.Dev {
		unix.Close(w)
		return -1, st, secret.Errorf(secret.Storage, "%s is not the pipe that was just made", path)
	}
	return w, st, nil
}

func (p *place) open(name string, how int) (int, error) {
	return retry(func() (int, error) {
		return unix.Openat(p.fd, name, how|unix.O_NONBLOCK|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	})
}

// write makes a file with mode 0600; it must not exist yet.
func (p *place) write(name string, text []byte) error {
	path := filepath.Join(p.path, name)
	fd, err := retry(func() (int, error) {
		return unix.Openat(p.fd, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	})
	if err != nil {
		return storage("make", path, err)
	}
	f := os.NewFile(uintptr(fd), path)
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(0o600), f.Close()); err != nil {
		return storage("write", path, err)
	}
	return nil
}

// unlink takes both names away; the pipe stays open for whoever holds it.
func (p *place) unlink() {
	_ = unix.Unlinkat(p.fd, scriptName, 0)
	_ = unix.Unlinkat(p.fd, pipeName, 0)
}

// remove takes the directory away too. What somebody else put in it is not ours to
// delete, and then the directory stays.
func (p *place) remove() {
	p.unlink()
	_ = unix.Unlinkat(p.base.fd, p.name, unix.AT_REMOVEDIR)
	unix.Close(p.fd)
	p.base.discard()
	p.fd, p.base.fd = -1, -1 // the numbers are somebody else's now
}

// retry repeats f while a signal interrupts it, as the Go runtime's own do.
func retry(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
