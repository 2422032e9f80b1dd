package file

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"noxkey/secret"
)

// tree is random names over few segments, many of them starts of one another, with random
// levels; some names lie below others.
func tree(r *rand.Rand) map[secret.Name]secret.Level {
	segments := []string{"a", "a2", "aa", "a-a", "a.a", "b", "ab", "A"}
	names := map[secret.Name]secret.Level{}
	for range 40 {
		parts := make([]string, 1+r.IntN(4))
		for i := range parts {
			parts[i] = segments[r.IntN(len(segments))]
		}
		last := []string{"K", "a", "a2", "K2"}[r.IntN(4)]
		names[secret.Name(strings.Join(append(parts, last), "/"))] = append(secret.Levels, secret.Normal, secret.Normal)[r.IntN(6)]
	}
	return names
}

// TestThreatD5RandomTrees: over random trees of names, a session over a prefix, over names,
// or over both, opens the normal values of these and nothing else; easy ones need no key.
// A session made from a session opens no more than both.
func TestThreatD5RandomTrees(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	opened, closed := 0, 0
	for range rounds(3, 40) {
		v, _ := create(t)
		k := unlock(t, v)
		names := tree(r)
		var batch []secret.Change
		all := make([]secret.Name, 0, len(names))
		for n, l := range names {
			batch = append(batch, secret.Change{Action: secret.ActionSet, Name: n, Value: pass("value of " + string(n)), Meta: secret.Patch{Level: &l}})
			all = append(all, n)
		}
		slices.Sort(all)
		must(t, v.Apply(k, batch))
		for range 30 {
			scope := randomScope(r, all)
			s, err := k.Session(scope)
			must(t, err)
			within := randomScope(r, all)
			if c, err := s.Session(within); err == nil {
				o, _ := law(t, v, c, names, seed, scope, within)
				opened += o
				c.Wipe()
			}
			o, c := law(t, v, s, names, seed, scope)
			opened, closed = opened+o, closed+c
			s.Wipe()
		}
		v.Close()
	}
	if opened < 40 || closed < 400 {
		t.Errorf("%d opened, %d stayed closed", opened, closed)
	}
}

// law holds what k opens against what all of the scopes cover.
func law(t *testing.T, v *Vault, k secret.Key, names map[secret.Name]secret.Level, seed uint64, scopes ...secret.Scope) (opened, closed int) {
	t.Helper()
	for n, l := range names {
		want := l == secret.Normal
		for _, s := range scopes {
			want = want && (s.Prefix != "" && s.Prefix.Covers(n) || slices.Contains(s.Names, n))
		}
		want = want || l == secret.Easy
		got, err := v.Open(k, []secret.Ref{{Name: n}})
		switch {
		case (err == nil) != want, err != nil && secret.CodeOf(err) != secret.Denied:
			t.Fatalf("seed %d: a session over %+v opens %s (%s): %v", seed, scopes, n, l, err)
		case err != nil:
			closed++
		case !got[0].Equal(pass("value of " + string(n))):
			t.Fatalf("seed %d: %s has another value", seed, n)
		case l != secret.Easy:
			opened++
		}
	}
	return opened, closed
}

// randomScope is a part of a name that is there, or of one that only starts like it, and
// sometimes names.
func randomScope(r *rand.Rand, all []secret.Name) secret.Scope {
	var s secret.Scope
	if r.IntN(3) > 0 {
		seg := all[r.IntN(len(all))].Segments()
		s.Prefix = secret.Prefix(strings.Join(seg[:1+r.IntN(len(seg))], "/"))
	}
	for range r.IntN(3) {
		s.Names = append(s.Names, all[r.IntN(len(all))])
	}
	return s
}
