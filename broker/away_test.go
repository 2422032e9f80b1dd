package broker

import (
	"testing"

	"noxkey/caller"
	"noxkey/secret"
	"noxkey/vault/memory"
)

// deskVault is a vault that an unlocked screen opens for browsing, as a Mac's.
type deskVault struct {
	*memory.Vault
	during func() // runs inside Browse
}

func (v *deskVault) Browse() error {
	p, err := secret.NewValue([]byte(pass))
	if err != nil {
		return err
	}
	defer p.Wipe()
	k, err := v.Unlock(p, secret.Scope{})
	if err == nil {
		k.Wipe()
	}
	if v.during != nil {
		v.during()
	}
	return err
}

func deskScene(t *testing.T) (*scene, *deskVault) {
	s := newScene(t)
	v := &deskVault{Vault: s.vault}
	s.b.cfg.Store = v
	return s, v
}

func TestScreenLockEndsSessionsAndUnlockingOpensNames(t *testing.T) {
	s, _ := deskScene(t)
	s.who.will(AllowSession)
	a := agent("Codex", 70, 71)
	req := get("acme/api/DB")
	req.Session = 3600
	if r := s.do(a, req); r.err != nil {
		t.Fatal(r.err)
	}
	if s.b.sessions.count() != 1 {
		t.Fatal("no session was opened")
	}
	if err := s.b.Suspend(); err != nil {
		t.Fatal(err)
	}
	s.wantCode(s.do(a, &secret.Request{Op: secret.OpList}), secret.Locked)
	if err := s.b.Resume(); err != nil {
		t.Fatal(err)
	}
	if r := s.do(a, &secret.Request{Op: secret.OpList}); r.err != nil {
		t.Error(r.err)
	}
	if n := s.b.sessions.count(); n != 0 {
		t.Errorf("%d sessions came back", n)
	}
}

// TestResumeLeavesThePersonsLock: unlocking the screen does not undo Lock Now.
func TestResumeLeavesThePersonsLock(t *testing.T) {
	s, _ := deskScene(t)
	s.do(caller.Front("test"), &secret.Request{Op: secret.OpLock})
	for _, f := range []func() error{s.b.Resume, s.b.Suspend, s.b.Resume} {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	s.wantCode(s.do(caller.Front("test"), &secret.Request{Op: secret.OpList}), secret.Locked)
	if r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock}); r.err != nil {
		t.Fatal(r.err)
	}
	_ = s.b.Suspend()
	if err := s.b.Resume(); err != nil {
		t.Fatal(err)
	}
	if r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpList}); r.err != nil {
		t.Errorf("after the person unlocked, the screen opens it again: %v", r.err)
	}
}

// TestAgentsLockHoldsToo: an agent may lock, and no screen undoes that.
func TestAgentsLockHoldsToo(t *testing.T) {
	s, _ := deskScene(t)
	s.do(agent("Codex", 70, 71), &secret.Request{Op: secret.OpLock})
	_ = s.b.Resume()
	if !s.b.locked() {
		t.Error("open")
	}
}

// TestSleepOnAMac: sleep ends the sessions; whoever wakes it at an unlocked screen
// may browse, behind a locked one nobody.
func TestSleepOnAMac(t *testing.T) {
	s, _ := deskScene(t)
	s.clock.sleep()
	if r := s.do(human(9), &secret.Request{Op: secret.OpList}); r.err != nil {
		t.Error(r.err)
	}
	_ = s.b.Suspend()
	s.clock.sleep()
	s.wantCode(s.do(human(9), &secret.Request{Op: secret.OpList}), secret.Locked)
}

// TestLockDuringResume: a lock that comes while the store is being opened wins.
func TestLockDuringResume(t *testing.T) {
	s, v := deskScene(t)
	_ = s.b.Suspend()
	v.during = func() { s.b.hold(true) }
	_ = s.b.Resume()
	if !s.b.locked() {
		t.Error("opened over the person's lock")
	}
}

// TestVerifyShowsThePlatform: what a leaf came to is in noxkey verify.
func TestVerifyShowsThePlatform(t *testing.T) {
	s := newScene(t)
	s.b.cfg.Findings = func() []secret.Finding { return []secret.Finding{{Subject: "touch id", Text: "The lid is closed."}} }
	r := s.do(human(9), &secret.Request{Op: secret.OpVerify})
	if r.err != nil {
		t.Fatal(r.err)
	}
	for _, a := range r.all {
		if a.Finding != nil && a.Finding.Subject == "touch id" && !a.Finding.OK {
			return
		}
	}
	t.Errorf("%+v", r.all)
}
