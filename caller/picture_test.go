package caller

import (
	"path/filepath"
	"strings"
	"testing"
)

// uid of the people in these pictures.
const person = 1000

// pts0 is the device number of /dev/pts/0.
const pts0 = 136 << 8

// chain builds a picture, nearest first: every record's parent is the next one, the last one's is
// process 1, which is added.
func chain(recs ...record) walk {
	recs = append(recs, systemd())
	for i := range recs[:len(recs)-1] {
		recs[i].PPID = recs[i+1].ID.PID
	}
	return walk{recs: recs, whole: true, dir: "/home/p/app"}
}

// prog is an ordinary process of the person, root's executable, on a terminal. argv is split at
// blanks.
func prog(pid int, exe, argv string) record {
	r := record{Process: Process{ID: ProcID{pid, uint64(100000 + pid)}, UIDs: [4]uint32{person, person, person, person},
		SID: 50, PGID: pid, TTY: pts0, Comm: filepath.Base(exe), Exe: exe, ExeID: FileID{Dev: 1, Ino: uint64(len(exe)), Mode: 0o755},
		Argv: strings.Fields(argv)}}
	if len(r.Comm) > 15 {
		r.Comm = r.Comm[:15]
	}
	if interpreter(r.Process) || posixShell(r.Process) {
		r.Script = scriptArg(r.Process)
	}
	if strings.HasPrefix(exe, "/home/") || strings.HasPrefix(exe, "/tmp/") {
		r.ExeID.Owner, r.unproven = person, true
	}
	return r
}

func (r record) comm(name string) record        { r.Comm = name; return r }
func (r record) leader() record                 { r.SID = r.ID.PID; return r }
func (r record) noTTY() record                  { r.TTY = 0; return r }
func (r record) marked(agent string) record     { r.mark = agent; return r }
func (r record) users(u ...uint32) record       { r.UIDs = [4]uint32(u); return r }
func (r record) root() record                   { return r.users(0, 0, 0, 0).unreadable() }
func (r record) runs(script string) record      { r.Script = script; return r }
func (r record) from(h string, o origin) record { r.host, r.origin = h, o; return r }
func (r record) unreadable() record {
	r.Exe, r.ExeID, r.NoExe, r.hidden = "", FileID{}, true, true
	return r
}
func (r record) onTTY(dev uint64) record { r.TTY = dev; return r }
func (r record) onLooseFS() record       { r.ExeID.Loose, r.unproven = true, true; return r }
func (r record) inNamespace() record     { r.foreign = true; return r }

func systemd() record {
	r := prog(1, "/usr/lib/systemd/systemd", "/sbin/init").root()
	r.PPID, r.TTY, r.SID = 0, 0, 1
	return r
}
func userManager() record { return prog(2, "/usr/lib/systemd/systemd", "systemd --user").noTTY() }
func peer() record        { return prog(90, "/usr/bin/noxkey", "noxkey get a/b/KEY") }
func server() record      { return prog(91, "/usr/bin/noxkey", "noxkey mcp").noTTY() }
func zsh() record         { return prog(50, "/usr/bin/zsh", "-zsh").leader() }
func gnomeTerminal() record {
	r := prog(40, "/usr/libexec/gnome-terminal-server", "gnome-terminal-server").noTTY()
	r.terminal = r.Exe
	return r
}
func tmux() record {
	return prog(41, "/usr/bin/tmux", "tmux new").comm("tmux: server").noTTY()
}

// desk is a person's terminal window, to stand at the end of a chain.
func desk(recs ...record) walk {
	return chain(append(recs, zsh(), gnomeTerminal(), userManager())...)
}

const npm = "/home/p/.npm-global/lib/node_modules"

