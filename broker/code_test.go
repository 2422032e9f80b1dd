package broker

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
	"noxkey/vault/memory"
)

// The seed and the codes of RFC 6238, appendix B (six digits of eight).
const (
	rfcSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	rfcAt   = 1111111109
	rfcCode = "081804"
	rfcNext = "050471" // two seconds later, in the next period
)

const (
	otp      = "login/example.com/TOTP"
	recovery = "login/example.com/RECOVERY_CODES"
	tenCodes = "# example.com\ncode-one\ncode-two\ncode-three\ncode-four\ncode-five\ncode-six\ncode-seven\ncode-eight\ncode-nine\ncode-ten\n"
)

// codeScene has a seed and a list of codes at that level.
func codeScene(t *testing.T, l secret.Level) *scene {
	s := newScene(t)
	s.clock.set(time.Unix(rfcAt, 0).UTC())
	s.put(otp, rfcSeed, l)
	s.put(recovery, tenCodes, l)
	s.put("login/example.com/PASSWORD", "pw-canary", l)
	s.who.will(AllowOnce)
	return s
}

// frames is all that a request was answered but for the values.
func (r result) frames(t *testing.T) string {
	b, err := json.Marshal(r.all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + fmt.Sprint(r.err)
}

// fetch takes what target gives by d, over a ticket where there is one.
func (s *scene) fetch(who caller.Caller, d secret.Delivery, target secret.Prefix) (result, result) {
	s.Helper()
	req := take(d, target)
	if d == secret.DeliverRun {
		req = runOf(&secret.Run{}, target)
	}
	r := s.do(who, req)
	if r.err != nil || r.ticket == nil || r.ticket.ID == "" {
		return r, r
	}
	return r, s.do(who, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID, Reader: "bash 99"})
}

// inVault is what the vault holds.
func (s *scene) inVault(n secret.Name) string {
	s.Helper()
	key, err := s.vault.Unlock(val(s.T, pass), secret.Scope{Root: true})
	if err != nil {
		s.Fatal(err)
	}
	defer key.Wipe()
	v, err := s.vault.Open(key, []secret.Ref{{Name: n}})
	if err != nil {
		s.Fatal(err)
	}
	defer v[0].Wipe()
	var text string
	_ = v[0].Use(func(b []byte) error { text = string(b); return nil })
	return text
}

// TestThreatC4SeedStays: whoever asks, by whichever road of use, gets the code of now
// and in no frame, record or file the seed. Only what a person takes as it is stored is it.
func TestThreatC4SeedStays(t *testing.T) {
	for _, level := range []secret.Level{secret.Easy, secret.Normal, secret.Strict} {
		s := codeScene(t, level)
		a, u, h := agent("Claude Code", 70, 71), unknown(80), human(9)
		for _, c := range []struct {
			who caller.Caller
			by  secret.Delivery
		}{
			{a, secret.DeliverShell}, {a, secret.DeliverRun}, {u, secret.DeliverShell}, {u, secret.DeliverRun}, {h, secret.DeliverShell}, {h, secret.DeliverRun},
			{h, secret.DeliverEval}, {h, secret.DeliverPrint}, {h, secret.DeliverLoad}, {h, secret.DeliverCopy},
		} {
			first, r := s.fetch(c.who, c.by, otp)
			if r.err != nil || r.values[otp] != rfcCode {
				t.Errorf("%s by %s: %v %q", c.who.Class, c.by, r.err, r.values[otp])
			}
			if all := first.frames(t) + r.frames(t); strings.Contains(all, rfcSeed) || !strings.Contains(all, otp) {
				t.Errorf("%s by %s: %s", c.who.Class, c.by, all)
			}
		}
		for _, d := range []secret.Delivery{secret.DeliverRaw, secret.DeliverExport} {
			if r := s.do(h, take(d, otp)); r.err != nil || r.values[otp] != rfcSeed {
				t.Errorf("%s gives %q, %v", d, r.values[otp], r.err)
			}
			for _, who := range []caller.Caller{a, u} {
				s.wantCode(s.do(who, take(d, otp)), secret.HumanOnly)
			}
		}
		if r := s.do(a, &secret.Request{Op: secret.OpPeek, Targets: []secret.Prefix{otp}}); r.err != nil || r.all[0].Entry.Peek != "" {
			t.Errorf("peek: %v %v", r.all, r.err)
		}
		records, _ := json.Marshal(s.records())
		log, err := os.ReadFile(s.path)
		if err != nil || strings.Contains(string(records)+string(log), rfcSeed) || strings.Contains(string(records), rfcCode) {
			t.Errorf("the audit holds seed or code (%v)", err)
		}
	}
}

