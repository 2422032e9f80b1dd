package caller

import (
	"slices"
	"testing"
)

func vouchFor(pid int) func(ProcID) bool {
	return func(id ProcID) bool { return id.PID == pid && id.Start == uint64(100000+pid) }
}

func TestHuman(t *testing.T) {
	root := func(pid int, name string) record { return prog(pid, "/usr/sbin/"+name, name).root().noTTY() }
	ssh := func(h string, o origin) walk {
		below := prog(45, "/usr/sbin/sshd", "sshd: p@pts/0").comm("sshd-session").unreadable()
		return chain(peer(), zsh(), below, root(44, "sshd-session").from(h, o), root(43, "sshd"))
	}
	dockerExec := prog(50, "/usr/bin/bash", "bash").leader()
	cases := []struct {
		name     string
		w        walk
		vouched  func(ProcID) bool
		anchor   int
		quiet    bool
		terminal string
	}{
		{"zsh in a window", desk(peer()), nil, 50, true, "gnome-terminal-server"},
		{"a subshell", desk(peer(), prog(60, "/usr/bin/bash", "bash ./deploy.sh")), nil, 50, true, "gnome-terminal-server"},
		{"fish", chain(peer(), prog(50, "/usr/bin/fish", "fish").leader(), gnomeTerminal()), nil, 50, true, "gnome-terminal-server"},
		{"a nested terminal of script(1)", desk(peer(), prog(62, "/usr/bin/bash", "bash").leader(), prog(61, "/usr/bin/script", "script")), nil, 62, true, "gnome-terminal-server"},
		{"make", desk(peer(), prog(61, "/usr/bin/dash", "/bin/sh -c x"), prog(60, "/usr/bin/make", "make deploy")), nil, 50, false, "gnome-terminal-server"},
		{"no shell at all", chain(peer(), gnomeTerminal()), nil, 90, false, "gnome-terminal-server"},
		{"a hidden peer", desk(peer().unreadable()), nil, 50, true, "gnome-terminal-server"},
		{"console", chain(peer(), zsh(), root(42, "login")).onTTY(4<<8 | 1), nil, 50, true, "login"},
		{"ssh", ssh("10.0.0.2", originFar), nil, 50, true, "sshd from 10.0.0.2"},
		{"tmux, vouched", chain(peer(), zsh(), tmux()), vouchFor(41), 50, true, "tmux 41 (vouched)"},
		{"docker exec, vouched", inside(peer(), dockerExec), vouchFor(50), 50, true, "bash 50 (vouched)"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := classify(tc.w, person, tc.vouched)
			if c.Class != Human || c.Reason != ReasonNone {
				t.Fatalf("%v: %v", c.Class, c.Reason)
			}
			if c.Anchor.PID != tc.anchor || c.Quiet != tc.quiet || c.Terminal != tc.terminal || c.Vouchable != nil {
				t.Errorf("anchor %v quiet %v terminal %q", c.Anchor, c.Quiet, c.Terminal)
			}
			for i := range tc.w.recs { // every link is needed
				cut := tc.w
				cut.recs = tc.w.recs[:i]
				cut.whole, cut.fault = false, ReasonCut
				if got := classify(cut, person, tc.vouched); got.Class == Human {
					t.Errorf("human with only %d processes", i)
				}
			}
			if got := classify(tc.w, 0, tc.vouched); got.Class != Unknown {
				t.Errorf("uid 0 is %v", got.Class)
			}
		})
	}
}

// onTTY puts every process that has a terminal on another one.
func (w walk) onTTY(dev uint64) walk {
	for i := range w.recs {
		if w.recs[i].TTY != 0 {
			w.recs[i].TTY = dev
		}
	}
	return w
}

// inside is a chain in a container whose last process is its first, or came in from outside.
func inside(recs ...record) walk {
	w := chain(recs...)
	w.recs = w.recs[:len(recs)]
	w.recs[len(recs)-1].PPID = 0
	return w
}

