package mac

import (
	"errors"
	"strings"
	"testing"

	"noxkey/secret"
)

// items is what System Settings holds.
type items struct {
	is, after LoginState
	err       error
	calls     int
}

func (i *items) status() LoginState { return i.is }
func (i *items) set(bool) error {
	i.calls++
	i.is = i.after
	return i.err
}

func TestLaunchAtLogin(t *testing.T) {
	t.Parallel()
	no := errors.New("Operation not permitted")
	for _, c := range []struct {
		name      string
		on        bool
		is, after LoginState
		err       error
		want      secret.Code
		says      string
		calls     int
	}{
		{"on", true, LoginOff, LoginOn, nil, "", "", 1},
		{"off", false, LoginOn, LoginOff, nil, "", "", 1},
		{"on already", true, LoginOn, LoginOn, no, "", "", 0},
		{"off already", false, LoginOff, LoginOff, no, "", "", 0},
		{"refused", true, LoginOff, LoginOff, no, secret.Storage, "macOS refused to open NoxKey at login: Operation not permitted", 1},
		{"said yes and did nothing", true, LoginNotFound, LoginNotFound, nil, secret.Storage, "no reason", 1},
		{"the person must allow it", true, LoginOff, LoginApproval, nil, secret.Invalid, "System Settings", 1},
		{"off while it waits for that", false, LoginApproval, LoginOff, nil, "", "", 1},
		{"stays on", false, LoginOn, LoginOn, no, secret.Storage, "not permitted", 1},
		{"an error that did it all the same", true, LoginOff, LoginOn, no, "", "", 1},
		{"too old", true, LoginNever, LoginOn, nil, secret.Storage, "older than 13", 0},
	} {
		i := &items{is: c.is, after: c.after, err: c.err}
		err := (&Login{i}).Set(c.on)
		if secret.CodeOf(err) != c.want || err != nil && !strings.Contains(err.Error(), c.says) || i.calls != c.calls {
			t.Errorf("%s: %v after %d calls", c.name, err, i.calls)
		}
	}
}
