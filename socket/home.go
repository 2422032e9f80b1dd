package socket

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"noxkey/secret"
)

// Home is the folder of one vault: the vault itself, its socket, its audit log.
type Home string

// maxSunPath is the longest socket path that fits struct sockaddr_un with its
// NUL: 104 bytes on macOS, 108 on Linux (unix(4), unix(7)).
func maxSunPath() int {
	if runtime.GOOS == "darwin" {
		return 103
	}
	return 107
}

const socketName = "noxkey.sock"

// The files of a home.
func (h Home) Vault() string  { return filepath.Join(string(h), "vault.db") }
func (h Home) Audit() string  { return filepath.Join(string(h), "audit.log") }
func (h Home) Pin() string    { return filepath.Join(string(h), "server.pub") }
func (h Home) Lock() string   { return filepath.Join(string(h), "app.lock") }
func (h Home) Socket() string { return filepath.Join(string(h), socketName) }

// DefaultHome is the home of the user that runs this process, by uid and the
// entry of that uid in the user database. No environment variable takes part:
// agents start their MCP servers with hardly any, and a variable could be
// anybody's.
func DefaultHome() (Home, error) {
	dir, err := passwdHome(os.Getuid())
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return Home(filepath.Join(dir, "Library", "Containers", "app.noxkey.NoxKey", "Data", "noxkey")), nil
	}
	return Home(filepath.Join(dir, ".local", "share", "noxkey")), nil
}

// OpenHome returns dir as a home, absolute and with a socket path that fits.
func OpenHome(dir string) (Home, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return Home(abs), nil
}

// Make creates the home (0700) if it is not there and checks it.
func (h Home) Make() error {
	if err := os.MkdirAll(string(h), 0o700); err != nil {
		return secret.Errorf(secret.Storage, "cannot make %s: %v", h, cause(err))
	}
	return h.Check()
}

// Check reports, with code Untrusted, a home that is not a private folder of
// ours, and with code Storage one whose socket path would not fit.
func (h Home) Check() error {
	if n := len(h.Socket()); n > maxSunPath() {
		return secret.Errorf(secret.Storage, "the path %s is %d bytes; a socket's path may have %d: choose a shorter folder with --home", h.Socket(), n, maxSunPath())
	}
	fi, err := os.Lstat(string(h))
	if errors.Is(err, fs.ErrNotExist) {
		return secret.Errorf(secret.NotRunning, "there is no vault at %s yet", h)
	}
	if err != nil {
		return secret.Errorf(secret.Storage, "cannot look at %s: %v", h, cause(err))
	}
	if !fi.IsDir() {
		return secret.Errorf(secret.Untrusted, "%s is not a folder", h)
	}
	if !ours(fi) || fi.Mode().Perm()&0o077 != 0 {
		return secret.Errorf(secret.Untrusted, "%s is not private: it must be yours, mode 0700", h)
	}
	return nil
}

func ours(fi fs.FileInfo) bool {
	st, ok := fi.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}

func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