func TestUnknown(t *testing.T) {
	root := func(pid int, name string) record { return prog(pid, "/usr/sbin/"+name, name).root().noTTY() }
	initShell := prog(1, "/usr/bin/bash", "bash").leader()
	ssh := func(h string, o origin) walk {
		return chain(peer(), zsh(), root(44, "sshd").from(h, o), root(43, "sshd"))
	}
	fault := func(r Reason) walk { w := desk(peer()); w.fault = r; return w }
	cases := []struct {
		name   string
		w      walk
		reason Reason
	}{
		{"B1 double fork", chain(peer()), ReasonOrphan},
		{"B1 nohup, setsid", chain(peer().noTTY(), prog(60, "/usr/bin/bash", "bash").noTTY()), ReasonOrphan},
		{"B1 adopted by systemd --user", chain(peer(), prog(60, "/usr/bin/bash", "bash"), userManager()), ReasonOrphan},
		{"B1 systemd-run", chain(peer(), userManager()), ReasonOrphan},
		{"B1 cron", chain(peer().noTTY(), prog(60, "/usr/bin/dash", "sh -c x").noTTY(), root(42, "cron")), ReasonUnknownRoot},
		{"B1 at", chain(peer().noTTY(), prog(60, "/usr/bin/dash", "sh").noTTY(), root(42, "atd")), ReasonUnknownRoot},
		{"B1 ssh to localhost", ssh("127.0.0.1", originLocal), ReasonRemoteLocal},
		{"B1 ssh, nobody says from where", ssh("", originUnknown), ReasonRemoteUnknown},
		{"B1 ssh without a terminal", chain(peer().noTTY(), zsh().noTTY(), root(44, "sshd").from("10.0.0.2", originFar)), ReasonNoTTY},
		{"B1 telnet", chain(peer(), zsh(), root(42, "login"), root(41, "telnetd")), ReasonRemoteUnknown},
		{"B2 a copy under another name", desk(peer(), prog(61, "/usr/bin/bash", "bash -c x"), prog(60, "/tmp/notclaude", "notclaude")), ReasonUnproven},
		{"B2 a copy under a shell's name", desk(peer(), prog(60, "/tmp/bash", "bash")), ReasonUnproven},
		{"B2 below node", desk(peer(), unprovenScript(prog(60, "/usr/bin/node", "node /tmp/x.js"))), ReasonUnproven},
		{"B4 npm postinstall of a package", desk(peer(), prog(62, "/usr/bin/dash", "sh -c x"), unprovenScript(prog(61, "/usr/bin/node", "node install.js")), prog(60, "/usr/bin/node", "node /usr/bin/npm i")), ReasonUnproven},
		{"B5 a parent gone", fault(ReasonCut), ReasonCut},
		{"B6 a race", fault(ReasonRace), ReasonRace},
		{"too deep", fault(ReasonTooDeep), ReasonTooDeep},
		{"B8 a pty of an orphan's own", chain(peer(), prog(61, "/usr/bin/bash", "bash").leader(), prog(60, "/usr/bin/script", "script")), ReasonUnknownRoot},
		{"B13 peer in a namespace", desk(peer().inNamespace()), ReasonNamespace},
		{"B13 terminal in a namespace", chain(peer(), zsh(), gnomeTerminal().inNamespace()), ReasonNamespace},
		{"B13 a terminal by name only", chain(peer(), zsh(), unknownTerminal(), userManager()), ReasonUnknownRoot},
		{"B1 sshd by name, on a terminal", chain(peer(), zsh(), root(44, "sshd").from("10.0.0.2", originFar).onTTY(pts0+1), root(43, "sshd")), ReasonUID},
		{"B7 a forwarder of the person's", desk(prog(90, "/usr/bin/ssh", "ssh dev")), ReasonClient},
		{"B7 a hidden forwarder", desk(prog(90, "/usr/bin/ssh-agent", "ssh-agent").unreadable()), ReasonClient},
		{"B13 a file system that names its owners itself", desk(peer(), prog(60, "/usr/bin/bash", "bash").onLooseFS()), ReasonUnproven},
		{"sudo on the way", desk(peer(), prog(60, "/usr/bin/sudo", "sudo -u p").users(person, 0, 0, 0)), ReasonUID},
		{"saved uid differs", desk(peer().users(person, person, 0, person)), ReasonUID},
		{"set-uid program named login", chain(peer(), root(42, "login"), zsh(), gnomeTerminal()).onTTY(4<<8 | 1), ReasonUID},
		{"set-uid program named sshd", chain(peer(), prog(42, "/usr/sbin/sshd", "sshd").users(person, 0, 0, 0).unreadable().from("10.0.0.2", originFar)), ReasonUnknownRoot},
		{"B9 a hidden peer below no shell", desk(peer().unreadable(), prog(60, "/usr/bin/make", "make")), ReasonHidden},
		{"B9 a hidden peer below the terminal", chain(peer().unreadable(), gnomeTerminal()), ReasonHidden},
		{"a hidden process in between", desk(peer(), prog(60, "/usr/bin/bash", "bash").unreadable()), ReasonHidden},
		{"no terminal", desk(peer().noTTY()), ReasonNoTTY},
		{"process 1 is a shell", inside(peer(), initShell), ReasonContainerShell},
		{"process 1 is tmux", inside(peer(), zsh(), prog(1, "/usr/bin/tmux", "tmux")), ReasonMultiplexer},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := classify(tc.w, person, everything)
			if c.Class != Unknown || c.Reason != tc.reason {
				t.Errorf("%v %q: %v, want %v", c.Class, c.Agent, c.Reason, tc.reason)
			}
			if c.Vouchable != nil || c.Anchor != (ProcID{}) || c.Quiet || c.Terminal != "" {
				t.Errorf("an unknown caller got %+v", c)
			}
		})
	}
}

