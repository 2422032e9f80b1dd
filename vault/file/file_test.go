package file

import (
	"path/filepath"
	"testing"

	"noxkey/secret"
	"noxkey/vault/vaulttest"
)

// cheap costs a millisecond, so that tests are about the vault.
var cheap = Params{Memory: 64, Passes: 1, Lanes: 1}

func pass(s string) secret.Value {
	v, err := secret.NewValue([]byte(s))
	if err != nil {
		panic(err)
	}
	return v
}

func create(t testing.TB) (*Vault, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "home", "vault.db")
	v, err := Create(path, pass("open sesame"), cheap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v, path
}

func reopened(t testing.TB, path string) *Vault {
	t.Helper()
	v, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func unlock(t testing.TB, v *Vault) secret.Key {
	t.Helper()
	k, err := v.Unlock(pass("open sesame"), secret.Scope{Root: true})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func fixture(v *Vault, path string) vaulttest.Fixture {
	return vaulttest.Fixture{
		Vault:  v,
		Unlock: func(s secret.Scope) (secret.Key, error) { return v.Unlock(pass("open sesame"), s) },
		Reopen: func(t *testing.T) vaulttest.Fixture {
			v.Close()
			return fixture(reopened(t, path), path)
		},
	}
}

func TestContract(t *testing.T) {
	vaulttest.Run(t, func(t *testing.T) vaulttest.Fixture { return fixture(create(t)) })
}
