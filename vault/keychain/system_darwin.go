//go:build darwin && cgo

package keychain

import (
	"errors"

	gokeychain "github.com/keybase/go-keychain"
)

// System returns the generic passwords of a service in the person's default (login)
// Keychain. NoxKey's service is Service.
func System(service string) (Items, error) { return system(service), nil }

// system is the service.
type system string

func (s system) query(account string) gokeychain.Item {
	q := gokeychain.NewItem()
	q.SetSecClass(gokeychain.SecClassGenericPassword)
	q.SetService(string(s))
	if account != "" {
		q.SetAccount(account)
	}
	return q
}

// List asks for attributes only. Without kSecReturnData nothing is decrypted, so no
// access list is consulted: must be seen on a Mac.
func (s system) List() ([]Item, error) {
	q := s.query("")
	q.SetMatchLimit(gokeychain.MatchLimitAll)
	q.SetReturnAttributes(true)
	found, err := gokeychain.QueryItem(q) // nil for none
	if err != nil {
		return nil, status(err)
	}
	list := make([]Item, 0, len(found))
	for _, r := range found {
		if r.Account != "" {
			list = append(list, Item{Account: r.Account, Label: r.Label})
		}
	}
	return list, nil
}

// Read asks for data only: SecItemCopyMatching then answers one CFData.
func (s system) Read(account string) ([]byte, error) {
	q := s.query(account)
	q.SetMatchLimit(gokeychain.MatchLimitOne)
	q.SetReturnData(true)
	found, err := gokeychain.QueryItem(q)
	switch {
	case err != nil:
		return nil, status(err)
	case len(found) == 0:
		return nil, StatusNotFound
	}
	return found[0].Data, nil
}

// Add makes an item that does not leave this Mac. AccessibleWhenPasscodeSetThisDeviceOnly
// would be stricter, but go-keychain v0.0.1 has no value for it and would hand macOS a NULL.
func (s system) Add(it Item, data []byte) error {
	q := s.query(it.Account)
	q.SetLabel(it.Label)
	q.SetData(data)
	q.SetSynchronizable(gokeychain.SynchronizableNo)
	q.SetAccessible(gokeychain.AccessibleWhenUnlockedThisDeviceOnly)
	return status(gokeychain.AddItem(q))
}

func (s system) Update(it Item, data []byte) error {
	to := gokeychain.NewItem()
	to.SetLabel(it.Label)
	to.SetData(data) // nil is left out
	return status(gokeychain.UpdateItem(s.query(it.Account), to))
}

func (s system) Delete(account string) error {
	return status(gokeychain.DeleteItem(s.query(account)))
}

// status turns go-keychain's error, an OSStatus, into ours.
func status(err error) error {
	if e, ok := errors.AsType[gokeychain.Error](err); ok {
		return Status(e)
	}
	return err
}
