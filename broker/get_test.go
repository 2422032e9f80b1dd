package broker

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

func TestHumanReads(t *testing.T) {
	s := newScene(t)
	r := s.do(human(9), take(secret.DeliverEval, "acme/api/REGION"))
	if r.err != nil || r.values["acme/api/REGION"] != "region-canary" || len(s.who.seen()) != 0 {
		t.Errorf("easy: %v %v, %d prompts", r.values, r.err, len(s.who.seen()))
	}
	for i, n := range []secret.Prefix{"acme/api/DB", "acme/api/STRIPE", "acme/root/KEY"} {
		r = s.do(human(9), take(secret.DeliverRaw, n))
		if r.err != nil || len(r.values) != 1 {
			t.Errorf("%s: %v", n, r.err)
		}
		if asks := s.who.seen(); len(asks) != i+1 || asks[i].Kind != AskHuman || asks[i].Items[0].Name != secret.Name(n) {
			t.Errorf("%s: the prompts were %v", n, asks)
		}
	}
	s.who.typed = ""
	s.wantCode(s.do(human(9), take(secret.DeliverEval, "acme/api/DB")), secret.Cancelled)
	s.who.typed = "wrong"
	s.wantCode(s.do(human(9), take(secret.DeliverEval, "acme/api/DB")), secret.Denied)
}

// TestPrintIsEvalForAPersonOnly: whoever else asks so learns who it is, and gets
// no value, no ticket and no card.
func TestPrintIsEvalForAPersonOnly(t *testing.T) {
	s := newScene(t)
	r := s.do(human(9), take(secret.DeliverPrint, "acme/api/DB"))
	if r.err != nil || r.values["acme/api/DB"] != "db-canary" || s.who.seen()[0].Delivery != secret.DeliverEval {
		t.Errorf("%v %v", r.values, r.err)
	}
	for _, who := range []caller.Caller{agent("Codex", 70, 71), unknown(72)} {
		r := s.do(who, take(secret.DeliverPrint, "acme/api/REGION"))
		if r.err != nil || len(r.values) != 0 || r.ticket != nil || len(r.all) != 1 || r.all[0].Status.You != label(who) {
			t.Errorf("%+v %v", r.all, r.err)
		}
	}
	if n := len(s.who.seen()); n != 1 {
		t.Errorf("%d prompts", n)
	}
}

func TestAgentGetsATicketAndFetchesOnce(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	a := agent("Claude Code", 70, 71)
	req := get("acme/api")
	req.Reason, req.Command = "run the tests", "make test"
	r := s.do(a, req)
	if r.err != nil || r.ticket == nil || len(r.values) != 0 {
		t.Fatalf("%v, %v", r.ticket, r.err)
	}
	if got := r.ticket.Names; len(got) != 3 || got[0] != "acme/api/STRIPE" {
		t.Errorf("names %v, the strictest should be first", got)
	}
	card := s.who.seen()[0]
	if card.Kind != AskCard || !card.Touch || card.Reason != "run the tests" || card.Prefix != "acme/api" || card.Known.Path != "/usr/bin/claude" {
		t.Errorf("the card was %+v", card)
	}
	fetch := &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID, Reader: "bash 99"}
	got := s.do(a, fetch)
	if got.err != nil || len(got.values) != 3 || got.values["acme/api/STRIPE"] != "stripe-canary" {
		t.Fatalf("redeemed %v, %v", got.values, got.err)
	}
	if last := s.lastRecord(); last.Outcome != secret.Released || last.Detail != "bash 99" || last.Who != "Claude Code" {
		t.Errorf("recorded %+v", last)
	}
	s.wantCode(s.do(a, fetch), secret.Denied)
}

// TestThreatA2TicketOfAnother: a ticket is worth nothing in another process, and
// is void once one tried.
func TestThreatA2TicketOfAnother(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	mine := agent("Claude Code", 70, 71)
	r := s.do(mine, get("acme/api/DB"))
	req := &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID}
	s.wantCode(s.do(agent("Claude Code", 70, 72), req), secret.Denied)
	s.wantCode(s.do(mine, req), secret.Denied)
}

