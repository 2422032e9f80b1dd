package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"noxkey/secret"
)

// roads is a world in which the person has vouched for their tmux and started an
// agent in it. From there the agent takes a road, and at its end asks the app who it
// is, and for two secrets.
type roads struct {
	w    *world
	app  *app
	me   *server // the person's, vouched for
	sh   *shell  // the person's shell in it
	a    *agent
	asks string // the script that asks
}

// road is one way from the agent's shell to where ASK runs. In it stand ASK, the
// command that asks; PTY, the same in a terminal of its own; LEFT, which waits until
// the process $P is gone, so that the road is taken before it is asked about; U, the
// user's folder; and ME, OTHER, the sockets of the person's two tmux servers.
type road struct {
	name  string
	line  string
	you   string // who the app takes it for: "" stands for "unknown"
	why   string
	tools []string
	probe string // a command whose failure says that the machine has no such road
	shell bool   // it begins in the person's shell and not in the agent's
	base  string // where its answers go, if that has to be known beforehand
}

// asking is the script at the end of every road. A value would be seen by its hash
// and is not left in a file.
const asking = `noxkey status --json >"$1.status" 2>"$1.err"
for key in SOFT HARD; do
	noxkey get acme/api/$key --raw 2>>"$1.err" | sha256sum >"$1.$key"
	echo "${PIPESTATUS[0]}" >"$1.$key.rc"
done
: >"$1.done"
`

// onRoads opens the world; SOFT is easy, and so given to a person without asking:
// the finest sign of being taken for one.
func onRoads(t *testing.T) *roads {
	t.Helper()
	need(t, "setsid", "script")
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/DB", secret.Normal}, seed{"acme/api/SOFT", secret.Easy}, seed{"acme/api/HARD", secret.Strict})
	r := &roads{w: w, app: w.opened(t)}
	r.me, r.sh = r.app.vouched(t, "me", "acme/api/DB")
	r.asks = w.write("u/ask.sh", strings.ReplaceAll(asking, "noxkey ", binNoxkey+" --home "+w.home+" "))
	r.a = r.me.agent(t)
	return r
}

// answers is what the app said at the end of a road.
type answers struct {
	you, why   string
	soft, hard string // the hash of what was printed
	softRC     string
	hardRC     string
	err        string
}

// base is a new name for a road's answers.
func (r *roads) base() string { return r.w.path(fmt.Sprintf("io/road-%d", r.w.next())) }

// ask is the command that asks and leaves its answers at base.
func (r *roads) ask(base string) string { return "bash " + r.asks + " " + base }

// read waits for the answers.
func (r *roads) read(t *testing.T, base string) answers {
	t.Helper()
	poll(t, func() string { return "no answer came back\n" + r.app.screen() }, func() bool {
		_, err := os.Stat(base + ".done")
		return err == nil
	})
	text := func(ext string) string {
		b, err := os.ReadFile(base + ext)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(b))
	}
	var st secret.Status
	if err := json.Unmarshal([]byte(text(".status")), &st); err != nil {
		t.Fatalf("%v: %s%s", err, text(".status"), text(".err"))
	}
	first := func(s string) string { word, _, _ := strings.Cut(s, " "); return word }
	return answers{you: st.You, why: st.Why, soft: first(text(".SOFT")), hard: first(text(".HARD")),
		softRC: text(".SOFT.rc"), hardRC: text(".HARD.rc"), err: text(".err")}
}

// words puts the paths of this world into a road's line.
func (r *roads) words(base, line string) string {
	return strings.NewReplacer("PTY", "script -qec '"+r.ask(base)+"' /dev/null </dev/null >/dev/null 2>&1", "ASK", r.ask(base),
		"LEFT", "while [ -d /proc/$P ]; do sleep 0.05; done", "U/", r.w.path("u")+"/", "ME", r.me.sock, "OTHER", r.w.path("other.tmux")).Replace(line)
}

// take goes down one road and judges what came of it.
func (r *roads) take(t *testing.T, x road) {
	t.Helper()
	for _, tool := range x.tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("cannot be done here: there is no " + tool)
		}
	}
	if x.probe != "" {
		if out, err := r.w.command("sh", "-c", x.probe).CombinedOutput(); err != nil {
			t.Skipf("cannot be done here: %s: %v: %s", x.probe, err, out)
		}
	}
	base := cmp.Or(x.base, r.base())
	walk := r.a.shell
	if x.shell {
		walk = r.sh.run
	}
	if said := walk(t, r.words(base, x.line)); said.code != 0 {
		t.Errorf("the road itself failed: %d %s%s", said.code, said.out, said.err)
	}
	r.judge(t, x, r.read(t, base))
}

