package file

import (
	"fmt"
	"os"
	"testing"

	"noxkey/secret"
)

// deed is one way of writing to a vault, and what it does to a state.
type deed struct {
	name   string
	do     func(v *Vault, k secret.Key) error
	expect func(s state)
}

// state is what a vault holds, as far as its owner can tell: "pass" is the passphrase
// that opens it, "head" what the ledger remembers, a name its level, type, description and value.
type state map[string]string

const fresh = "fresh passphrase"

func entry(level secret.Level, ft secret.FieldType, desc, val string) string {
	return fmt.Sprintf("%s %s %q %s", level, ft, desc, val)
}

// look is the state of an open vault, with the key for all of it; it unlocks it if need be.
func look(v *Vault) (state, secret.Key, error) {
	s := state{"pass": "open sesame"}
	k, err := v.Unlock(pass(s["pass"]), secret.Scope{Root: true})
	if secret.CodeOf(err) == secret.WrongKey {
		s["pass"] = fresh
		k, err = v.Unlock(pass(fresh), secret.Scope{Root: true})
	}
	if err != nil {
		return nil, nil, err
	}
	list, err := v.Under("")
	if err != nil {
		return nil, nil, err
	}
	for _, e := range list {
		got, err := v.Open(k, []secret.Ref{{Name: e.Name, Version: e.Version}})
		if err != nil {
			return nil, nil, err
		}
		_ = got[0].Use(func(b []byte) error {
			s[string(e.Name)] = entry(e.Level, e.FieldType, e.Desc, string(b))
			return nil
		})
	}
	head, err := v.Recall("head")
	if head != nil {
		s["head"] = string(head)
	}
	return s, k, err
}

// onDisk is the state of the vault at path as the next run of the program finds it.
func onDisk(t testing.TB, path string) state {
	t.Helper()
	v := reopened(t, path)
	defer v.Close()
	s, _, err := look(v)
	if err != nil {
		t.Fatalf("the vault on the disk: %v", err)
	}
	return s
}

// rounds is how often: few in every run of the tests, many under make attack.
func rounds(few, many int) int {
	if os.Getenv("NOXKEY_ATTACK") == "1" {
		return many
	}
	return few
}
