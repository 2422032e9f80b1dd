package socket

import (
	"os/user"
	"strconv"

	"noxkey/secret"
)

// passwdHome returns the home folder of uid from the user database. os/user
// without cgo falls back to $HOME for the current user when the uid has no
// entry, so the lookup is by number and a missing entry is an error.
func passwdHome(uid int) (string, error) {
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil || u.HomeDir == "" {
		return "", secret.Errorf(secret.Storage, "user %d has no entry in the user database, so there is no place for a vault: name one with --home DIR", uid)
	}
	return u.HomeDir, nil
}
