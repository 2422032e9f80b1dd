package touchid_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"

	"noxkey/broker"
	"noxkey/secret"
	"noxkey/vault/touchid"
	"noxkey/vault/touchid/touchidtest"
)

var (
	_ broker.Authenticator = (*touchid.Authenticator)(nil)
	_ broker.Maintainer    = (*touchid.Authenticator)(nil)
	_ touchid.Evaluator    = (*touchid.Evaluation)(nil)
)

// vault is opened by any presence that lives.
type vault struct {
	mu     sync.Mutex
	open   bool
	keys   []*key
	scopes []secret.Scope
	during func() // inside Unlock
	err    error
	rekeys int
}

type key struct {
	secret.Key
	wiped bool
}

func (k *key) Wipe() { k.wiped = true }

func (v *vault) Unlock(p touchid.Presence, s secret.Scope) (secret.Key, error) {
	if v.during != nil {
		v.during()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil {
		return nil, v.err
	}
	v.open = true
	k := &key{}
	v.keys, v.scopes = append(v.keys, k), append(v.scopes, s)
	return k, nil
}

func (v *vault) Rekey(p touchid.Presence) error {
	return p.Use(func(unsafe.Pointer) error { v.rekeys++; return v.err })
}

func (v *vault) Locked() bool { v.mu.Lock(); defer v.mu.Unlock(); return !v.open }
func (v *vault) Lock()        { v.mu.Lock(); defer v.mu.Unlock(); v.open = false }

// wantNothing holds that nothing is left of what was opened.
func (v *vault) wantNothing(t *testing.T, f *touchidtest.Fake) {
	t.Helper()
	for i, k := range v.keys {
		if !k.wiped {
			t.Errorf("key %d was not wiped", i)
		}
	}
	if v.open {
		t.Error("the vault is open")
	}
	if n := f.Open(); n != 0 {
		t.Errorf("%d presences live on", n)
	}
}

var prompt = secret.Prompt{ID: 7, Reason: "give acme/api/KEY to Claude Code once"}

func TestRightFinger(t *testing.T) {
	t.Parallel()
	v, f := &vault{}, touchidtest.New(touchidtest.Yes)
	s := secret.Scope{Names: []secret.Name{"acme/api/KEY"}}
	k, err := touchid.New(v, f, nil).Authenticate(t.Context(), prompt, s)
	if err != nil || k == nil || v.keys[0].wiped || !v.open {
		t.Fatalf("key %v, error %v", k, err)
	}
	if !slices.Equal(f.Asked(), []string{prompt.Reason}) || !slices.Equal(v.scopes[0].Names, s.Names) {
		t.Fatalf("asked %q for %v", f.Asked(), v.scopes)
	}
	if f.Open() != 0 {
		t.Error("the presence outlives its use")
	}
}

func TestNoAndCancelledAreReturned(t *testing.T) {
	t.Parallel()
	for a, want := range map[touchidtest.Answer]secret.Code{touchidtest.No: secret.WrongKey, touchidtest.Cancelled: secret.Cancelled} {
		v, f := &vault{}, touchidtest.New(a)
		au := touchid.New(v, f, nil)
		if k, err := au.Authenticate(t.Context(), prompt, secret.Scope{}); secret.CodeOf(err) != want || k != nil {
			t.Errorf("key %v, error %v", k, err)
		}
		v.wantNothing(t, f)
		f.Then(touchidtest.Yes) // and may choose again
		if _, err := au.Authenticate(t.Context(), prompt, secret.Scope{}); err != nil {
			t.Error(err)
		}
	}
}

func TestVaultsErrorIsReturned(t *testing.T) {
	t.Parallel()
	damaged := secret.Errorf(secret.Damaged, "acme/api/KEY was changed outside NoxKey")
	v, f := &vault{err: damaged}, touchidtest.New(touchidtest.Yes)
	if k, err := touchid.New(v, f, nil).Authenticate(t.Context(), prompt, secret.Scope{}); !errors.Is(err, damaged) || k != nil {
		t.Fatal(k, err)
	}
	v.wantNothing(t, f)
}

// TestThreatE5HangUpGrantsNothing: before the sheet, while it is up, with the right
// finger afterwards, and while the vault opens.
func TestThreatE5HangUpGrantsNothing(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]touchidtest.Answer{"never": touchidtest.Never, "late": touchidtest.Late, "in the vault": touchidtest.Yes} {
		ctx, cancel := context.WithCancel(t.Context())
		v, f := &vault{}, touchidtest.New(a)
		if a == touchidtest.Yes {
			v.during = cancel
		} else {
			f.Shown = make(chan string)
			go func() { <-f.Shown; cancel() }()
		}
		if k, err := touchid.New(v, f, nil).Authenticate(ctx, prompt, secret.Scope{Root: true}); !errors.Is(err, context.Canceled) || k != nil {
			t.Errorf("%s: key %v, error %v", name, k, err)
		}
		v.wantNothing(t, f)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := touchidtest.New(touchidtest.Yes)
	if _, err := touchid.New(&vault{}, f, nil).Authenticate(ctx, prompt, secret.Scope{}); !errors.Is(err, context.Canceled) || len(f.Asked()) != 0 {
		t.Errorf("asked %q, error %v", f.Asked(), err)
	}
}

// TestHangUpLeavesAnOpenVaultOpen: what somebody else opened before is not this one's to close.
func TestHangUpLeavesAnOpenVaultOpen(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	v, f := &vault{open: true, during: cancel}, touchidtest.New(touchidtest.Yes)
	if _, err := touchid.New(v, f, nil).Authenticate(ctx, prompt, secret.Scope{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if !v.open || !v.keys[0].wiped {
		t.Error("open:", v.open, "wiped:", v.keys[0].wiped)
	}
}

func TestSilenceIsADenial(t *testing.T) {
	t.Parallel()
	for _, a := range []touchidtest.Answer{touchidtest.Never, touchidtest.Late} {
		v, f := &vault{}, touchidtest.New(a)
		au := touchid.New(v, f, nil)
		touchid.SetLimit(au, time.Millisecond)
		k, err := au.Authenticate(t.Context(), prompt, secret.Scope{})
		if secret.CodeOf(err) != secret.TimedOut || k != nil || err.Error() != "Touch ID did not answer. The request is denied" {
			t.Errorf("key %v, error %v", k, err)
		}
		v.wantNothing(t, f)
	}
}

// TestAroundHasTheLastWord: the window that stands behind the sheet may fill in its
// words, and what it denies is denied whatever the sheet said.
func TestAroundHasTheLastWord(t *testing.T) {
	t.Parallel()
	denied := secret.Errorf(secret.Denied, "the person said no")
	var escaped func(context.Context, string) error
	for name, c := range map[string]struct {
		around touchid.Around
		want   secret.Code
	}{
		"denied in the same moment": {func(ctx context.Context, _ secret.Prompt, ask func(context.Context, string) error) error {
			if err := ask(ctx, "x"); err != nil {
				t.Error(err)
			}
			return denied
		}, secret.Denied},
		"never asked": {func(context.Context, secret.Prompt, func(context.Context, string) error) error { return nil }, secret.Internal},
		"its context ended": {func(ctx context.Context, _ secret.Prompt, ask func(context.Context, string) error) error {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_ = ask(ctx, "x")
			return denied
		}, secret.Denied},
		"asked when it was over": {func(_ context.Context, _ secret.Prompt, ask func(context.Context, string) error) error {
			escaped = ask
			return denied
		}, secret.Denied},
	} {
		v, f := &vault{}, touchidtest.New(touchidtest.Yes)
		if k, err := touchid.New(v, f, c.around).Authenticate(t.Context(), prompt, secret.Scope{}); secret.CodeOf(err) != c.want || k != nil {
			t.Errorf("%s: key %v, error %v", name, k, err)
		}
		if escaped != nil {
			if err := escaped(t.Context(), "x"); err == nil {
				t.Errorf("%s: an answer that came afterwards counts", name)
			}
			escaped = nil
		}
		v.wantNothing(t, f)
	}
}

func TestAroundFillsInTheWords(t *testing.T) {
	t.Parallel()
	v, f := &vault{}, touchidtest.New(touchidtest.Yes)
	around := func(ctx context.Context, p secret.Prompt, ask func(context.Context, string) error) error {
		if p.ID != 9 || p.Reason != "" {
			t.Errorf("%+v", p)
		}
		return ask(ctx, "store acme/web/SENTRY_AUTH_TOKEN")
	}
	if _, err := touchid.New(v, f, around).Authenticate(t.Context(), secret.Prompt{ID: 9}, secret.Scope{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.Asked(), []string{"store acme/web/SENTRY_AUTH_TOKEN"}) {
		t.Errorf("asked %q", f.Asked())
	}
}

func TestOneAuthenticationAtATime(t *testing.T) {
	t.Parallel()
	f := touchidtest.New(touchidtest.Never)
	f.Shown = make(chan string)
	au := touchid.New(&vault{}, f, nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { _, err := au.Authenticate(ctx, prompt, secret.Scope{}); done <- err }()
	<-f.Shown
	second, stop := context.WithCancel(t.Context())
	stop() // it waits for its turn, and goes
	if _, err := au.Authenticate(second, prompt, secret.Scope{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if n := len(f.Asked()); n != 1 {
		t.Errorf("%d sheets", n)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestMaintenance(t *testing.T) {
	t.Parallel()
	v, f := &vault{}, touchidtest.New(touchidtest.Yes, touchidtest.Cancelled)
	au := touchid.New(v, f, nil)
	if err := au.Rekey(t.Context(), prompt); err != nil || v.rekeys != 1 || f.Open() != 0 {
		t.Error(err, v.rekeys, f.Open())
	}
	if err := au.Rekey(t.Context(), prompt); secret.CodeOf(err) != secret.Cancelled || v.rekeys != 1 {
		t.Error(err, v.rekeys)
	}
	if err := au.Passwd(t.Context(), prompt); secret.CodeOf(err) != secret.Invalid {
		t.Error(err)
	}
	if _, err := touchid.System(func() bool { return false }); err != nil && secret.CodeOf(err) != secret.Internal {
		t.Error(err)
	}
}