// TestThreatA6TicketIsOver: 120 s later it is useless, whichever clock says so.
func TestThreatA6TicketIsOver(t *testing.T) {
	for name, later := range map[string]func(*clock){
		"elapsed":          func(c *clock) { c.pass(ticketTime) },
		"clock set ahead":  func(c *clock) { c.set(c.Wall().Add(ticketTime)) },
		"clock set back":   func(c *clock) { c.set(c.Wall().Add(-time.Hour)) },
		"slept, set back":  func(c *clock) { w := c.Wall(); c.pass(ticketTime); c.set(w) },
		"locked meanwhile": nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.who.will(AllowOnce)
			a := agent("Claude Code", 70, 71)
			r := s.do(a, get("acme/api/DB"))
			if r.err != nil {
				t.Fatal(r.err)
			}
			want := secret.TimedOut
			if later != nil {
				later(s.clock)
			} else {
				s.do(a, &secret.Request{Op: secret.OpLock})
				s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock})
				want = secret.Denied
			}
			s.wantCode(s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID}), want)
		})
	}
}

// TestThreatC4EveryOtherDoor: who is denied values at one door finds the others
// shut, whoever it says it is.
func TestThreatC4EveryOtherDoor(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	for _, who := range []caller.Caller{agent("Codex", 70, 71), unknown(72)} {
		for _, d := range []secret.Delivery{secret.DeliverEval, secret.DeliverRaw, secret.DeliverCopy, secret.DeliverLoad, secret.DeliverExport} {
			s.wantCode(s.do(who, take(d, "acme/api/REGION")), secret.HumanOnly)
			if last := s.lastRecord(); last.Outcome != secret.OutRefused {
				t.Errorf("%s: recorded %+v", d, last)
			}
		}
		for _, op := range []secret.Op{secret.OpAudit, secret.OpVerify, secret.OpSessions, secret.OpEnd, secret.OpPause, secret.OpRest, secret.OpPasswd, secret.OpRekey, secret.OpSettings} {
			s.wantCode(s.do(who, &secret.Request{Op: op}), secret.HumanOnly)
		}
	}
	if n := len(s.who.seen()); n != 0 {
		t.Errorf("%d cards were shown for what is refused anyway", n)
	}
}

func TestOffLimits(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	a := agent("Codex", 70, 71)
	s.wantCode(s.do(a, get("acme/root/KEY")), secret.OffLimit)
	if last := s.lastRecord(); last.Outcome != secret.OutRefused || len(last.Names) != 1 {
		t.Errorf("the refusal was recorded as %+v", last)
	}
	r := s.do(a, get("acme/root"))
	if r.err != nil || len(r.ticket.Names) != 1 || len(r.ticket.LeftOut) != 1 || len(s.who.seen()[0].LeftOut) != 1 {
		t.Errorf("in a batch it is left out and named: %+v, %v", r.ticket, r.err)
	}
}

