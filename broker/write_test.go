package broker

import (
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

func ptr[T any](v T) *T { return &v }

func set(t *testing.T, n secret.Name, v string) secret.Change {
	return secret.Change{Action: secret.ActionSet, Name: n, Value: val(t, v)}
}

func TestAgentWritesNeedACard(t *testing.T) {
	s := newScene(t)
	a := agent("Codex", 70, 71)
	s.who.will(Deny)
	s.wantCode(s.write(a, set(t, "acme/api/NEW", "v")), secret.Denied)
	if _, there, _ := s.b.entryOf("acme/api/NEW"); there {
		t.Fatal("written although denied")
	}
	s.who.will(AllowOnce)
	if r := s.write(a, set(t, "acme/api/NEW", "v")); r.err != nil || r.all[0].Written.Name != "acme/api/NEW" {
		t.Errorf("%v %v", r.all, r.err)
	}
	card := s.who.seen()[1]
	if !card.Touch || len(card.Writes) != 1 || card.Writes[0].New.Level != secret.Normal {
		t.Errorf("the card was %+v", card)
	}
	if last := s.lastRecord(); last.Op != secret.OpWrite || last.Detail == "" {
		t.Errorf("recorded %+v", last)
	}
}

func TestSetNeverOverwritesInSilence(t *testing.T) {
	s := newScene(t)
	s.wantCode(s.write(human(9), set(t, "acme/api/DB", "other")), secret.Exists)
	c := set(t, "acme/api/DB", "other")
	c.Replace = true
	if r := s.write(human(9), c); r.err != nil || !r.all[0].Written.Replaced {
		t.Errorf("%v %v", r.all, r.err)
	}
	s.wantCode(s.write(human(9), secret.Change{Action: secret.ActionMove, Name: "acme/api/DB", To: "acme/prod/DB"}), secret.Exists)
}

func TestBatchIsAllOrNothing(t *testing.T) {
	s := newScene(t)
	s.wantCode(s.write(human(9), set(t, "acme/api/ONE", "1"), set(t, "acme/api/DB", "2")), secret.Exists)
	s.wantCode(s.write(human(9), set(t, "acme/api/ONE", "1"), set(t, "acme/api/ONE", "2")), secret.Conflict)
	if _, there, _ := s.b.entryOf("acme/api/ONE"); there {
		t.Error("half of a batch was written")
	}
}

// TestThreatB14WidenByWriting: what would let an agent see more later is refused
// to it, and an open session does not follow a secret around.
func TestThreatB14WidenByWriting(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	a := agent("Codex", 70, 71)
	for name, c := range map[string]secret.Change{
		"retype a password": {Action: secret.ActionEdit, Name: "login/github.com/PASSWORD", Meta: secret.Patch{FieldType: ptr(secret.Text)}},
		"lower a level":     {Action: secret.ActionEdit, Name: "acme/api/STRIPE", Meta: secret.Patch{Level: ptr(secret.Easy)}},
		"off limits":        {Action: secret.ActionEdit, Name: "acme/root/KEY", Meta: secret.Patch{Level: ptr(secret.Normal)}},
		"lower by replacing": {Action: secret.ActionSet, Name: "acme/api/STRIPE", Replace: true, Value: val(t, "x"),
			Meta: secret.Patch{Level: ptr(secret.Easy)}},
	} {
		t.Run(name, func(t *testing.T) {
			if r := s.write(a, c); secret.CodeOf(r.err) != secret.HumanOnly {
				t.Errorf("%v", r.err)
			}
		})
	}
	if n := len(s.who.seen()); n != 0 {
		t.Errorf("%d cards for it", n)
	}
	s.who.will(AllowSession)
	if r := s.do(a, withSession(get("acme/api/DB"), 3600e9)); r.err != nil {
		t.Fatal(r.err)
	}
	s.who.will(AllowOnce)
	if r := s.write(a, secret.Change{Action: secret.ActionMove, Name: "acme/prod/DB", To: "acme/api/PROD"}); r.err != nil {
		t.Fatal(r.err)
	}
	s.who.will(Deny)
	s.wantCode(s.do(a, get("acme/api/PROD")), secret.Denied)
}

// TestThreatF6ReservedNames: names that change how programs run are refused on
// the way in and on the way out.
func TestThreatF6ReservedNames(t *testing.T) {
	s := newScene(t)
	for _, n := range []secret.Name{"acme/api/PATH", "acme/api/LD_PRELOAD", "acme/api/BASH_ENV", "acme/api/path", "acme/api/status", "acme/api/NODE_OPTIONS", "acme/api/USERNAME", "acme/api/DYLD_INSERT_LIBRARIES"} {
		s.wantCode(s.write(human(9), set(t, n, "v")), secret.Reserved)
		s.wantCode(s.write(human(9), secret.Change{Action: secret.ActionMove, Name: "acme/api/DB", To: n}), secret.Reserved)
	}
	s.wantCode(s.write(human(9), set(t, "acme/api/not-a-variable", "v")), secret.Invalid)
	s.wantCode(s.write(human(9), set(t, "login/github.com/COOKIE", "v")), secret.Invalid)
}

func TestEntryField(t *testing.T) {
	s := newScene(t)
	a := agent("Codex", 70, 71)
	c := secret.Change{Action: secret.ActionSet, Name: "acme/api/TYPED", Enter: true}
	s.wantCode(s.write(a, c), secret.Denied)
	s.who.enter = "typed-canary"
	if r := s.write(a, c); r.err != nil {
		t.Fatal(r.err)
	}
	r := s.do(human(9), take(secret.DeliverRaw, "acme/api/TYPED"))
	if r.values["acme/api/TYPED"] != "typed-canary" {
		t.Errorf("%v %v", r.values, r.err)
	}
	s.wantCode(s.write(a, c, set(t, "acme/api/ELSE", "v")), secret.Exists)
	s.wantCode(s.write(a, secret.Change{Action: secret.ActionSet, Name: "acme/api/EMPTY"}), secret.Invalid)
}

// TestThreatE4WriteOverAnotherVersion: the secret changed while the card was read.
func TestThreatE4WriteOverAnotherVersion(t *testing.T) {
	s := newScene(t)
	s.who.does(func(*Ask) Answer {
		c := set(t, "acme/api/DB", "meanwhile")
		c.Replace = true
		if r := s.write(caller.Front("test"), c); r.err != nil {
			t.Error(r.err)
		}
		return Answer{Choice: AllowOnce}
	})
	s.wantCode(s.write(agent("Codex", 70, 71), secret.Change{Action: secret.ActionRemove, Name: "acme/api/DB"}), secret.Conflict)
	if _, there, _ := s.b.entryOf("acme/api/DB"); !there {
		t.Error("removed all the same")
	}
}

func TestEditWithoutPrompt(t *testing.T) {
	s := newScene(t)
	desc := secret.Change{Action: secret.ActionEdit, Name: "acme/api/DB", Meta: secret.Patch{Desc: ptr("the database")}}
	if r := s.write(human(9), desc); r.err != nil || len(s.who.seen()) != 0 {
		t.Errorf("%v, %d prompts", r.err, len(s.who.seen()))
	}
	s.who.will(AllowOnce)
	if r := s.write(agent("Codex", 70, 71), desc); r.err != nil || len(s.who.seen()) != 1 {
		t.Errorf("an agent's needs a card: %v, %d cards", r.err, len(s.who.seen()))
	}
}

func TestPlaces(t *testing.T) {
	s := newScene(t)
	add := func(p secret.Prefix, remove bool) *secret.Request {
		return &secret.Request{Op: secret.OpPlaces, Places: []secret.Place{{Prefix: p, Remove: remove}}}
	}
	list := func() (places []secret.Prefix) {
		for _, a := range s.do(human(9), &secret.Request{Op: secret.OpList}).all {
			if a.Place != nil {
				places = append(places, a.Place.Prefix)
			}
		}
		return places
	}
	s.who.will(Deny)
	s.wantCode(s.do(agent("Codex", 70, 71), add("initech", false)), secret.Denied)
	if r := s.do(human(9), add("initech/site", false)); r.err != nil || len(list()) != 1 {
		t.Fatalf("%v %v", r.err, list())
	}
	s.put("initech/site/KEY", "v", secret.Easy)
	if len(list()) != 0 {
		t.Error("a place with a secret is not empty")
	}
	if r := s.do(human(9), add("initech/site", true)); r.err != nil {
		t.Error(r.err)
	}
}

func TestPeekRules(t *testing.T) {
	s := newScene(t)
	s.put("acme/api/LONG", "0123456789abcdef0123456789abcdef", secret.Normal)
	peek := func(who caller.Caller, n secret.Prefix) (string, error) {
		r := s.do(who, &secret.Request{Op: secret.OpPeek, Targets: []secret.Prefix{n}})
		if r.err != nil {
			return "", r.err
		}
		return r.all[0].Entry.Peek, nil
	}
	a := agent("Codex", 70, 71)
	if p, err := peek(a, "acme/api/LONG"); p != "01234567" || err != nil {
		t.Errorf("%q %v", p, err)
	}
	if p, err := peek(a, "acme/api/DB"); p != "db" || err != nil {
		t.Errorf("a quarter of 9 is 2: %q %v", p, err)
	}
	if p, err := peek(human(9), "login/github.com/PASSWORD"); p != "" || err != nil {
		t.Errorf("a password: %q %v", p, err)
	}
	if _, err := peek(a, "acme/root/KEY"); secret.CodeOf(err) != secret.OffLimit {
		t.Errorf("off limits: %v", err)
	}
	for _, ans := range s.do(a, &secret.Request{Op: secret.OpList}).all {
		if ans.Entry != nil && ans.Entry.Peek != "" {
			t.Errorf("ls shows %q", ans.Entry.Peek)
		}
	}
}

func TestPasswdAndRekey(t *testing.T) {
	s := newScene(t)
	if r := s.do(human(9), &secret.Request{Op: secret.OpRekey}); r.err != nil {
		t.Errorf("rekey: %v", r.err)
	}
	if r := s.do(human(9), take(secret.DeliverRaw, "acme/api/STRIPE")); r.values["acme/api/STRIPE"] != "stripe-canary" {
		t.Errorf("after rekey: %v %v", r.values, r.err)
	}
	s.who.typed = "wrong"
	if r := s.do(human(9), &secret.Request{Op: secret.OpRekey}); r.err == nil {
		t.Error("rekeyed with a wrong passphrase")
	}
}