// TestCodeIsOfTheMomentItIsFetched, not of the moment when the ticket was made; and an
// answer says how long it is good.
func TestCodeIsOfTheMomentItIsFetched(t *testing.T) {
	s := codeScene(t, secret.Normal)
	a := agent("Claude Code", 70, 71)
	r := s.do(a, get(otp))
	if r.err != nil || !strings.Contains(strings.Join(r.ticket.Warnings, " "), "code of that moment") {
		t.Fatalf("%+v %v", r.ticket, r.err)
	}
	s.clock.pass(2 * time.Second)
	r = s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID, Reader: "bash 99"})
	if r.err != nil || r.values[otp] != rfcNext {
		t.Errorf("%v, %v", r.values, r.err)
	}
	if w := strings.Join(r.ticket.Warnings, " "); !strings.Contains(w, "good for 29 s") {
		t.Errorf("told %q", w)
	}
	// Beside other secrets it is one of them.
	_, r = s.fetch(human(9), secret.DeliverLoad, "login/example.com/PASSWORD")
	if r.values["login/example.com/PASSWORD"] != "pw-canary" || r.ticket != nil {
		t.Errorf("%v %v", r.values, r.ticket)
	}
}

// TestBadSeedsAreRefused on the way in, and on the way out of a vault that has one; the
// words never hold it.
func TestBadSeedsAreRefused(t *testing.T) {
	s := codeScene(t, secret.Normal)
	const bad = "this-is-no-seed-canary!"
	change := func(n secret.Name, v string) secret.Change {
		return secret.Change{Action: secret.ActionSet, Name: n, Value: val(t, v), Replace: true}
	}
	h := human(9)
	before := len(s.who.seen())
	typ := secret.TOTPSeed
	typed := change("acme/api/OTP", bad)
	typed.Meta.FieldType = &typ
	for what, batch := range map[string][]secret.Change{
		"by name": {change("login/other.com/TOTP", bad)}, "in a batch": {change("acme/api/NEW", "fine"), typed}, "over an old one": {change(otp, bad)},
		"no code": {change("login/other.com/RECOVERY_CODES", "# nothing but this\n\n")},
	} {
		r := s.do(h, &secret.Request{Op: secret.OpWrite, Changes: batch})
		s.wantCode(r, secret.Invalid)
		if strings.Contains(r.frames(t), "canary") || strings.Contains(r.frames(t), "nothing but") {
			t.Errorf("%s: %v", what, r.err)
		}
	}
	if n := len(s.who.seen()); n != before {
		t.Errorf("%d cards for what cannot be", n-before)
	}
	if r := s.do(h, &secret.Request{Op: secret.OpList, Targets: []secret.Prefix{"acme/api/NEW"}}); secret.CodeOf(r.err) != secret.NotFound {
		t.Error("half a batch was written")
	}
	s.who.enter = bad // typed in NoxKey's own field
	r := s.do(h, &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{{Action: secret.ActionSet, Name: otp, Enter: true, Replace: true}}})
	s.wantCode(r, secret.Invalid)
	if got := s.inVault(otp); got != rfcSeed || strings.Contains(r.frames(t), bad) {
		t.Errorf("typed: %q, %v", got, r.err)
	}
	s.plant(change(otp, bad))
	for _, d := range []secret.Delivery{secret.DeliverShell, secret.DeliverRun, secret.DeliverEval} {
		first, r := s.fetch(h, d, otp)
		s.wantCode(r, secret.Invalid)
		if strings.Contains(first.frames(t), bad) || !strings.Contains(r.err.Error(), otp) {
			t.Errorf("%s: %v", d, r.err)
		}
	}
}

