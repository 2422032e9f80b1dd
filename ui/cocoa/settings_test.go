package cocoa

import (
	"context"
	"sync"
	"testing"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// fakeSettings keeps settings in memory; err refuses every change.
type fakeSettings struct {
	mu            sync.Mutex
	chord         string
	session, clip time.Duration
	login, sealed bool
	err           error
	keys          []Key
}

func newSettings() *fakeSettings {
	return &fakeSettings{chord: "⇧⌘1", session: 4 * time.Hour, clip: 30 * time.Second, login: true, sealed: true}
}

func (s *fakeSettings) set(f func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		f()
	}
	return s.err
}

func held[T any](s *fakeSettings, v *T) T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *v
}

func (s *fakeSettings) Chord() string { return held(s, &s.chord) }
func (s *fakeSettings) SetChord(k Key) error {
	return s.set(func() { s.chord, s.keys = k.String(), append(s.keys, k) })
}
func (s *fakeSettings) Session() time.Duration   { return held(s, &s.session) }
func (s *fakeSettings) Clipboard() time.Duration { return held(s, &s.clip) }
func (s *fakeSettings) Login() bool              { return held(s, &s.login) }
func (s *fakeSettings) Sealed() bool             { return held(s, &s.sealed) }
func (s *fakeSettings) SetSession(d time.Duration) error {
	return s.set(func() { s.session = d })
}
func (s *fakeSettings) SetClipboard(d time.Duration) error {
	return s.set(func() { s.clip = d })
}
func (s *fakeSettings) SetLogin(on bool) error { return s.set(func() { s.login = on }) }

// protecting is one that can change the protection, too.
type protecting struct{ *fakeSettings }

func (s protecting) Protect(_ context.Context, sealed bool) error {
	return s.set(func() { s.sealed = sealed })
}

func settingsDesk(t *testing.T, s Settings) *desktop {
	d := newDesktop(t, func(o *Options) { o.Settings = s })
	d.svc.on(secret.OpVerify, func(*secret.Request) ([]secret.Answer, error) {
		return []secret.Answer{{Finding: &secret.Finding{OK: true, Subject: "audit", Text: "1204 lines, chain intact"}}}, nil
	})
	d.openSettings()
	d.wait("the audit's line", func() bool { return d.kit.el(settingsID, "audit").Text != ui.OneMoment })
	return d
}

