//go:build darwin && cgo

package keychain

import (
	"crypto/rand"
	"testing"

	"noxkey/secret"
	"noxkey/vault/vaulttest"
)

// TestContractSystem runs the contract over the real Keychain, in ModeGate: each test
// under a service of its own, noxkey-test-<random>, which is emptied afterwards. It
// needs an unlocked default keychain; CI makes one. No prompt may appear.
func TestContractSystem(t *testing.T) {
	vaulttest.Run(t, func(t *testing.T) vaulttest.Fixture {
		items, err := System("noxkey-test-" + rand.Text())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { empty(t, items) })
		v, err := Create(items, ModeGate, nil)
		if err != nil {
			t.Fatal(err)
		}
		return realFixture(v, items)
	})
}

func realFixture(v *Vault, items Items) vaulttest.Fixture {
	return vaulttest.Fixture{
		Vault:  v,
		Unlock: func(s secret.Scope) (secret.Key, error) { return v.Unlock(&presence{}, s) },
		Reopen: func(t *testing.T) vaulttest.Fixture {
			v.Close()
			again, err := Open(items, ModeGate, nil)
			if err != nil {
				t.Fatal(err)
			}
			return realFixture(again, items)
		},
	}
}

func empty(t *testing.T, items Items) {
	list, err := items.List()
	if err != nil {
		t.Errorf("test items may be left in the keychain: %v", err)
	}
	for _, it := range list {
		if err := items.Delete(it.Account); err != nil {
			t.Errorf("%s is left in the keychain: %v", it.Account, err)
		}
	}
}

// TestSystemItems tries what the vault relies on and the fake promises.
func TestSystemItems(t *testing.T) {
	items, err := System("noxkey-test-" + rand.Text())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { empty(t, items) })
	it := Item{"acme/api/KEY", `{"desc":"of € 5"}`}
	want := func(what string, err error, s Status) {
		t.Helper()
		if s == 0 && err != nil || s != 0 && !is(err, s) {
			t.Fatalf("%s: %v, want %v", what, err, s)
		}
	}
	_, err = items.Read(it.Account)
	want("read of nothing", err, StatusNotFound)
	want("update of nothing", items.Update(it, nil), StatusNotFound)
	want("delete of nothing", items.Delete(it.Account), StatusNotFound)
	want("add", items.Add(it, []byte{0, 255, 1}), 0)
	want("add again", items.Add(it, []byte("x")), StatusDuplicate)
	it.Label = "other"
	want("update of the label", items.Update(it, nil), 0)
	data, err := items.Read(it.Account)
	want("read", err, 0)
	if string(data) != "\x00\xff\x01" {
		t.Fatalf("read %x", data)
	}
	list, err := items.List()
	want("list", err, 0)
	if len(list) != 1 || list[0] != it {
		t.Fatalf("listed %+v", list)
	}
}
