package setup

import (
	"path/filepath"
	"strings"
)

// Agent is one that we know how to set up.
type Agent struct {
	Name  string // as on the command line
	Title string // as its makers write it

	binaries []string
	// folders are the agent's own, any of which shows that it is (or was) installed.
	folders func(Home) []string
	parts   func(Home) []Part
}

// Agents lists those that are known, in the order of the listing.
func Agents() []Agent { return agents }

// Lookup finds an agent by its name.
func Lookup(name string) (Agent, bool) {
	for _, a := range agents {
		if a.Name == name {
			return a, true
		}
	}
	return Agent{}, false
}

// agents: where each keeps what is configured for all of the person's projects, and how.
// The places were looked up in November 2026; the source stands with each. None of the
// agents reads comments that we could leave, so none is left.
var agents = []Agent{
	// https://docs.claude.com/en/docs/claude-code/mcp (user scope) and .../hooks. With
	// CLAUDE_CONFIG_DIR both files are in that folder (not documented; seen in practice).
	{"claude", "Claude Code", []string{"claude"},
		func(h Home) []string { d, f := h.claude(); return []string{d, f} },
		func(h Home) []Part {
			dir, file := h.claude()
			return []Part{
				h.part("MCP server", file, at("mcpServers", typed(h.Program))),
				h.part("hooks", filepath.Join(dir, "settings.json"), guardHooks(h.Program)),
			}
		}},
	// https://developers.openai.com/codex/mcp. Codex has hooks too (hooks.json), which a
	// person must review and trust in Codex itself; noxkey guard does not speak them yet.
	{"codex", "Codex", []string{"codex"},
		func(h Home) []string { return []string{h.codex()} },
		func(h Home) []Part {
			return []Part{h.part("MCP server", filepath.Join(h.codex(), "config.toml"), codexServers{h.Program})}
		}},
	// https://cursor.com/docs/context/mcp. Its hooks (~/.cursor/hooks.json) are another
	// language than Claude Code's, which noxkey guard does not speak.
	{"cursor", "Cursor", []string{"cursor", "cursor-agent"},
		func(h Home) []string { return []string{h.in(".cursor")} },
		func(h Home) []Part {
			return []Part{h.part("MCP server", h.in(".cursor", "mcp.json"), at("mcpServers", stdio(h.Program)))}
		}},
	// https://docs.windsurf.com/windsurf/cascade/mcp. Windsurf is called Devin Desktop
	// since June 2026 and then reads ~/.config/devin/mcp_config.json; whether it still
	// reads the older file as well is not certain, so each is written whose folder exists.
	{"windsurf", "Windsurf / Devin Desktop", []string{"windsurf"},
		func(h Home) []string { return []string{h.in(".codeium", "windsurf"), h.in(".config", "devin")} },
		func(h Home) []Part {
			var list []Part
			for _, dir := range []string{h.in(".config", "devin"), h.in(".codeium", "windsurf")} {
				if exists(dir) {
					list = append(list, h.part("MCP server", filepath.Join(dir, "mcp_config.json"), at("mcpServers", stdio(h.Program))))
				}
			}
			if list == nil {
				list = []Part{h.part("MCP server", h.in(".codeium", "windsurf", "mcp_config.json"), at("mcpServers", stdio(h.Program)))}
			}
			return list
		}},
	// https://code.visualstudio.com/docs/agents/reference/mcp-configuration: mcp.json of the
	// user's profile. That is the default profile's; others keep theirs in profiles/ID,
	// and Insiders and VSCodium in folders of their own: not written. Hooks are a preview.
	{"vscode", "VS Code (Copilot)", []string{"code"},
		func(h Home) []string { return []string{h.code()} },
		func(h Home) []Part {
			return []Part{h.part("MCP server", filepath.Join(h.code(), "User", "mcp.json"), at("servers", typed(h.Program)))}
		}},
	// https://geminicli.com/docs/reference/configuration. GEMINI_CLI_HOME stands for the
	// home (packages/core/src/utils/paths.ts). Its hooks (BeforeTool, AfterTool) have other
	// names and answers than those that noxkey guard speaks.
	{"gemini", "Gemini CLI", []string{"gemini"},
		func(h Home) []string { return []string{h.gemini()} },
		func(h Home) []Part {
			return []Part{h.part("MCP server", filepath.Join(h.gemini(), "settings.json"), at("mcpServers", stdio(h.Program)))}
		}},
	// https://opencode.ai/docs/mcp-servers and .../docs/migrate-v1. OPENCODE_CONFIG and
	// OPENCODE_CONFIG_DIR add further files to this one; it is read all the same. OpenCode
	// has no hooks but plugins.
	{"opencode", "OpenCode", []string{"opencode"},
		func(h Home) []string { return []string{filepath.Join(h.config(), "opencode")} },
		func(h Home) []Part {
			path := filepath.Join(h.config(), "opencode", "opencode.json")
			if exists(path+"c") && !exists(path) || holds(path+"c") {
				path += "c"
			}
			return []Part{h.part("MCP server", path, openCode(h.Program))}
		}},
}

// holds reports whether a file speaks of us at all.
func holds(path string) bool {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	b, _, err := slurp(path, regular)
	return err == nil && strings.Contains(string(b), `"`+entryName+`"`)
}

func (h Home) claude() (dir, file string) {
	if d := h.env("CLAUDE_CONFIG_DIR"); d != "" {
		return d, filepath.Join(d, ".claude.json")
	}
	return h.in(".claude"), h.in(".claude.json")
}

func (h Home) codex() string {
	if d := h.env("CODEX_HOME"); d != "" {
		return d
	}
	return h.in(".codex")
}

func (h Home) gemini() string {
	if d := h.env("GEMINI_CLI_HOME"); d != "" {
		return filepath.Join(d, ".gemini")
	}
	return h.in(".gemini")
}

// config is the folder of the XDG base directories.
func (h Home) config() string {
	if d := h.env("XDG_CONFIG_HOME"); d != "" {
		return d
	}
	return h.in(".config")
}

// code is the folder of VS Code's user data.
func (h Home) code() string {
	if h.os == "darwin" {
		return h.in("Library", "Application Support", "Code")
	}
	return filepath.Join(h.config(), "Code")
}
