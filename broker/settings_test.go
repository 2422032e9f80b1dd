package broker

import (
	"strings"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
	"noxkey/vault/memory"
)

func adjust(name string, d time.Duration) *secret.Request {
	return &secret.Request{Op: secret.OpSettings, Setting: name, Seconds: int64(d / time.Second)}
}

// TestSettings: a person lists and changes them, under an authentication, and a session
// without a length of its own follows, also in the next run.
func TestSettings(t *testing.T) {
	s := newScene(t)
	r := s.do(human(9), &secret.Request{Op: secret.OpSettings})
	if r.err != nil || len(r.all) != 2 || *r.all[0].Setting != secret.Settings()[0] || len(s.who.seen()) != 0 {
		t.Fatalf("the list: %+v, %v", r.all, r.err)
	}
	r = s.do(human(9), adjust(secret.SettingSession, 2*time.Hour))
	if r.err != nil || len(r.all) != 1 || r.all[0].Setting.Length() != 2*time.Hour {
		t.Fatalf("%+v, %v", r.all, r.err)
	}
	asks := s.who.seen()
	if len(asks) != 1 || asks[0].Kind != AskHuman || !asks[0].Touch || *asks[0].Setting != (Adjustment{"session", 4 * time.Hour, 2 * time.Hour}) {
		t.Fatalf("the person was asked %+v", asks)
	}
	if last := s.lastRecord(); last.Outcome != secret.OutDone || last.Detail != "session: 2h, was 4h" || last.Digest == "" {
		t.Errorf("recorded as %+v", last)
	}
	if s.b.Length(secret.SettingSession) != 2*time.Hour || s.b.Length(secret.SettingClipboard) != 30*time.Second {
		t.Error(s.b.Length(secret.SettingSession), s.b.Length(secret.SettingClipboard))
	}
	req := &secret.Request{Op: secret.OpUnlock, Targets: []secret.Prefix{"acme/api"}}
	if r = s.do(human(9), req); r.err != nil || r.all[0].Session.Until.Sub(s.clock.Wall()) != 2*time.Hour {
		t.Errorf("the session: %+v, %v", r.all, r.err)
	}
	req.Session = int64(secret.MaxSession / time.Second) // a length of its own stands
	if r = s.do(human(9), req); r.err != nil || r.all[0].Session.Until.Sub(s.clock.Wall()) != secret.MaxSession {
		t.Errorf("the session: %+v, %v", r.all, r.err)
	}
	s.b.Close()
	s.b = s.broker()
	if s.b.Length(secret.SettingSession) != secret.DefaultSession {
		t.Error("known before the first unlock")
	}
	if err := s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock}).err; err != nil {
		t.Fatal(err)
	}
	if s.b.Length(secret.SettingSession) != 2*time.Hour {
		t.Errorf("forgotten: %v", s.b.Length(secret.SettingSession))
	}
	if r = s.do(human(9), adjust(secret.SettingSession, 0)); r.err != nil || s.b.Length(secret.SettingSession) != secret.DefaultSession {
		t.Errorf("back to the default: %v, %v", s.b.Length(secret.SettingSession), r.err)
	}
}

// TestSettingThatStays: nobody is asked for what changes nothing.
func TestSettingThatStays(t *testing.T) {
	s := newScene(t)
	for _, d := range []time.Duration{0, secret.DefaultSession} {
		if r := s.do(human(9), adjust(secret.SettingSession, d)); r.err != nil || len(r.all) != 1 || len(s.who.seen()) != 0 {
			t.Errorf("%v: %+v, %v", d, r.all, r.err)
		}
	}
}

// TestCopyTellsTheTime: who copies hears when the person wants the clipboard cleared.
func TestCopyTellsTheTime(t *testing.T) {
	s := newScene(t)
	if r := s.do(human(9), adjust(secret.SettingClipboard, time.Minute)); r.err != nil {
		t.Fatal(r.err)
	}
	if r := s.do(human(9), take(secret.DeliverCopy, "acme/api/DB")); r.err != nil || r.ticket == nil || r.ticket.Clear != 60 {
		t.Errorf("%+v, %v", r.ticket, r.err)
	}
}

// TestThreatB10Settings: none but a person who authenticates changes a setting, none goes
// over its bounds, and none that somebody put into the ledger does.
func TestThreatB10Settings(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	for _, who := range []caller.Caller{agent("Codex", 70, 71), unknown(72)} {
		s.wantCode(s.do(who, adjust(secret.SettingSession, secret.MaxSession)), secret.HumanOnly)
		if last := s.lastRecord(); last.Outcome != secret.OutRefused || !strings.HasPrefix(last.Detail, "session: 24h; ") {
			t.Errorf("the refusal was recorded as %+v", last)
		}
	}
	for _, bad := range []*secret.Request{
		adjust(secret.SettingSession, secret.MaxSession+time.Second), adjust(secret.SettingSession, time.Second), adjust(secret.SettingSession, -time.Hour),
		adjust(secret.SettingClipboard, time.Hour), adjust("cards", time.Hour),
	} {
		s.wantCode(s.do(human(9), bad), secret.Invalid)
		s.wantCode(s.do(agent("Codex", 70, 71), bad), secret.Invalid) // before it is worded for the audit
	}
	if n := len(s.who.seen()); n != 0 {
		t.Errorf("%d questions for what is refused anyway", n)
	}
	s.who.typed = "wrong"
	s.wantCode(s.do(human(9), adjust(secret.SettingSession, secret.MaxSession)), secret.Denied)
	s.who.typed = ""
	s.wantCode(s.do(human(9), adjust(secret.SettingSession, secret.MaxSession)), secret.Cancelled)
	if s.b.Length(secret.SettingSession) != secret.DefaultSession {
		t.Errorf("it changed to %v", s.b.Length(secret.SettingSession))
	}
	for _, text := range []string{`{"session":9999999,"clipboard":-1}`, `{"session":`, `null`, `[]`} {
		if err := s.vault.Remember(settingsKey, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if b := s.broker(); b.Length(secret.SettingSession) != secret.DefaultSession || b.Length(secret.SettingClipboard) != 30*time.Second {
			t.Errorf("%s: %v %v", text, b.Length(secret.SettingSession), b.Length(secret.SettingClipboard))
		}
	}
}

// deafLedger keeps nothing more.
type deafLedger struct{ *memory.Vault }

func (deafLedger) Remember(string, []byte) error { return secret.Errorf(secret.Storage, "full") }

// TestSettingIsRecordedFirst: what cannot be recorded does not change, and what cannot be
// kept is recorded as such.
func TestSettingIsRecordedFirst(t *testing.T) {
	s := newScene(t)
	s.b.settings.ledger = deafLedger{s.vault}
	s.wantCode(s.do(human(9), adjust(secret.SettingSession, time.Hour)), secret.Storage)
	if last := s.lastRecord(); last.Outcome != secret.OutRefused || s.b.Length(secret.SettingSession) != secret.DefaultSession {
		t.Errorf("%+v, %v", last, s.b.Length(secret.SettingSession))
	}
	s.b.settings.ledger = s.vault
	s.who.during = func() { s.b.audit.f.Close() } // the disk goes while the person types
	s.wantCode(s.do(human(9), adjust(secret.SettingSession, time.Hour)), secret.NotRecorded)
	if s.b.Length(secret.SettingSession) != secret.DefaultSession {
		t.Errorf("it changed to %v", s.b.Length(secret.SettingSession))
	}
}