// plant writes past the broker, as an older program may have.
func (s *scene) plant(c secret.Change) {
	s.Helper()
	key, err := s.vault.Unlock(val(s.T, pass), secret.Scope{Root: true})
	if err == nil {
		err = s.vault.Apply(key, []secret.Change{c})
		key.Wipe()
	}
	if err != nil {
		s.Fatal(err)
	}
}

// TestRecoveryCodesGoOneByOne, whoever takes them and by whichever road, at every level;
// the vault, the audit and the asker know which.
func TestRecoveryCodesGoOneByOne(t *testing.T) {
	for _, level := range []secret.Level{secret.Easy, secret.Normal, secret.Strict} {
		s := codeScene(t, level)
		a, u, h := agent("Claude Code", 70, 71), unknown(80), human(9)
		for i, c := range []struct {
			who  caller.Caller
			by   secret.Delivery
			want string
		}{
			{a, secret.DeliverShell, "code-one"}, {a, secret.DeliverRun, "code-two"}, {u, secret.DeliverShell, "code-three"}, {h, secret.DeliverShell, "code-four"},
			{h, secret.DeliverRun, "code-five"}, {h, secret.DeliverEval, "code-six"}, {h, secret.DeliverPrint, "code-seven"}, {h, secret.DeliverLoad, "code-eight"}, {h, secret.DeliverCopy, "code-nine"}, {h, secret.DeliverEval, "code-ten"},
		} {
			first, r := s.fetch(c.who, c.by, recovery)
			if r.err != nil || r.values[recovery] != c.want || r.ticket == nil {
				t.Fatalf("%s, %s by %s: %v %q", level, c.who.Class, c.by, r.err, r.values[recovery])
			}
			if all := first.frames(t) + r.frames(t); strings.Contains(all, "code-") {
				t.Errorf("a code in a frame: %s", all)
			}
			left := fmt.Sprintf("%d recovery codes are left", 9-i)
			if i >= 8 {
				left = []string{"1 recovery code is left", "no recovery code is left"}[i-8]
			}
			if w := strings.Join(r.ticket.Warnings, " "); !strings.Contains(w, left) {
				t.Errorf("told %q, want %q", w, left)
			}
			if d := s.lastRecord().Detail; !strings.Contains(d, fmt.Sprintf("recovery code %d of 10 handed out", i+1)) {
				t.Errorf("recorded %q", d)
			}
			if got := s.inVault(recovery); strings.Count(got, "# used 2005-03-18 ") != i+1 || !strings.Contains(got, "# used 2005-03-18 "+c.want+"\n") {
				t.Errorf("the vault holds %q", got)
			}
		}
		for _, who := range []caller.Caller{a, u, h} {
			_, r := s.fetch(who, secret.DeliverShell, recovery)
			s.wantCode(r, secret.NotFound)
		}
		if r := s.do(h, take(secret.DeliverRaw, recovery)); !strings.HasPrefix(r.values[recovery], "# example.com\n# used ") {
			t.Errorf("raw: %q %v", r.values[recovery], r.err)
		}
		if e, _, _ := s.b.entryOf(recovery); e.Level != level || e.Kind != secret.KindRecoveryCodes {
			t.Errorf("striking off changed %+v", e.Metadata)
		}
	}
}

