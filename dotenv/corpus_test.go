package dotenv

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// answers is what testdata/npm-answers.js recorded of the dotenv npm package.
type answers struct {
	Version string
	Files   map[string]map[string]string // file, key, base64 of the value
}

func loadAnswers(t *testing.T, dir string) answers {
	t.Helper()
	var a answers
	b, err := os.ReadFile(filepath.Join(dir, "answers.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &a); err != nil {
		t.Fatal(err)
	}
	for _, pairs := range a.Files {
		for k, v := range pairs {
			raw, err := base64.StdEncoding.DecodeString(v)
			if err != nil {
				t.Fatal(err)
			}
			pairs[k] = string(raw)
		}
	}
	return a
}

// TestCorpusAgainstNPM compares every corpus file with npm's answer. A file that
// is in the list of differences must differ in just the way stated there.
func TestCorpusAgainstNPM(t *testing.T) {
	dir := filepath.Join("testdata", "corpus")
	a := loadAnswers(t, dir)
	if len(a.Files) < 60 {
		t.Fatalf("%d corpus files, want at least 60", len(a.Files))
	}
	onDisk, _ := filepath.Glob(filepath.Join(dir, "*.env"))
	if len(onDisk) != len(a.Files) {
		t.Errorf("%d files, %d answers: run npm-answers.js", len(onDisk), len(a.Files))
	}
	for name, theirs := range a.Files {
		src, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		f, err := ParseBytes(src)
		if err != nil && !errors.Is(err, ErrNoKeys) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, want := difference(f, theirs), differences[strings.TrimSuffix(name, ".env")].ours
		if got != want {
			t.Errorf("%s (%q):\nnpm  %q\ndiff %s\nwant %s", name, src, theirs, got, want)
		}
	}
	for name, d := range differences {
		if _, ok := a.Files[name+".env"]; !ok || d.why == "" {
			t.Errorf("difference %q: no such file, or no reason", name)
		}
	}
}

// difference describes what our reading has that npm's has not: changed or
// missing keys as `K=ours`, `K gone`, and the lines reported as bad.
func difference(f File, theirs map[string]string) string {
	var d []string
	ours := map[string]string{}
	for _, p := range f.Last() {
		ours[p.Key] = string(p.Value)
		if v, ok := theirs[p.Key]; !ok || v != string(p.Value) {
			d = append(d, fmt.Sprintf("%s=%q", p.Key, p.Value))
		}
	}
	for k := range theirs {
		if _, ok := ours[k]; !ok {
			d = append(d, k+" gone")
		}
	}
	sort.Strings(d)
	if len(d) == 0 {
		return "" // what npm skipped in silence and we reported is no difference in reading
	}
	for _, b := range f.Bad {
		d = append(d, fmt.Sprintf("%d: %s", b.Line, b.Reason))
	}
	return strings.Join(d, "; ")
}

// differences lists where our reading differs from npm's on purpose.
var differences = map[string]struct{ ours, why string }{
	"quote-trailing-text":      {`A gone; 1: text after the closing quote`, whyTrailing},
	"apostrophe-hash":          {`A gone; 1: text after the closing quote`, whyTrailing},
	"quote-mixed-ends":         {`A gone; 1: quote is not closed`, whyUnclosed},
	"quote-only-eof":           {`A gone; 1: quote is not closed`, whyUnclosed},
	"quote-single-char":        {`A gone; 1: quote is not closed`, whyUnclosed},
	"unterminated-backtick":    {`A gone; 1: quote is not closed`, whyUnclosed},
	"unterminated-double":      {`A gone; 1: quote is not closed`, whyUnclosed},
	"unterminated-single":      {`A gone; 1: quote is not closed`, whyUnclosed},
	"unterminated-eof":         {`A gone; 2: quote is not closed`, whyUnclosed},
	"unterminated-hash":        {`A gone; 1: quote is not closed`, whyUnclosed},
	"unterminated-then-quoted": {`A gone; 1: quote is not closed`, whyUnclosed},
	"multi-escaped-unclosed": {`A gone; 1: quote is not closed; 2: not a KEY=value line`,
		"npm lets an escaped quote at the end of a later line close the value; we only on the first line, where a Windows path ends so"},

	"escape-quote-double":  {`A="a\"b"`, whyEscape},
	"escape-json":          {`A="{\"a\": \"b\"}"`, whyEscape},
	"multi-escaped-quotes": {`A="{\n \"a\": \"b\"\n}"`, whyEscape},
	"escape-backslash":     {`A="a\\b"`, whyEscape},
	"escape-backslash-n": {`A="a\\nb"`,
		"npm has no way to write a backslash before an n in double quotes; with one, any value can be written (Format)"},

	"key-digit":       {`1A gone; 1: name must begin with a letter or an underscore`, whyName},
	"key-dash-first":  {`-A gone; .B gone; 1: name must begin with a letter or an underscore; 2: name must begin with a letter or an underscore`, whyName},
	"key-bad-multi":   {`1A gone; 1: name must begin with a letter or an underscore`, whyName},
	"separator-lines": {`----- gone; 1: not a KEY=value line; 2: not a KEY=value line`, whyLines},
	"key-proto":       {`__proto__="x"`, "npm loses this one to JavaScript's prototype; we are not JavaScript"},

	"key-split":          {`A gone; 1: not a KEY=value line; 2: not a KEY=value line`, whyLines},
	"value-on-next-line": {`A=""; 2: not a KEY=value line`, whyLines},
	"colon-end":          {`A gone; B="c"; 1: not a KEY=value line`, whyLines},
	"line-separator":     {`E gone`, "JavaScript ends a comment at U+2028, so npm reads a key that no editor shows as one"},

	"latin1": {`A="p\xe4ss"`, "npm replaces what is not UTF-8 by U+FFFD: the password would be lost"},
	"nul":    {`A gone; 1: holds a NUL byte`, "no environment variable can hold a NUL, and no NoxKey secret does"},
}

const (
	whyTrailing = "every reader has its own idea of it (npm keeps the quotes in the value); reported instead"
	whyUnclosed = "npm hands out the rest of the line with the quote in it; as a secret that is wrong, and it would look imported"
	whyEscape   = `shells and the Python, Ruby and Go readers undo \" and \\, and people who write them mean that; the pair has a Doubt`
	whyName     = "no shell can hold a variable of this name"
	whyLines    = "npm lets space between name, sign and value be a line end; nobody writes so, and two lines become one value"
)
