package mac

import "noxkey/secret"

// LoginState is whether macOS opens the app at login.
type LoginState int

// The states, SMAppServiceStatus of <ServiceManagement/SMAppService.h>.
const (
	LoginOff      LoginState = 0
	LoginOn       LoginState = 1
	LoginApproval LoginState = 2 // registered, and switched off by the person in System Settings
	LoginNotFound LoginState = 3 // macOS knows no such app: it does not run from its bundle
	// LoginNever: this macOS has no SMAppService (before 13), or this build none of it.
	LoginNever LoginState = -1
)

// Login opens the app at login, or not.
type Login struct{ service service }

// service is SMAppService.mainAppService.
type service interface {
	status() LoginState
	// set is registerAndReturnError: or unregisterAndReturnError:; the error is what
	// macOS says.
	set(on bool) error
}

// NewLogin is that of this app. Which bundle macOS takes for it, and that registering
// works for one signed ad hoc, must be seen on a Mac.
func NewLogin() *Login { return &Login{service: mainApp} }

// State asks macOS: the person may have changed it in System Settings.
func (l *Login) State() LoginState {
	if l.service == nil {
		return LoginNever
	}
	return l.service.status()
}

// Set registers the app or takes it back. It believes what macOS says afterwards, not
// what the call said. The error has code Storage, or Invalid where the person has to do
// it themselves.
func (l *Login) Set(on bool) error {
	was := l.State()
	switch {
	case was == LoginNever:
		return refused("this macOS is older than 13, or this build cannot ask")
	case was == LoginOn && on, was != LoginOn && was != LoginApproval && !on:
		return nil
	}
	err := l.service.set(on)
	is := l.State()
	switch {
	case on && is == LoginOn, !on && is != LoginOn:
		return nil
	case on && is == LoginApproval:
		return secret.Errorf(secret.Invalid, "macOS refused to open NoxKey at login: it is switched off in System Settings, General, Login Items")
	case err != nil:
		return refused(err.Error())
	}
	return refused("it gives no reason")
}

func refused(cause string) error {
	return secret.Errorf(secret.Storage, "macOS refused to open NoxKey at login: %s", cause)
}
