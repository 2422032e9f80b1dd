package caller

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
)

// signature is how one agent or editor looks in a process table. One match of anything is enough:
// a wrong match only takes rights away.
type signature struct {
	name     string
	names    []string // basename of the executable or script, comm, basename of argv[0]
	parts    []string // part of the path of the executable, of the script, of an argument
	measured bool     // recorded from the real client; the others are by what is publicly known
	editor   bool     // a program with terminals that its agent shares with the person
	// outer: the client is a tree of processes of one executable (Electron), and its MCP servers and
	// shells hang on different ones; the outermost of them is the anchor.
	outer bool
}

var signatures = []signature{
	{name: "Claude Code", measured: true,
		names: []string{"claude", "claude.exe"},
		parts: []string{"/@anthropic-ai/claude-code/", "/claude/versions/"}},
	{name: "Codex", measured: true,
		names: []string{"codex", "codex-linux-sandbox", "codex-linux-san"},
		parts: []string{"/@openai/codex", "/codex-resources/", "/.codex/packages/"}},
	{name: "Gemini CLI", measured: true,
		names: []string{"gemini"},
		parts: []string{"/@google/gemini-cli/"}},

	{name: "Cursor", editor: true, outer: true,
		names: []string{"cursor", "cursor-agent", "Cursor"},
		parts: []string{"/.cursor-server/", "/cursor-agent/", "/Cursor.app/"}},
	{name: "Windsurf", editor: true, outer: true,
		names: []string{"windsurf", "Windsurf"},
		parts: []string{"/.windsurf-server/", "/Windsurf.app/"}},
	{name: "VS Code", editor: true, outer: true,
		names: []string{"code", "code-insiders", "codium", "code-oss", "code-server", "code-tunnel"},
		parts: []string{"/.vscode-server/", "/.vscodium-server/", "/Visual Studio Code.app/", "/VSCodium.app/"}},
	{name: "Zed", editor: true, outer: true,
		names: []string{"zed", "zed-editor", "zeditor"},
		parts: []string{"/zed.app/", "/Zed.app/", "/.zed_server/"}},
	{name: "JetBrains", editor: true, outer: true,
		names: []string{"idea", "goland", "pycharm", "webstorm", "phpstorm", "rubymine", "clion", "rider", "rustrover"},
		parts: []string{"/JetBrains/", "/jetbrains/", "/jbr/bin/java", "/remote-dev-server"}},

	{name: "GitHub Copilot CLI", names: []string{"copilot"}, parts: []string{"/@github/copilot/"}},
	{name: "OpenCode", names: []string{"opencode", ".opencode"}, parts: []string{"/opencode-ai/", "/.opencode/bin/"}},
	{name: "Aider", names: []string{"aider"}, parts: []string{"/aider-chat/"}},
	{name: "Goose", names: []string{"goose", "goosed"}},
	{name: "Amp", names: []string{"amp"}, parts: []string{"/@sourcegraph/amp/"}},
	{name: "Qwen Code", names: []string{"qwen"}, parts: []string{"/@qwen-code/"}},
	{name: "Crush", names: []string{"crush"}, parts: []string{"/@charmland/crush/"}},
	{name: "Cline", names: []string{"cline"}, parts: []string{"/saoudrizwan.claude-dev"}},
	{name: "Droid", names: []string{"droid"}, parts: []string{"/.factory/bin/"}},
	{name: "Auggie", names: []string{"auggie"}, parts: []string{"/@augmentcode/auggie/"}},
	{name: "Kiro", editor: true, outer: true, names: []string{"kiro", "kiro-cli"}, parts: []string{"/.kiro-server/"}},
}

// mark is a variable that an agent or editor sets for its children. Variables a person sets to
// configure one (CODEX_HOME, CLAUDE_CODE_USE_BEDROCK) are left out: they would make an agent of
// every terminal of that person.
type mark struct {
	entry string // "NAME=", or "NAME=value" where the name alone says nothing
	agent string
}