func TestSettingsLook(t *testing.T) {
	d := settingsDesk(t, protecting{newSettings()})
	s := *d.kit.scene(settingsID)
	// The chord stands in a box and not in a field, in which one could type.
	// Agents and known callers have no operation behind them and no row: what stands below
	// them moves up by two rows of 32.
	if s.H != 454-64 {
		t.Errorf("%v high", s.H)
	}
	s.H = 454
	likeFrames(t, "g1-settings", &s, "hot key", "hot key text", "line start", "line times", "line audit", "hint session", "hint clipboard", "hint audit",
		"label Agents:", "agents", "Manage", "label Known callers:", "callers", "Show", "label Audit:", "audit")
	for id, want := range map[string]string{"hot key text": "⇧⌘1", "Record": "Change", "login text": "Open NoxKey at login",
		"timeout": "Denied after 45 s", "mode": "Secure Enclave key, Touch ID", "Change": "Change…", "audit": "1,204 decisions, chain intact",
		"hint session": "At most 24 hours. Sleep, screen lock and Quit end them.", "hint clipboard": "Only if it still holds what NoxKey put there.",
		"hint audit": "noxkey audit prints them. Names and callers, never values."} {
		if got := d.kit.el(settingsID, id).Text; got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	for id, want := range map[string]string{"session": "4 hours", "clipboard": "after 30 s"} {
		if e := d.kit.el(settingsID, id); e.Items[e.At] != want {
			t.Errorf("%s: %q", id, e.Items[e.At])
		}
	}
	if s.Title != "NoxKey Settings" || s.Style != Titled {
		t.Error(s.Title, s.Style)
	}
}

func TestSettingsApplyAtOnce(t *testing.T) {
	keeps := newSettings()
	d := settingsDesk(t, keeps)
	w := d.windows[settingsID].(*settings)
	do := func(what func()) {
		t.Helper()
		what()
		d.wait("the change", func() bool { return !w.busy })
	}
	do(func() { d.kit.el(settingsID, "session").Pick(1) })
	do(func() { d.kit.el(settingsID, "clipboard").Pick(2) })
	do(func() { d.kit.click(settingsID, "login") })
	if keeps.Session() != time.Hour || keeps.Clipboard() != time.Minute || keeps.Login() {
		t.Errorf("%+v", keeps)
	}
	if d.kit.el(settingsID, "login").On != No {
		t.Error("the box stays ticked")
	}
	keeps.err = secret.Errorf(secret.Storage, "macOS refused to open NoxKey at login: it gives no reason")
	do(func() { d.kit.click(settingsID, "login") })
	if d.kit.el(settingsID, "login").On != No || d.kit.el(settingsID, "fault").Text != "macOS refused to open NoxKey at login: it gives no reason." {
		t.Error(d.kit.el(settingsID, "fault").Text)
	}
	keeps.err = nil
	do(func() { d.kit.el(settingsID, "session").Pick(0) })
	if d.kit.scene(settingsID).Find("fault") != nil {
		t.Error("an old fault stays")
	}
	d.kit.press("Esc")
	if d.kit.up[settingsID] != nil {
		t.Error("Esc")
	}
}

// TestSettingsOfTheCommandLine: a length that is not on offer is shown among those that are.
func TestSettingsOfTheCommandLine(t *testing.T) {
	keeps := newSettings()
	keeps.session, keeps.clip = 90*time.Minute, 10*time.Minute
	d := settingsDesk(t, keeps)
	for id, want := range map[string]string{"session": "1h30m", "clipboard": "after 600 s"} {
		if e := d.kit.el(settingsID, id); e.Items[e.At] != want {
			t.Errorf("%s: %q of %q", id, e.Items[e.At], e.Items)
		}
	}
	d.kit.el(settingsID, "session").Pick(3)
	w := d.windows[settingsID].(*settings)
	d.wait("the change", func() bool { return !w.busy })
	if e := d.kit.el(settingsID, "session"); keeps.Session() != 4*time.Hour || len(e.Items) != len(ui.SessionChoices) {
		t.Errorf("%v, %q", keeps.Session(), e.Items)
	}
}

func TestSettingsHotKey(t *testing.T) {
	keeps := newSettings()
	d := settingsDesk(t, keeps)
	w := d.windows[settingsID].(*settings)
	text := func() string { return d.kit.el(settingsID, "hot key text").Text }
	d.kit.click(settingsID, "Record")
	if text() != "Press the new keys" {
		t.Error(text())
	}
	for _, k := range []string{"a", "Return", "Tab", "repeat+cmd+k"} {
		if !d.kit.press(k) || !w.recording {
			t.Errorf("%s ends the listening, or goes elsewhere", k)
		}
	}
	d.kit.press("Esc")
	if text() != "⇧⌘1" || d.kit.up[settingsID] == nil || len(keeps.keys) != 0 {
		t.Error("Esc does not keep the old keys")
	}
	d.kit.click(settingsID, "Record")
	d.kit.press("shift+cmd+k")
	d.wait("the change", func() bool { return !w.busy })
	if len(keeps.keys) != 1 || !keeps.keys[0].Cmd || !keeps.keys[0].Shift || text() != keeps.Chord() || w.recording {
		t.Errorf("%+v, %q", keeps.keys, text())
	}
	// Cmd+W is a chord while it listens, and refused in words.
	keeps.err = secret.Errorf(secret.Conflict, "another program uses ⌘W. Search stays in the menu; choose other keys in Settings")
	was := keeps.Chord()
	d.kit.click(settingsID, "Record")
	d.kit.press("cmd+w")
	d.wait("the change", func() bool { return !w.busy })
	if d.kit.el(settingsID, "fault").Text != "Another program uses ⌘W. Search stays in the menu; choose other keys in Settings." || text() != was {
		t.Error(d.kit.el(settingsID, "fault").Text)
	}
	d.kit.click(settingsID, "Record")
	d.kit.scene(settingsID).Lost()
	if w.recording {
		t.Error("it listens while another window has the keyboard")
	}
}

func TestSettingsProtection(t *testing.T) {
	keeps := newSettings()
	if d := settingsDesk(t, keeps); d.kit.scene(settingsID).Find("Change") != nil {
		t.Error("a button that does nothing")
	}
	d := settingsDesk(t, protecting{keeps})
	w := d.windows[settingsID].(*settings)
	d.kit.click(settingsID, "Change")
	if q := d.kit.asked[0]; q.Title != "Put only Touch ID before each read?" || !q.Safe || !keeps.Sealed() {
		t.Errorf("%+v", q)
	}
	d.kit.answer = true
	d.kit.click(settingsID, "Change")
	d.wait("the change", func() bool { return !w.busy })
	if keeps.Sealed() || d.kit.el(settingsID, "mode").Text != "Touch ID before each read" {
		t.Error(d.kit.el(settingsID, "mode").Text)
	}
}

// TestTitledWindowsHoldNoCardBack: a card comes while the settings are open.
func TestTitledWindowsHoldNoCardBack(t *testing.T) {
	d := settingsDesk(t, newSettings())
	go func() { _, _ = d.desk.Ask(t.Context(), agentAsk(1)) }()
	d.wait("the card", func() bool { return d.kit.up[cardID] != nil })
	if d.kit.key != settingsID {
		t.Error("the card took the keyboard")
	}
}

func TestSettingsWithoutAVault(t *testing.T) {
	d := newDesktop(t, func(o *Options) { o.Settings = newSettings() })
	d.svc.on(secret.OpVerify, func(*secret.Request) ([]secret.Answer, error) {
		return nil, secret.Errorf(secret.Locked, "locked")
	})
	d.openSettings()
	d.wait("the words", func() bool { return d.kit.el(settingsID, "audit").Text == "NoxKey is locked. Nothing was released." })
}
