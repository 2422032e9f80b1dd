package cli_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// setupHome is a home with the files of some agents.
func setupHome(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func fileText(t *testing.T, names ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(names...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// bare is the environment of setup: a home, and no agents in PATH.
func bare(home, line string) string {
	return "trap : INT; N=$(command -v noxkey); HOME=" + home + " PATH=/none XDG_CONFIG_HOME= CLAUDE_CONFIG_DIR= CODEX_HOME= GEMINI_CLI_HOME= $N " + line + "; echo code $?"
}

func TestSetupAsks(t *testing.T) {
	const before = "{\n\t\"mcpServers\": {\n\t\t\"o\": {}\n\t}\n}\n"
	home := setupHome(t, map[string]string{".cursor/mcp.json": before})
	path := filepath.Join(home, ".cursor/mcp.json")

	for _, keys := range []string{"n\r", "\r", "yep\r", "\x03"} {
		s := onShell(t, bare(home, "setup cursor"))
		s.see("set up Cursor? [y/N] ")
		if !strings.Contains(s.shown(), `"args": ["mcp"]`) {
			t.Errorf("asked without showing: %q", s.shown())
		}
		s.typed(keys)
		if text := s.ends(0); !strings.Contains(text, "code 1") {
			t.Errorf("%q: %q", keys, text)
		}
		if fileText(t, path) != before {
			t.Fatalf("%q: written", keys)
		}
	}

	s := onShell(t, bare(home, "setup cursor"))
	s.see("[y/N] ")
	s.typed("y\r")
	if text := s.ends(0); !strings.Contains(text, "code 0") || !strings.Contains(text, "backup ") {
		t.Errorf("%q", text)
	}
	if text := onShell(t, bare(home, "setup cursor")).ends(0); !strings.Contains(text, "already set up") || strings.Contains(text, "[y/N]") {
		t.Errorf("%q", text)
	}
	s = onShell(t, bare(home, "setup cursor --undo"))
	s.see("take noxkey out of Cursor? [y/N] ")
	s.typed("yes\r")
	s.ends(0)
	if got := fileText(t, path); got != before {
		t.Errorf("%q", got)
	}
}

// TestSetupAsksBeforeAnothersEntryIsLost: the question says so, and a new file of the
// change is not written without a screen to show it on.
func TestSetupAsksBeforeAnothersEntryIsLost(t *testing.T) {
	home := setupHome(t, map[string]string{".cursor/mcp.json": `{"mcpServers": {"noxkey": {"command": "/opt/mine"}}}`})
	s := onShell(t, bare(home, "setup cursor"))
	s.see("what was changed by hand would be lost; set up Cursor? [y/N] ")
	if !strings.Contains(s.shown(), "-…{\"command\": \"/opt/mine\"}") {
		t.Errorf("%q", s.shown())
	}
	s.typed("y\r")
	s.ends(0)
	if got := fileText(t, home, ".cursor/mcp.json"); strings.Contains(got, "/opt/mine") || !strings.Contains(got, `"mcp"`) {
		t.Errorf("%q", got)
	}
	if text := onShell(t, strings.Replace(bare(home, "setup cursor --undo | cat"), "$?", "${PIPESTATUS:-x}", 1)).ends(0); !strings.Contains(text, "there is no terminal to show it") {
		t.Errorf("%q", text)
	}
}

func TestSetupAllAsksForEach(t *testing.T) {
	home := setupHome(t, map[string]string{".cursor/mcp.json": "{}", ".gemini/settings.json": "{}", ".codex/config.toml": "= no"})
	s := onShell(t, bare(home, "setup --all"))
	s.see("set up Cursor? [y/N] ")
	s.typed("n\r")
	s.see("set up Gemini CLI? [y/N] ")
	s.typed("y\r")
	if text := s.ends(0); !strings.Contains(text, "line 1: not TOML") || !strings.Contains(text, "code 1") {
		t.Errorf("%q", text)
	}
	if got := fileText(t, home, ".cursor/mcp.json"); got != "{}" {
		t.Errorf("%q", got)
	}
	if got := fileText(t, home, ".gemini/settings.json"); !strings.Contains(got, "noxkey") {
		t.Errorf("%q", got)
	}

	// Interrupted at the first question: the second is not put.
	home = setupHome(t, map[string]string{".cursor/mcp.json": "{}", ".gemini/settings.json": "{}"})
	s = onShell(t, bare(home, "setup --all"))
	s.see("set up Cursor? [y/N] ")
	s.typed("\x03")
	if text := s.ends(0); strings.Contains(text, "Gemini CLI?") || !strings.Contains(text, "code 1") {
		t.Errorf("%q", text)
	}
}

// TestWhatSetupWritesWorks: the hook and the server are started as the agent starts them,
// from what stands in its files.
func TestWhatSetupWritesWorks(t *testing.T) {
	home := setupHome(t, map[string]string{".claude.json": "{}"})
	cmd := exec.Command("noxkey", "setup", "claude", "--yes")
	cmd.Env = append(os.Environ(), "HOME="+home, "CLAUDE_CONFIG_DIR=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var settings struct {
		Hooks map[string][]struct{ Hooks []struct{ Command string } }
	}
	var state struct {
		MCPServers map[string]struct {
			Command string
			Args    []string
		}
	}
	if err := errors.Join(json.Unmarshal([]byte(fileText(t, home, ".claude/settings.json")), &settings),
		json.Unmarshal([]byte(fileText(t, home, ".claude.json")), &state)); err != nil {
		t.Fatal(err)
	}
	hook := exec.Command("sh", "-c", settings.Hooks["PreToolUse"][0].Hooks[0].Command)
	hook.Stdin = strings.NewReader(`{"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "env"}}`)
	if out, err := hook.CombinedOutput(); err != nil || !strings.Contains(string(out), `"deny"`) {
		t.Errorf("the hook: %v: %s", err, out)
	}
	s := state.MCPServers["noxkey"]
	server := exec.Command(s.Command, s.Args...)
	server.Stdin = strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}` + "\n")
	if out, err := server.CombinedOutput(); err != nil || !strings.Contains(string(out), `"name":"noxkey"`) {
		t.Errorf("the server: %v: %s", err, out)
	}
}

// TestThreatE2SetupShowsNoEscapes: what stands in a configuration reaches the screen
// escaped.
func TestThreatE2SetupShowsNoEscapes(t *testing.T) {
	home := setupHome(t, map[string]string{".cursor/mcp.json": "{\"mcpServers\": {\"noxkey\": {\"command\": \"\\u001b[31m\u202egnp\"}}}"})
	s := onShell(t, bare(home, "setup cursor --undo"))
	s.see("[y/N] ")
	if text := s.shown(); strings.Contains(text, "\u202e") {
		t.Errorf("%q", text)
	}
	s.typed("n\r")
	s.ends(0)
}
