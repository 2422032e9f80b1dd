package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// client is one way to run one agent.
type client struct {
	name      string // on the command line
	agent     string // as the card calls it
	pkg       string // of npm
	speaker   speaker
	sandboxed bool // its shell tool runs commands in a sandbox
	// setUp writes the client's configuration into w and returns what to run. base
	// is the model's address, http://127.0.0.1:PORT.
	setUp func(w *world, base string) (argv, env []string, err error)
}

var clients = []client{
	{"claude", "Claude Code", "@anthropic-ai/claude-code", messages{}, false, setUpClaude(true)},
	{"claude-full", "Claude Code", "@anthropic-ai/claude-code", messages{}, false, setUpClaude(false)},
	{"codex", "Codex", "@openai/codex", responses{}, false, setUpCodex("danger-full-access")},
	{"codex-sandbox", "Codex", "@openai/codex", responses{}, true, setUpCodex("workspace-write")},
	{"gemini", "Gemini CLI", "@google/gemini-cli", generate{}, false, setUpGemini},
}

// build makes the release binaries, as the Makefile does.
func (p programs) build(ctx context.Context) error {
	for out, pkg := range map[string]string{"noxkey-app": "noxkey", "noxkey": "noxkey/cmd/noxkey"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", filepath.Join(p.bin, out), pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", pkg, err, text)
		}
	}
	return nil
}

// install gets the newest version of the client, unless there is one, and says
// which it is. A tag is asked for by name: without one, npm takes the newest
// version that names this node, which for a native program is an old one.
func (p programs) install(ctx context.Context, c client) (string, error) {
	version, err := p.version(c)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return version, err
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--prefix", p.prefix, "--no-audit", "--no-fund", "--no-save", "--loglevel=error", c.pkg+"@latest")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", cmd, err, text)
	}
	return p.version(c)
}

func (p programs) version(c client) (string, error) {
	b, err := os.ReadFile(filepath.Join(p.prefix, "node_modules", c.pkg, "package.json"))
	if err != nil {
		return "", err
	}
	var about struct {
		Version string `json:"version"`
	}
	return about.Version, json.Unmarshal(b, &about)
}

// npm is the path of a program that npm installed.
func (p programs) npm(name string) string {
	return filepath.Join(p.prefix, "node_modules", ".bin", name)
}