func TestLoginNeverIncludesSecondFactors(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	a := agent("Codex", 70, 71)
	r := s.do(a, get("login/github.com"))
	if r.err != nil || strings.Join(r.ticket.Env, " ") != "GITHUB_COM_PASSWORD GITHUB_COM_USERNAME" {
		t.Errorf("%+v, %v", r.ticket, r.err)
	}
	if r = s.do(a, get("login/github.com/TOTP")); r.err != nil || len(r.ticket.Names) != 1 {
		t.Errorf("named, it is given: %v", r.err)
	}
	s.put("login/only.example/TOTP", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", secret.Normal)
	if r = s.do(a, get("login/only.example")); secret.CodeOf(r.err) != secret.Invalid || !strings.Contains(r.err.Error(), "login/only.example/TOTP") {
		t.Errorf("nothing but a second factor: %v", r.err)
	}
}

func TestTwoSecretsOneVariable(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	r := s.do(agent("Codex", 70, 71), get("acme"))
	s.wantCode(r, secret.Conflict)
	var e *secret.Error
	if !errors.As(r.err, &e) || len(e.Names) != 2 {
		t.Errorf("both must be named: %v", r.err)
	}
}

// TestThreatE1AnswerOfAnotherCard: a grant carries the digest of the card that
// was seen, and one with another is refused.
func TestThreatE1AnswerOfAnotherCard(t *testing.T) {
	s := newScene(t)
	s.who.does(func(a *Ask) Answer {
		other := *a
		other.Items = append([]Item(nil), a.Items...)
		other.Items[0].Name = "acme/api/REGION"
		return Answer{Choice: AllowOnce, Digest: other.Digest()}
	})
	s.wantCode(s.do(agent("Codex", 70, 71), get("acme/api/STRIPE")), secret.Internal)
}

// TestThreatE1ChoicesNotOffered: an answer that the card did not offer denies.
func TestThreatE1ChoicesNotOffered(t *testing.T) {
	s := newScene(t)
	for _, c := range []Choice{AllowSession, Vouch, Choice(9)} {
		s.who.will(c)
		s.b.queue.wake("")
		r := s.do(agent("Codex", 70, 71), get("acme/api/DB"))
		if r.err == nil {
			t.Errorf("choice %d was taken", c)
		}
		s.clock.pass(time.Hour)
	}
	if n := s.b.sessions.count(); n != 0 {
		t.Errorf("%d sessions", n)
	}
}

// TestThreatE5TooLate: what is answered after the asker has gone, or after the
// time, issues nothing.
func TestThreatE5TooLate(t *testing.T) {
	t.Run("hung up", func(t *testing.T) {
		s := newScene(t)
		ctx, cancel := context.WithCancel(t.Context())
		s.who.does(func(*Ask) Answer { cancel(); time.Sleep(50 * time.Millisecond); return Answer{Choice: AllowOnce} })
		s.wantCode(s.doCtx(ctx, agent("Codex", 70, 71), get("acme/api/DB")), secret.Cancelled)
		waitFor(t, func() bool { return s.b.queue.len() == 0 })
		if n := len(s.b.tickets.all); n != 0 {
			t.Errorf("%d tickets", n)
		}
	})
	t.Run("timed out", func(t *testing.T) {
		s := newScene(t)
		s.b.cfg.CardTime = 30 * time.Millisecond
		s.who.does(func(*Ask) Answer { time.Sleep(60 * time.Millisecond); return Answer{Choice: AllowOnce} })
		s.wantCode(s.do(agent("Codex", 70, 71), get("acme/api/DB")), secret.TimedOut)
		if last := s.lastRecord(); last.Outcome != secret.OutTimedOut {
			t.Errorf("recorded %+v", last)
		}
	})
	t.Run("the passphrase came too late", func(t *testing.T) {
		s := newScene(t)
		s.b.cfg.CardTime = 30 * time.Millisecond
		s.who.will(AllowOnce)
		s.who.during = func() { time.Sleep(60 * time.Millisecond) }
		s.wantCode(s.do(agent("Codex", 70, 71), get("acme/api/DB")), secret.TimedOut)
	})
	t.Run("the agent died", func(t *testing.T) {
		s := newScene(t)
		a := agent("Codex", 70, 71)
		s.who.does(func(*Ask) Answer { s.kill(a.Anchor); return Answer{Choice: AllowOnce} })
		s.wantCode(s.do(a, get("acme/api/DB")), secret.Cancelled)
	})
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for range 500 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it did not come to pass in 5 s")
}

// TestThreatE4ChangedMeanwhile: the secret or the program is not the one that was
// approved.
func TestThreatE4ChangedMeanwhile(t *testing.T) {
	t.Run("secret", func(t *testing.T) {
		s := newScene(t)
		s.who.will(AllowOnce)
		a := agent("Codex", 70, 71)
		r := s.do(a, get("acme/api/DB"))
		replaced := secret.Change{Action: secret.ActionSet, Name: "acme/api/DB", Replace: true, Value: val(t, "another")}
		if w := s.do(human(9), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{replaced}}); w.err != nil {
			t.Fatal(w.err)
		}
		s.wantCode(s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID}), secret.Conflict)
	})
	t.Run("binary", func(t *testing.T) {
		s := newScene(t)
		a := agent("Codex", 70, 71)
		a.Chain[1].NoExe, a.Chain[1].ExeID = false, caller.FileID{Dev: 1, Ino: 2}
		old := readProcess
		defer func() { readProcess = old }()
		readProcess = func(int) (caller.Process, error) {
			p := a.Chain[1]
			p.ExeID.Ino = 3
			return p, nil
		}
		s.who.will(AllowOnce)
		s.wantCode(s.do(a, get("acme/api/DB")), secret.Conflict)
	})
	t.Run("the program that an unknown caller was shown as", func(t *testing.T) {
		s := newScene(t)
		u := unknown(71)
		u.Chain[1].NoExe, u.Chain[1].ExeID = false, caller.FileID{Dev: 1, Ino: 2}
		old := readProcess
		defer func() { readProcess = old }()
		readProcess = func(int) (caller.Process, error) {
			p := u.Chain[1]
			p.ExeID.Ino = 3
			return p, nil
		}
		s.who.will(AllowOnce)
		s.wantCode(s.do(u, get("acme/api/DB")), secret.Conflict)
	})
	for what, c := range map[string]struct {
		to   caller.Process
		code secret.Code
	}{
		"the script, which a shell reads on in":  {caller.Process{Script: "/w/deploy.sh", ScriptID: caller.FileID{Ino: 4, Size: 2}}, secret.Conflict},
		"not the script, but the shell's folder": {caller.Process{Script: "deploy.sh"}, ""},
	} {
		t.Run(what, func(t *testing.T) {
			s := newScene(t)
			u := unknown(71)
			u.Chain[1].NoExe, u.Chain[1].ExeID = false, caller.FileID{Dev: 1, Ino: 2}
			u.Chain[1].Script, u.Chain[1].ScriptID = "/w/deploy.sh", caller.FileID{Ino: 4, Size: 1}
			old := readProcess
			defer func() { readProcess = old }()
			readProcess = func(int) (caller.Process, error) {
				p := u.Chain[1]
				p.Script, p.ScriptID = c.to.Script, c.to.ScriptID
				return p, nil
			}
			s.who.will(AllowOnce)
			if got := secret.CodeOf(s.do(u, get("acme/api/DB")).err); got != c.code {
				t.Errorf("%q, want %q", got, c.code)
			}
		})
	}
}

