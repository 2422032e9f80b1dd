package e2e

import (
	"slices"
	"strings"
	"testing"

	"noxkey/secret"
)

// hash is a shell command that prints the SHA-256 of a variable.
func hash(variable string) string { return `printf %s "$` + variable + `" | sha256sum` }

// withAgent is an app whose person vouched for the tmux in which the agent runs.
type withAgent struct {
	w   *world
	app *app
	own *shell // the person's, vouched for
	srv *server
	a   *agent
	k   *tools
}

func newWithAgent(t *testing.T) *withAgent {
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/DB", secret.Normal}, seed{"acme/api/HARD", secret.Strict},
		seed{"acme/api/OFF", secret.OffLimits}, seed{"acme/api/SOFT", secret.Easy}, seed{"acme/web/TOKEN", secret.Normal})
	x := &withAgent{w: w, app: w.opened(t)}
	x.srv, x.own = x.app.vouched(t, "me", "acme/web/TOKEN")
	x.own.run(t, "noxkey status").prints(t, "human")
	x.a = x.srv.agent(t)
	x.k = x.a.mcp(t)
	return x
}

// TestAgent is an agent's work below the person's own vouched tmux: what it may
// have, the way it gets it, and what it is refused.
func TestAgent(t *testing.T) {
	t.Parallel()
	x := newWithAgent(t)
	for _, step := range []struct {
		name string
		do   func(*withAgent, *testing.T)
	}{
		{"tools", (*withAgent).tools}, {"get", (*withAgent).get}, {"off limits", (*withAgent).offLimits},
		{"refused by the client", (*withAgent).client}, {"get by the client", (*withAgent).clientGet},
		{"session", (*withAgent).session}, {"set", (*withAgent).set}, {"import", (*withAgent).imports},
		{"leaving the tree", (*withAgent).leaves}, {"own terminal", (*withAgent).pty},
		{"denied twice", (*withAgent).denied}, {"server killed", (*withAgent).killed}, {"app gone", (*withAgent).gone},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.do(x, t) }) {
			return
		}
	}
}

func (x *withAgent) tools(t *testing.T) {
	list, err := x.k.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "noxkey_admin noxkey_get noxkey_scan noxkey_set noxkey_show" {
		t.Errorf("tools: %s", got)
	}
	if s := x.k.call(t, "noxkey_show", args{}); !strings.Contains(s.text, "HARD  strict") || s.bad {
		t.Errorf("show: %s", s.text)
	}
	x.a.shell(t, "noxkey status").prints(t, "agent Claude Code")
}

func (x *withAgent) get(t *testing.T) {
	done := x.k.start(t, "noxkey_get", args{"account": "acme/api/DB", "reason": "migrate the tables", "command": "make migrate"})
	x.app.grant(t, "a", "Claude Code wants a secret", "“migrate the tables”", "make migrate", "DB", "claude", "Into one shell command")
	s := done()
	x.a.shell(t, s.source(t)+hash("DB")).prints(t, sum(value("DB")))
	if x.k.progress() == 0 {
		t.Error("no progress was notified while the card waited")
	}
	again := x.a.shell(t, s.source(t)+hash("DB"))
	if again.code == 0 || !strings.Contains(strings.ToLower(again.err), "no such file") || strings.Contains(again.out, sum(value("DB"))) {
		t.Errorf("sourced twice: %+v", again)
	}
	// Read by anything but a shell, it yields nothing and is used up.
	done = x.k.start(t, "noxkey_get", args{"account": "acme/api/DB"})
	x.app.grant(t, "a", "Claude Code wants a secret", "nothing")
	script := done().source(t)
	path := strings.Split(script, "'")[1]
	x.a.shell(t, "cat "+path+"; timeout 20 cat "+strings.TrimSuffix(path, "load")+"pipe")
	if r := x.a.shell(t, script+hash("DB")); r.code == 0 {
		t.Errorf("sourced after cat: %+v", r)
	}
}

func (x *withAgent) offLimits(t *testing.T) {
	x.k.call(t, "noxkey_get", args{"account": "acme/api/OFF"}).refused(t, "off_limits")
	x.app.quiet(t)
	done := x.k.start(t, "noxkey_get", args{"account": "acme/api", "reason": "all of it"})
	x.app.grant(t, "a", "Claude Code wants 3 secrets", "acme/api/OFF is off limits")
	s := done()
	if !strings.Contains(s.text, "Left out, off limits: acme/api/OFF") {
		t.Errorf("get of a prefix: %s", s.text)
	}
	x.a.shell(t, s.source(t)+hash("HARD")+`; echo "[${OFF-unset}]"`).prints(t, sum(value("HARD")), "[unset]")
}

