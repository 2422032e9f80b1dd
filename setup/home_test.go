package setup

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
