package touchid

import (
	"testing"

	"noxkey/secret"
)

func TestWordsOfTheSheetThatFails(t *testing.T) {
	t.Parallel()
	for code, want := range map[status]string{
		userCancel:     "Touch ID was cancelled. Nothing was released",
		failed:         "Touch ID did not recognise the finger. Nothing was released",
		lockout:        "Touch ID is locked after too many tries. Your Mac password opens it again",
		noPasscode:     "this Mac has no login password, so nothing can be protected. Set one in System Settings",
		notInteractive: "macOS did not ask for Touch ID (-1004). Nothing was released",
	} {
		if got := code.err().Error(); got != want {
			t.Errorf("%d says %q", code, got)
		}
	}
}

func TestCanSaysWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		has    map[policy]status
		sensor bool
		want   Ability
	}{
		{"all", nil, true, Ability{Touch: true, Watch: true, Password: true}},
		{"lid closed", map[policy]status{biometrics: notAvailable, watch: noWatch}, true, Ability{Password: true, Reason: "The lid is closed."}},
		{"Mac mini", map[policy]status{biometrics: notAvailable}, false, Ability{Watch: true, Password: true, Reason: "This Mac has no Touch ID."}},
		{"no finger", map[policy]status{biometrics: notEnrolled, watch: noWatch}, true, Ability{Password: true, Reason: "No finger is enrolled."}},
		{"locked out", map[policy]status{biometrics: lockout, watch: noWatch}, true, Ability{Password: true, Reason: "Touch ID is locked after too many tries."}},
		{"keyboard", map[policy]status{biometrics: disconnected, watch: noWatch}, true, Ability{Password: true, Reason: "The keyboard with Touch ID is not connected."}},
		{"no password", map[policy]status{biometrics: noPasscode, watch: noPasscode, owner: noPasscode}, true,
			Ability{Reason: "This Mac has no login password.", Words: noPasscode.err().Error()}},
	} {
		s := &stage{has: c.has, sensor: c.sensor}
		if got := newEvaluation(s.make, unlocked).Can(); got != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
		s.wantAllGone(t)
	}
	e := newEvaluation(func() (laContext, error) { return nil, secret.Errorf(secret.Internal, "no class") }, unlocked)
	if a := e.Can(); a.Touch || a.Watch || a.Password || a.Words != "no class" {
		t.Errorf("%+v", a)
	}
}