// TestRecoveryCodesAreNeverGivenTwice to any two who ask or fetch at the same time: nothing
// is asked of the person here, so that all of them come at once.
func TestRecoveryCodesAreNeverGivenTwice(t *testing.T) {
	s := codeScene(t, secret.Easy)
	a := agent("Claude Code", 70, 71)
	var tickets []string
	for range 4 {
		r := s.do(a, get(recovery))
		if r.err != nil {
			t.Fatal(r.err)
		}
		tickets = append(tickets, r.ticket.ID)
	}
	got := make(chan result, 8)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() { got <- s.do(human(900+i), take(secret.DeliverEval, recovery)) })
		wg.Go(func() { got <- s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: tickets[i]}) })
	}
	wg.Wait()
	close(got)
	seen := map[string]bool{"": true}
	for r := range got {
		if r.err != nil || seen[r.values[recovery]] {
			t.Errorf("given %q, %v", r.values[recovery], r.err)
		}
		seen[r.values[recovery]] = true
	}
	if n := strings.Count(s.inVault(recovery), "# used "); n != 8 {
		t.Errorf("%d struck off", n)
	}
}

// TestCodeIsStruckOffBeforeItIsGiven: when the first answer goes out the vault has it, and
// an asker who hangs up has lost it.
func TestCodeIsStruckOffBeforeItIsGiven(t *testing.T) {
	s := codeScene(t, secret.Normal)
	err := s.b.Do(t.Context(), human(9), take(secret.DeliverEval, recovery), func(a secret.Answer) error {
		if a.Progress != nil {
			return nil
		}
		if !strings.Contains(s.inVault(recovery), "# used 2005-03-18 code-one") {
			t.Error("given before it was struck off")
		}
		return os.ErrClosed
	})
	if err == nil {
		t.Error("nobody took it and nobody noticed")
	}
	if _, r := s.fetch(human(9), secret.DeliverEval, recovery); r.values[recovery] != "code-two" {
		t.Errorf("%q", r.values[recovery])
	}
}

// stuck is a vault that cannot be written.
type stuck struct {
	*memory.Vault
	full bool
}

func (v *stuck) Apply(k secret.Key, c []secret.Change) error {
	if v.full {
		return secret.Errorf(secret.Storage, "the disk is full")
	}
	return v.Vault.Apply(k, c)
}

// TestNoCodeWithoutStrikingItOff: a vault that cannot be written, or an audit, gives none.
func TestNoCodeWithoutStrikingItOff(t *testing.T) {
	s := codeScene(t, secret.Normal)
	v := &stuck{Vault: s.vault}
	s.b.cfg.Store = v
	a := agent("Claude Code", 70, 71)
	waiting := s.do(a, get(recovery))
	if waiting.err != nil {
		t.Fatal(waiting.err)
	}
	v.full = true
	s.wantCode(s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: waiting.ticket.ID}), secret.Storage)
	for _, d := range []secret.Delivery{secret.DeliverRun, secret.DeliverEval, secret.DeliverCopy} {
		_, r := s.fetch(human(9), d, recovery)
		s.wantCode(r, secret.Storage)
	}
	if last := s.lastRecord(); last.Outcome != secret.OutRefused {
		t.Errorf("recorded %+v", last)
	}
	v.full = false
	if got := s.inVault(recovery); got != tenCodes {
		t.Errorf("the vault holds %q", got)
	}
	if err := os.Rename(s.path, s.path+".away"); err != nil {
		t.Fatal(err)
	}
	_, r := s.fetch(human(9), secret.DeliverEval, recovery)
	s.wantCode(r, secret.NotRecorded)
	if got := s.inVault(recovery); got != tenCodes {
		t.Errorf("struck off unrecorded: %q", got)
	}
}

