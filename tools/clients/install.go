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
	tui       bool // it is the client's screen, which does not end by itself
	// setUp writes the client's configuration into w and returns what to run. base
	// is the model's address, http://127.0.0.1:PORT.
	setUp func(w *world, base string) (argv, env []string, err error)
}

const (
	claudePkg = "@anthropic-ai/claude-code"
	codexPkg  = "@openai/codex"
	geminiPkg = "@google/gemini-cli"
)

var clients = []client{
	{name: "claude", agent: "Claude Code", pkg: claudePkg, speaker: messages{}, setUp: claude{search: true}.setUp},
	{name: "claude-full", agent: "Claude Code", pkg: claudePkg, speaker: messages{}, setUp: claude{}.setUp},
	{name: "claude-tui", agent: "Claude Code", pkg: claudePkg, speaker: messages{}, tui: true, setUp: claude{search: true, tui: true}.setUp},
	{name: "codex", agent: "Codex", pkg: codexPkg, speaker: responses{}, setUp: codex{sandbox: "danger-full-access"}.setUp},
	{name: "codex-sandbox", agent: "Codex", pkg: codexPkg, speaker: responses{}, sandboxed: true, setUp: codex{sandbox: "workspace-write"}.setUp},
	{name: "codex-tui", agent: "Codex", pkg: codexPkg, speaker: responses{}, sandboxed: true, tui: true, setUp: codex{sandbox: "workspace-write", tui: true}.setUp},
	{name: "gemini", agent: "Gemini CLI", pkg: geminiPkg, speaker: generate{}, setUp: gemini{}.setUp},
	{name: "gemini-tui", agent: "Gemini CLI", pkg: geminiPkg, speaker: generate{}, tui: true, setUp: gemini{tui: true}.setUp},
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
