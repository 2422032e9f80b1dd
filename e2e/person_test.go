package e2e

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
)

// person is somebody at a terminal, from their first run on.
type person struct {
	w      *world
	app    *app
	server *server
	sh     *shell
}

// has checks that the shell's variable holds the value of its name, by its hash.
func (sh *shell) has(t *testing.T, variable, want string) {
	t.Helper()
	sh.run(t, `printf %s "$`+variable+`" | sha256sum`).prints(t, sum(want))
}

// TestPerson is a person's day, one step after the other, on a vault of the real
// cost: first run, store, vouch, read by every road, sessions, lock, audit, rekey,
// passwd, restart.
func TestPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := &person{w: w, app: w.app(t)}
	p.server = w.tmux("me")
	p.sh = p.server.shell(t)
	for _, step := range []struct {
		name string
		do   func(*person, *testing.T)
	}{
		{"first run", (*person).firstRun}, {"set and vouch", (*person).vouch}, {"store", (*person).store},
		{"eval in bash, zsh and dash", (*person).eval}, {"raw, copy, load, export", (*person).roads},
		{"session", (*person).session}, {"lock", (*person).lock}, {"refusals", (*person).refusals},
		{"audit", (*person).audit}, {"rekey and passwd", (*person).keys}, {"restart", (*person).restart},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.do(p, t) }) {
			return // the next step stands on this one
		}
	}
}

func (p *person) firstRun(t *testing.T) {
	p.app.wait(t, "Choose a passphrase")
	p.sh.run(t, "noxkey status").prints(t, "locked")
	p.sh.run(t, "noxkey ls").fails(t, 5, "first run")
	p.app.firstRun(t)
	fi, err := os.Stat(p.w.path("h/vault.db"))
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("the vault: %v %v", fi, err)
	}
	p.sh.run(t, "noxkey status").prints(t, "open", "unknown")
}

func (p *person) vouch(t *testing.T) {
	j := p.sh.start(t, "noxkey set acme/api/DB --stdin < "+p.w.input("DB"))
	card := p.app.grant(t, "a", "wants to change a secret", "cannot tell who is asking", "DB")
	if strings.Contains(card, "vouch for") {
		t.Errorf("a write offers a vouch:\n%s", card)
	}
	j.wait(t).ok(t)
	p.sh.run(t, "noxkey status").prints(t, "unknown")
	j = p.sh.start(t, `eval "$(noxkey get acme/api/DB)"`)
	p.app.grant(t, "v", "wants a secret", "vouch for tmux")
	j.wait(t).ok(t)
	p.sh.has(t, "DB", value("DB"))
	p.sh.run(t, "noxkey status").prints(t, "human")
}

func (p *person) store(t *testing.T) {
	for key, flags := range map[string]string{"HARD": "--level strict", "OFF": "--level off_limits", "SOFT": "--level easy"} {
		line := "noxkey set acme/api/" + key + " --stdin " + flags + " < " + p.w.input(key)
		p.app.asked(t, p.sh, line, "store acme/api/"+key).ok(t)
	}
	env := p.w.write("in/.env", "TOKEN='"+canary+" $HOME #1'\nOTHER="+canary+"2\n")
	p.app.asked(t, p.sh, "noxkey import "+env+" --under acme/web --delete", "store 2 secrets under acme/web").prints(t, "imported 2 secrets", "deleted")
	if _, err := os.Stat(env); err == nil {
		t.Error("the imported file is still there")
	}
	p.sh.run(t, "noxkey ls").prints(t, "acme/api/DB", "acme/api/HARD", "acme/api/OFF", "acme/api/SOFT", "acme/web/TOKEN", "acme/web/OTHER")
	p.sh.run(t, "noxkey set acme/api/DB --stdin < "+p.w.input("DB")).fails(t, 1, "exists")
}

func (p *person) eval(t *testing.T) {
	for _, argv := range [][]string{nil, {"zsh", "-f"}, {"dash"}} {
		if argv != nil {
			need(t, argv[0])
		}
		sh := p.server.shell(t, argv...)
		p.app.asked(t, sh, `eval "$(noxkey get acme/web/TOKEN)"`, "give acme/web/TOKEN to", "vouched").ok(t)
		sh.has(t, "TOKEN", canary+" $HOME #1")
		p.app.unasked(t, sh, `eval "$(noxkey get acme/api/SOFT)"`).ok(t)
		sh.has(t, "SOFT", value("SOFT"))
	}
}