// pictures are those of facts/agents.md: mcp and shell are the chains of an MCP server and of a
// command in the shell tool.
var pictures = []struct {
	name, agent string
	anchor      int
	mcp, shell  walk
}{
	{"claude native", "Claude Code", 70,
		desk(server(), claudeNative()),
		desk(peer().noTTY(), snapshotShell(80), claudeNative())},
	{"claude node", "Claude Code", 70,
		desk(server(), prog(70, "/usr/bin/node", "claude").comm("claude")),
		desk(peer().noTTY(), snapshotShell(80), prog(70, "/usr/bin/node", "claude").comm("claude"))},
	{"claude sandboxed, from outside", "Claude Code", 70,
		desk(server(), claudeNative()),
		desk(peer().inNamespace(), prog(88, "/usr/bin/bash", "bash -c x").inNamespace(),
			sandboxStep(87), sandboxStep(86), prog(85, "/usr/bin/bash", "bash -c x"),
			prog(84, "/usr/bin/bwrap", "bwrap --"), prog(83, "/usr/bin/bwrap", "bwrap --"),
			prog(82, "/usr/bin/dash", "/bin/sh -c bwrap"), claudeNative())},
	{"codex exec", "Codex", 70,
		desk(server(), codexNative("exec --json x")),
		desk(peer().noTTY(), codexNative("exec --json x"))},
	{"codex exec, a shell that reads about another agent", "Codex", 70,
		desk(server(), codexNative("exec x")),
		desk(peer(), prog(80, "/usr/bin/bash", "/bin/bash -c cat /usr/lib/@anthropic-ai/claude-code/README"), codexNative("exec x"))},
	{"codex exec below node", "Codex", 70,
		desk(server(), codexNative("exec x"), prog(60, "/usr/bin/node", "node "+npm+"/.bin/codex exec x")),
		desk(peer(), prog(80, "/usr/bin/bash", "/bin/bash -c x"), codexNative("exec x"), prog(60, "/usr/bin/node", "node "+npm+"/.bin/codex exec x"))},
	{"codex sandboxed, workspace-write", "Codex", 70,
		desk(server(), codexNative("exec x")),
		desk(peer().inNamespace(), codexArg0(87, "codex-linux-sandbox").inNamespace(),
			prog(86, npm+"/@openai/codex-linux-x64/vendor/codex-resources/bwrap", "bwrap --").comm("3"),
			codexArg0(85, "/home/p/.codex/tmp/arg0-linux/x/codex-linux-sandbox").comm("codex-linux-san"), codexNative("exec x"))},
	{"codex tui, first run", "Codex", 70,
		desk(server(), codexDaemon(), codexTUI(), prog(60, "/usr/bin/node", "node "+npm+"/.bin/codex")),
		desk(peer(), codexDaemon(), codexTUI(), prog(60, "/usr/bin/node", "node "+npm+"/.bin/codex"))},
	{"codex tui, daemon outlived it", "Codex", 70,
		chain(server(), codexDaemon()),
		chain(peer().noTTY(), codexDaemon())},
	{"gemini", "Gemini CLI", 70,
		desk(server(), geminiInner(), geminiOuter()),
		desk(peer(), prog(82, "/usr/bin/bash", "bash -c x"), prog(81, "/usr/bin/bash", "bash -c x").leader(), geminiInner(), geminiOuter())},
	{"cursor (unmeasured)", "Cursor", 60,
		chain(server(), prog(70, "/usr/share/cursor/cursor", "cursor --type=utility"), prog(60, "/usr/share/cursor/cursor", "cursor"), userManager()),
		chain(peer(), zsh(), prog(71, "/usr/share/cursor/cursor", "cursor --type=utility"), prog(60, "/usr/share/cursor/cursor", "cursor"), userManager())},
}

func claudeNative() record {
	return prog(70, npm+"/@anthropic-ai/claude-code/bin/claude.exe", npm+"/.bin/claude -p x").comm("claude")
}
func snapshotShell(pid int) record {
	return prog(pid, "/usr/bin/bash", "/bin/bash -c source /home/p/.claude/shell-snapshots/s.sh").leader().noTTY()
}
func sandboxStep(pid int) record {
	return prog(pid, npm+"/@anthropic-ai/claude-code/bin/claude.exe", "/proc/self/fd/3 /bin/bash -c x").comm("3").inNamespace()
}
func codexNative(args string) record { return codexArg0(70, codexPath+" "+args) }
func codexArg0(pid int, argv string) record {
	return prog(pid, codexPath, argv)
}
func codexDaemon() record {
	path := "/home/p/.codex/packages/app-server-daemon/releases/0.169.0-x86_64-unknown-linux-musl/bin/codex"
	return prog(70, path, path+" app-server --listen unix:// --managed-daemon").noTTY()
}
func codexTUI() record { return codexArg0(65, codexPath+" x") }
func geminiInner() record {
	return prog(70, "/usr/bin/node", "/usr/bin/node --max-old-space-size=4096 "+npm+"/.bin/gemini").runs(npm + "/@google/gemini-cli/bundle/gemini.js")
}
func geminiOuter() record { return prog(60, "/usr/bin/node", "node "+npm+"/.bin/gemini") }

const codexPath = npm + "/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex"

func TestRecordedAgents(t *testing.T) {
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			for what, w := range map[string]walk{"mcp": p.mcp, "shell": p.shell} {
				c := classify(w, person, everything)
				if c.Class != Agent || c.Agent != p.agent || c.Anchor.PID != p.anchor {
					t.Errorf("%s: %v %q anchor %v (%v), want %q anchor %d", what, c.Class, c.Agent, c.Anchor, c.Reason, p.agent, p.anchor)
				}
				if c.Vouchable != nil || c.Lease != w.recs[0].ID {
					t.Errorf("%s: vouchable %v, lease %v", what, c.Vouchable, c.Lease)
				}
			}
		})
	}
}

// From inside the sandboxes the agent itself cannot be seen.
func TestRecordedAgentsFromInsideTheirSandboxes(t *testing.T) {
	claude := prog(1, "", "/proc/self/fd/3 /bin/bash -c x").comm("3").unreadable()
	codex := codexArg0(1, "codex-linux-sandbox")
	for want, top := range map[string]record{"Claude Code": claude, "Codex": codex} {
		w := walk{recs: []record{peer(), prog(2, "/usr/bin/bash", "bash -c x"), top}, whole: true}
		if c := classify(w, person, everything); c.Class != Agent || c.Agent != want || c.Anchor.PID != 1 {
			t.Errorf("%v %q %v, want %q", c.Class, c.Agent, c.Anchor, want)
		}
	}
}

func everything(ProcID) bool { return true }
