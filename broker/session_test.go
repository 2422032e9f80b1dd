package broker

import (
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

func withSession(req *secret.Request, d time.Duration) *secret.Request {
	req.Session = int64(d / time.Second)
	return req
}

func TestSessionCoversWhatWasThere(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowSession)
	a := agent("Claude Code", 70, 71)
	r := s.do(a, withSession(get("acme/api"), time.Hour))
	if r.err != nil || r.ticket.Session == nil {
		t.Fatal(r.err)
	}
	ask := s.who.seen()[0]
	if ask.Session != time.Hour || len(ask.Covered) != 2 {
		t.Errorf("the card offered %v over %v", ask.Session, ask.Covered)
	}
	cards := func() int { return len(s.who.seen()) }
	for _, n := range []secret.Prefix{"acme/api/DB", "acme/api/REGION"} {
		if r := s.do(a, get(n)); r.err != nil || cards() != 1 {
			t.Errorf("%s: %v, %d cards", n, r.err, cards())
		}
	}
	s.who.will(Deny)
	s.wantCode(s.do(a, get("acme/api/STRIPE")), secret.Denied) // strict asks every time
	s.clock.pass(time.Hour - 2*time.Minute)
	s.b.queue.wake("")
	s.wantCode(s.do(a, get("acme/prod/DB")), secret.Denied) // another prefix
	s.put("acme/api/NEW", "new-canary", secret.Normal)
	s.clock.pass(time.Minute)
	s.b.queue.wake("")
	s.wantCode(s.do(a, get("acme/api/NEW")), secret.Denied) // did not exist then
	if used := s.b.sessions.list()[0].Used; used != 2 {
		t.Errorf("used %d times", used)
	}
}

// TestThreatB3AnothersSession: nobody else's requests fall under it.
func TestThreatB3AnothersSession(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowSession)
	if r := s.do(agent("Claude Code", 70, 71), withSession(get("acme/api/DB"), time.Hour)); r.err != nil {
		t.Fatal(r.err)
	}
	s.who.will(Deny)
	recycled := agent("Claude Code", 70, 73)
	recycled.Anchor.Start++
	for name, who := range map[string]caller.Caller{
		"another agent":       agent("Codex", 90, 91),
		"the same pid anew":   recycled, // B6
		"an unknown":          unknown(92),
		"an unknown, no root": {Class: caller.Unknown, Chain: []caller.Process{proc(93, "x")}},
	} {
		t.Run(name, func(t *testing.T) {
			s.b.queue.wake("")
			if r := s.do(who, get("acme/api/DB")); secret.CodeOf(r.err) != secret.Denied {
				t.Errorf("%v %v", r.ticket, r.err)
			}
			s.clock.pass(2 * time.Minute)
		})
	}
}