func unprovenScript(r record) record { r.unproven = true; return r }

func unknownTerminal() record { r := gnomeTerminal(); r.terminal = ""; return r }

// Under uid 0 nothing is proof: not the terminal, not a vouching, not even an agent's name.
func TestEverythingUnderRootIsUnknown(t *testing.T) {
	for name, w := range map[string]walk{"window": desk(peer()), "tmux": chain(peer(), zsh(), tmux()), "agent": desk(server(), claudeNative())} {
		for i := range w.recs {
			w.recs[i].UIDs = [4]uint32{}
		}
		if c := classify(w, 0, everything); c.Class != Unknown || c.Reason != ReasonRootUser || c.Vouchable != nil {
			t.Errorf("%s: %v %v %v", name, c.Class, c.Reason, c.Vouchable)
		}
	}
}

func TestVouching(t *testing.T) {
	cases := []struct {
		name   string
		w      walk
		reason Reason
		pid    int // of what may be vouched for, 0 nothing
	}{
		{"tmux", chain(peer(), zsh(), tmux()), ReasonMultiplexer, 41},
		{"B1 a new tmux inside the person's terminal", desk(peer(), prog(60, "/usr/bin/bash", "bash").leader(), tmux()), ReasonMultiplexer, 41},
		{"docker exec", inside(peer(), prog(50, "/usr/bin/bash", "bash").leader()), ReasonContainerShell, 50},
		{"tmux, but no terminal", chain(peer().noTTY(), zsh(), tmux()), ReasonNoTTY, 0},
		{"tmux of another user", chain(peer(), zsh(), tmux().users(1001, 1001, 1001, 1001)), ReasonUID, 0},
		{"tmux in a namespace", chain(peer(), zsh(), tmux().inNamespace()), ReasonNamespace, 0},
	}
	for _, tc := range cases {
		for _, v := range []func(ProcID) bool{nil, vouchFor(999), func(id ProcID) bool { return id == ProcID{tc.pid, 1} }} {
			c := classify(tc.w, person, v)
			if c.Class != Unknown || c.Reason != tc.reason {
				t.Errorf("%s: %v %v", tc.name, c.Class, c.Reason)
			}
			if tc.pid == 0 && c.Vouchable != nil || tc.pid != 0 && (c.Vouchable == nil || c.Vouchable.ID.PID != tc.pid) {
				t.Errorf("%s: vouchable %v", tc.name, c.Vouchable)
			}
		}
	}
}

