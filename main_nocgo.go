//go:build darwin && !cgo

package main

import (
	"context"
	"errors"

	"noxkey/socket"
)

// errNoFront: without cgo there are no windows, no Keychain and no Touch ID, and
// nothing weaker takes their place.
var errNoFront = errors.New("this build is without cgo and cannot reach the Keychain; on a Mac, make app builds NoxKey.app")

const damagedHint = ""

func run(context.Context, socket.Home) error { return errNoFront }

func restorePrevious(socket.Home) error { return errNoFront }