func TestCancelledProofReturnsToTheCard(t *testing.T) {
	s := newScene(t)
	s.who.typed = ""
	s.who.does(func(a *Ask) Answer {
		if a.Note == "" {
			return Answer{Choice: AllowOnce}
		}
		return Answer{Choice: Deny}
	})
	s.wantCode(s.do(agent("Codex", 70, 71), get("acme/api/DB")), secret.Denied)
	asks := s.who.seen()
	if len(asks) != 2 || asks[1].Note == "" || asks[0].ID != asks[1].ID || asks[0].Digest() != asks[1].Digest() {
		t.Errorf("asked %+v", asks)
	}
	if len(s.who.ends) == 0 || s.who.ends[len(s.who.ends)-1] != secret.OutDenied {
		t.Errorf("ends %v", s.who.ends)
	}
}

// TestThreatB12KeysDoNotGrant: an easy secret's card too wants the passphrase
// where keys can be forged, and not where a click is the person's.
func TestThreatB12KeysDoNotGrant(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	s.who.typed = "forged"
	s.wantCode(s.do(agent("Codex", 70, 71), get("acme/api/REGION")), secret.Denied)
	s.b.cfg.KeysGrant = true
	a := agent("Claude Code", 80, 81)
	r := s.do(a, get("acme/api/REGION"))
	if r.err != nil {
		t.Fatal(r.err)
	}
	if r = s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID}); r.values["acme/api/REGION"] != "region-canary" {
		t.Errorf("%v %v", r.values, r.err)
	}
}

// TestThreatB11Disagreement: client and server see different callers.
func TestThreatB11Disagreement(t *testing.T) {
	s := newScene(t)
	req := get("acme/api/DB")
	req.Client = "human"
	s.wantCode(s.do(agent("Codex", 70, 71), req), secret.Disagree)
	if last := s.lastRecord(); last.Outcome != secret.OutRefused || !strings.Contains(last.Detail, "disagree") {
		t.Errorf("recorded %+v", last)
	}
	for client, h := range map[string]caller.Caller{"agent Codex": human(9), "unknown": agent("Codex", 70, 71), "agent Claude Code": agent("Codex", 70, 71), "human ": unknown(9)} {
		req.Client = client
		s.wantCode(s.do(h, req), secret.Disagree)
	}
	req.Client = "unknown" // a client that knows nothing of the person's vouching
	if r := s.do(human(9), req); r.err != nil {
		t.Error(r.err)
	}
	s.who.will(AllowOnce)
	req.Client = "agent Codex"
	if r := s.do(agent("Codex", 70, 71), req); r.err != nil {
		t.Errorf("agreed, and refused: %v", r.err)
	}
}

