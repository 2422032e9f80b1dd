package broker

import (
	"fmt"
	"strings"
	"testing"

	"noxkey/caller"
	"noxkey/secret"
	"noxkey/vault/memory"
)

func backupOf(targets ...secret.Prefix) *secret.Request {
	return &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverBackup, Targets: targets}
}

// rest fetches the parts of a backup; it returns the values and how many parts there were.
func (s *scene) rest(who caller.Caller, r result) (map[secret.Name]string, int, error) {
	s.Helper()
	all, parts := map[secret.Name]string{}, 0
	for r.err == nil && r.ticket != nil && r.ticket.ID != "" {
		r = s.do(who, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID})
		parts++
		size := 0
		for n, v := range r.values {
			all[n] = v
			size += len(v) + 16
		}
		if size > 512<<10 {
			s.Errorf("a part of %d bytes does not fit a reply", size)
		}
	}
	return all, parts, r.err
}

// TestThreatC4BackupIsForPeople: whoever else asks is refused without a card, also where
// all is easy and where a session covers it.
func TestThreatC4BackupIsForPeople(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowSession)
	a := agent("Claude Code", 70, 71)
	if r := s.do(a, &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/prod"}}); r.err != nil {
		t.Fatal(r.err)
	}
	before := len(s.who.seen())
	for _, who := range []caller.Caller{a, unknown(80)} {
		for _, req := range []*secret.Request{backupOf(), backupOf("acme/prod"), backupOf("acme/api/REGION")} {
			s.wantCode(s.do(who, req), secret.HumanOnly)
			if last := s.lastRecord(); last.Outcome != secret.OutRefused {
				t.Errorf("recorded %+v", last)
			}
		}
	}
	if len(s.who.seen()) != before {
		t.Error("there was a card")
	}
	// A person's own is worth nothing in other hands.
	r := s.do(human(9), backupOf())
	if r.err != nil {
		t.Fatal(r.err)
	}
	s.wantCode(s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID}), secret.Denied)
	s.wantCode(s.do(human(9), &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID}), secret.Denied)
}

// TestBackupIsAllOfItUnderOneProof: off limits and second factors included, as stored,
// with what is known of each; a session does not make it silent, nor that all is easy.
func TestBackupIsAllOfItUnderOneProof(t *testing.T) {
	s := newScene(t)
	s.put(recovery, tenCodes, secret.Strict)
	h := human(9)
	if r := s.do(h, &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/prod"}, Session: 60}); r.err != nil {
		t.Fatal(r.err)
	}
	for _, c := range []struct {
		req  *secret.Request
		want int
	}{{backupOf(), 10}, {backupOf("acme/prod"), 1}, {backupOf("acme/api/REGION"), 1}, {backupOf("login", "acme/root"), 6}} {
		before := len(s.who.seen())
		r := s.do(h, c.req)
		if r.err != nil || len(r.values) != 0 {
			t.Fatalf("%v %v", r.values, r.err)
		}
		all, _, err := s.rest(h, r)
		if err != nil || len(all) != c.want {
			t.Errorf("%v: %d secrets, want %d, %v", c.req.Targets, len(all), c.want, err)
		}
		asks := s.who.seen()[before:]
		if len(asks) != 1 || asks[0].Kind != AskHuman || !asks[0].Touch || asks[0].Delivery != secret.DeliverBackup || asks[0].Session != 0 {
			t.Errorf("asked %+v", asks)
		}
		if c.want == 10 && (all[recovery] != tenCodes || all["login/github.com/TOTP"] != "JBSWY3DPEHPK3PXP" || all["acme/root/KEY"] != "root-canary") {
			t.Errorf("%q", all)
		}
	}
	if s.inVault(recovery) != tenCodes {
		t.Error("a backup strikes codes off")
	}
	r := s.do(h, backupOf("acme/root/KEY"))
	r = s.do(h, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID})
	if len(r.all) != 3 || r.all[1].Entry == nil || r.all[1].Entry.Level != secret.OffLimits || r.all[1].Entry.Peek != "" || r.all[2].Value == nil {
		t.Errorf("%+v", r.all)
	}
	if last := s.lastRecord(); last.Outcome != secret.Released || len(last.Names) != 1 || last.Detail != "into a backup" {
		t.Errorf("recorded %+v", last)
	}
	s.who.typed = ""
	s.wantCode(s.do(h, backupOf("acme/api/REGION")), secret.Cancelled)
	s.wantCode(s.do(h, backupOf("nothing/here")), secret.NotFound)
}

