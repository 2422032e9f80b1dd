package dotenv

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadFile(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), ".env"), "A=b\r\nC='d'\r\n")
	f, digest, err := ReadFile(path)
	if err != nil || show(f) != `1:A="b" 2:C="d"` {
		t.Fatal(show(f), err)
	}
	if digest != sha256.Sum256([]byte("A=b\r\nC='d'\r\n")) {
		t.Error("the digest is not of the file's bytes")
	}
	link := filepath.Join(t.TempDir(), ".env")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if f, d, err := ReadFile(link); err != nil || d != digest || len(f.Pairs) != 2 {
		t.Error("a link is not followed", err)
	}
}

func TestReadFileRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := syscall.Mkfifo(at("fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	// A socket's path must be short: sun_path holds 103 bytes on macOS.
	short, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(short)
	l, err := net.Listen("unix", filepath.Join(short, "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	write(t, at("png"), "\x89PNG\r\n\x1a\n\x00\x00")
	write(t, at("blank"), "\n# nothing\n")
	for path, want := range map[string]error{
		at("none"):                fs.ErrNotExist,
		dir:                       ErrNotRegular,
		at("fifo"):                ErrNotRegular,
		"/dev/null":               ErrNotRegular,
		"/dev/tty":                nil, // ErrNotRegular, or no such terminal
		filepath.Join(short, "s"): ErrNotRegular,
		at("png"):                 ErrNotText,
		at("blank"):               ErrNoKeys,
	} {
		done := make(chan error, 1)
		go func() { _, _, err := ReadFile(path); done <- err }()
		select {
		case err := <-done:
			if err == nil || want != nil && !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", path, err, want)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%s: ReadFile hangs", path)
		}
	}
}

// A file of 100 MB is refused by its size. The error holds the whole size, which
// only fstat can know: a refusal while reading says how much was read.
func TestReadFileRefuses100MBUnread(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), ".env"), "A=b\n")
	if err := os.Truncate(path, 100_000_000); err != nil {
		t.Fatal(err)
	}
	var size *SizeError
	if _, _, err := ReadFile(path); !errors.Is(err, ErrTooBig) || !errors.As(err, &size) {
		t.Fatal(err)
	}
	if size.Size != 100_000_000 {
		t.Errorf("size %d", size.Size)
	}
	if ok, err := Unchanged(path, Digest{}); ok || err != nil {
		t.Errorf("Unchanged: %v, %v", ok, err)
	}
}

func TestReadFileErrorsNameNoText(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), ".env"), strings.Repeat("cAnArY\x00\xff", 10))
	if _, _, err := ReadFile(path); err == nil || strings.Contains(err.Error(), "cAnArY") {
		t.Error(err)
	}
}

func TestUnchanged(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), ".env"), "A=b\n")
	_, digest, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := Unchanged(path, digest); !ok || err != nil {
		t.Error(ok, err)
	}
	write(t, path, "A=c\n")
	if ok, err := Unchanged(path, digest); ok || err != nil {
		t.Error(ok, err)
	}
	write(t, path, "A=b\n") // the same bytes again: nothing would be lost
	if ok, err := Unchanged(path, digest); !ok || err != nil {
		t.Error(ok, err)
	}
	os.Remove(path)
	if ok, err := Unchanged(path, digest); ok || !errors.Is(err, fs.ErrNotExist) {
		t.Error(ok, err)
	}
}

func TestRemove(t *testing.T) {
	for name, c := range map[string]struct {
		change func(t *testing.T, path string)
		want   error
	}{
		"as read":        {func(*testing.T, string) {}, nil},
		"edited":         {func(t *testing.T, p string) { write(t, p, "A=b\nC=new\n") }, ErrChanged},
		"saved anew":     {func(t *testing.T, p string) { os.Rename(write(t, p+"~", "A=c\n"), p) }, ErrChanged},
		"grown":          {func(t *testing.T, p string) { write(t, p, strings.Repeat("A=b\n", MaxFile)) }, ErrChanged},
		"emptied":        {func(t *testing.T, p string) { write(t, p, "") }, ErrChanged},
		"other link":     {func(t *testing.T, p string) { os.Link(p, p+"2") }, ErrLinked},
		"now a link":     {func(t *testing.T, p string) { os.Rename(p, p+"2"); os.Symlink(p+"2", p) }, ErrNotRegular},
		"now a folder":   {func(t *testing.T, p string) { os.Remove(p); os.Mkdir(p, 0o700) }, ErrNotRegular},
		"now a fifo":     {func(t *testing.T, p string) { os.Remove(p); syscall.Mkfifo(p, 0o600) }, ErrNotRegular},
		"gone meanwhile": {func(t *testing.T, p string) { os.Remove(p) }, fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), ".env"), "A=b\n")
			_, digest, err := ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c.change(t, path)
			before := state(path)
			if err := Remove(path, digest); !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if after := state(path); c.want == nil && after != "gone" {
				t.Errorf("the file is still there: %s", after)
			} else if c.want != nil && after != before {
				t.Errorf("a refused removal changed %.40s to %.40s", before, after)
			}
		})
	}
}

// state says what is at path, without opening what may block.
func state(path string) string {
	info, err := os.Lstat(path)
	if err != nil {
		return "gone"
	}
	if !info.Mode().IsRegular() {
		return info.Mode().String()
	}
	text, err := os.ReadFile(path)
	return fmt.Sprintf("%q %v", text, err)
}
