package main

import (
	"go/build"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	rulesFixture = "noxkey/tools/checkdarwin/testdata/rules/appkit"
	typesFixture = "noxkey/tools/checkdarwin/testdata/types"
)

var bothArchs = []string{"arm64", "amd64"}

// TestRulesFindSeededFaults: each fault of the fixtures is reported at its line, and
// nothing else is.
func TestRulesFindSeededFaults(t *testing.T) {
	held := func(p *pass) { p.apply(rulesFixture) }
	problems, ours, err := check(config{Archs: bothArchs, Patterns: []string{"./testdata/rules/..."}}, held)
	if err != nil {
		t.Fatal(err)
	}
	if ours == 0 {
		t.Fatal("no package was read")
	}
	compare(t, problems, wants(t, "testdata/rules"))
}

// TestTypesFindSeededErrors: errors in files with cgo, in files of one architecture and
// in tests, inside the package and outside.
func TestTypesFindSeededErrors(t *testing.T) {
	problems, _, err := check(config{Archs: bothArchs, Patterns: []string{typesFixture}}, cocoa)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, problems, wants(t, "testdata/types"))
}

// TestTypesSeeTheOldHole: the errors above are the ones that vet for darwin without cgo
// has no files for.
func TestTypesSeeTheOldHole(t *testing.T) {
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled = "darwin", "arm64", false
	if ok, err := ctx.MatchFile("testdata/types", "types_darwin.go"); ok || err != nil {
		t.Errorf("the fixture is built without cgo (%v): it shows nothing", err)
	}
}

// TestTagsReachTheCompiler: a file behind a tag is read when the tag is given.
func TestTagsReachTheCompiler(t *testing.T) {
	const pattern = "noxkey/tools/checkdarwin/testdata/tagged"
	for tags, want := range map[string]int{"": 0, "contract": 1} {
		problems, _, err := check(config{Tags: tags, Archs: bothArchs[:1], Patterns: []string{pattern}}, cocoa)
		if err != nil || len(problems) != want {
			t.Errorf("tags %q: %v %v, want %d problems", tags, problems, err, want)
		}
	}
}

// TestNothingToCheckFails: a pattern that matches nothing, a package that is not there
// and an architecture that is none are errors and not silence.
func TestNothingToCheckFails(t *testing.T) {
	for _, c := range []config{
		{Archs: bothArchs, Patterns: []string{"fmt"}},
		{Archs: []string{"pdp11"}, Patterns: []string{"./..."}},
	} {
		if _, _, err := check(c, cocoa); err == nil {
			t.Errorf("%+v passed", c)
		}
	}
	problems, _, err := check(config{Archs: bothArchs, Patterns: []string{"./testdata/nosuch"}}, cocoa)
	if err == nil && len(problems) == 0 {
		t.Error("a package that is not there passed")
	}
}

// wants reads the want comments below dir: file:line to the expressions, in order.
func wants(t *testing.T, dir string) map[string][]*regexp.Regexp {
	t.Helper()
	all := map[string][]*regexp.Regexp{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for n, line := range strings.Split(string(b), "\n") {
			_, want, ok := strings.Cut(line, "// want ")
			for _, q := range regexp.MustCompile(`"(?:[^"\\]|\\.)*"`).FindAllString(want, -1) {
				text, err := strconv.Unquote(q)
				if !ok || err != nil {
					t.Fatalf("%s:%d: %v", path, n+1, err)
				}
				at := path + ":" + strconv.Itoa(n+1)
				all[at] = append(all[at], regexp.MustCompile(text))
			}
		}
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatal("no want comments: ", err)
	}
	return all
}

// compare matches problems and wants one to one.
func compare(t *testing.T, problems []string, want map[string][]*regexp.Regexp) {
	t.Helper()
	position := regexp.MustCompile(`^([^:]+:\d+):\d+: `)
	for _, p := range problems {
		m := position.FindStringSubmatch(p)
		if m == nil {
			t.Errorf("no file:line:col: in %q", p)
			continue
		}
		i := slices.IndexFunc(want[m[1]], func(r *regexp.Regexp) bool { return r.MatchString(p) })
		if i < 0 {
			t.Errorf("not wanted: %s", p)
			continue
		}
		want[m[1]] = slices.Delete(want[m[1]], i, i+1)
	}
	for _, at := range slices.Sorted(maps.Keys(want)) {
		for _, r := range want[at] {
			t.Errorf("%s: nothing matches %q", at, r)
		}
	}
}