func (x *withAgent) client(t *testing.T) {
	for _, line := range []string{
		"noxkey get --raw acme/api/DB", "noxkey get --raw acme/api/SOFT", "noxkey load acme/api",
		"noxkey export acme/api", "noxkey audit", "noxkey sessions", "noxkey passwd", "noxkey rekey",
		"noxkey edit acme/api/HARD --level easy",
	} {
		j := x.a.started(t, line)
		if strings.Contains(line, "edit") { // a level is lowered by people only: refused before a card
			x.app.quiet(t)
		}
		j().fails(t, 4)
		x.app.quiet(t)
	}
	if r := x.a.shell(t, "noxkey peek acme/api/OFF"); r.code != 4 {
		t.Errorf("peek of off limits: %+v", r)
	}
}

func (x *withAgent) clientGet(t *testing.T) {
	done := x.a.started(t, `eval "$(noxkey get acme/api/DB --reason 'a look')" && `+hash("DB"))
	x.app.grant(t, "a", "Claude Code wants a secret", "a look")
	done().prints(t, sum(value("DB")))
	done = x.a.started(t, `out=$(noxkey get acme/api/DB) && echo "$out" && eval "$out" && `+hash("DB"))
	x.app.grant(t, "a", "Claude Code wants a secret")
	done().prints(t, ". '/tmp/noxkey-", sum(value("DB")))
}

func (x *withAgent) session(t *testing.T) {
	done := x.k.start(t, "noxkey_get", args{"account": "acme/api", "session": true, "hours": 2})
	x.app.grant(t, "s", "allow for 2 hours", "Covers acme/api while this agent runs")
	s := done()
	x.a.shell(t, s.source(t)+hash("DB")).prints(t, sum(value("DB")))
	for range 2 {
		s = x.k.call(t, "noxkey_get", args{"account": "acme/api/DB"})
		x.app.quiet(t)
		x.a.shell(t, s.source(t)+hash("DB")).prints(t, sum(value("DB")))
	}
	done = x.k.start(t, "noxkey_get", args{"account": "acme/api/HARD"})
	x.app.grant(t, "a", "Claude Code wants a secret", "strict")
	x.a.shell(t, done().source(t)+hash("HARD")).prints(t, sum(value("HARD")))
	done = x.k.start(t, "noxkey_get", args{"account": "acme/web/TOKEN"})
	x.app.grant(t, "a", "Claude Code wants a secret", "TOKEN")
	done()
	x.own.run(t, "noxkey sessions").prints(t, "Claude Code", "acme/api")
	// The person's own shell gets nothing by the agent's session.
	x.app.asked(t, x.own, "noxkey get acme/api/DB --raw | sha256sum", "give acme/api/DB").prints(t, sum(value("DB")))
}

// set: the person types the value in the app; the agent never has it.
func (x *withAgent) set(t *testing.T) {
	done := x.k.start(t, "noxkey_set", args{"account": "acme/api/TYPED", "field_type": "api_key", "desc": "typed by hand"})
	x.app.wait(t, "Claude Code asks you for a value", "TYPED", "show the value")
	typed := canary + " typed"
	x.app.fill(t, typed, len(typed))
	x.app.press(t, "Enter", "Passphrase to store acme/api/TYPED")
	x.app.prove(t)
	if s := done(); s.bad || !strings.Contains(s.text, "stored acme/api/TYPED") {
		t.Errorf("set: %s", s.text)
	}
	get := x.k.start(t, "noxkey_get", args{"account": "acme/api/TYPED"}) // not there when the session was granted
	x.app.grant(t, "a", "TYPED")
	x.a.shell(t, get().source(t)+hash("TYPED")).prints(t, sum(typed))
}

func (x *withAgent) imports(t *testing.T) {
	dir := x.w.path("in/proj")
	x.w.write("in/proj/.env", "FROM_FILE="+canary+"\nPATH=/nowhere\n")
	x.w.own(dir)
	s := x.k.call(t, "noxkey_scan", args{"path": dir})
	if s.bad || !strings.Contains(s.text, "FROM_FILE") {
		t.Errorf("scan: %s", s.text)
	}
	done := x.k.start(t, "noxkey_admin", args{"action": "import", "path": dir + "/.env", "prefix": "acme/file"})
	x.app.grant(t, "a", "Claude Code wants to change a secret", "FROM_FILE")
	if s := done(); s.bad || !strings.Contains(s.text, "stored acme/file/FROM_FILE") || !strings.Contains(s.text, "skipped PATH") {
		t.Errorf("import: %s", s.text)
	}
	x.app.asked(t, x.own, "noxkey get acme/file/FROM_FILE --raw | sha256sum").prints(t, sum(canary))
}