// Whatever is vouched for and whatever the root: an agent anywhere, or a mark below the root.
func TestThreatB9MarksOnlyNarrow(t *testing.T) {
	for name, w := range map[string]walk{
		"window": desk(peer(), prog(60, "/usr/bin/bash", "bash")),
		"tmux":   chain(peer(), zsh(), tmux()),
		"orphan": chain(peer(), prog(60, "/usr/bin/bash", "bash")),
		"hidden": desk(peer(), prog(60, "/usr/bin/bash", "bash").unreadable()),
	} {
		at, _ := findRoot(w.recs)
		for i := range min(at, len(w.recs)-1) {
			marked := w
			marked.recs = slices.Clone(w.recs)
			marked.recs[i].mark = "Codex"
			c := classify(marked, person, everything)
			if c.Class != Agent || c.Agent != "Codex" || c.Reason != ReasonMark || c.Anchor == (ProcID{}) {
				t.Errorf("%s: mark on %d: %v %q %v", name, i, c.Class, c.Agent, c.Reason)
			}
		}
	}
	c := classify(chain(peer(), zsh(), gnomeTerminal().marked("Codex")), person, nil)
	if c.Class != Human {
		t.Errorf("a mark on the terminal itself: %v %v", c.Class, c.Reason)
	}
}

// An agent unknown by executable gives its MCP server and its shell the same anchor by their marks.
func TestMarkedAgentHasOneAnchor(t *testing.T) {
	hidden := prog(70, "/home/p/bin/helper", "helper")
	m := classify(desk(server().marked("Claude Code"), hidden), person, nil)
	s := classify(desk(peer().marked("Claude Code"), prog(80, "/usr/bin/bash", "bash -c x").marked("Claude Code"), hidden), person, nil)
	if m.Anchor.PID != 70 || s.Anchor != m.Anchor {
		t.Errorf("anchors %v and %v", m.Anchor, s.Anchor)
	}
}

func TestThreatB2AgentsUnderOtherNames(t *testing.T) {
	claude := npm + "/@anthropic-ai/claude-code/bin/claude.exe"
	for name, r := range map[string]record{
		"exec -a":              prog(70, claude, "vim notes").comm("vim"),
		"symbolic link":        prog(70, claude, "/tmp/x").comm("x"),
		"node cli.js":          prog(70, "/usr/bin/node", "node /opt/lib/@anthropic-ai/claude-code/cli.js").comm("MainThread"),
		"renamed node":         prog(70, "/tmp/n", "n --no-warnings "+npm+"/.bin/gemini"),
		"python aider":         prog(70, "/usr/bin/python3.11", "python3 -I /home/p/.local/bin/aider"),
		"link to the script":   prog(70, "/usr/bin/node", "node ./x").runs(npm + "/@openai/codex/bin/codex.js"),
		"a shell called so":    prog(70, "/usr/bin/bash", "claude").comm("claude"),
		"through a descriptor": sandboxStep(70),
	} {
		for root, w := range map[string]walk{
			"window": desk(peer(), prog(80, "/usr/bin/bash", "bash"), r),
			"tmux":   chain(peer(), prog(80, "/usr/bin/bash", "bash"), r, zsh(), tmux()),
			"above":  chain(peer(), zsh(), gnomeTerminal(), r, userManager()),
			"peer":   chain(r, zsh(), tmux()),
		} {
			if c := classify(w, person, everything); c.Class != Agent {
				t.Errorf("%s, %s: %v %v", name, root, c.Class, c.Reason)
			}
		}
	}
}

func TestThreatB8PtyOfAnAgentsOwn(t *testing.T) {
	for _, tool := range []string{"script", "expect", "unbuffer"} {
		w := desk(peer(), prog(81, "/usr/bin/bash", "bash").leader(), prog(80, "/usr/bin/"+tool, tool), claudeNative())
		if c := classify(w, person, everything); c.Class != Agent || c.Anchor.PID != 70 {
			t.Errorf("%s: %v %v", tool, c.Class, c.Anchor)
		}
	}
}