// TestThreatE4AnotherListIsNotTheOneAllowed: codes that went meanwhile do not void a
// ticket, another list of the same name does.
func TestThreatE4AnotherListIsNotTheOneAllowed(t *testing.T) {
	s := codeScene(t, secret.Normal)
	a, h := agent("Claude Code", 70, 71), human(9)
	redeem := func(r result) result {
		t.Helper()
		if r.err != nil {
			t.Fatal(r.err)
		}
		return s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID})
	}
	first, second, stale := s.do(a, get(recovery)), s.do(a, get(recovery)), s.do(a, get(recovery))
	for range 2 {
		if _, r := s.fetch(h, secret.DeliverEval, recovery); r.err != nil {
			t.Fatal(r.err)
		}
	}
	if r := redeem(first); r.values[recovery] != "code-three" {
		t.Errorf("%v %v", r.values, r.err)
	}
	s.put2(recovery, "other-one\nother-two\n")
	s.wantCode(redeem(second), secret.Conflict)
	third := s.do(a, get(recovery))
	if _, r := s.fetch(h, secret.DeliverEval, recovery); r.values[recovery] != "other-one" {
		t.Errorf("%v %v", r.values, r.err)
	}
	s.wantCode(redeem(stale), secret.Conflict) // also when a code of the new list went
	if r := redeem(third); r.values[recovery] != "other-two" {
		t.Errorf("%v %v", r.values, r.err)
	}
	// A seed that was exchanged is not the one that was allowed either.
	fourth := s.do(a, get(otp))
	s.put2(otp, rfcSeed+rfcSeed)
	s.wantCode(redeem(fourth), secret.Conflict)
}

// put2 replaces a value as its owner.
func (s *scene) put2(n secret.Name, v string) {
	s.Helper()
	c := secret.Change{Action: secret.ActionSet, Name: n, Value: val(s.T, v), Replace: true}
	if r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{c}}); r.err != nil {
		s.Fatal(r.err)
	}
}

// TestNoSessionCoversRecoveryCodes: each is a write, and asks. Also where the list became
// one after the session was granted.
func TestNoSessionCoversRecoveryCodes(t *testing.T) {
	s := codeScene(t, secret.Normal)
	s.put("acme/api/EXTRA", "e-one\ne-two\n", secret.Normal)
	s.who.will(AllowSession)
	a := agent("Claude Code", 70, 71)
	s.wantCode(s.do(a, &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{recovery}}), secret.Invalid)
	r := s.do(a, &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{recovery, "login/example.com/PASSWORD", otp, "acme/api/EXTRA"}})
	if r.err != nil || slices.Contains(r.all[0].Session.Names, recovery) || len(r.all[0].Session.Names) != 3 {
		t.Fatalf("%+v %v", r.all, r.err)
	}
	kind := secret.KindRecoveryCodes
	if r := s.do(human(9), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{{Action: secret.ActionEdit, Name: "acme/api/EXTRA", Meta: secret.Patch{Kind: &kind}}}}); r.err != nil {
		t.Fatal(r.err)
	}
	s.who.will(AllowOnce)
	for target, asks := range map[secret.Prefix]int{"login/example.com/PASSWORD": 0, otp: 0, recovery: 1, "acme/api/EXTRA": 1} {
		before := len(s.who.seen())
		if _, r := s.fetch(a, secret.DeliverShell, target); r.err != nil {
			t.Errorf("%s: %v", target, r.err)
		}
		if n := len(s.who.seen()) - before; n != asks {
			t.Errorf("%s was asked for %d times, want %d", target, n, asks)
		}
	}
}