// leaves: threat B1, whatever leaves the agent's tree is never the person.
func (x *withAgent) leaves(t *testing.T) {
	for name, line := range map[string]string{
		"setsid":        "setsid -w sh -c 'noxkey status; :'",
		"double fork":   "f=$(mktemp); sh -c '(sleep 0.3; noxkey status >'$f'.x 2>&1; mv '$f'.x '$f') & exit'; until grep -q you $f; do sleep 0.1; done; cat $f",
		"nohup":         "nohup sh -c 'noxkey status; :' </dev/null",
		"scrubbed":      "env -i sh -c 'noxkey status; :'",
		"renamed shell": "bash -c 'exec -a gnome-terminal bash -c \"noxkey status; :\"'",
	} {
		line = strings.ReplaceAll(line, "noxkey status", binNoxkey+" --home "+x.w.home+" status")
		r := x.a.shell(t, line)
		if you := field(r.out, "you"); !strings.HasPrefix(you, "agent") && !strings.HasPrefix(you, "unknown") {
			t.Errorf("%s: %q is taken for %q", name, line, r.out+r.err)
		}
	}
	// A tmux server of the agent's own, with an empty environment.
	base := x.w.path("u/own")
	x.a.shell(t, "env -i PATH=/usr/bin:/bin SHELL=/bin/sh TERM=xterm tmux -S "+base+".sock -f /dev/null new-session -d -x 80 -y 24 '"+
		binNoxkey+" --home "+x.w.home+" status >"+base+".x 2>&1; mv "+base+".x "+base+"; sleep 60'").ok(t)
	out := ""
	poll(t, func() string { return "no answer from the agent's tmux" }, func() bool {
		out = x.own.run(t, "cat "+base+" 2>/dev/null || :").ok(t)
		return out != ""
	})
	if field(out, "you") != "unknown" {
		t.Errorf("in a tmux of the agent's: %s", out)
	}
	x.a.shell(t, "tmux -S "+base+".sock kill-server").ok(t)
	x.app.quiet(t)
}

// field is the text behind a label in what status prints.
func field(out, label string) string {
	for l := range strings.Lines(out) {
		if rest, ok := strings.CutPrefix(l, label+" "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// pty: threat B8, a terminal of its own makes nobody of the agent.
func (x *withAgent) pty(t *testing.T) {
	need(t, "script")
	r := x.a.shell(t, "NO_COLOR=1 script -qec '"+binNoxkey+" --home "+x.w.home+" status' /dev/null </dev/null")
	if you := field(strings.ReplaceAll(r.out, "\r", ""), "you"); you != "agent Claude Code" {
		t.Errorf("in a pty of its own: %q from %q", you, r.out+r.err)
	}
}

// denied: two denials rest the agent, and the person may end the rest.
func (x *withAgent) denied(t *testing.T) {
	for _, key := range []string{"d", "Escape"} {
		done := x.k.start(t, "noxkey_get", args{"account": "acme/web/TOKEN"})
		x.app.deny(t, key, "Claude Code wants a secret")
		done().refused(t, "denied")
	}
	x.k.call(t, "noxkey_get", args{"account": "acme/web/TOKEN"}).refused(t, "resting")
	x.app.wait(t, "Claude Code rests")
	x.app.keys(t, "r")
	x.app.gone(t, "Claude Code rests")
	done := x.k.start(t, "noxkey_get", args{"account": "acme/web/TOKEN"})
	x.app.grant(t, "a", "Claude Code wants a secret")
	x.a.shell(t, done().source(t)+hash("TOKEN")).prints(t, sum(value("TOKEN")))
}

// killed: threat A9, and a session ends with the MCP server it came through.
func (x *withAgent) killed(t *testing.T) {
	waiting := x.k.call(t, "noxkey_get", args{"account": "acme/api/DB"})
	x.app.quiet(t)
	id := x.a.send(t, order{Do: "kill", PID: x.k.pid})
	if r := x.a.receive(t, id); r.Code != 0 {
		t.Fatal(r.Err)
	}
	r := x.a.shell(t, "timeout 30 bash -c \""+strings.TrimSuffix(waiting.source(t), " && ")+"\"")
	if r.code == 0 || r.code == 124 || !strings.Contains(r.err, "noxkey") {
		t.Errorf("sourced after the server was killed: %+v", r)
	}
	poll(t, func() string { return "the session outlives its MCP server" }, func() bool {
		return !strings.Contains(x.own.run(t, "noxkey sessions").ok(t), "Claude Code")
	})
	x.k = x.a.mcp(t)
	done := x.k.start(t, "noxkey_get", args{"account": "acme/api/DB"})
	x.app.grant(t, "a", "Claude Code wants a secret")
	done()
}

func (x *withAgent) gone(t *testing.T) {
	x.app.quit(t)
	x.k.call(t, "noxkey_get", args{"account": "acme/api/DB"}).refused(t, "not_running")
	x.a.shell(t, "noxkey get acme/api/DB").fails(t, 3)
}