func (p *person) roads(t *testing.T) {
	p.app.asked(t, p.sh, "noxkey get acme/api/DB --raw | sha256sum", "give acme/api/DB to").prints(t, sum(value("DB")))
	p.app.unasked(t, p.sh, "noxkey get acme/api/SOFT --copy").fails(t, 1, "clipboard")
	p.app.asked(t, p.sh, `eval "$(noxkey load acme/api)"`, "give 4 secrets of acme/api").ok(t)
	for _, key := range []string{"DB", "HARD", "OFF", "SOFT"} {
		p.sh.has(t, key, value(key))
	}
	out := p.w.path("in/out.env")
	p.app.asked(t, p.sh, "noxkey export acme/web -o "+out, "give 2 secrets of acme/web").ok(t)
	fi, err := os.Stat(out)
	if err != nil || fi.Mode().Perm() != 0o600 {
		t.Fatalf("the exported file: %v %v", fi, err)
	}
	b, _ := os.ReadFile(out)
	if !strings.Contains(string(b), canary+" $HOME #1") || !strings.Contains(string(b), "OTHER") {
		t.Error("the exported file lacks what was exported")
	}
	p.app.unasked(t, p.sh, "noxkey export acme/web -o "+out).fails(t, 1, "exists")
}

// session: a prefix is silent for what it held when it was opened, strict asks, and
// whatever is not a shell between the prompt and noxkey asks.
func (p *person) session(t *testing.T) {
	p.app.asked(t, p.sh, "noxkey unlock acme/api --for 1h", "open acme/api").prints(t, "acme/api (2 secrets) open until")
	for range 3 {
		p.app.unasked(t, p.sh, "noxkey get acme/api/DB --raw | sha256sum").prints(t, sum(value("DB")))
	}
	p.app.unasked(t, p.sh, `sh -c 'noxkey get acme/api/DB --raw; :' | sha256sum`).prints(t, sum(value("DB")))
	p.app.asked(t, p.sh, "timeout --foreground 60 noxkey get acme/api/DB --raw | sha256sum", "timeout").prints(t, sum(value("DB")))
	p.app.asked(t, p.sh, "noxkey get acme/api/HARD --raw | sha256sum").prints(t, sum(value("HARD")))
	p.app.asked(t, p.sh, "noxkey get acme/web/OTHER --raw | sha256sum").prints(t, sum(canary+"2"))
	other := p.server.shell(t)
	p.app.asked(t, other, "noxkey get acme/api/DB --raw | sha256sum").prints(t, sum(value("DB"))) // the session is that shell's
	p.app.asked(t, p.sh, "noxkey set acme/api/LATER --stdin < "+p.w.input("LATER")).ok(t)
	p.app.asked(t, p.sh, "noxkey get acme/api/LATER --raw | sha256sum").prints(t, sum(value("LATER"))) // not there when it was granted
	p.app.wait(t, "acme/api, 2 secrets")
	p.sh.run(t, "noxkey sessions").prints(t, "acme/api (2 secrets)", "m left")
}

func (p *person) lock(t *testing.T) {
	p.sh.run(t, "noxkey lock").ok(t)
	p.app.wait(t, "NoxKey is locked")
	p.sh.run(t, "noxkey get acme/api/DB --raw").fails(t, 5, "locked")
	p.sh.run(t, "noxkey get acme/api/DB").fails(t, 5, "locked")
	if out := p.sh.run(t, "noxkey ls"); out.code != 5 || strings.Contains(out.out, "acme") {
		t.Errorf("ls while locked: %+v", out)
	}
	p.app.keys(t, "Enter")
	p.app.unlock(t)
	p.app.asked(t, p.sh, "noxkey get acme/api/DB --raw | sha256sum").prints(t, sum(value("DB"))) // the session is gone
}

