package dotenv

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Digest is the SHA-256 of a file's bytes.
type Digest = [sha256.Size]byte

var (
	// ErrNotRegular means a directory, FIFO, socket or device; for Remove also a
	// symbolic link.
	ErrNotRegular = errors.New("not a regular file")
	// ErrChanged means that a file is not what was read: other bytes, or another
	// file under the name.
	ErrChanged = errors.New("file has changed since it was read")
	// ErrLinked means that a file has other hard links, which would keep the
	// secrets when one name is removed.
	ErrLinked = errors.New("file has other hard links")
)

// ReadFile reads and parses the file at path, once: the digest is of the bytes
// that were parsed. A symbolic link is followed; anything but a regular file is
// refused with ErrNotRegular without waiting for it (a FIFO, a terminal), and a
// file over MaxFile without reading it. Other errors: as of ParseBytes, and
// *fs.PathError. With ErrNoKeys the File and the digest are valid.
func ReadFile(path string) (File, Digest, error) {
	src, err := readRegular(path)
	if err != nil {
		return File{}, Digest{}, err
	}
	defer clear(src)
	f, err := ParseBytes(src)
	return f, sha256.Sum256(src), err
}

// Unchanged says whether the file at path still has the bytes of digest. What has
// grown over MaxFile, or is no regular file any more, has changed. An error means
// that it could not be told; that nothing is there is one (fs.ErrNotExist).
func Unchanged(path string, digest Digest) (bool, error) {
	src, err := readRegular(path)
	switch {
	case errors.Is(err, ErrTooBig), errors.Is(err, ErrNotRegular):
		return false, nil
	case err != nil:
		return false, err
	}
	defer clear(src)
	return sha256.Sum256(src) == digest, nil
}

// Remove deletes the file at path if it still has the bytes of digest; if not, it
// fails with ErrChanged and the file stays. It refuses symbolic links
// (ErrNotRegular), since the secrets are in the target, and files with other hard
// links (ErrLinked).
//
// Two gaps. A program that saves between the last look and the deletion,
// microseconds later, loses what it saved: POSIX has no conditional unlink. And
// deleting does not overwrite: the bytes stay on the disk, in snapshots and in
// backups until something else takes their place.
func Remove(path string, digest Digest) error {
	before, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !before.Mode().IsRegular() {
		return notRegular("remove", path)
	}
	if st, ok := before.Sys().(*syscall.Stat_t); !ok || st.Nlink != 1 {
		return &fs.PathError{Op: "remove", Path: path, Err: ErrLinked}
	}
	same, err := Unchanged(path, digest)
	if err != nil {
		return err
	}
	after, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !same || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) || after.Size() != before.Size() {
		return &fs.PathError{Op: "remove", Path: path, Err: ErrChanged}
	}
	return os.Remove(path)
}

// readRegular returns the bytes of a regular file of at most MaxFile bytes.
// O_NONBLOCK makes the opening of a FIFO or a device return at once; what was
// opened is then looked at, not what the path may be by now.
func readRegular(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if errors.Is(err, syscall.ENXIO) || errors.Is(err, syscall.EOPNOTSUPP) {
		return nil, notRegular("open", path) // a socket (Linux, macOS)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, notRegular("read", path)
	}
	if info.Size() > MaxFile {
		return nil, fmt.Errorf("%s: %w", path, &SizeError{info.Size()})
	}
	return readLimited(f, info.Size())
}

func notRegular(op, path string) error {
	return &fs.PathError{Op: op, Path: path, Err: ErrNotRegular}
}