// TestBackupComesInParts that fit a reply each, under the one proof; the rest is void
// when a secret changes or the app is locked.
func TestBackupComesInParts(t *testing.T) {
	s := newScene(t)
	long := strings.Repeat("x", secret.MaxValue)
	for i := range 20 {
		s.put(secret.Name(fmt.Sprintf("big/vault/KEY_%02d", i)), long, secret.Strict)
	}
	h := human(9)
	before := len(s.who.seen())
	all, parts, err := s.rest(h, s.do(h, backupOf("big")))
	if err != nil || len(all) != 20 || parts < 3 || len(s.who.seen()) != before+1 {
		t.Errorf("%d secrets in %d parts under %d proofs, %v", len(all), parts, len(s.who.seen())-before, err)
	}
	r := s.do(h, backupOf("big"))
	r = s.do(h, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID})
	if r.err != nil || r.ticket.ID == "" {
		t.Fatal(r.err)
	}
	s.put2("big/vault/KEY_19", "changed")
	if _, _, err := s.rest(h, r); secret.CodeOf(err) != secret.Conflict {
		t.Errorf("a value that changed meanwhile: %v", err)
	}
	r = s.do(h, backupOf("big"))
	r = s.do(h, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID})
	if err := s.do(h, &secret.Request{Op: secret.OpLock}).err; err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.rest(h, r); secret.CodeOf(err) != secret.Locked {
		t.Errorf("after a lock: %v", err)
	}
	if len(s.b.tickets.all) != 0 {
		t.Error("a ticket stayed")
	}
}

// TestBackupOfMany secrets: a part is bounded by their number as well.
func TestBackupOfMany(t *testing.T) {
	s := newScene(t)
	var changes []secret.Change
	for i := range 700 {
		changes = append(changes, secret.Change{Action: secret.ActionSet, Name: secret.Name(fmt.Sprintf("many/vault/KEY_%03d", i)), Value: val(t, "small")})
	}
	h := human(9)
	if r := s.do(h, &secret.Request{Op: secret.OpWrite, Changes: changes}); r.err != nil {
		t.Fatal(r.err)
	}
	all, parts, err := s.rest(h, s.do(h, backupOf("many")))
	if err != nil || len(all) != 700 || parts != 2 {
		t.Errorf("%d secrets in %d parts, %v", len(all), parts, err)
	}
}

// rotten is a vault with one value that cannot be opened.
type rotten struct {
	*memory.Vault
	name secret.Name
}

func (v *rotten) Under(p secret.Prefix) ([]secret.Entry, error) {
	list, err := v.Vault.Under(p)
	for i := range list {
		list[i].Damaged = list[i].Name == v.name
	}
	return list, err
}

// TestBackupLeavesOutWhatIsDamaged and names it: the rest can be saved.
func TestBackupLeavesOutWhatIsDamaged(t *testing.T) {
	s := newScene(t)
	s.b.cfg.Store = &rotten{s.vault, "acme/api/DB"}
	h := human(9)
	r := s.do(h, backupOf("acme/api"))
	if r.err != nil || len(r.ticket.LeftOut) != 1 || r.ticket.LeftOut[0] != "acme/api/DB" {
		t.Fatalf("%+v %v", r.ticket, r.err)
	}
	if all, _, err := s.rest(h, r); err != nil || len(all) != 2 {
		t.Errorf("%v %v", all, err)
	}
	s.wantCode(s.do(h, backupOf("acme/api/DB")), secret.Damaged)
}
