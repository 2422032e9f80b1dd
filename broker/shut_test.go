package broker

import (
	"context"
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

// lateAuth calls before, then authenticates.
type lateAuth struct {
	Authenticator
	before func()
}

func (a lateAuth) Authenticate(ctx context.Context, p secret.Prompt, s secret.Scope) (secret.Key, error) {
	a.before() // the finger was right; the vault is opened after
	return a.Authenticator.Authenticate(context.WithoutCancel(ctx), p, s)
}

func TestScreenLockDuringUnlockStaysShut(t *testing.T) {
	s, _ := deskScene(t)
	if err := s.b.Suspend(); err != nil {
		t.Fatal(err)
	}
	if err := s.b.Resume(); err != nil {
		t.Fatal(err)
	}
	if r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpLock}); r.err != nil {
		t.Fatal(r.err)
	}
	s.b.cfg.Auth = lateAuth{s.b.cfg.Auth, func() { _ = s.b.Suspend() }}
	r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock})
	s.wantCode(r, secret.Locked)
	if !s.b.locked() {
		t.Error("open while nobody is there")
	}
}

func TestScreenLockDuringCardStaysShut(t *testing.T) {
	s, _ := deskScene(t)
	s.who.will(AllowOnce)
	s.b.cfg.Auth = lateAuth{s.b.cfg.Auth, func() { _ = s.b.Suspend() }}
	r := s.do(agent("Codex", 70, 71), get("acme/api/DB"))
	s.wantCode(r, secret.Locked)
	if !s.b.locked() {
		t.Error("open while nobody is there")
	}
}

// watchedLedger looks at what is open while the head is written, which on a Mac waits for
// the Keychain, and perhaps for a prompt of its own.
type watchedLedger struct {
	Ledger
	look func()
}

func (l watchedLedger) Remember(key string, data []byte) error {
	l.look()
	return l.Ledger.Remember(key, data)
}

func TestSessionsEndBeforeTheHeadIsKept(t *testing.T) {
	s, _ := deskScene(t)
	s.who.will(AllowSession)
	req := get("acme/api/DB")
	req.Session = 3600
	if r := s.do(agent("Codex", 70, 71), req); r.err != nil {
		t.Fatal(r.err)
	}
	called := false
	s.b.audit.ledger = watchedLedger{s.b.audit.ledger, func() {
		called = true
		if n := s.b.sessions.count(); n != 0 {
			t.Errorf("%d sessions live while the screen is locked and the Keychain is waited for", n)
		}
	}}
	_ = s.b.Suspend()
	if !called {
		t.Fatal("no head was written")
	}
}
