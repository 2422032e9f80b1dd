package handoff

import (
	"os"
	"path/filepath"
	"testing"

	"noxkey/secret"
)

// TestFilesArePrivateAndGone: nobody else may read one, and none is left.
func TestFilesArePrivateAndGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "base")
	f, err := NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	v, err := secret.NewValue([]byte("line 1\nline 2"))
	if err != nil {
		t.Fatal(err)
	}
	path, err := f.Add("CREDENTIALS", v)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	fi, serr := os.Stat(path)
	di, derr := os.Stat(filepath.Dir(path))
	if err != nil || serr != nil || derr != nil || string(b) != "line 1\nline 2" || fi.Mode().Perm() != 0o600 || di.Mode().Perm() != 0o700 {
		t.Errorf("%v %v %v: %q, %v in %v", err, serr, derr, b, fi.Mode(), di.Mode())
	}
	for _, bad := range []string{"../x", "a/b", ""} {
		if _, err := f.Add(bad, v); err == nil {
			t.Errorf("%q names a file", bad)
		}
	}
	held, err := os.Open(path) // what a program that still reads it would find
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	f.Close()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("%v, left: %v", err, left)
	}
	after := make([]byte, 64)
	n, _ := held.Read(after)
	for _, c := range after[:n] {
		if c != 0 {
			t.Fatalf("the file's bytes are %q still", after[:n])
		}
	}
}

// TestFilesOfADeadProcessAreSwept: their lock is gone, and so are they.
func TestFilesOfADeadProcessAreSwept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "base")
	f, err := NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	v, _ := secret.NewValue([]byte("value"))
	path, err := f.Add("KEY", v)
	if err != nil {
		t.Fatal(err)
	}
	if err := Sweep(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("the file of a live process was swept: %v", err)
	}
	_ = os.NewFile(uintptr(f.p.fd), "").Close() // as if we had died
	if err := Sweep(dir); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v, left: %v", err, left)
	}
}
