package touchid

import "noxkey/secret"

// status is an LAError (LAError.h, LAPublicDefines.h), 0 for none. An error of another
// domain is foreign.
type status int

const (
	failed         status = -1
	userCancel     status = -2
	userFallback   status = -3 // the password button, under a policy without a password
	systemCancel   status = -4 // another app came to the front, the screen locked
	noPasscode     status = -5
	notAvailable   status = -6 // no sensor, or none that can be reached: the lid is closed
	notEnrolled    status = -7
	lockout        status = -8
	appCancel      status = -9 // we invalidated it
	invalid        status = -10
	noWatch        status = -11
	notPaired      status = -12 // the sensor would be in a keyboard, and none is paired
	disconnected   status = -13 // it is in a keyboard that is not connected
	notInteractive status = -1004
	// foreign is ours: an NSError of another domain, or an exception.
	foreign status = 1
)

var errScreen = secret.Errorf(secret.Locked, "the screen is locked. Nothing was released")

// err is what became of an evaluation that was not a plain yes. A Cancelled one
// leads back to the card, where the person may choose again.
func (s status) err() error {
	switch s {
	case failed:
		return secret.Errorf(secret.WrongKey, "Touch ID did not recognise the finger. Nothing was released")
	case userCancel, userFallback, systemCancel, appCancel:
		return secret.Errorf(secret.Cancelled, "Touch ID was cancelled. Nothing was released")
	case lockout:
		return secret.Errorf(secret.Cancelled, "Touch ID is locked after too many tries. Your Mac password opens it again")
	case noPasscode:
		return secret.Errorf(secret.Invalid, "this Mac has no login password, so nothing can be protected. Set one in System Settings")
	}
	return secret.Errorf(secret.Internal, "macOS did not ask for Touch ID (%d). Nothing was released", int(s))
}

// Ability is what there is to ask by.
type Ability struct {
	// Touch, Watch and Password say what could answer now. The Watch is the paired one,
	// on the wrist and near.
	Touch, Watch, Password bool
	// Reason is why Touch is false, a sentence for the panel: "The lid is closed."
	Reason string
	// Words is what a person would be told by an attempt that cannot succeed, as when
	// there is no login password; "" otherwise.
	Words string
}

// Can implements Evaluator. It makes a context of its own and drops it.
func (e *Evaluation) Can() Ability {
	c, err := e.make()
	if err != nil {
		return Ability{Reason: "This Mac has no Touch ID.", Words: err.Error()}
	}
	defer c.release()
	touch := c.can(biometrics)
	a := Ability{Touch: touch == 0, Watch: c.can(watch) == 0}
	if !a.Touch {
		a.Reason = without(touch, c.touchID())
	}
	s := c.can(owner)
	if a.Password = s == 0; !a.Password {
		a.Words = s.err().Error()
	}
	return a
}

// without says why there is no Touch ID. A Mac that has the sensor and cannot reach it
// is taken for one with its lid closed; what macOS says on one where an administrator
// forbids Touch ID must be seen on a Mac.
func without(s status, sensor bool) string {
	switch {
	case s == notEnrolled:
		return "No finger is enrolled."
	case s == lockout:
		return "Touch ID is locked after too many tries."
	case s == disconnected:
		return "The keyboard with Touch ID is not connected."
	case s == notAvailable && sensor:
		return "The lid is closed."
	case s == noPasscode:
		return "This Mac has no login password."
	}
	return "This Mac has no Touch ID."
}