// judge: never human, and nothing given.
func (r *roads) judge(t *testing.T, x road, got answers) {
	t.Helper()
	if got.you != "unknown" && !strings.HasPrefix(got.you, "agent ") {
		t.Errorf("taken for %q", got.you)
	}
	want := cmp.Or(x.you, "unknown")
	if got.you != want || got.why != x.why {
		t.Errorf("you: %q, why: %q; want %q, %q", got.you, got.why, want, x.why)
	}
	for _, s := range []struct{ key, sum, rc string }{{"SOFT", got.soft, got.softRC}, {"HARD", got.hard, got.hardRC}} {
		if s.sum != sum("") || s.rc != "4" {
			t.Errorf("%s: exit %s, printed something: %v, the value: %v\n%s", s.key, s.rc, s.sum != sum(""), s.sum == sum(value(s.key)), got.err)
		}
	}
	r.app.quiet(t)
}

// control: the very same question in the person's own shell is a person's, and the
// easy secret is theirs. Without it the roads might fail for a reason of the test's.
func (r *roads) control(t *testing.T) {
	t.Helper()
	base := r.base()
	j := r.sh.start(t, r.ask(base))
	r.app.prove(t, "give acme/api/HARD to")
	j.wait(t).ok(t)
	got := r.read(t, base)
	if got.you != "human" || got.why != "" || got.soft != sum(value("SOFT")) || got.hard != sum(value("HARD")) {
		t.Errorf("the person is not the person: %+v", got)
	}
}

// all takes one road after the other; first the control.
func (r *roads) all(t *testing.T, list []road) {
	t.Helper()
	if !t.Run("control", r.control) {
		return
	}
	for _, x := range list {
		t.Run(x.name, func(t *testing.T) { r.take(t, x) })
	}
}

const (
	orphan   = "its parent has quit"
	noTTY    = "has no terminal"
	inTmux   = "runs in a terminal multiplexer"
	noRoot   = "descends from no known terminal"
	unproven = "a program in between could be anything"
	claude   = "agent Claude Code"
)

// TestThreatB1OutOfTheTree: an agent in the person's vouched tmux gets out from
// under itself. Each road ends in a terminal of its own where it can, so that it is
// not refused for the lack of one.
func TestThreatB1OutOfTheTree(t *testing.T) {
	t.Parallel()
	r := onRoads(t)
	r.w.write("u/daemon.py", daemonPy)
	r.w.tmux("other").shell(t).run(t, "noxkey status").prints(t, "unknown") // the person's too, and nobody vouched for it
	r.all(t, []road{
		{name: "no road at all", line: "PTY", you: claude},
		{name: "double fork", line: `(P=$BASHPID; { LEFT; PTY; } </dev/null >/dev/null 2>&1 &)`, why: orphan},
		{name: "double fork without a terminal", line: `(P=$BASHPID; { LEFT; ASK; } </dev/null >/dev/null 2>&1 &)`, why: orphan},
		{name: "setsid", line: `(P=$BASHPID; export P; setsid bash -c "LEFT; PTY" </dev/null >/dev/null 2>&1 &)`, why: orphan},
		{name: "setsid, still below", line: `setsid -w bash -c "PTY; true"`, you: claude},
		{name: "nohup", line: `(P=$BASHPID; export P; nohup bash -c "LEFT; PTY" </dev/null >/dev/null 2>&1 &)`, why: orphan},
		{name: "daemon", line: `python3 U/daemon.py ASK`, why: noRoot, tools: []string{"python3"}},
		{name: "systemd-run", line: `systemd-run --user --quiet --wait --pty ASK </dev/null`, why: orphan, tools: []string{"systemd-run"}, probe: "systemd-run --user --quiet --wait true"},
		{name: "a clean environment", line: `env -i PATH=/usr/bin:/bin PTY`, you: claude},
		{name: "a new tmux with a clean environment", line: `env -i PATH=/usr/bin:/bin SHELL=/bin/bash TERM=xterm tmux -S U/t1 -f /dev/null new-session -d "ASK; tmux -S U/t1 kill-server"`, why: inTmux},
		{name: "a new tmux under another name", line: `ln -s "$(command -v tmux)" U/vim; env -i PATH=/usr/bin:/bin SHELL=/bin/bash TERM=xterm U/vim -S U/t2 -f /dev/null new-session -d "ASK; tmux -S U/t2 kill-server"`, why: inTmux},
		{name: "a copy of tmux under another name", line: `cp "$(command -v tmux)" U/less; env -i PATH=/usr/bin:/bin SHELL=/bin/bash TERM=xterm U/less -S U/t3 -f /dev/null new-session -d "ASK; U/less -S U/t3 kill-server"`, why: noRoot},
		{name: "the person's unvouched tmux", line: `tmux -S OTHER new-window -d "ASK"`, why: inTmux},
		{name: "a job of the vouched tmux", line: `tmux -S ME run-shell -b "ASK"`, why: noTTY},
	})
}

// daemonPy leaves as daemons do, then opens a terminal for what it starts.
const daemonPy = `import os, pty, sys, time
if os.fork(): os._exit(0)
os.setsid()
parent = os.getpid()
if os.fork(): os._exit(0)
null = os.open("/dev/null", os.O_RDWR)
for fd in range(3): os.dup2(null, fd)
while os.path.exists("/proc/%d" % parent): time.sleep(0.05)
pty.spawn(sys.argv[1:])
`
