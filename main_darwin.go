package main

import (
	"context"
	"errors"

	"noxkey/socket"
)

// errNoFront: on macOS the values belong into the Keychain and the cards into
// Cocoa windows. Neither is written yet, and the file vault and the terminal are no
// silent stand-ins for them.
var errNoFront = errors.New("the app for macOS is not written yet; on macOS only the client (noxkey) builds so far")

func run(context.Context, socket.Home) error { return errNoFront }

func restorePrevious(socket.Home) error { return errNoFront }
