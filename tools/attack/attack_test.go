package main

import (
	"os"
	"strings"
	"testing"
)

const doc = `# Security
| id | attack | what holds | tests |
|---|---|---|---|
| A1 | read it | nothing | ` + "`TestThreatA1Read`, `FuzzRead`" + ` |
| B1 | leave | unknown | ` + "`TestThreatB1Leave`" + ` |
| who | what | not a row |
## The Mac
| A1 | read it there | nothing | ` + "`TestThreatA1OnAMac`" + ` |
`

var found = []test{
	{Name: "TestThreatA1Read", Pkg: "./a"}, {Name: "FuzzRead", Pkg: "./a"}, {Name: "TestThreatB1Leave", Pkg: "./b"},
	{Name: "TestThreatA1B1Both", Pkg: "./b"}, {Name: "TestThreatA1OnAMac", Pkg: "./vault/keychain"}, {Name: "TestThreatA1RealMac", Pkg: "./mac", Elsewhere: "darwin"},
}

func joined(t *testing.T) []*row {
	t.Helper()
	rows, err := parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	if err := join(rows, found); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRowsGetTheirTests(t *testing.T) {
	rows := joined(t)
	var got []string
	for _, r := range rows {
		s := r.key()
		for _, x := range r.Tests {
			s += " " + x.Name
		}
		got = append(got, s)
	}
	want := "A1 TestThreatA1Read FuzzRead TestThreatA1B1Both\nB1 TestThreatB1Leave TestThreatA1B1Both\nA1 (Mac) TestThreatA1OnAMac TestThreatA1RealMac"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("%s\nwant\n%s", s, want)
	}
}

// TestAVerdictCanBeBad: a failure, a test that did not run, a tool that is missing.
func TestAVerdictCanBeBad(t *testing.T) {
	pass := func() map[test]*result {
		all := map[test]*result{}
		for _, x := range found {
			all[test{Name: x.Name, Pkg: x.Pkg}] = &result{action: "pass"}
		}
		return all
	}
	at := test{Name: "TestThreatB1Leave", Pkg: "./b"}
	for what, c := range map[string]struct {
		change func(map[test]*result)
		want   verdict
		ok     bool
	}{
		"all passed":        {func(map[test]*result) {}, held, true},
		"failed":            {func(m map[test]*result) { m[at] = &result{action: "fail"} }, broken, false},
		"did not run":       {func(m map[test]*result) { delete(m, at) }, broken, false},
		"a tool is missing": {func(m map[test]*result) { m[at] = &result{action: "skip", output: []string{"no tmux here"}} }, broken, false},
		"cannot be done": {func(m map[test]*result) {
			m[at] = &result{action: "skip", output: []string{"    x_test.go:1: cannot be done here: no systemd"}}
		}, partly, true},
	} {
		rows, results := joined(t), pass()
		c.change(results)
		ok := judge(rows, results)
		if rows[1].Verdict != c.want || ok != c.ok {
			t.Errorf("%s: %s, %v", what, rows[1].Verdict, ok)
		}
		if rows[2].Verdict != partly {
			t.Errorf("%s: the Mac's row is %s", what, rows[2].Verdict)
		}
	}
}

func TestTableFaults(t *testing.T) {
	for what, bad := range map[string]string{
		"no test":       "| A1 | a | b | none |",
		"three cells":   "| A1 | a | `TestX` |",
		"twice":         "| A1 | a | b | `TestX` |\n| A1 | a | b | `TestX` |",
		"no rows":       "nothing",
		"row and prose": "| A1 | a | b | c | `TestX` |",
	} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	for what, tests := range map[string][]test{
		"a name that is no test": found[1:], "a test of no row": append(found[:len(found):len(found)], test{Name: "TestThreatZ9", Pkg: "./z"}),
		"a test of a missing row": append(found[:len(found):len(found)], test{Name: "TestThreatC9Other", Pkg: "./z"}),
	} {
		rows, err := parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		if join(rows, tests) == nil {
			t.Errorf("%s: taken", what)
		}
	}
}

func TestCollect(t *testing.T) {
	events := `{"Action":"output","Package":"noxkey/a","Test":"TestThreatA1Read","Output":"bad news\n"}
{"Action":"fail","Package":"noxkey/a","Test":"TestThreatA1Read/sub"}
{"Action":"fail","Package":"noxkey/a","Test":"TestThreatA1Read"}
{"Action":"skip","Package":"noxkey/a","Test":"TestTwo/sub"}
{"Action":"pass","Package":"noxkey/a","Test":"TestTwo"}
{"Action":"fail","Package":"noxkey/a"}
not JSON
{"Action":"pass","Package":"noxkey","Test":"TestTop"}
`
	var progress strings.Builder
	results, err := collect(strings.NewReader(events), &progress)
	if err != nil {
		t.Fatal(err)
	}
	if r := results[test{Name: "TestThreatA1Read", Pkg: "./a"}]; r == nil || r.action != "fail" || len(r.output) != 1 {
		t.Errorf("%+v", r)
	}
	if r := results[test{Name: "TestTwo", Pkg: "./a"}]; r == nil || r.action != "skip" {
		t.Errorf("a test of which a part was left out: %+v", r)
	}
	if results[test{Name: "TestTop", Pkg: "./."}] == nil {
		t.Error("the top folder's tests are lost")
	}
	_, err = collect(strings.NewReader(`{"Action":"output","Package":"noxkey/a","Output":"does not build\n"}`+"\n"+`{"Action":"fail","Package":"noxkey/a"}`), &progress)
	if err == nil || !strings.Contains(err.Error(), "does not build") {
		t.Errorf("a package that does not build: %v", err)
	}
}

// TestSecurityNamesWhatIsThere: the document's own table, against the tree.
func TestSecurityNamesWhatIsThere(t *testing.T) {
	text, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	tests, err := find("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := join(rows, tests); err != nil {
		t.Error(err)
	}
	// The rows of the threat list: 9 of A, 14 of B, 6 of C, 5 of D and E each, 7 of F.
	if n := len(rows); n < 46 {
		t.Errorf("%d rows", n)
	}
	for _, x := range tests {
		if x.Name == "TestThreatF5NothingInArgv" && x.Pkg == "./cli" {
			return
		}
	}
	t.Error("the tree's tests were not found where they are")
}
