package broker

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// maxLine is the longest line there is, in bytes. A longer one is not ours.
const maxLine = 4 << 20

// view is the log as it was at one moment: it is read without holding up who writes.
type view struct {
	f    *os.File
	size int64
	key  [32]byte
}

// view looks at f now; the caller wipes it. a.mu is held.
func (a *audit) view(f *os.File) (*view, error) {
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return &view{f, fi.Size(), a.key}, nil
}

func (v *view) wipe() { clear(v.key[:]) }

// lines calls each with every line of the log: its number from 1, its record and
// the head after it, or what is wrong with it.
func (v *view) lines(each func(n int, r secret.Record, h head, err error)) error {
	in := bufio.NewReaderSize(io.NewSectionReader(v.f, 0, v.size), 64<<10)
	var prev head
	for n := 1; ; n++ {
		b, err := nextLine(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r, err := v.openLine(b, prev)
		next := head{r.Seq, sha256.Sum256(b)}
		if err != nil {
			// Go on from what the line says of itself, so that one bad line is one
			// finding and not a finding for every line after it.
			var l line
			_ = json.Unmarshal(b, &l)
			next.Seq = l.Seq
			if len(bytes.TrimSpace(b)) == 0 || l.Seq == 0 {
				next = prev
			}
		}
		each(n, r, next, err)
		prev = next
	}
}

// nextLine reads a line without its newline. Of one that is too long it returns a
// part, which does not open. The error is io.EOF at the end.
func nextLine(in *bufio.Reader) ([]byte, error) {
	var b []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(b) <= maxLine {
			b = append(b, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, errors.Is(err, io.EOF) && len(b) > 0:
			return bytes.TrimSuffix(b, []byte("\n")), nil
		default:
			return nil, err
		}
	}
}

func (v *view) openLine(b []byte, prev head) (secret.Record, error) {
	var l line
	var r secret.Record
	if err := json.Unmarshal(b, &l); err != nil {
		return r, errors.New("is not whole")
	}
	sealed, err := base64.StdEncoding.DecodeString(l.Data)
	if err != nil || len(sealed) < chacha20poly1305.NonceSizeX {
		return r, errors.New("is not whole")
	}
	aead, err := chacha20poly1305.NewX(v.key[:])
	if err != nil {
		return r, err
	}
	n := aead.NonceSize()
	text, err := aead.Open(nil, sealed[:n], sealed[n:], binding(l.Seq, prev.Hash))
	if err != nil {
		return r, errors.New("was edited, or lines before it were removed or moved")
	}
	if err := json.Unmarshal(text, &r); err != nil || r.Seq != l.Seq || l.Seq != prev.Seq+1 {
		return r, errors.New("does not follow the line before it")
	}
	return r, nil
}

// openPrivate opens a regular file of ours with mode 0600, following no symlink.
func openPrivate(path string, flag int) (*os.File, error) {
	f, err := os.OpenFile(path, flag|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err == nil {
		err = private(fi, path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func private(fi fs.FileInfo, path string) error {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok || !fi.Mode().IsRegular() || int(st.Uid) != os.Getuid() || fi.Mode().Perm()&0o077 != 0 || st.Nlink != 1 {
		return fmt.Errorf("%s is not a private file of yours (mode 0600, one link)", path)
	}
	return nil
}

// inPlace returns an error unless f is still the private file at path: a record in a
// file that nobody finds is none. It is not looked for anew, so that whoever takes the log
// away gets refusals, and not a fresh log.
func inPlace(f *os.File, path string) error {
	fi, err := os.Lstat(path)
	if err == nil && sameFile(fi, f) {
		return private(fi, path)
	}
	return fmt.Errorf("%s was replaced or removed while NoxKey ran; put it back, or quit NoxKey and start it again", path)
}

// mendTail ends a line that a crash, a full disk or somebody else left without an end, so
// that the next one starts on its own. Verify names it.
func mendTail(f *os.File) error {
	n, err := f.Seek(0, io.SeekEnd)
	if err != nil || n == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, n-1); err != nil {
		return err
	}
	if last[0] != '\n' {
		_, err = f.Write([]byte{'\n'})
	}
	return err
}

func sameFile(fi fs.FileInfo, f *os.File) bool {
	open, err := f.Stat()
	return err == nil && os.SameFile(fi, open)
}