// TestPrefixUsesNoCodeUp: whoever asks for a prefix or bundle did not ask for a code.
func TestPrefixUsesNoCodeUp(t *testing.T) {
	s := codeScene(t, secret.Normal)
	kind, label := secret.KindRecoveryCodes, "b"
	c := secret.Change{Action: secret.ActionSet, Name: "acme/api/CODES", Value: val(t, "c-one\nc-two\n"), Meta: secret.Patch{Kind: &kind, Bundle: &label}}
	if r := s.do(human(9), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{c}}); r.err != nil {
		t.Fatal(r.err)
	}
	for _, d := range []secret.Delivery{secret.DeliverShell, secret.DeliverRun, secret.DeliverLoad} {
		if _, r := s.fetch(human(9), d, "acme/api"); r.err != nil || len(r.values) != 3 {
			t.Errorf("%s: %d values, %v", d, len(r.values), r.err)
		}
		if _, r := s.fetch(human(9), d, "login/example.com"); r.err != nil || len(r.values) != 1 {
			t.Errorf("%s of a login: %d values, %v", d, len(r.values), r.err)
		}
	}
	if r := s.do(human(9), &secret.Request{Op: secret.OpGet, Delivery: secret.DeliverLoad, Bundle: "b"}); secret.CodeOf(r.err) != secret.Invalid {
		t.Errorf("by its bundle: %v", r.err)
	}
	if got := s.inVault("acme/api/CODES"); strings.Contains(got, "used") {
		t.Errorf("%q", got)
	}
	if _, r := s.fetch(human(9), secret.DeliverRun, "acme/api/CODES"); r.values["acme/api/CODES"] != "c-one" {
		t.Errorf("by name: %v %v", r.values, r.err)
	}
	if r := s.do(human(9), take(secret.DeliverExport, "acme/api")); len(r.values) != 4 {
		t.Errorf("an export has %d", len(r.values))
	}
}

// TestThreatC4AgentCannotTurnCodesIntoText: a list whose kind is another would be given
// as a whole, a seed whose type is another too.
func TestThreatC4AgentCannotTurnCodesIntoText(t *testing.T) {
	s := codeScene(t, secret.Normal)
	kind, typ := secret.KindCustom, secret.Text
	for n, p := range map[secret.Name]secret.Patch{recovery: {Kind: &kind}, otp: {FieldType: &typ}} {
		for _, action := range []secret.Action{secret.ActionEdit, secret.ActionSet} {
			c := secret.Change{Action: action, Name: n, Meta: p}
			if action == secret.ActionSet {
				c.Value, c.Replace = val(t, "x"), true
			}
			req := &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{c}}
			before := len(s.who.seen())
			s.wantCode(s.do(agent("Claude Code", 70, 71), req), secret.HumanOnly)
			if len(s.who.seen()) != before {
				t.Errorf("%s %s put a card up", action, n)
			}
		}
	}
}

// TestWarningsNameWhereToRenew: what has expired or soon will is told by every road.
func TestWarningsNameWhereToRenew(t *testing.T) {
	s := newScene(t)
	now := s.clock.Wall()
	for n, at := range map[secret.Name]time.Time{"acme/api/REGION": now.Add(-time.Hour), "acme/api/DB": now.Add(13 * 24 * time.Hour), "acme/api/STRIPE": now.Add(15 * 24 * time.Hour)} {
		url := "https://" + n.Key() + ".example"
		p := secret.Patch{Expires: &at, RotateURL: &url}
		if r := s.do(human(9), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{{Action: secret.ActionEdit, Name: n, Meta: p}}}); r.err != nil {
			t.Fatal(r.err)
		}
	}
	s.who.will(AllowOnce)
	for _, d := range []secret.Delivery{secret.DeliverShell, secret.DeliverRun, secret.DeliverEval, secret.DeliverLoad, secret.DeliverExport} {
		r, _ := s.fetch(human(9), d, "acme/api")
		if r.err != nil || r.ticket == nil || len(r.ticket.Warnings) != 2 {
			t.Fatalf("%s: %+v %v", d, r.ticket, r.err)
		}
		w := strings.Join(r.ticket.Warnings, "\n")
		for _, want := range []string{"acme/api/REGION expired on 2026-11-22; renew it at https://REGION.example", "acme/api/DB expires on 2026-12-05; renew it at https://DB.example"} {
			if !strings.Contains(w, want) {
				t.Errorf("%s: %q lacks %q", d, w, want)
			}
		}
	}
}