func TestEditorsAreSharedWithTheirAgents(t *testing.T) {
	for _, exe := range []string{"/usr/share/code/code", "/opt/Windsurf/windsurf", "/usr/bin/zed-editor",
		"/home/p/.vscode-server/bin/abc/node", "/opt/JetBrains/goland/jbr/bin/java"} {
		w := chain(peer(), zsh(), prog(60, exe, exe), userManager())
		if c := classify(w, person, everything); c.Class != Agent || c.Reason != ReasonEditor || c.Vouchable != nil {
			t.Errorf("%s: %v %v", exe, c.Class, c.Reason)
		}
	}
}

func TestShell(t *testing.T) {
	yes := []record{prog(1, "/usr/bin/bash", "bash"), prog(1, "/bin/zsh", "-zsh"), prog(1, "/usr/bin/dash", "sh"),
		prog(1, "/usr/bin/ksh93", "ksh"), prog(1, "/bin/busybox", "sh -c x"), prog(1, "/bin/busybox", "busybox ash"),
		prog(1, "/usr/bin/bash (deleted)", "bash")}
	no := []record{prog(1, "/bin/busybox", "cat x"), prog(1, "/bin/busybox", "busybox cat sh"), prog(1, "/usr/bin/python3", "bash"),
		prog(1, "/tmp/bash", "bash"), prog(1, "/usr/bin/fish", "fish"), prog(1, "/usr/bin/cat", "cat").comm("bash"), prog(1, "", "bash").unreadable()}
	for _, r := range yes {
		if !Shell(r.Process) {
			t.Errorf("%s %v is a shell", r.Exe, r.Argv)
		}
	}
	for _, r := range no {
		if Shell(r.Process) {
			t.Errorf("%s %v is no shell", r.Exe, r.Argv)
		}
	}
}

func TestNames(t *testing.T) {
	for want, r := range map[string]record{
		"zsh": zsh(), "tmux: server": tmux(), "claude": claudeNative(), "gnome-terminal-server": gnomeTerminal(),
		"gemini.js": geminiInner(), "sshd": prog(3, "", "").comm("sshd").unreadable(),
	} {
		if got := r.Name(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestClassText(t *testing.T) {
	for _, c := range []Class{Unknown, Agent, Human} {
		text, _ := c.MarshalText()
		var back Class
		if err := back.UnmarshalText(text); err != nil || back != c {
			t.Errorf("%s: %v %v", text, back, err)
		}
	}
	if c := Human; c.UnmarshalText([]byte("root")) == nil {
		t.Error("an unknown word was taken")
	}
	for r := ReasonNone + 1; r <= ReasonEditor; r++ {
		if r.String() == "" {
			t.Errorf("reason %d has no words", r)
		}
	}
}

// TestClientThatStartsItselfAnew: noxkey's copy in the background, which holds a pipe,
// stands below noxkey. That lends nothing and costs nothing, as long as it is the
// very same file, also where the person has built it themselves.
func TestClientThatStartsItselfAnew(t *testing.T) {
	own := func(pid int, exe string) record { return prog(pid, exe, "noxkey get a/b/KEY") }
	const built = "/home/p/src/noxkey/bin/noxkey"
	if c := classify(desk(own(92, built), own(91, built)), person, nil); c.Class != Human || c.Anchor.PID != 50 || c.Quiet {
		t.Errorf("the same file: %v %v, anchor %v, quiet %v", c.Class, c.Reason, c.Anchor, c.Quiet)
	}
	if c := classify(chain(own(92, built), own(91, built), zsh(), tmux()), person, nil); c.Vouchable == nil {
		t.Errorf("in tmux: %v %v cannot be vouched for", c.Class, c.Reason)
	}
	for name, w := range map[string]walk{
		"another file of that name":     desk(own(92, built), own(91, "/tmp/noxkey")),
		"the same file, something else": desk(own(92, "/home/p/bin/other"), own(91, "/home/p/bin/other")),
		"one in between":                desk(own(93, built), prog(92, "/tmp/x", "x"), own(91, built)),
		"an unreadable one":             desk(own(92, built), own(91, built).unreadable()),
	} {
		if c := classify(w, person, nil); c.Class != Unknown || c.Vouchable != nil {
			t.Errorf("%s: %v %v", name, c.Class, c.Reason)
		}
	}
}
