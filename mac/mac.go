// Package mac holds leaves of macOS that are neither vault nor window: process
// hardening, sleep and screen-lock notifications, the pasteboard with its concealed mark
// and change count, the hot key, launch at login.
//
// What is decided is in shared files and tested everywhere; a file named _darwin, with
// the Objective-C of leaf.m, makes the calls. Without cgo, or on another system, each of
// them says in words that it is not there. Nothing in this package has run on a Mac yet.
package mac

import "noxkey/secret"

// errNoLeaf says which one is missing.
func errNoLeaf(what string) error {
	return secret.Errorf(secret.Internal, "this build has no %s: it was made without cgo, or not for macOS", what)
}

// What a leaf assigns; nil where there is none.
var (
	// watch calls heard on the main thread with the name of each notification of notices.
	watch func(heard func(name string)) error
	// screenState asks the window server whether the screen is locked or another user's.
	screenState func() (locked, known bool)
	carbon      registrar
	mainApp     service
	general     Board
)

// Clipboard is the general pasteboard. The error has code Internal where this build has
// none.
func Clipboard() (Board, error) {
	if general == nil {
		return nil, errNoLeaf("clipboard")
	}
	return general, nil
}
