package file

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// fsys is what is asked of the disk while writing, so that tests can let each
// step fail. Names are relative to the open directory dir.
type fsys struct {
	create func(dir int, name string) (*os.File, error)
	write  func(f *os.File, b []byte) (int, error)
	sync   func(f *os.File) error
	link   func(dir int, from, to string) error
	rename func(dir int, from, to string) error
	unlink func(dir int, name string) error
}

var osFS = fsys{
	create: func(dir int, name string) (*os.File, error) {
		return openat(dir, name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL)
	},
	write:  func(f *os.File, b []byte) (int, error) { return f.Write(b) },
	sync:   (*os.File).Sync,
	link:   func(dir int, from, to string) error { return unix.Linkat(dir, from, dir, to, 0) },
	rename: func(dir int, from, to string) error { return unix.Renameat(dir, from, dir, to) },
	unlink: func(dir int, name string) error { return unix.Unlinkat(dir, name, 0) },
}

// openat never follows a link at name, and never waits for a pipe's other end.
func openat(dir int, name string, flags int) (*os.File, error) {
	for {
		fd, err := unix.Openat(dir, name, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0o600)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, err
		}
		return os.NewFile(uintptr(fd), name), nil
	}
}

// folder is the directory of a vault, kept open: whatever happens to the path
// later, we write where we looked.
type folder struct {
	*os.File
	name string // of the vault in it
	fs   fsys
}

// openFolder opens the directory of path and checks that it is ours alone.
func openFolder(path string) (*folder, error) {
	path = filepath.Clean(path)
	dir := filepath.Dir(path)
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil, secret.Errorf(secret.NotFound, "there is no vault: %s does not exist", dir)
	}
	if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		return nil, secret.Errorf(secret.Storage, "%s is a symbolic link or no directory; the vault's must be a directory of its own", dir)
	}
	if err != nil {
		return nil, secret.Errorf(secret.Storage, "%s cannot be opened: %v", dir, plain(err))
	}
	if err := ours(f, dir, unix.S_IFDIR, "0700"); err != nil {
		_ = f.Close()
		return nil, err
	}
	return &folder{File: f, name: filepath.Base(path), fs: osFS}, nil
}

// ours checks that f is of that type, that we own it and that nobody else has a
// right to it.
func ours(f *os.File, name string, typ uint32, want string) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return secret.Errorf(secret.Storage, "%s cannot be looked at: %v", name, err)
	}
	switch {
	case uint32(st.Mode)&unix.S_IFMT != typ:
		return secret.Errorf(secret.Storage, "%s is not what it should be: a file in a directory", name)
	case int(st.Uid) != os.Geteuid():
		return secret.Errorf(secret.Storage, "%s belongs to user %d, not to you", name, st.Uid)
	case st.Mode&0o077 != 0:
		return secret.Errorf(secret.Storage, "others may use %s (mode %04o); it must be %s", name, st.Mode&0o777, want)
	}
	return nil
}

func (d *folder) fd() int { return int(d.Fd()) }

// previous is the name of the older generation, fresh that of one being written.
func (d *folder) previous() string { return d.name + ".1" }

func (d *folder) fresh() string { return d.name + ".new-" + rand.Text() }

// open opens a vault's file for reading and checks that it is ours.
func (d *folder) open(name string) (*os.File, error) {
	f, err := openat(d.fd(), name, unix.O_RDONLY)
	switch {
	case errors.Is(err, unix.ENOENT):
		return nil, secret.Errorf(secret.NotFound, "there is no vault: %s does not exist", name)
	case errors.Is(err, unix.ELOOP):
		return nil, secret.Errorf(secret.Storage, "%s is a symbolic link; a vault must be a file of its own", name)
	case err != nil:
		return nil, secret.Errorf(secret.Storage, "%s cannot be opened: %v", name, err)
	}
	if err := ours(f, name, unix.S_IFREG, "0600"); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func (d *folder) exists(name string) bool {
	var st unix.Stat_t
	return unix.Fstatat(d.fd(), name, &st, unix.AT_SYMLINK_NOFOLLOW) != unix.ENOENT
}

// sweep removes what a writer left that was killed before its rename. Whoever
// writes holds the app's lock, so nobody else's file is in the making.
func (d *folder) sweep() {
	f, err := openat(d.fd(), ".", unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return
	}
	defer f.Close()
	names, _ := f.Readdirnames(-1)
	for _, n := range names {
		if strings.HasPrefix(n, d.name+".new-") {
			_ = d.fs.unlink(d.fd(), n)
		}
	}
}

// syncDir makes renames last. Some network file systems know no such call and say EINVAL.
func (d *folder) syncDir() error {
	if err := d.fs.sync(d.File); err != nil && !errors.Is(err, unix.EINVAL) {
		return err
	}
	return nil
}

// stamp is by what we know a file again that we read or wrote.
type stamp struct {
	dev, ino uint64
	size     int64
	mtime    int64 // nanoseconds
}

func makeStamp(st *unix.Stat_t) stamp {
	// dev is an int32 on darwin
	return stamp{uint64(st.Dev), st.Ino, st.Size, st.Mtim.Nano()}
}

func stampOf(f *os.File) (stamp, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return stamp{}, storageError(err)
	}
	return makeStamp(&st), nil
}

// unchanged returns an error if the file of the vault's name is not the one of s.
// The app's lock keeps writers apart; this finds one that does not take it, unless
// it writes in the moment between this look and our rename.
func (d *folder) unchanged(s stamp) error {
	var st unix.Stat_t
	err := unix.Fstatat(d.fd(), d.name, &st, unix.AT_SYMLINK_NOFOLLOW)
	if err == nil && makeStamp(&st) == s {
		return nil
	}
	return secret.Errorf(secret.Storage, "another program has changed %s since it was opened; nothing was written", d.name)
}

// storageError gives an error of the disk its code and words. The error's path is
// left out: it may be of a file that is gone a moment later.
func storageError(err error) error {
	switch {
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return secret.Errorf(secret.Storage, "the disk is full; nothing was written")
	case errors.Is(err, unix.EROFS):
		return secret.Errorf(secret.Storage, "the disk is read-only; nothing was written")
	}
	return secret.Errorf(secret.Storage, "the vault could not be written (%v); nothing was changed", plain(err))
}

// linkError is storageError for hard links, which some shared folders do not have.
func linkError(err error) error {
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EMLINK) {
		return secret.Errorf(secret.Storage, "this file system has no hard links, which keep the previous generation; nothing was written")
	}
	return storageError(err)
}

// cause is err without the words of storageError and linkError on what was not written,
// for errors of which that is not true.
func cause(err error) string {
	s, _, _ := strings.Cut(plain(err).Error(), "; nothing was")
	return s
}

// plain is err without the path that package os puts around it.
func plain(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return fmt.Errorf("%s: %w", e.Op, e.Err)
	}
	return err
}
