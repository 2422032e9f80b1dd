package setup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

// TestLinks: a dotfile manager's link stays a link, and its target is written; a link out
// of the home, to nothing or in a circle is refused.
func TestLinks(t *testing.T) {
	h := testHome(t)
	path, target := h.in(".cursor", "mcp.json"), h.in("dotfiles", "cursor.json")
	put(t, target, someConfig, 0o640)
	link(t, "../dotfiles/cursor.json", path)
	list, err := h.Prepare(agent(t, "cursor"))
	if err != nil || list[0].Target != target {
		t.Fatalf("%v %+v", err, list)
	}
	backup, err := list[0].Write()
	if err != nil || filepath.Dir(backup) != filepath.Dir(target) {
		t.Errorf("%v %s", err, backup)
	}
	if to, err := os.Readlink(path); err != nil || to != "../dotfiles/cursor.json" {
		t.Errorf("the link is now %s, %v", to, err)
	}
	if !strings.Contains(read(t, target), prog) {
		t.Error("the target was not written")
	}
	carry(t, h.Revert, agent(t, "cursor"))
	if read(t, target) != someConfig {
		t.Errorf("%q", read(t, target))
	}

	// The folder is the link.
	link(t, "dotfiles", h.in(".gemini"))
	carry(t, h.Prepare, agent(t, "gemini"))
	if !exists(h.in("dotfiles", "settings.json")) {
		t.Error("not written through the folder's link")
	}
}

