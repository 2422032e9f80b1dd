//go:build !(darwin && cgo)

package keychain

import "noxkey/secret"

// System refuses: this build cannot reach a Keychain. The app for the Mac is built
// on a Mac, with cgo.
func System(string) (Items, error) {
	return nil, secret.Errorf(secret.Storage, "this build cannot reach a keychain: it is not for macos, or was built without cgo")
}
