package e2e

import (
	"os"
	"os/exec"
	"testing"
)

// spawners are scripts that run their arguments, as an agent written in that
// language does.
var spawners = map[string]string{
	"agent.py":  "import subprocess, sys\nsubprocess.call(sys.argv[1:])\n",
	"claude.js": "require('child_process').spawnSync(process.argv[2], process.argv.slice(3), {stdio: 'inherit'})\n",
	"ownpty.py": "import pty, sys\npty.spawn(sys.argv[1:])\n",
}

// program puts a copy of a program of the system's into the user's folder.
func (w *world) program(t *testing.T, tool, name string) {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(w.write(name, string(b)), 0o700); err != nil {
		t.Fatal(err)
	}
}

// TestThreatB2OtherNames: an agent that the person starts in their own vouched
// terminal, so that nothing but the agent's own name is between it and being human.
func TestThreatB2OtherNames(t *testing.T) {
	t.Parallel()
	r := onRoads(t)
	for name, text := range spawners {
		r.w.write("u/"+name, text)
	}
	r.w.write("u/site/@openai/codex/codex.js", spawners["claude.js"])
	r.w.own(r.w.path("u/site"))
	r.w.own(r.w.path("u/site/@openai"))
	r.w.own(r.w.path("u/site/@openai/codex"))
	r.w.program(t, "dash", "u/claude")
	r.w.program(t, "dash", "u/notes")
	r.w.program(t, "dash", "u/bash")
	for link, to := range map[string]string{"u/vi": "claude", "u/gemini": "agent.py", "u/x.js": "site/@openai/codex/codex.js"} {
		if err := os.Symlink(to, r.w.path(link)); err != nil {
			t.Fatal(err)
		}
	}
	python, node := []string{"python3"}, []string{"node"}
	list := []road{
		{name: "its own name", line: `U/claude -c "ASK; true"`, you: claude},
		{name: "renamed", line: `U/notes -c "ASK; true"`, why: unproven},
		{name: "renamed to a shell", line: `U/bash -c "ASK; true"`, why: unproven},
		{name: "symlinked", line: `U/vi -c "ASK; true"`, you: claude},
		{name: "exec -a", line: `(exec -a vim U/claude -c "ASK; true")`, you: claude},
		{name: "exec -a and renamed", line: `(exec -a bash U/notes -c "ASK; true")`, why: unproven},
		{name: "a shell's name for itself", line: `(exec -a claude bash -c "ASK; true")`, you: claude},
		{name: "python", line: `python3 U/agent.py ASK`, why: unproven, tools: python},
		{name: "python, an agent's name", line: `python3 -I U/gemini ASK`, you: "agent Gemini CLI", tools: python},
		{name: "python, no script", line: `python3 -c "import subprocess, sys; subprocess.call(sys.argv[1:])" ASK`, why: unproven, tools: python},
		{name: "python, code in one argument", line: `python3 "-cimport subprocess, sys; subprocess.call(sys.argv[2:])" /usr/bin/env ASK`, why: unproven, tools: python},
		{name: "python, from its standard input", line: `python3 - ASK <U/agent.py`, why: unproven, tools: python},
		{name: "node", line: `node U/claude.js ASK`, you: claude, tools: node},
		{name: "node, a link to the script", line: `node U/x.js ASK`, you: "agent Codex", tools: node},
		{name: "node, no script", line: `node -e "require('child_process').spawnSync(process.argv[1], process.argv.slice(2), {stdio: 'inherit'})" ASK`, why: unproven, tools: node},
		{name: "node, code before a script of root's", line: `node --require U/preload.js /usr/lib/node_modules/npm/bin/npm-cli.js ASK`, why: unproven, tools: node},
		{name: "perl, code in one argument", line: `perl "-esystem(@ARGV[1..\$#ARGV])" /usr/bin/env ASK`, why: unproven, tools: []string{"perl"}},
		{name: "the dynamic loader", line: loader + ` U/notes -c "ASK; true"`, why: unproven, probe: loader + " --version"},
	}
	r.w.write("u/preload.js", "require('child_process').spawnSync(process.argv[2], process.argv.slice(3), {stdio: 'inherit'}); process.exit(0)\n")
	for i := range list {
		list[i].shell = true
	}
	r.all(t, list)
}

// loader is the dynamic loader: root's program, which runs any other one.
const loader = "$(ls /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.* 2>/dev/null | head -n 1)"

// TestThreatB8OwnTerminal: a terminal that the agent opens for what it starts.
func TestThreatB8OwnTerminal(t *testing.T) {
	t.Parallel()
	r := onRoads(t)
	r.w.write("u/ownpty.py", spawners["ownpty.py"])
	r.all(t, []road{
		{name: "script", line: `PTY`, you: claude},
		{name: "script in script", line: `script -qec "bash -c 'script -qec \"ASK\" /dev/null'" /dev/null </dev/null >/dev/null`, you: claude},
		{name: "expect", line: `expect -c "set timeout 60; spawn -noecho ASK; expect eof" </dev/null >/dev/null`, you: claude, tools: []string{"expect"}},
		{name: "python", line: `python3 U/ownpty.py ASK </dev/null >/dev/null`, you: claude, tools: []string{"python3"}},
		{name: "expect, left behind", line: `(P=$BASHPID; { LEFT; expect -c "set timeout 60; spawn -noecho ASK; expect eof"; } </dev/null >/dev/null 2>&1 &)`, why: orphan, tools: []string{"expect"}},
	})
}
