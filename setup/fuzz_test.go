package setup

import (
	"bytes"
	"errors"
	"testing"
)

// The laws, over bytes of any kind: what Plan takes, Undo gives back; what it does not
// take is refused and never half done. same has compared all other keys in either case.

func fuzzLaw(f *testing.F, parts []Part, files ...map[string]string) {
	for _, m := range files {
		for _, text := range m {
			f.Add([]byte(keyed(text, "mcpServers")))
			f.Add([]byte(keyed(text, "hooks")))
		}
	}
	for _, c := range changedFiles {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, p := range parts {
			if _, err := Undo(p, text); err != nil {
				readable(t, p, text, err)
			}
			res, err := Plan(p, text)
			if err != nil {
				readable(t, p, text, err)
				continue
			}
			back, err := Undo(p, res.Next)
			if err != nil {
				t.Fatalf("%s: undo: %v\n%q\n%q", p.Path, err, text, res.Next)
			}
			if res.State == Absent && !bytes.Equal(back.Next, text) {
				t.Fatalf("%s:\n%q became\n%q and then\n%q", p.Path, text, res.Next, back.Next)
			}
			if again, err := Plan(p, res.Next); err != nil || len(again.Hunks) > 0 {
				t.Fatalf("%s: a second time: %v %q", p.Path, err, res.Next)
			}
		}
	})
}

// readable fails if Plan gave up on a file that is well-formed: that is for files which
// are not, or where our name is taken by something else.
func readable(t *testing.T, p Part, text []byte, err error) {
	if errors.Is(err, errUnproved) {
		t.Fatalf("%s: %v: %q", p.Path, err, text)
	}
}

func FuzzUndo(f *testing.F) {
	fuzzLaw(f, []Part{
		{Path: "list", format: at("mcpServers", stdio(prog))},
		{Path: "hooks", format: guardHooks(prog)},
		{Path: "opencode", format: openCode(prog)},
	}, jsonFiles, hookFiles, nestedFiles)
}

func FuzzUndoTOML(f *testing.F) {
	fuzzLaw(f, []Part{{Path: "codex", format: codexServers{prog}}}, tomlFiles)
}

func FuzzUndoText(f *testing.F) {
	fuzzLaw(f, []Part{Guide("/AGENTS.md")}, textFiles)
}
