package memory

import (
	"testing"

	"noxkey/secret"
	"noxkey/vault/vaulttest"
)

func TestContract(t *testing.T) {
	vaulttest.Run(t, func(t *testing.T) vaulttest.Fixture {
		v := New("open sesame")
		return vaulttest.Fixture{Vault: v, Unlock: func(s secret.Scope) (secret.Key, error) {
			p, err := secret.NewValue([]byte("open sesame"))
			if err != nil {
				return nil, err
			}
			return v.Unlock(p, s)
		}}
	})
}
