// Package manifest reads and makes .noxkey.toml, a file that is committed to a
// repository and says which secret each environment variable gets. It holds
// references and never values:
//
//	[env]
//	DATABASE_URL = "noxkey://acme/api/DATABASE_URL"
//	STRIPE_KEY   = "noxkey://acme/api/STRIPE_KEY"
//
//	[profile.test.env]
//	STRIPE_KEY = "noxkey://acme/test/STRIPE_KEY"
//
// A profile is [env] with its own lines added or in their place. There is nothing else in
// the file: no defaults, no plain values, no conditions, no other file included. What
// is not understood is refused, with its line, and no error repeats what stands behind
// an equals sign, since it may be a value that somebody put there by mistake.
//
// Whoever can write the file can name other secrets in it, so a manifest grants
// nothing. It says what to ask for, and the approval card shows the names and, by
// Digest, that they are not the ones approved before.
package manifest

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"noxkey/secret"
)

// File is the name of the file.
const File = ".noxkey.toml"

// MaxFile is the size of the largest manifest, in bytes (1 MiB).
const MaxFile = 1 << 20

const scheme = "noxkey://"

// Binding is one line of a manifest: the variable Env gets the secret Name.
type Binding struct {
	Env  string      `json:"env"`
	Name secret.Name `json:"name"`
}

// Manifest is what one file says.
type Manifest struct {
	// profiles holds the variables of each profile, and of [env] under "".
	profiles map[string]map[string]secret.Name
}

// Profiles lists the names of the profiles, sorted. [env] has none and is not in it.
func (m *Manifest) Profiles() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(m.profiles)), func(p string) bool { return p == "" })
}

// Resolve returns the variables of a profile, those of [env] included, sorted by name;
// "" stands for [env] alone. The error has code NotFound for a profile that the file
// does not have, and Invalid where nothing is left to ask for, or more than
// secret.MaxTargets.
func (m *Manifest) Resolve(profile string) ([]Binding, error) {
	own, ok := m.profiles[profile]
	if !ok && profile != "" {
		return nil, secret.Errorf(secret.NotFound, "%s has no profile %.80q; it has %s", File, profile, list(m.Profiles()))
	}
	all := maps.Clone(m.profiles[""])
	if all == nil {
		all = map[string]secret.Name{}
	}
	maps.Copy(all, own)
	if n := len(all); n == 0 || n > secret.MaxTargets {
		return nil, secret.Errorf(secret.Invalid, "%s names %d variables; 1 to %d can be asked for", File, n, secret.MaxTargets)
	}
	return sorted(all), nil
}

func list(profiles []string) string {
	if len(profiles) == 0 {
		return "none"
	}
	return strings.Join(profiles, ", ")
}

func sorted(vars map[string]secret.Name) []Binding {
	out := make([]Binding, 0, len(vars))
	for _, env := range slices.Sorted(maps.Keys(vars)) {
		out = append(out, Binding{env, vars[env]})
	}
	return out
}

// Digest is the SHA-256 of what the file means: every profile with its variables and
// names, sorted. Comments, order and spacing do not change it, and everything that
// changes what could be asked for does.
func (m *Manifest) Digest() [sha256.Size]byte {
	h := sha256.New()
	// No part of a line can hold a space or a line feed, so that no two meanings
	// give one text.
	fmt.Fprintln(h, "noxkey manifest 1")
	for _, profile := range slices.Sorted(maps.Keys(m.profiles)) {
		if profile != "" { // an empty [env] and none are one thing, an empty profile and none are not
			fmt.Fprintln(h, "profile", profile)
		}
		for _, b := range sorted(m.profiles[profile]) {
			fmt.Fprintln(h, "env", b.Env, b.Name)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// ParseReference reads "noxkey://" and a secret's name, as a manifest and a .env file
// hold it. There are no percent escapes, queries or prefixes of names: a name needs
// none, and what a reader leaves out a card cannot show. meant says that text is a
// reference; with an error it is meant as one and is not, and must not be taken for a
// value. The error repeats nothing of text.
func ParseReference[T string | []byte](text T) (name secret.Name, meant bool, err error) {
	if len(text) >= len(scheme) && string(text[:len(scheme)]) == scheme {
		if len(text) <= len(scheme)+secret.MaxSegments*(secret.MaxSegment+1) {
			if name, err := secret.ParseName(string(text[len(scheme):])); err == nil {
				return name, true, nil
			}
		}
		return "", true, errReference
	}
	// Almost one: other case, spaces around it, a slash missing.
	start := string(text[:min(len(text), 64)])
	if start = strings.ToLower(strings.TrimSpace(start)); strings.HasPrefix(start, "noxkey:") {
		return "", true, errReference
	}
	return "", false, nil
}

var errReference = secret.Errorf(secret.Invalid, "a reference is noxkey:// and the whole name of a secret, such as noxkey://acme/api/KEY")

// checkEnv reports why env cannot be a variable of a manifest.
func checkEnv(env string) error {
	if !secret.ValidEnv(env) || len(env) > maxEnv {
		return secret.Errorf(secret.Invalid, "%.80q cannot be a variable: letters, digits and underscore, not starting with a digit", env)
	}
	if secret.ReservedEnv(env) {
		return secret.Errorf(secret.Reserved, "%.80s changes how programs run and cannot be set from here", env)
	}
	return nil
}

// maxEnv is the longest name of a variable, in bytes.
const maxEnv = 256
