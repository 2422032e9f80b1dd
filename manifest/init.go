package manifest

import (
	"bytes"
	"fmt"

	"noxkey/secret"
)

const intro = `# Which secret each variable gets. References only, no values: commit this file.
# "noxkey run -- command" in this folder asks for them.

`

// Init returns the text of a manifest with these variables in [env], in their order. It
// is given names and has no value to write. The error has code Invalid or Reserved for
// a variable or name that cannot be in one, and Conflict for a variable that comes twice.
func Init(bindings []Binding) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(intro + "[env]\n")
	seen := map[string]bool{}
	for _, b := range bindings {
		if err := checkEnv(b.Env); err != nil {
			return nil, err
		}
		if _, err := secret.ParseName(string(b.Name)); err != nil {
			return nil, err
		}
		if seen[b.Env] {
			return nil, secret.Errorf(secret.Conflict, "%s is there twice", b.Env)
		}
		seen[b.Env] = true
		fmt.Fprintf(&out, "%s = %q\n", b.Env, scheme+string(b.Name))
	}
	if out.Len() > MaxFile {
		return nil, secret.Errorf(secret.Invalid, "over 1 MiB, which no manifest is")
	}
	return out.Bytes(), nil
}
