package dotenv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestIsEnvName(t *testing.T) {
	for name, want := range map[string]string{
		".env": "yes", ".envrc": "yes", ".env.local": "yes", ".env.production.local": "yes", "prod.env": "yes", "a.b.env": "yes", ".ENV": "yes",
		".env.keys": "yes", ".env.bak": "yes", ".env.sampled": "yes",
		".env.example": "template", ".env.sample": "template", ".env.template": "template", ".env.dist": "template", ".env.defaults": "template",
		".env.schema": "template", "example.env": "template", ".env.local.example": "template", ".env.Example": "template",
		"": "no", "env": "no", ".env.": "no", ".envs": "no", "environment": "no", ".environment": "no", "env.js": "no", "x.env.js": "no", "a.envrc": "no", "example": "no", "example.txt": "no",
	} {
		got := "no"
		if IsEnvName(name) {
			got = "yes"
		}
		if IsTemplate(name) {
			got = "template"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

// list writes what was found relative to root, one word a file.
func list(root string, found []Found) string {
	var b strings.Builder
	for _, f := range found {
		rel, _ := filepath.Rel(root, f.Path)
		b.WriteString(rel)
		if f.Template {
			b.WriteString("(template)")
		}
		if f.Link {
			b.WriteString("(link)")
		}
		switch {
		case errors.Is(f.Err, ErrNotRegular):
			b.WriteString("(not regular)")
		case errors.Is(f.Err, fs.ErrPermission):
			b.WriteString("(no permission)")
		case errors.Is(f.Err, fs.ErrNotExist):
			b.WriteString("(dangling)")
		case f.Err != nil:
			b.WriteString("(" + f.Err.Error() + ")")
		default:
			fmt.Fprintf(&b, ":%d", f.Size)
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, name) }
	for _, name := range []string{".env", "a/.env.local", "a/b/prod.env", "a/b/.env.example", "c/.envrc", "c/main.go",
		".git/.env", "a/node_modules/x/.env", "vendor/y/.env", "a/.hg/.env", "a/.svn/.env", ".env.d/x.env", "node_modules2/.env"} {
		write(t, at(name), "A=b\n")
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Symlink("..", at("a/loop")))
	must(os.Symlink(root, at("c/.env.loop")))
	must(os.Symlink("../a/b/prod.env", at("c/.env")))
	must(os.Symlink("nowhere", at("c/gone.env")))
	must(syscall.Mkfifo(at("c/fifo.env"), 0o600))
	want := ".env:4 .env.d/x.env:4 a/.env.local:4 a/b/.env.example(template):4 a/b/prod.env:4 " +
		"c/.env(link):4 c/.envrc:4 c/fifo.env(not regular) c/gone.env(link)(dangling) node_modules2/.env:4"
	found, err := Find(t.Context(), root, Options{})
	if err != nil || list(root, found) != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, list(root, found), want)
	}
	link := filepath.Join(t.TempDir(), "link")
	must(os.Symlink(root, link))
	if found, err := Find(t.Context(), link, Options{}); err != nil || list(link, found) != want {
		t.Errorf("through a link as root: %v\ngot  %s", err, list(link, found))
	}
	if found, err := Find(t.Context(), at("vendor"), Options{}); err != nil || len(found) != 1 {
		t.Errorf("vendor as root: %v %v", found, err)
	}
}

func TestFindBounds(t *testing.T) {
	root := t.TempDir()
	for i := range 5 {
		write(t, filepath.Join(root, strings.Repeat("d/", i), ".env"), "A=b\n")
	}
	for _, c := range []struct {
		o     Options
		files int
		says  string
	}{
		{Options{}, 5, ""},
		{Options{Depth: 4}, 5, ""},
		{Options{Depth: 2}, 3, "1 folders are more than 2 deep"},
		{Options{Files: 5}, 5, ""},
		{Options{Files: 2}, 2, "stopped after 2 files"},
		{Options{Entries: 9}, 5, ""},
		{Options{Entries: 1}, -1, "stopped after 1 directory entries"},
	} {
		found, err := Find(t.Context(), root, c.o)
		if c.says == "" && err != nil || c.says != "" && (!errors.Is(err, ErrPartial) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%+v: %v, want %q", c.o, err, c.says)
		}
		if c.files >= 0 && len(found) != c.files {
			t.Errorf("%+v: %d files, want %d", c.o, len(found), c.files)
		}
	}
}

func TestFindErrors(t *testing.T) {
	if _, err := Find(t.Context(), filepath.Join(t.TempDir(), "none"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	file := write(t, filepath.Join(t.TempDir(), ".env"), "A=b\n")
	if _, err := Find(t.Context(), file, Options{}); !errors.Is(err, syscall.ENOTDIR) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ctx, t.TempDir(), Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestFindReportsUnreadableFolders(t *testing.T) {
	root := t.TempDir()
	if err := os.Chmod(filepath.Dir(root), 0o755); err != nil { // for root become nobody
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "a/.env"), "A=b\n")
	write(t, filepath.Join(root, "b/.env"), "A=b\n")
	write(t, filepath.Join(root, "c/.env"), "A=b\n")
	closed := filepath.Join(root, "b")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(closed, 0o755) })
	var found []Found
	var err, rootErr error
	unprivileged(t, func() {
		found, err = Find(t.Context(), root, Options{})
		_, rootErr = Find(t.Context(), closed, Options{})
	})
	if got, want := list(root, found), "a/.env:4 b(no permission) c/.env:4"; err != nil || got != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
	if !errors.Is(rootErr, fs.ErrPermission) {
		t.Errorf("unreadable root: %v", rootErr)
	}
}