func TestLinksThatAreRefused(t *testing.T) {
	outside := t.TempDir()
	put(t, filepath.Join(outside, "mcp.json"), someConfig, 0o600)
	for want, to := range map[string]string{
		"leads out of": filepath.Join(outside, "mcp.json"),
		"leads nowher": "nothing.json",
		"too many lin": "mcp.json",
	} {
		h := testHome(t)
		if err := os.Mkdir(h.in(".cursor"), 0o700); err != nil {
			t.Fatal(err)
		}
		link(t, to, h.in(".cursor", "mcp.json"))
		if _, err := h.Prepare(agent(t, "cursor")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", to, err, want)
		}
		if exists(h.in(".cursor", "nothing.json")) {
			t.Error("written")
		}
	}
	h := testHome(t)
	link(t, outside, h.in(".cursor"))
	if _, err := h.Prepare(agent(t, "cursor")); err == nil || !strings.Contains(err.Error(), "leads out of") {
		t.Errorf("a folder outside: %v", err)
	}
	if read(t, filepath.Join(outside, "mcp.json")) != someConfig {
		t.Error("written outside")
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

// TestFilesThatAreRefused: what replacing would harm.
func TestFilesThatAreRefused(t *testing.T) {
	for want, prepare := range map[string]func(h Home, path string){
		"not a regular file": func(_ Home, path string) { _ = os.Mkdir(path, 0o700) },
		"is not a regular":   func(_ Home, path string) { _ = syscall.Mkfifo(path, 0o600) },
		"write-protected":    func(_ Home, path string) { put(t, path, someConfig, 0o400) },
		"more than one hard": func(h Home, path string) { put(t, path, someConfig, 0o600); _ = os.Link(path, h.in("other")) },
		"everybody may write": func(h Home, path string) {
			put(t, path, someConfig, 0o600)
			_ = os.Chmod(filepath.Dir(path), 0o777)
		},
		"larger than 32 MiB": func(_ Home, path string) {
			put(t, path, someConfig, 0o600)
			_ = os.Truncate(path, maxFile+1)
		},
		"not a folder": func(h Home, _ string) { _ = os.Remove(h.in(".cursor")); put(t, h.in(".cursor"), "x", 0o600) },
	} {
		h := testHome(t)
		if err := os.Mkdir(h.in(".cursor"), 0o700); err != nil {
			t.Fatal(err)
		}
		prepare(h, h.in(".cursor", "mcp.json"))
		_, err := h.Prepare(agent(t, "cursor"))
		if err == nil || !strings.Contains(err.Error(), want) {
			if want == "not a folder" && err != nil && strings.Contains(err.Error(), "not a directory") {
				continue
			}
			t.Errorf("%v, want %s", err, want)
		}
		if h.Look(agent(t, "cursor")).State != Unreadable {
			t.Errorf("%s: not listed as such", want)
		}
	}
}

// TestForeignOwner: a file, a folder and a home of another user. The test plays that user.
func TestForeignOwner(t *testing.T) {
	h := testHome(t)
	put(t, h.in(".cursor", "mcp.json"), someConfig, 0o600)
	h.uid++
	if _, err := h.Prepare(agent(t, "cursor")); err == nil || !strings.Contains(err.Error(), "it belongs to user") {
		t.Errorf("%v", err)
	}
	if _, err := h.Prepare(agent(t, "gemini")); err == nil || !strings.Contains(err.Error(), "belongs to user") {
		t.Errorf("a new file in a folder of another's: %v", err)
	}
	if os.Geteuid() == 0 {
		dir := t.TempDir()
		if err := os.Chown(dir, 12345, -1); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenHome(env("HOME", dir), prog); err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
			t.Errorf("%v", err)
		}
	} else if _, err := OpenHome(env("HOME", "/"), prog); err == nil || !strings.Contains(err.Error(), "belongs to user 0") {
		t.Errorf("%v", err)
	}
}

// env is an environment of pairs.
func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestOpenHome(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "", 0o600)
	if h, err := OpenHome(env("HOME", dir), prog); err != nil || h.Dir != dir {
		t.Errorf("%v", err)
	}
	for _, bad := range []string{"", ".", "home", dir + "/none", dir + "/file"} {
		if _, err := OpenHome(env("HOME", bad), prog); err == nil {
			t.Errorf("HOME=%q is taken", bad)
		}
	}
	for _, bad := range []string{"", "noxkey", "/a\nb", "/a\x00", "/a\xff"} {
		if _, err := OpenHome(env("HOME", dir), bad); err == nil {
			t.Errorf("the program %q is taken", bad)
		}
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

// TestPlaces: the agents' own variables, and what is only there on one system.
func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	mk := func(names ...string) {
		for _, n := range names {
			put(t, filepath.Join(dir, n), "", 0o600)
		}
	}
	for _, c := range []struct {
		agent, os string
		env       []string
		files     []string // that are there
		want      []string
	}{
		{"claude", "linux", nil, nil, []string{".claude.json", ".claude/settings.json"}},
		{"claude", "darwin", []string{"CLAUDE_CONFIG_DIR", dir + "/work"}, nil, []string{"work/.claude.json", "work/settings.json"}},
		{"codex", "linux", []string{"CODEX_HOME", dir + "/cx/"}, nil, []string{"cx/config.toml"}},
		{"codex", "linux", []string{"CODEX_HOME", "relative"}, nil, []string{".codex/config.toml"}},
		{"gemini", "linux", []string{"GEMINI_CLI_HOME", dir + "/g"}, nil, []string{"g/.gemini/settings.json"}},
		{"vscode", "linux", []string{"XDG_CONFIG_HOME", dir + "/xdg"}, nil, []string{"xdg/Code/User/mcp.json"}},
		{"vscode", "darwin", []string{"XDG_CONFIG_HOME", dir + "/xdg"}, nil, []string{"Library/Application Support/Code/User/mcp.json"}},
		{"opencode", "darwin", nil, nil, []string{".config/opencode/opencode.json"}},
		{"opencode", "linux", nil, []string{".config/opencode/opencode.jsonc"}, []string{".config/opencode/opencode.jsonc"}},
		{"opencode", "linux", nil, []string{".config/opencode/opencode.jsonc", ".config/opencode/opencode.json"}, []string{".config/opencode/opencode.json"}},
		{"windsurf", "linux", nil, nil, []string{".codeium/windsurf/mcp_config.json"}},
		{"windsurf", "linux", nil, []string{".config/devin/x"}, []string{".config/devin/mcp_config.json"}},
		{"windsurf", "linux", nil, []string{".config/devin/x", ".codeium/windsurf/x"}, []string{".config/devin/mcp_config.json", ".codeium/windsurf/mcp_config.json"}},
		{"cursor", "linux", nil, nil, []string{".cursor/mcp.json"}},
	} {
		os.RemoveAll(filepath.Join(dir, ".config"))
		os.RemoveAll(filepath.Join(dir, ".codeium"))
		mk(c.files...)
		h, err := OpenHome(env(append(c.env, "HOME", dir)...), prog)
		if err != nil {
			t.Fatal(err)
		}
		h.os = c.os
		var got []string
		for _, p := range agent(t, c.agent).parts(h) {
			rel, _ := filepath.Rel(dir, p.Path)
			got = append(got, rel)
		}
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s %v: %v, want %v", c.agent, c.env, got, c.want)
		}
	}
}

