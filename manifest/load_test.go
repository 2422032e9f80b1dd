package manifest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"noxkey/secret"
)

const one = "[env]\nKEY = 'noxkey://acme/api/KEY'\n"

// tree makes a folder from paths: those that end in / are folders, others files with
// the text of one. It returns its physical path.
func tree(t *testing.T, paths ...string) string {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		dir := filepath.Join(top, p)
		if !strings.HasSuffix(p, "/") {
			dir = filepath.Dir(dir)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(p, "/") {
			continue
		}
		if err := os.WriteFile(filepath.Join(top, p), []byte(one), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

// TestWhereItLooks: from dir, with home, the manifest at want is taken; "" for none.
func TestWhereItLooks(t *testing.T) {
	for name, row := range map[string]struct {
		paths           []string
		dir, home, want string
	}{
		"in the folder":                 {[]string{"r/.git/", "r/" + File}, "r", "", "r/" + File},
		"above, in the repository":      {[]string{"r/.git/", "r/" + File, "r/a/b/"}, "r/a/b", "", "r/" + File},
		"the nearest":                   {[]string{"r/.git/", "r/" + File, "r/a/" + File, "r/a/b/"}, "r/a/b", "", "r/a/" + File},
		"not above the repository":      {[]string{File, "r/.git/", "r/a/"}, "r/a", "", ""},
		"a worktree's .git is a file":   {[]string{File, "r/.git", "r/a/"}, "r/a", "", ""},
		"a repository below a home":     {[]string{"h/" + File, "h/r/.git/", "h/r/" + File, "h/r/a/"}, "h/r/a", "h", "h/r/" + File},
		"no repository, below home":     {[]string{"h/p/" + File, "h/p/a/"}, "h/p/a", "h", "h/p/" + File},
		"not home itself from below":    {[]string{"h/" + File, "h/p/a/"}, "h/p/a", "h", ""},
		"not home, though a repository": {[]string{"h/" + File, "h/.git/", "h/p/a/"}, "h/p/a", "h", ""},
		"home from home":                {[]string{"h/" + File}, "h", "h", "h/" + File},
		"not above home":                {[]string{".git/", File, "h/"}, "h", "h", ""},
		"outside both, there":           {[]string{"h/", "x/" + File}, "x", "h", "x/" + File},
		"outside both, not above":       {[]string{"h/", "x/" + File, "x/a/"}, "x/a", "h", ""},
		"no home, no repository":        {[]string{"x/" + File, "x/a/"}, "x/a", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			top := tree(t, row.paths...)
			home := row.home
			if home != "" {
				home = filepath.Join(top, home)
			}
			m, path, err := load(filepath.Join(top, row.dir), home)
			if row.want == "" {
				if secret.CodeOf(err) != secret.NotFound || m != nil {
					t.Errorf("found %s, %v", path, err)
				}
				return
			}
			if err != nil || path != filepath.Join(top, row.want) || m == nil {
				t.Errorf("found %s, %v; want %s", path, err, row.want)
			}
		})
	}
}

// TestNoHomeIsNotTheWorkingFolder: a user without a home must not get the folder we
// stand in as one.
func TestNoHomeIsNotTheWorkingFolder(t *testing.T) {
	top := tree(t, "x/"+File, "x/a/")
	t.Chdir(top)
	if _, path, err := load("x/a", ""); secret.CodeOf(err) != secret.NotFound {
		t.Errorf("found %s, %v", path, err)
	}
}

func TestLoadFromWhatIsNoFolder(t *testing.T) {
	top := tree(t, "r/.git/", "r/"+File, "r/main.go")
	for _, dir := range []string{"r/main.go", "r/nothing"} {
		if _, path, err := load(filepath.Join(top, dir), ""); secret.CodeOf(err) != secret.Storage {
			t.Errorf("%s: found %s, %v", dir, path, err)
		}
	}
}

// TestThreatE2ManifestInABadlyNamedFolder: a folder's name cannot drive the terminal that an
// error is printed on.
func TestThreatE2ManifestInABadlyNamedFolder(t *testing.T) {
	const bad = "\x1b[2J\u202e\n"
	top := tree(t, "a"+bad+"/.git/", "b"+bad+"/.git/", "a"+bad+"/"+File)
	if err := os.WriteFile(filepath.Join(top, "a"+bad, File), []byte("KEY"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"a" + bad, "b" + bad, "c" + bad} {
		_, _, err := load(filepath.Join(top, dir), "")
		if err == nil || strings.ContainsAny(err.Error(), "\x1b\u202e\n") || !strings.Contains(err.Error(), dir[:1]+`\x1b[2J\u202e\n`) {
			t.Errorf("%v", err)
		}
	}
}

func TestLoadKnowsHome(t *testing.T) {
	top := tree(t, "r/.git/", "r/"+File, "r/a/")
	t.Setenv("HOME", filepath.Join(top, "r/a")) // must not end the search
	if _, path, err := Load(filepath.Join(top, "r/a")); err != nil || path != filepath.Join(top, "r", File) {
		t.Errorf("%s, %v", path, err)
	}
}

func TestLoadInitsText(t *testing.T) {
	top := tree(t, "r/.git/")
	want := []Binding{{"A_KEY", "acme/api/A_KEY"}, {"B_KEY", "acme/api/B_KEY"}}
	text, err := Init(want)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(top, "r", File), text, 0o644); err != nil {
		t.Fatal(err)
	}
	m, _, err := load(filepath.Join(top, "r"), "")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := m.Resolve(""); err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v, %v", got, err)
	}
}

// TestLinks: one that stays in the repository is followed, one that leaves it refused.
func TestLinks(t *testing.T) {
	for target, ok := range map[string]bool{
		"shared/manifest.toml":           true,
		"shared/../shared/manifest.toml": true,
		"../outside.toml":                false,
		"shared/../../outside.toml":      false,
		"out/outside.toml":               false, // through a linked folder
		"ABS/r/shared/manifest.toml":     false, // absolute, even to the inside: os.Root takes none
		"ABS/outside.toml":               false,
		File:                             false, // itself
		"shared":                         false, // a folder
		"shared/nothing.toml":            false,
	} {
		top := tree(t, "r/.git/", "r/shared/manifest.toml", "outside.toml")
		if err := os.Symlink("..", filepath.Join(top, "r/out")); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(strings.Replace(target, "ABS", top, 1), filepath.Join(top, "r", File)); err != nil {
			t.Fatal(err)
		}
		m, path, err := load(filepath.Join(top, "r"), "")
		if ok != (err == nil) || ok != (m != nil) {
			t.Errorf("link to %s: %v", target, err)
		}
		if !ok && (secret.CodeOf(err) != secret.Storage || path != filepath.Join(top, "r", File) || !strings.HasPrefix(err.Error(), path+": ")) {
			t.Errorf("link to %s: %s, %v (%s)", target, path, err, secret.CodeOf(err))
		}
	}
}

var errNotRoot = errors.New("not root")

func chown(path string) error {
	if os.Getuid() != 0 {
		return errNotRoot
	}
	return os.Lchown(path, 12345, 12345)
}

// TestThreatA5ManifestOfOthers: loose modes and foreign owners are refused, and the
// file above is not taken in its place.
func TestThreatA5ManifestOfOthers(t *testing.T) {
	for name, row := range map[string]struct {
		spoil func(dir, file string) error
		ok    bool
	}{
		"as it should be": {func(dir, file string) error { return nil }, true},
		"for a group":     {func(dir, file string) error { return os.Chmod(file, 0o664) }, true},
		"for everybody":   {func(dir, file string) error { return os.Chmod(file, 0o646) }, false},
		"a loose folder":  {func(dir, file string) error { return os.Chmod(dir, 0o777) }, false},
		"a sticky folder": {func(dir, file string) error { return os.Chmod(dir, 0o777|os.ModeSticky) }, true},
		"a folder":        {func(dir, file string) error { _ = os.Remove(file); return os.Mkdir(file, 0o755) }, false},
		"a pipe":          {func(dir, file string) error { _ = os.Remove(file); return syscall.Mkfifo(file, 0o644) }, false},
		"too long": {func(dir, file string) error {
			return os.WriteFile(file, []byte(one+strings.Repeat("#", MaxFile)), 0o644)
		}, false},
		"not to be read":      {func(dir, file string) error { return os.Chmod(file, 0) }, os.Getuid() == 0},
		"a foreign file":      {func(dir, file string) error { return chown(file) }, false},
		"a file in a foreign": {func(dir, file string) error { return chown(dir) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			top := tree(t, "r/.git/", "r/"+File, "r/a/"+File)
			dir := filepath.Join(top, "r/a")
			err := row.spoil(dir, filepath.Join(dir, File))
			if errors.Is(err, errNotRoot) {
				t.Skip("cannot be done here: only root can give a file away with chown")
			}
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan struct{})
			go func() {
				defer close(done)
				_, path, err := load(dir, "")
				if row.ok != (err == nil) || path != filepath.Join(dir, File) {
					t.Errorf("%s: %v", path, err)
				}
			}()
			select {
			case <-done:
			case <-time.After(time.Minute):
				t.Fatal("it waits for the pipe's writer")
			}
		})
	}
}