// TestThreatB2UnknownAgentByMCP: an agent that no table knows, started in the
// person's terminal, is not the person when it comes through MCP.
func TestThreatB2UnknownAgentByMCP(t *testing.T) {
	s := newScene(t)
	req := take(secret.DeliverEval, "acme/api/REGION")
	req.MCP, req.Client = true, "human"
	s.wantCode(s.do(human(9), req), secret.HumanOnly)
	use := get("acme/api/DB")
	use.MCP = true
	s.who.will(AllowOnce)
	if r := s.do(human(9), use); r.err != nil || s.who.seen()[0].Kind != AskCard {
		t.Errorf("%v, asked %+v", r.err, s.who.seen())
	}
}

func TestVouching(t *testing.T) {
	s := newScene(t)
	tmux := proc(4121, "tmux: server")
	u := unknown(72)
	u.Vouchable = &tmux
	s.who.will(Vouch)
	r := s.do(u, get("acme/api/DB"))
	if r.err != nil || r.ticket == nil || !s.b.Vouched(tmux.ID) {
		t.Fatalf("%v, vouched %v", r.err, s.b.Vouched(tmux.ID))
	}
	recycled := tmux.ID
	recycled.Start++
	if s.b.Vouched(recycled) {
		t.Error("the pid alone is vouched for")
	}
	s.who.typed = "wrong"
	other := proc(5000, "screen")
	u.Vouchable = &other
	s.wantCode(s.do(u, get("acme/api/DB")), secret.Denied)
	if s.b.Vouched(other.ID) {
		t.Error("vouched without the passphrase")
	}
}

func TestLocked(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowSession)
	req := get("acme/api/DB")
	req.Session = 3600
	a := agent("Codex", 70, 71)
	if r := s.do(a, req); r.err != nil || s.b.sessions.count() != 1 {
		t.Fatal(r.err)
	}
	if r := s.do(a, &secret.Request{Op: secret.OpLock}); r.err != nil {
		t.Errorf("an agent may lock: %v", r.err)
	}
	for _, op := range []secret.Op{secret.OpList, secret.OpGet, secret.OpPeek, secret.OpWrite, secret.OpAudit, secret.OpUnlock, secret.OpRedeem} {
		s.wantCode(s.do(human(9), &secret.Request{Op: op, Targets: []secret.Prefix{"acme/api/DB"}}), secret.Locked)
	}
	st := s.do(a, &secret.Request{Op: secret.OpStatus}).all[0].Status
	if !st.Locked || st.Secrets != 0 || st.Sessions != 0 {
		t.Errorf("status %+v", st)
	}
}

func TestLockWithdrawsCards(t *testing.T) {
	s := newScene(t)
	done := make(chan result)
	go func() { done <- s.do(agent("Codex", 70, 71), get("acme/api/DB")) }()
	waitFor(t, func() bool { return len(s.who.seen()) == 1 })
	s.do(caller.Front("test"), &secret.Request{Op: secret.OpLock})
	s.wantCode(<-done, secret.Locked)
}

// TestThreatF7NothingWithoutARecord: if the decision cannot be written, nothing
// is released.
func TestThreatF7NothingWithoutARecord(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowSession)
	s.b.audit.f.Close()
	s.wantCode(s.do(human(9), take(secret.DeliverEval, "acme/api/REGION")), secret.NotRecorded)
	req := get("acme/api/DB")
	req.Session = 60
	s.wantCode(s.do(agent("Codex", 70, 71), req), secret.NotRecorded)
	if n := s.b.sessions.count(); n != 0 {
		t.Errorf("%d sessions were opened", n)
	}
	if len(s.b.tickets.all) != 0 {
		t.Error("a ticket was made")
	}
}

func TestDamagedAndMissing(t *testing.T) {
	s := newScene(t)
	s.wantCode(s.do(human(9), take(secret.DeliverEval, "acme/none/X")), secret.NotFound)
	s.wantCode(s.do(human(9), &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverEval}), secret.Invalid)
	s.wantCode(s.do(human(9), take(secret.DeliverRaw, "acme/api")), secret.Invalid)
	if _, err := os.Stat(s.path); err != nil {
		t.Error(err)
	}
}
