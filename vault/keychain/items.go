package keychain

import (
	"errors"
	"fmt"

	"noxkey/secret"
)

// Items are the generic passwords of one service in the Keychain, each known by its
// account. An error is a Status, or text that says why there is none. No method
// keeps data, and each item changes whole or not at all.
type Items interface {
	// List returns all items, in any order. It reads no data and never prompts.
	List() ([]Item, error)
	// Read returns the data of one, the caller's to wipe. macOS may ask the person.
	Read(account string) ([]byte, error)
	// Add makes a new item. The Status is StatusDuplicate if there is one.
	Add(it Item, data []byte) error
	// Update replaces the label and, unless data is nil, the data.
	Update(it Item, data []byte) error
	// Delete removes an item. The Status is StatusNotFound if there is none.
	Delete(account string) error
}

// Item is what can be seen of an item without opening it. Account is not empty.
type Item struct{ Account, Label string }

// Status is an OSStatus of the Security framework (SecBase.h, MacErrors.h), not 0.
type Status int32

// The statuses with a meaning of their own.
const (
	StatusUserCanceled  Status = -128   // the person declined a prompt of macOS
	StatusDiskFull      Status = -34    // dskFulErr
	StatusNoAccess      Status = -25243 // the item's access list does not have us
	StatusNotAvailable  Status = -25291 // there is no keychain
	StatusReadOnly      Status = -25292
	StatusAuthFailed    Status = -25293
	StatusDuplicate     Status = -25299
	StatusNotFound      Status = -25300
	StatusNoInteraction Status = -25308 // a prompt would be needed and cannot be shown
	StatusDecode        Status = -26275
	StatusEntitlement   Status = -34018 // errSecMissingEntitlement
)

// Error returns "osstatus -25300".
func (s Status) Error() string { return fmt.Sprintf("osstatus %d", int32(s)) }

// is reports whether err is that status.
func is(err error, s Status) bool {
	got, ok := errors.AsType[Status](err)
	return ok && got == s
}

// explain turns what Items answered about an account into an error with a code and
// words; nil stays nil. The secret is named if the account is one's.
func explain(err error, account string) error {
	if err == nil {
		return nil
	}
	status, ok := errors.AsType[Status](err)
	if !ok {
		return about(secret.Storage, account, "the keychain failed: "+err.Error())
	}
	switch status {
	case StatusNotFound:
		return about(secret.NotFound, account, "the keychain no longer holds "+account)
	case StatusDuplicate:
		return about(secret.Exists, account, "the keychain already holds an item "+account+" that another program made")
	case StatusNoInteraction, StatusNotAvailable:
		return about(secret.Storage, account, fmt.Sprintf("the login keychain is locked (%d)", status))
	case StatusUserCanceled:
		return about(secret.Cancelled, account, fmt.Sprintf("the keychain's question was cancelled (%d)", status))
	case StatusAuthFailed, StatusNoAccess:
		return about(secret.Denied, account, fmt.Sprintf("macos refused this keychain item (%d)", status))
	case StatusEntitlement:
		return about(secret.Storage, account, fmt.Sprintf("this build may not use the protected keychain (%d): it is not signed by a team", status))
	case StatusDiskFull:
		return about(secret.Storage, account, "the disk is full")
	case StatusReadOnly:
		return about(secret.Storage, account, fmt.Sprintf("the keychain is read-only (%d)", status))
	case StatusDecode:
		return about(secret.Damaged, account, fmt.Sprintf("the keychain cannot decode this item (%d)", status))
	}
	return about(secret.Storage, account, fmt.Sprintf("the keychain answered %d", status))
}

// about is an error that names the secret of that account, if it is one's.
func about(c secret.Code, account, msg string) error {
	e := &secret.Error{Code: c, Msg: msg}
	if n, err := secret.ParseName(account); err == nil {
		e.Names = []secret.Name{n}
	}
	return e
}
