package socket

import (
	"net"
	"os"
	"path/filepath"

	"noxkey/caller"
	"noxkey/secret"
)

// appIdentifier is the app's, in its bundle and its signature.
const appIdentifier = "app.noxkey.NoxKey"

// checkApp refuses a server whose code is not the app's, before anything is sent to it.
// nil where the system signs no programs: there the pinned key alone tells.
var checkApp func(*net.UnixConn) error

// codes is how checkApp asks the system.
type codes struct {
	peer func(*net.UnixConn) (caller.Code, caller.ProcID, error)
	of   func(caller.ProcID) (caller.Code, error)
	read func(pid int) (caller.Process, error)
}

// check holds the signature of the process at the other end against our own. A client
// that a team signed talks only to the app that the same team signed. One that no team
// signed (built by hand) can tell the app only by its place, and talks to the one it
// came with.
func (k codes) check(c *net.UnixConn) error {
	me, err := k.read(os.Getpid())
	if err != nil {
		return cannotTell(err)
	}
	mine, err := k.of(me.ID)
	if err != nil {
		return cannotTell(err)
	}
	theirs, id, err := k.peer(c)
	if err != nil {
		return cannotTell(err)
	}
	beside := false
	if mine.Signer < caller.Developer {
		app, err := k.read(id.PID)
		if err != nil || app.ID != id {
			return cannotTell(caller.ErrGone)
		}
		beside = sibling(me.Exe, app.Exe)
	}
	return genuine(mine, theirs, beside)
}

func cannotTell(err error) error {
	return secret.Errorf(secret.Untrusted, "macOS does not say what listens at the socket (%v); nothing was sent to it", err)
}

// genuine is the decision.
func genuine(mine, theirs caller.Code, beside bool) error {
	switch mine.Signer {
	case caller.Developer:
		if theirs.Signer == caller.Developer && theirs.Team == mine.Team && theirs.Identifier == appIdentifier && theirs.Guarded {
			return nil
		}
		return secret.Errorf(secret.Untrusted, "what listens at the socket is %s, and not NoxKey as %s signs it; nothing was sent to it", theirs, mine.Team)
	case caller.AdHoc, caller.Unsigned:
		// It needs no better signature than ours, and none is taken for one of ours.
		if beside && theirs.Signer < caller.Developer {
			return nil
		}
		return secret.Errorf(secret.Untrusted, "this noxkey is %s, so it only talks to the NoxKey that lies beside it, and that is not what listens at the socket; nothing was sent to it", mine)
	}
	return secret.Errorf(secret.Untrusted, "this noxkey is %s, which it cannot be; nothing was sent", mine)
}

// sibling reports whether app is the app that came with the client: beside it, or in the
// bundle that it lies in, or the very same program.
func sibling(client, app string) bool {
	is, err := os.Stat(app)
	if app == "" || client == "" || err != nil {
		return false
	}
	dir := filepath.Dir(client)
	for _, place := range []string{filepath.Join(dir, "noxkey-app"), filepath.Join(filepath.Dir(dir), "MacOS", "NoxKey"), client} {
		if fi, err := os.Stat(place); err == nil && os.SameFile(fi, is) {
			return true
		}
	}
	return false
}
