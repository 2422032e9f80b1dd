package broker

import (
	"strings"
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

// TestThreatF3NobodyButAPersonWidensAPeek: whatever an agent or an unknown caller retypes,
// edits or moves, and whatever card the person allows for it, a peek shows no more of the
// same value than before.
func TestThreatF3NobodyButAPersonWidensAPeek(t *testing.T) {
	t.Parallel()
	value := strings.Repeat("MFRGGZDF", 6) // base32, as seeds must be
	for _, who := range []caller.Caller{agent("Codex", 70, 71), unknown(72)} {
		s := newScene(t)
		s.who.will(AllowOnce)
		peek := func(n secret.Name) int {
			r := s.do(who, &secret.Request{Op: secret.OpPeek, Targets: []secret.Prefix{secret.Prefix(n)}})
			if r.err != nil {
				return 0
			}
			return len(r.all[0].Entry.Peek)
		}
		const from, to secret.Name = "acme/peek/KEY", "acme/moved/KEY"
		changed := 0
		for _, ft := range secret.FieldTypes {
			for _, k := range secret.Kinds {
				for _, p := range patches() {
					set := secret.Change{Action: secret.ActionSet, Name: from, Value: val(t, value), Replace: true, Meta: secret.Patch{FieldType: &ft, Kind: &k}}
					must(t, s.do(caller.Front("test"), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{set}}).err)
					before := peek(from)
					for _, c := range []secret.Change{{Action: secret.ActionEdit, Name: from, Meta: p}, {Action: secret.ActionMove, Name: from, To: to, Replace: true}} {
						if s.do(who, &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{c}}).err == nil {
							changed++
						}
					}
					if after := max(peek(from), peek(to)); after > before {
						t.Errorf("%s: a %s, %s shows %d characters, and after %s %d", who.Class, ft, k, before, say(p), after)
					}
				}
			}
		}
		if changed == 0 {
			t.Error("nothing was allowed at all")
		}
	}
}

// patches change the type or the kind; under make attack both at once, too.
func patches() []secret.Patch {
	var all []secret.Patch
	for i := range secret.FieldTypes {
		all = append(all, secret.Patch{FieldType: &secret.FieldTypes[i]})
		for j := range secret.Kinds[:rounds(0, len(secret.Kinds))] {
			all = append(all, secret.Patch{FieldType: &secret.FieldTypes[i], Kind: &secret.Kinds[j]})
		}
	}
	for j := range secret.Kinds {
		all = append(all, secret.Patch{Kind: &secret.Kinds[j]})
	}
	return all
}

func say(p secret.Patch) string {
	var s string
	if p.FieldType != nil {
		s += " type " + string(*p.FieldType)
	}
	if p.Kind != nil {
		s += " kind " + string(*p.Kind)
	}
	return s
}