// TestConfigOutsideTheHome: where an agent's own variable leads is the agent's folder.
func TestConfigOutsideTheHome(t *testing.T) {
	other := t.TempDir()
	put(t, filepath.Join(other, "real.toml"), "a = 1\n", 0o600)
	link(t, "real.toml", filepath.Join(other, "config.toml"))
	h := testHome(t)
	h.getenv = env("CODEX_HOME", other)
	carry(t, h.Prepare, agent(t, "codex"))
	if !strings.Contains(read(t, filepath.Join(other, "real.toml")), prog) {
		t.Error("not written")
	}
}

func TestFound(t *testing.T) {
	h := testHome(t)
	for _, a := range Agents() {
		if h.Found(a) {
			t.Errorf("%s in an empty home", a.Name)
		}
	}
	put(t, h.in("bin", "code"), "#!/bin/sh\n", 0o755)
	put(t, h.in("bin", "gemini"), "not to be run", 0o644)
	put(t, h.in(".codeium", "windsurf", "x"), "", 0o600)
	put(t, h.in(".claude.json"), "{}", 0o600)
	h.getenv = env("PATH", "relative:"+h.in("bin"))
	for name, want := range map[string]bool{"vscode": true, "gemini": false, "windsurf": true, "claude": true, "codex": false} {
		if h.Found(agent(t, name)) != want {
			t.Errorf("%s: %v", name, !want)
		}
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

func TestStablePath(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	in := func(n string) string { return filepath.Join(dir, n) }
	for _, n := range []string{"Cellar/noxkey/1.2.3/bin/noxkey", "plain/noxkey", "NoxKey.app/Contents/Helpers/noxkey", "v/1.0/noxkey", "var/AppTranslocation/x/NoxKey.app/Contents/Helpers/noxkey"} {
		put(t, in(n), "", 0o755)
	}
	link(t, "../Cellar/noxkey/1.2.3/bin/noxkey", in("bin/noxkey"))
	link(t, "../NoxKey.app/Contents/Helpers/noxkey", in("mac/noxkey"))
	link(t, "../Cellar/noxkey/1.2.3/bin/noxkey", in("loose/noxkey"))
	if err := os.Chmod(in("loose"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ exe, path, want string }{
		{"Cellar/noxkey/1.2.3/bin/noxkey", "relative:" + in("plain") + ":" + in("bin"), "bin/noxkey"},
		{"bin/noxkey", in("bin"), "bin/noxkey"},
		{"bin/noxkey", in("loose") + ":" + in("bin"), "bin/noxkey"},
		{"bin/noxkey", in("loose") + ":" + in("Cellar/noxkey/1.2.3/bin"), "Cellar/noxkey/1.2.3/bin/noxkey"},
		{"plain/noxkey", in("bin"), "plain/noxkey"},
		{"mac/noxkey", in("mac"), "NoxKey.app/Contents/Helpers/noxkey"},
		{"v/1.0/noxkey", "", "v/1.0/noxkey"},
	} {
		got, err := StablePath(in(c.exe), c.path)
		if err != nil || got != in(c.want) {
			t.Errorf("%s: %s, %v", c.exe, got, err)
		}
	}
	if _, err := StablePath(in("var/AppTranslocation/x/NoxKey.app/Contents/Helpers/noxkey"), ""); err == nil {
		t.Error("a place that macOS made up is taken")
	}
}