var marks = []mark{
	{"CLAUDECODE=", "Claude Code"},
	{"CLAUDE_CODE_ENTRYPOINT=", "Claude Code"},
	{"CLAUDE_CODE_SESSION_ID=", "Claude Code"},
	{"CLAUDE_CODE_CHILD_SESSION=", "Claude Code"},
	{"CLAUDE_CODE_SSE_PORT=", "Claude Code"},
	{"CLAUDE_PROJECT_DIR=", "Claude Code"},
	{"CLAUDE_PID=", "Claude Code"},
	{"CODEX_THREAD_ID=", "Codex"},
	{"CODEX_SESSION_ID=", "Codex"},
	{"CODEX_TOOL_CALL_ID=", "Codex"},
	{"CODEX_VERSION=", "Codex"},
	{"CODEX_CI=", "Codex"},
	{"CODEX_SANDBOX=", "Codex"},
	{"CODEX_SANDBOX_NETWORK_DISABLED=", "Codex"},
	{"GEMINI_CLI=", "Gemini CLI"},
	{"CURSOR_TRACE_ID=", "Cursor"},
	{"CURSOR_AGENT=", "Cursor"},
	{"OPENCODE=", "OpenCode"},
	{"GOOSE_TERMINAL=", "Goose"},
	{"QWEN_CODE=", "Qwen Code"},
	{"CLINE_ACTIVE=", "Cline"},
	{"AUGMENT_AGENT=", "Auggie"},
	{"TERM_PROGRAM=vscode", "VS Code"},
	{"VSCODE_IPC_HOOK_CLI=", "VS Code"},
	{"ZED_TERM=", "Zed"},
	{"TERMINAL_EMULATOR=JetBrains", "JetBrains"},
	{"AI_AGENT=", "AI agent"}, // last: it names no agent
}

// markIn gives the agent whose mark stands in an environment block (NUL-separated), "" for none.
func markIn(environ []byte) string {
	best := len(marks)
	for rest := environ; len(rest) > 0; {
		var entry []byte
		entry, rest, _ = bytes.Cut(rest, []byte{0})
		for i, m := range marks[:best] {
			if len(entry) >= len(m.entry) && string(entry[:len(m.entry)]) == m.entry {
				best = i
				break
			}
		}
	}
	if best == len(marks) {
		return ""
	}
	return marks[best].agent
}

// match gives the signature a process bears, nil for none.
func match(p Process) *signature {
	for i := range signatures {
		if signatures[i].fits(p) {
			return &signatures[i]
		}
	}
	if sandboxed(p) {
		return &signatures[0]
	}
	return nil
}

func (s *signature) fits(p Process) bool {
	if s.named(exeBase(p)) || s.named(p.Comm) || s.within(p.Exe) || s.script(p.Script) {
		return true
	}
	if len(p.Argv) == 0 {
		return false
	}
	if s.named(filepath.Base(p.Argv[0])) || s.within(p.Argv[0]) {
		return true
	}
	return !posixShell(p) && s.argument(p)
}

// argument looks for the script in the arguments of anything but a shell: a shell's arguments are
// commands, which name agents' files without being one. A basename counts only where the program
// is, or may be, an interpreter.
func (s *signature) argument(p Process) bool {
	loose := interpreter(p) || p.NoExe || !p.ExeID.fixed()
	for _, arg := range p.Argv[1:] {
		if s.within(arg) || loose && s.script(arg) {
			return true
		}
	}
	return false
}

func (s *signature) named(name string) bool { return name != "" && slices.Contains(s.names, name) }

func (s *signature) within(path string) bool {
	for _, part := range s.parts {
		if strings.Contains(path, part) {
			return true
		}
	}
	return false
}

func (s *signature) script(path string) bool {
	base := filepath.Base(path)
	return s.within(path) || s.named(base) || s.named(strings.TrimSuffix(base, filepath.Ext(base)))
}

// helper reports whether an agent's process is one of its sandbox: below the agent proper, and
// not what its MCP servers descend from.
func helper(p Process) bool {
	if sandboxed(p) || strings.Contains(p.Exe, "/codex-resources/") {
		return true
	}
	return len(p.Argv) > 0 && filepath.Base(p.Argv[0]) == "codex-linux-sandbox"
}

// sandboxed recognises Claude Code's sandbox, which runs its own executable through a descriptor.
// From inside the sandbox that executable cannot be looked at.
func sandboxed(p Process) bool {
	if len(p.Argv) == 0 || !strings.HasPrefix(p.Argv[0], "/proc/self/fd/") {
		return false
	}
	return p.NoExe || signatures[0].named(exeBase(p)) || signatures[0].within(p.Exe)
}
