package manifest

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"noxkey/secret"
)

// Load finds the manifest for dir and returns it with its path. It looks in dir, and
// above it up to the root of the repository (the first folder that has a .git in it), or
// up to the home folder, which itself is looked into only if it is dir. Outside both it
// looks in dir alone: a file in / or /tmp is nobody's repository.
//
// The nearest file is taken or refused, and none above it is tried. Refused with code
// Storage: a file or its folder that belongs to somebody else but root, or that everybody may
// write (a group may, as in many users' folders); anything but a regular file; a symbolic link that leads out of the tree that
// was searched. With Invalid: what Parse refuses, or more than MaxFile bytes. With NotFound:
// there is none.
func Load(dir string) (*Manifest, string, error) {
	// The user database and not $HOME, which whoever starts us can set.
	home := ""
	if u, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil {
		home = u.HomeDir
	}
	return load(dir, home)
}

func load(dir, home string) (*Manifest, string, error) {
	asked := dir
	dir, err := physical(dir)
	if err != nil {
		return nil, "", secret.Errorf(secret.Storage, "cannot look for %s in %s: %v", File, shown(asked), reason(err))
	}
	if home != "" {
		if home, err = physical(home); err != nil {
			home = ""
		}
	}
	top := treeOf(dir, home)
	for at := dir; ; at = filepath.Dir(at) {
		path := filepath.Join(at, File)
		_, err := os.Lstat(path)
		if err == nil {
			return read(top, path)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, path, secret.Errorf(secret.Storage, "%s: %v", shown(path), reason(err))
		}
		if at == top {
			return nil, "", secret.Errorf(secret.NotFound, "there is no %s in %s%s", File, shown(dir), upTo(dir, top))
		}
	}
}

func upTo(dir, top string) string {
	if dir == top {
		return ""
	}
	return ", nor above it up to " + shown(top)
}

// physical is the path without symbolic links, so that "above" means one thing.
func physical(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// treeOf returns the highest folder to look in: the nearest with a .git, else the
// one below home, else dir itself.
func treeOf(dir, home string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if at == home {
			break
		}
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		if parent := filepath.Dir(at); parent == home && home != "" {
			return at
		} else if parent == at {
			break
		}
	}
	return dir
}

// read opens path without leaving top, whatever links are on the way, and looks at the
// file that it opened and not at one that stood there before.
func read(top, path string) (*Manifest, string, error) {
	m, err := readIn(top, path)
	if err != nil {
		err = secret.Errorf(secret.CodeOf(err), "%s: %v", shown(path), err)
	}
	return m, path, err
}

func readIn(top, path string) (*Manifest, error) {
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, refused(err)
	}
	defer root.Close()
	rel, err := filepath.Rel(top, path)
	if err != nil {
		return nil, refused(err)
	}
	folder, err := root.Stat(filepath.Dir(rel))
	if err == nil {
		err = ours(folder)
	}
	if err != nil {
		return nil, refused(err)
	}
	// O_NONBLOCK: a FIFO must not hold us up before it can be refused.
	f, err := root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, refused(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = ours(info)
	}
	if err != nil {
		return nil, refused(err)
	}
	if !info.Mode().IsRegular() {
		return nil, secret.Errorf(secret.Storage, "not a regular file")
	}
	text, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, refused(err)
	}
	return Parse(text)
}

// ours refuses what other users can change. A folder that everybody may write is let
// pass if it is sticky, as /tmp is: the file in it is looked at by itself.
func ours(info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid != 0 && int(st.Uid) != os.Getuid() {
		return errors.New("it, or its folder, belongs to another user")
	}
	if info.Mode().Perm()&0o002 != 0 && !(info.IsDir() && info.Mode()&fs.ModeSticky != 0) {
		return errors.New("it, or its folder, may be written by everybody (chmod o-w)")
	}
	return nil
}

func refused(err error) error { return secret.Errorf(secret.Storage, "%v", reason(err)) }

// shown is a path as an error may have it: folders are named by whoever wrote the
// repository, so control and bidi characters come out escaped.
func shown(path string) string {
	if q := strconv.Quote(path); q != `"`+path+`"` {
		return q
	}
	return path
}

// reason is err without the path, which the caller puts in front.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