// refusals: three wrong passphrases, Escape, and Ctrl-C in the client.
func (p *person) refusals(t *testing.T) {
	j := p.sh.start(t, "noxkey get acme/api/DB --raw")
	p.app.try(t, "wrong passphrase 1")
	p.app.try(t, "wrong passphrase 2", "2 tries left")
	p.app.try(t, "wrong passphrase 3", "1 try left")
	j.wait(t).fails(t, 4)
	p.app.wait(t, "No request waits")

	j = p.sh.start(t, "noxkey get acme/api/DB --raw")
	p.app.wait(t, "Passphrase to give acme/api/DB")
	p.app.press(t, "Escape", "No request waits")
	j.wait(t).fails(t, 4)

	p.sh.start(t, "noxkey get acme/api/DB --raw")
	p.app.wait(t, "Passphrase to give acme/api/DB")
	p.sh.keys(t, "C-c")
	p.app.wait(t, "No request waits")
	p.sh.keys(t, "Enter")
	p.sh.run(t, "noxkey status").prints(t, "human")
}

func (p *person) audit(t *testing.T) {
	p.app.asked(t, p.sh, "noxkey unlock acme/web").ok(t)
	p.app.wait(t, "· 2 sessions ·")
	p.sh.run(t, "noxkey sessions --end "+p.sessionOn(t, "acme/web")).ok(t)
	p.app.wait(t, "· 1 session ·")
	p.sh.run(t, "noxkey audit --limit 200").prints(t, "vouched", "denied", "session", "acme/api/DB", "acme/web")
	p.sh.run(t, "noxkey verify").prints(t, "ok")
	p.sh.run(t, "noxkey sessions --end-all").ok(t)
	p.app.wait(t, "No session is open")
	p.sh.run(t, "noxkey status").prints(t, "unknown") // a vouch ends like a session
}

// sessionOn is the number of the session on a prefix.
func (p *person) sessionOn(t *testing.T, prefix string) string {
	t.Helper()
	var list []struct {
		ID     int    `json:"id"`
		Prefix string `json:"prefix"`
	}
	out := p.sh.run(t, "noxkey sessions --json").ok(t)
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, s := range list {
		if s.Prefix == prefix {
			return strconv.Itoa(s.ID)
		}
	}
	t.Fatalf("no session on %s: %s", prefix, out)
	return ""
}

func (p *person) keys(t *testing.T) {
	j := p.sh.start(t, `eval "$(noxkey get acme/api/DB)"`)
	p.app.grant(t, "v", "vouch for tmux")
	j.wait(t).ok(t)
	p.app.asked(t, p.sh, "noxkey settings session 2h", "make sessions last 2 hours, not 4 hours").prints(t, "2h")
	p.app.asked(t, p.sh, "noxkey rekey", "seal all secrets with a new key").ok(t)
	p.app.asked(t, p.sh, "noxkey get acme/api/DB --raw | sha256sum").prints(t, sum(value("DB")))
	j = p.sh.start(t, "noxkey passwd")
	p.app.try(t, passphrase, "change the passphrase")
	p.app.wait(t, "A new passphrase")
	p.app.choose(t, "another battery, another horse")
	j.wait(t).ok(t)
	p.sh.run(t, "noxkey lock").ok(t)
	p.app.wait(t, "NoxKey is locked")
	p.app.keys(t, "Enter")
	p.app.try(t, passphrase)
	p.app.wait(t, "2 tries left")
	p.app.unlock(t)
	p.sh.run(t, "noxkey verify").prints(t, "ok")
}

// restart: quit, and a new run knows the secrets, the audit, and no session.
func (p *person) restart(t *testing.T) {
	p.app.quit(t)
	p.sh.run(t, "noxkey get acme/api/DB --raw").fails(t, 3, "noxkey app")
	p.app.launch(t)
	p.app.unlock(t)
	p.app.wait(t, "7 secrets")
	p.sh.run(t, "noxkey status").prints(t, "unknown") // vouched for in the last run
	j := p.sh.start(t, `eval "$(noxkey get acme/api/DB)"`)
	p.app.grant(t, "v", "vouch for tmux")
	j.wait(t).ok(t)
	p.sh.run(t, "noxkey settings session").prints(t, "2h") // kept in the vault
	p.sh.run(t, "noxkey verify").prints(t, "ok")
	p.sh.run(t, "noxkey audit --limit 200").prints(t, "vouched", "denied")
}
