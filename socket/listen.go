package socket

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// Listener is the app's hold on a home: the lock that keeps a second app out, and
// the socket.
type Listener struct {
	*net.UnixListener
	lock *os.File
}

// Listen checks the home, takes its lock and binds its socket. A second app gets
// an error of code Busy. A socket left over from an app that died is replaced,
// which is safe because the lock shows that no app holds it; one that answers all
// the same is never unlinked.
func Listen(h Home) (*Listener, error) {
	if err := h.Check(); err != nil {
		return nil, err
	}
	lock, err := takeLock(h.Lock())
	if err != nil {
		return nil, err
	}
	ln, err := bind(h.Socket())
	if err != nil {
		lock.Close()
		return nil, err
	}
	return &Listener{ln, lock}, nil
}

// Close unlinks the socket and gives up the lock.
func (l *Listener) Close() error {
	return errors.Join(l.UnixListener.Close(), l.lock.Close())
}

func takeLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, secret.Errorf(secret.Storage, "cannot open %s: %v", path, cause(err))
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, secret.Errorf(secret.Busy, "NoxKey is already running")
	}
	return f, nil
}

func bind(path string) (*net.UnixListener, error) {
	if fi, err := os.Lstat(path); err == nil {
		if fi.Mode().Type() != fs.ModeSocket || !ours(fi) {
			return nil, secret.Errorf(secret.Untrusted, "%s is there and is not a socket of yours", path)
		}
		if c, err := net.Dial("unix", path); err == nil {
			c.Close()
			return nil, secret.Errorf(secret.Busy, "something already listens at %s", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, secret.Errorf(secret.Storage, "cannot replace %s: %v", path, cause(err))
		}
	}
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err == nil {
		// The folder keeps others out already. Not by umask(2): that belongs to the
		// whole process, and files that other goroutines make would get it too.
		if err = os.Chmod(path, 0o600); err != nil {
			ln.Close()
		}
	}
	if err != nil {
		return nil, secret.Errorf(secret.Storage, "cannot listen at %s: %v", path, err)
	}
	return ln, nil
}

// WritePin records the public half of the vault's identity for clients, as one
// line of base64 in a file of mode 0600. An existing pin is left if it is the
// same and an error of code Untrusted if it is another: a vault that was swapped
// must not be pinned in silence.
func WritePin(h Home, public ed25519.PublicKey) error {
	old, err := readPin(h.Pin())
	switch {
	case err == nil && bytes.Equal(old, public):
		return nil
	case err == nil:
		return secret.Errorf(secret.Untrusted, "%s belongs to another vault: if you put a different vault here yourself, remove that file", h.Pin())
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := os.OpenFile(h.Pin(), os.O_CREATE|os.O_EXCL|os.O_WRONLY|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return secret.Errorf(secret.Storage, "cannot write %s: %v", h.Pin(), cause(err))
	}
	_, err = io.WriteString(f, base64.StdEncoding.EncodeToString(public)+"\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(h.Pin())
		return secret.Errorf(secret.Storage, "cannot write %s: %v", h.Pin(), err)
	}
	return nil
}

func readPin(path string) (ed25519.PublicKey, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil || !fi.Mode().IsRegular() || !ours(fi) || fi.Mode().Perm()&0o077 != 0 {
		return nil, secret.Errorf(secret.Untrusted, "%s is not a private file of yours (mode 0600)", path)
	}
	b, err := io.ReadAll(io.LimitReader(f, 256))
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(b)))
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, secret.Errorf(secret.Untrusted, "%s does not hold a key", path)
	}
	return key, nil
}
