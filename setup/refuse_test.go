package setup

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

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

// TestGuideDoesNotLeaveTheProject: a project that came from elsewhere may have an AGENTS.md
// that is a link to a file of the person's.
func TestGuideDoesNotLeaveTheProject(t *testing.T) {
	h := testHome(t)
	put(t, h.in(".bashrc"), "# mine\n", 0o600)
	link(t, "../.bashrc", h.in("project", "AGENTS.md"))
	if _, err := h.PrepareGuide(h.in("project", "AGENTS.md")); err == nil || !strings.Contains(err.Error(), "leads out of") {
		t.Errorf("%v", err)
	}
	put(t, h.in("other", "CLAUDE.md"), "# Project\n", 0o600)
	link(t, "CLAUDE.md", h.in("other", "AGENTS.md"))
	list, err := h.PrepareGuide(h.in("other", "AGENTS.md"))
	if err != nil || list[0].Target != h.in("other", "CLAUDE.md") {
		t.Errorf("%v %+v", err, list)
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
