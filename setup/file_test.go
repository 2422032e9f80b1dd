package setup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const someConfig = "{\n  \"mcpServers\": {\n    \"gh\": {\"command\": \"npx\", \"env\": {\"TOKEN\": \"ghp_1\"}}\n  }\n}\n"

func put(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func agent(t *testing.T, name string) Agent {
	t.Helper()
	a, ok := Lookup(name)
	if !ok {
		t.Fatal("no agent " + name)
	}
	return a
}

// carry prepares or reverts and writes, and returns the backups.
func carry(t *testing.T, plan func(Agent) ([]*Change, error), a Agent) []string {
	t.Helper()
	list, err := plan(a)
	if err != nil {
		t.Fatal(err)
	}
	var backups []string
	for _, c := range list {
		b, err := c.Write()
		if err != nil {
			t.Fatal(err)
		}
		backups = append(backups, b)
	}
	return backups
}

// TestWriteAndRevert: every agent, from a file that is there and from none. Modes stay, a
// backup holds the old bytes, nothing is left lying about.
func TestWriteAndRevert(t *testing.T) {
	for _, a := range Agents() {
		for _, mode := range []fs.FileMode{0, 0o600, 0o644} {
			h := testHome(t)
			parts := a.parts(h)
			before := map[string]string{}
			for _, p := range parts {
				if mode != 0 {
					before[p.Path] = "\n"
					put(t, p.Path, "\n", mode)
				}
			}
			backups := carry(t, h.Prepare, a)
			if st := h.Look(a).State; st != Done {
				t.Errorf("%s: %s", a.Name, st)
			}
			for i, p := range parts {
				want := mode
				if mode == 0 {
					want = 0o600
					if backups[i] != "" {
						t.Errorf("%s: a backup of nothing", a.Name)
					}
				} else if fi, err := os.Stat(backups[i]); err != nil || read(t, backups[i]) != "\n" || fi.Mode().Perm() != 0o600 {
					t.Errorf("%s: backup: %v", a.Name, err)
				}
				if fi, err := os.Stat(p.Path); err != nil || fi.Mode().Perm() != want {
					t.Errorf("%s: %v, want mode %v", a.Name, fi.Mode(), want)
				}
			}
			list, err := h.Prepare(a)
			for _, c := range list {
				if b, werr := c.Write(); err != nil || werr != nil || !c.Nothing() || b != "" {
					t.Errorf("%s: a second time: %v %v", a.Name, err, werr)
				}
			}
			carry(t, h.Revert, a)
			for _, p := range parts {
				if mode == 0 && exists(p.Path) {
					t.Errorf("%s: %s is still there: %q", a.Name, p.Path, read(t, p.Path))
				}
				if mode != 0 && read(t, p.Path) != before[p.Path] {
					t.Errorf("%s: %q", a.Name, read(t, p.Path))
				}
				if left, _ := filepath.Glob(filepath.Join(filepath.Dir(p.Path), ".noxkey-*")); len(left) > 0 {
					t.Errorf("left: %v", left)
				}
			}
		}
	}
}

// TestOneOfTwoFilesUnreadable: then neither is written.
func TestOneOfTwoFilesUnreadable(t *testing.T) {
	h := testHome(t)
	put(t, h.in(".claude.json"), someConfig, 0o600)
	put(t, h.in(".claude", "settings.json"), "{", 0o600)
	_, err := h.Prepare(agent(t, "claude"))
	if fe, ok := errors.AsType[*FileError](err); !ok || fe.Path != h.in(".claude", "settings.json") {
		t.Errorf("%v", err)
	}
	if read(t, h.in(".claude.json")) != someConfig || read(t, h.in(".claude", "settings.json")) != "{" {
		t.Error("something was written")
	}
	r := h.Look(agent(t, "claude"))
	if r.State != Unreadable || r.Files[0].State != Absent || !strings.Contains(r.Files[1].Why, "line 1") {
		t.Errorf("%+v", r)
	}
}

// TestChangedMeanwhile: an agent writes its file while the person reads. If it is still
// the same change it is made to the new file; if not, nothing is written.
func TestChangedMeanwhile(t *testing.T) {
	h := testHome(t)
	path := h.in(".claude.json")
	put(t, path, someConfig, 0o600)
	list, err := h.Prepare(agent(t, "claude"))
	if err != nil {
		t.Fatal(err)
	}
	grown := strings.Replace(someConfig, "{", "{\n  \"numStartups\": 4,", 1)
	put(t, path, grown, 0o600)
	backup, err := list[0].Write()
	if err != nil || read(t, backup) != grown || !strings.Contains(read(t, path), "numStartups") || !strings.Contains(read(t, path), prog) {
		t.Errorf("%v: %s", err, read(t, path))
	}

	for _, other := range []string{"{}", "{", strings.ReplaceAll(someConfig, "\"gh\"", "\"noxkey\"")} {
		put(t, path, someConfig, 0o600)
		list, err := h.Prepare(agent(t, "claude"))
		if err != nil {
			t.Fatal(err)
		}
		put(t, path, other, 0o600)
		if _, err := list[0].Write(); err == nil || read(t, path) != other {
			t.Errorf("%q: %v, then %q", other, err, read(t, path))
		}
	}

	// The file came, or went, in between.
	_ = os.Remove(path)
	list, err = h.Prepare(agent(t, "claude"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, "", 0o600)
	if _, err := list[0].Write(); !errors.Is(err, errMoved) {
		t.Errorf("it came: %v", err)
	}
}

// TestReplaceSeesTheLastWrite: the check right before the rename.
func TestReplaceSeesTheLastWrite(t *testing.T) {
	h := testHome(t)
	p := agent(t, "cursor").parts(h)[0]
	put(t, p.Path, someConfig, 0o600)
	f, err := h.open(p)
	if err != nil {
		t.Fatal(err)
	}
	put(t, p.Path, "{}", 0o600)
	if err := f.replace([]byte("x")); !errors.Is(err, errMoved) || read(t, p.Path) != "{}" {
		t.Errorf("%v, %q", err, read(t, p.Path))
	}
	if err := f.remove(); !errors.Is(err, errMoved) || !exists(p.Path) {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(p.Path), ".noxkey-*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestReplaceIsANewFile: whoever holds the old one open reads the old bytes to their end.
func TestReplaceIsANewFile(t *testing.T) {
	h := testHome(t)
	path := h.in(".cursor", "mcp.json")
	put(t, path, someConfig, 0o600)
	old, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	carry(t, h.Prepare, agent(t, "cursor"))
	b := make([]byte, 4096)
	n, _ := old.Read(b)
	if string(b[:n]) != someConfig {
		t.Errorf("%q", b[:n])
	}
}

// TestBackupsDoNotCollide: as many as are made in one second.
func TestBackupsDoNotCollide(t *testing.T) {
	h := testHome(t)
	path := h.in(".cursor", "mcp.json")
	put(t, path, someConfig, 0o644)
	seen := map[string]bool{}
	for range 3 {
		for _, b := range append(carry(t, h.Prepare, agent(t, "cursor")), carry(t, h.Revert, agent(t, "cursor"))...) {
			if seen[b] {
				t.Errorf("%s twice", b)
			}
			seen[b] = true
			if fi, err := os.Stat(b); err != nil || fi.Mode().Perm() != 0o600 {
				t.Errorf("%v %v", fi, err)
			}
		}
	}
	if read(t, path) != someConfig || len(seen) != 6 {
		t.Errorf("%d backups, %q", len(seen), read(t, path))
	}
}

// TestWhatIsLeft: of a file in which nothing else is.
func TestWhatIsLeft(t *testing.T) {
	h := testHome(t)
	path := h.in(".cursor", "mcp.json")
	for before, want := range map[string]string{"": "", "\n": "\n", "{}": "{}", "{\"mcpServers\":{}}\n": "{\"mcpServers\":{}}\n"} {
		os.RemoveAll(h.in(".cursor"))
		put(t, path, before, 0o600)
		carry(t, h.Prepare, agent(t, "cursor"))
		carry(t, h.Revert, agent(t, "cursor"))
		if got := read(t, path); got != want {
			t.Errorf("%q became %q", before, got)
		}
	}
	// There was another entry, which somebody took out later.
	os.RemoveAll(h.in(".cursor"))
	put(t, path, someConfig, 0o600)
	carry(t, h.Prepare, agent(t, "cursor"))
	put(t, path, "{\n  \"mcpServers\": {\n    "+entry+"\n  }\n}\n", 0o600)
	carry(t, h.Revert, agent(t, "cursor"))
	if got := read(t, path); got != "{}\n" {
		t.Errorf("%q", got)
	}
	// The same in TOML, where an empty file is a file.
	toml := h.in(".codex", "config.toml")
	put(t, toml, "a = 1\n", 0o600)
	carry(t, h.Prepare, agent(t, "codex"))
	put(t, toml, strings.TrimPrefix(read(t, toml), "a = 1\n"), 0o600)
	carry(t, h.Revert, agent(t, "codex"))
	if got := read(t, toml); got != "" {
		t.Errorf("%q", got)
	}
	// There was no file; then it comes and goes twice.
	os.RemoveAll(h.in(".cursor"))
	if err := os.Mkdir(h.in(".cursor"), 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		carry(t, h.Prepare, agent(t, "cursor"))
		carry(t, h.Revert, agent(t, "cursor"))
	}
	if left, _ := os.ReadDir(h.in(".cursor")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestGuideFile: a project's file may be read by others.
func TestGuideFile(t *testing.T) {
	h := testHome(t)
	path := h.in("src", "AGENTS.md")
	if err := os.Mkdir(h.in("src"), 0o755); err != nil {
		t.Fatal(err)
	}
	list, err := h.PrepareGuide(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list[0].Write(); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o644 {
		t.Errorf("%v %v", fi, err)
	}
	list, err = h.RevertGuide(path)
	if err != nil || !list[0].Removes {
		t.Fatalf("%v", err)
	}
	if _, err := list[0].Write(); err != nil || exists(path) {
		t.Errorf("%v", err)
	}
}
