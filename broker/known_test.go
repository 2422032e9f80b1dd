package broker

import (
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

// TestKnownBySignature: an update by the same developer is the same program, another
// developer's file at that path is not, and what nobody signed goes by its file.
func TestKnownBySignature(t *testing.T) {
	team := caller.Code{Signer: caller.Developer, Team: "ABCDE12345", Identifier: "com.example.agent"}
	other := caller.Code{Signer: caller.Developer, Team: "ZZZZZ99999", Identifier: "com.example.agent"}
	adHoc := caller.Code{Signer: caller.AdHoc, Identifier: "com.example.agent"}
	for _, c := range []struct {
		name          string
		before, after caller.Code
		sameFile      bool
		changed       bool
	}{
		{"an update", team, team, false, false},
		{"another developer", team, other, true, true},
		{"the signature is gone", team, adHoc, true, true},
		{"a signature came", adHoc, team, false, true},
		{"ad hoc, the same file", adHoc, adHoc, true, false},
		{"ad hoc, another file", adHoc, adHoc, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			now := c.before
			s.b.known.code = func(caller.ProcID) (caller.Code, error) { return now, nil }
			a := agent("Codex", 70, 71)
			at := -1
			for i, p := range a.Chain {
				if p.ID == a.Anchor {
					at = i
				}
			}
			if at < 0 {
				t.Fatal("the agent is not in its chain")
			}
			a.Chain[at].Exe = "/usr/local/bin/codex"
			s.b.known.seen(a)
			now = c.after
			if !c.sameFile {
				a.Chain[at].ExeID.Ino++
			}
			k := s.b.known.look(a)
			if k.First.IsZero() || k.Changed != c.changed {
				t.Errorf("first %v, changed %v", k.First, k.Changed)
			}
			if k.Signed != c.after.String() {
				t.Errorf("the card says %q", k.Signed)
			}
		})
	}
}

// TestKnownUnreadableSignature: what cannot be read is not signed, and no old
// signature is believed in its place.
func TestKnownUnreadableSignature(t *testing.T) {
	s := newScene(t)
	a := agent("Codex", 70, 71)
	s.b.known.code = func(caller.ProcID) (caller.Code, error) {
		return caller.Code{Signer: caller.Developer, Team: "ABCDE12345"}, nil
	}
	s.b.known.seen(a)
	s.b.known.code = func(caller.ProcID) (caller.Code, error) { return caller.Code{}, secret.Err(secret.Internal) }
	if k := s.b.known.look(a); !k.Changed || k.Signed != "signature unknown" {
		t.Errorf("%+v", k)
	}
}