// TestThreatB4PostinstallScript: below the person's own shell, but with npm in
// between, a session is not silent and the prompt shows the chain.
func TestThreatB4PostinstallScript(t *testing.T) {
	s := newScene(t)
	h := human(9)
	if r := s.do(h, withSession(&secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/api"}}, time.Hour)); r.err != nil {
		t.Fatal(r.err)
	}
	before := len(s.who.seen())
	if r := s.do(human(10), take(secret.DeliverEval, "acme/api/DB")); r.err != nil || len(s.who.seen()) != before {
		t.Errorf("in the session: %v, %d prompts", r.err, len(s.who.seen())-before)
	}
	npm := human(11)
	npm.Quiet = false
	npm.Chain = []caller.Process{npm.Chain[0], proc(51, "node"), npm.Chain[1], npm.Chain[2]}
	s.who.typed = "" // the person is surprised, and cancels
	s.wantCode(s.do(npm, take(secret.DeliverEval, "acme/api/DB")), secret.Cancelled)
	asks := s.who.seen()
	if last := asks[len(asks)-1]; len(last.Who.Chain) != 4 {
		t.Errorf("the prompt's chain is %v", last.Who.Chain)
	}
	s.wantCode(s.do(human(12), take(secret.DeliverEval, "acme/api/STRIPE")), secret.Cancelled)
}

func TestSessionEnds(t *testing.T) {
	for name, end := range map[string]func(*scene, caller.Caller){
		"time":        func(s *scene, _ caller.Caller) { s.clock.pass(time.Hour) },
		"clock back":  func(s *scene, _ caller.Caller) { s.clock.set(s.clock.Wall().Add(-2 * time.Hour)) },
		"clock ahead": func(s *scene, _ caller.Caller) { s.clock.set(s.clock.Wall().Add(2 * time.Hour)) },
		"agent died":  func(s *scene, a caller.Caller) { s.kill(a.Anchor) },
		"MCP died":    func(s *scene, a caller.Caller) { s.kill(a.Lease) },
		"ended": func(s *scene, _ caller.Caller) {
			s.do(human(9), &secret.Request{Op: secret.OpEnd, ID: s.b.sessions.list()[0].ID})
		},
		"all ended": func(s *scene, _ caller.Caller) { s.do(human(9), &secret.Request{Op: secret.OpEnd}) },
		"slept":     func(s *scene, a caller.Caller) { s.clock.sleep(); s.do(a, &secret.Request{Op: secret.OpStatus}) },
		"locked":    func(s *scene, a caller.Caller) { s.do(a, &secret.Request{Op: secret.OpLock}) },
		"name removed": func(s *scene, _ caller.Caller) {
			s.write(human(9), secret.Change{Action: secret.ActionRemove, Name: "acme/api/DB"})
		},
		"level raised": func(s *scene, _ caller.Caller) {
			l := secret.Strict
			s.write(human(9), secret.Change{Action: secret.ActionEdit, Name: "acme/api/DB", Meta: secret.Patch{Level: &l}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.who.will(AllowSession)
			a := agent("Claude Code", 70, 71)
			req := withSession(get("acme/api/DB"), time.Hour)
			req.MCP = true
			if r := s.do(a, req); r.err != nil || s.b.sessions.count() != 1 {
				t.Fatal(r.err)
			}
			end(s, a)
			if n := s.b.sessions.count(); n != 0 {
				t.Errorf("%d sessions are open", n)
			}
		})
	}
}

func (s *scene) write(who caller.Caller, c ...secret.Change) result {
	s.Helper()
	return s.do(who, &secret.Request{Op: secret.OpWrite, Changes: c})
}

func TestSessionLengths(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowSession)
	a := agent("Claude Code", 70, 71)
	s.wantCode(s.do(a, withSession(get("acme/api/DB"), 25*time.Hour)), secret.Invalid)
	s.wantCode(s.do(a, withSession(get("acme/api/DB"), -2*time.Second)), secret.Invalid)
	req := get("acme/api/DB")
	req.Session = secret.SessionDefault
	if r := s.do(a, req); r.err != nil || r.ticket.Session.Until.Sub(r.ticket.Session.Granted) != secret.DefaultSession {
		t.Errorf("%+v %v", r.ticket, r.err)
	}
	s.wantCode(s.do(unknown(95), &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/api"}}), secret.HumanOnly)
	s.who.will(AllowOnce)
	u := withSession(get("acme/api/DB"), time.Hour)
	if r := s.do(unknown(95), u); r.err != nil || s.who.seen()[len(s.who.seen())-1].Session != 0 {
		t.Errorf("an unknown caller was offered a session: %v", r.err)
	}
}

func TestUnlockStrictOnly(t *testing.T) {
	s := newScene(t)
	s.wantCode(s.do(human(9), &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/api/STRIPE"}}), secret.Invalid)
	r := s.do(human(9), &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/api"}})
	if r.err != nil || len(r.all) != 1 || len(r.all[0].Session.Names) != 2 {
		t.Errorf("%+v %v", r.all, r.err)
	}
}
