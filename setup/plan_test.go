package setup

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testHome is a home in a folder of the test's, without an environment.
func testHome(t testing.TB) Home {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return Home{Dir: dir, Program: prog, getenv: func(string) string { return "" }, os: "linux", uid: os.Geteuid()}
}

// allParts are the files of all agents, and a project's.
func allParts(t testing.TB) map[string]Part {
	h := testHome(t)
	out := map[string]Part{"agents-md": Guide("/x/AGENTS.md")}
	for _, a := range Agents() {
		for _, p := range a.parts(h) {
			out[a.Name+" "+p.What] = p
		}
	}
	return out
}

// TestUndoGivesTheBytesBack is the law of this package, over every agent and the corpus.
func TestUndoGivesTheBytesBack(t *testing.T) {
	for name, p := range allParts(t) {
		t.Run(name, func(t *testing.T) {
			files := corpus(p)
			if len(files) < 8 {
				t.Fatalf("only %d files", len(files))
			}
			for name, text := range files {
				t.Run(name, func(t *testing.T) { law(t, p, text) })
			}
		})
	}
}

func law(t *testing.T, p Part, text string) {
	t.Helper()
	res, err := Plan(p, []byte(text))
	if err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	if res.State != Absent || len(res.Hunks) == 0 {
		t.Fatalf("%s, %d hunks: %q", res.State, len(res.Hunks), text)
	}
	again, err := Plan(p, res.Next)
	if err != nil || again.State != Done || len(again.Hunks) > 0 || !bytes.Equal(again.Next, res.Next) {
		t.Errorf("a second time: %s, %v", again.State, err)
	}
	back, err := Undo(p, res.Next)
	if err != nil || string(back.Next) != text {
		t.Errorf("undo: %v\n%q became\n%q and then\n%q", err, text, res.Next, back.Next)
	}
	if none, err := Undo(p, []byte(text)); err != nil || len(none.Hunks) > 0 || string(none.Next) != text {
		t.Errorf("undo of nothing: %v %q", err, none.Next)
	}
	for _, h := range append(res.Hunks, back.Hunks...) {
		if s := strings.Join(append(h.Added, h.Removed...), "\n"); strings.Contains(s, "s3cr3t") || !strings.Contains(s, "noxkey") {
			t.Errorf("a hunk shows what is not ours: %q", s)
		}
	}
}

var update = flag.Bool("update", false, "write testdata anew")

// golden compares text with a file of testdata.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("%s is now (go test -update writes it):\n%s", name, text)
	}
}
