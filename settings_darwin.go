//go:build cgo

package main

import (
	"context"
	"errors"
	"time"

	"noxkey/mac"
	"noxkey/secret"
	"noxkey/ui/cocoa"
	"noxkey/vault/keychain"
)

// recall and remember are the vault's ledger, for the preferences.
func (m *macApp) recall(key string) ([]byte, error) {
	v, err := m.opened()
	if err != nil {
		return nil, err
	}
	return v.Recall(key)
}

func (m *macApp) remember(key string, data []byte) error {
	v, err := m.opened()
	if err != nil {
		return err
	}
	return v.Remember(key, data)
}

func (m *macApp) opened() (vault, error) {
	v, _ := m.plugged()
	if v == nil {
		return nil, errNoVault
	}
	return v, nil
}

// clipboard is the front's, with the person's own time.
type clipboard struct{ m *macApp }

func (c clipboard) Put(ctx context.Context, v secret.Value) error {
	return c.m.clip.Put(ctx, v, c.ClearAfter())
}

func (c clipboard) ClearAfter() time.Duration { return c.m.length(secret.SettingClipboard) }

func (c clipboard) Left() time.Duration {
	d, _ := c.m.clip.Left()
	return d
}

func (c clipboard) Clear() { _ = c.m.clip.Clear() }

// setHotKey registers the person's chord. That another program has it is told in the
// settings and by noxkey verify; the menu opens the search all the same.
func (m *macApp) setHotKey() {
	if m.hot.Chord() == m.prefs.Chord() {
		return
	}
	m.hot.Set(m.prefs.Chord(), func(err error) {
		m.mu.Lock()
		m.hotErr = err
		m.mu.Unlock()
	})
}

// settings are the front's. Those that change something wait for macOS, and are called
// on goroutines of their own.
type settings struct{ m *macApp }

func (s settings) Chord() string          { return s.m.prefs.Chord().String() }
func (s settings) Session() time.Duration { return s.m.length(secret.SettingSession) }

func (s settings) SetSession(d time.Duration) error   { return s.m.adjust(secret.SettingSession, d) }
func (s settings) Clipboard() time.Duration           { return s.m.length(secret.SettingClipboard) }
func (s settings) SetClipboard(d time.Duration) error { return s.m.adjust(secret.SettingClipboard, d) }
func (s settings) Login() bool                        { return mac.NewLogin().State() == mac.LoginOn }
func (s settings) SetLogin(on bool) error             { return mac.NewLogin().Set(on) }

// adjust changes one of the broker's settings, as noxkey settings does: under Touch ID,
// and in the audit. A lock or the person ends it.
func (m *macApp) adjust(name string, d time.Duration) error {
	req := &secret.Request{Op: secret.OpSettings, Setting: name, Seconds: int64(d / time.Second)}
	return m.Do(context.Background(), req, func(secret.Answer) error { return nil })
}

func (s settings) Sealed() bool {
	v, _ := s.m.plugged()
	k, ok := v.(known)
	return ok && k.Mode() == keychain.ModeEnclave
}

// SetChord registers another chord and remembers it; the one before works on if that is
// refused.
func (s settings) SetChord(k cocoa.Key) error {
	m := s.m
	set := func(c mac.Chord) error {
		done := make(chan error, 1)
		m.hot.Set(c, func(err error) { done <- err })
		return <-done
	}
	before, c := m.prefs.Chord(), mac.ChordOf(k.Cmd, k.Shift, k.Option, k.Ctl, uint8(k.Code))
	if err := set(c); err != nil {
		return err
	}
	if err := m.prefs.SetChord(c); err != nil {
		return errors.Join(err, set(before))
	}
	m.mu.Lock()
	m.hotErr = nil
	m.mu.Unlock()
	return nil
}

// findings are what macOS said at run time: noxkey verify shows them, for what no test
// on another system can see.
func (m *macApp) findings() []secret.Finding {
	var list []secret.Finding
	add := func(ok bool, subject, text string) {
		list = append(list, secret.Finding{OK: ok, Subject: subject, Text: text})
	}
	switch a := m.finger.Can(); {
	case a.Words != "":
		add(false, "touch id", a.Words)
	case a.Touch:
		add(true, "touch id", "a finger can be asked for now")
	default:
		add(true, "touch id", a.Reason+" The Watch or the login password stands for it.")
	}
	m.mu.Lock()
	err := m.hotErr
	m.mu.Unlock()
	if err != nil {
		add(false, "hot key", err.Error())
	} else {
		add(true, "hot key", m.hot.Chord().String()+" opens the search")
	}
	switch mac.NewLogin().State() {
	case mac.LoginOn:
		add(true, "login", "macOS opens NoxKey at login")
	case mac.LoginApproval:
		add(false, "login", "opening at login is switched off in System Settings")
	default:
		add(true, "login", "NoxKey is not opened at login")
	}
	add(!m.session.Locked(), "screen", "the screen is watched: sessions end when it locks or the Mac sleeps")
	return list
}
