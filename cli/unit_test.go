package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"noxkey/secret"
)

// TestEveryCodeHasWords: the codes are read from the source of package secret, so
// that a new one cannot be forgotten here.
func TestEveryCodeHasWords(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "../secret/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	ast.Inspect(f, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := spec.Type.(*ast.Ident); !ok || id.Name != "Code" {
			return true
		}
		n++
		code := secret.Code(strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))
		if w := words[code]; w.hint == "" || w.exit == 0 {
			t.Errorf("%s has no words", code)
		}
		return true
	})
	if n < 20 || n != len(words) {
		t.Errorf("%d codes, %d words", n, len(words))
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err  error
		exit int
		hint string
	}{
		{secret.Errorf(secret.NotRunning, "NoxKey is not running"), 3, "noxkey app"},
		{secret.Errorf(secret.NotRunning, "this process may not reach it (a sandbox forbids it)"), 3, "noxkey_get"},
		{secret.Errorf(secret.Denied, "no"), 4, "noxkey audit"},
		{secret.Errorf(secret.Locked, "locked"), 5, "noxkey status"},
		{secret.Errorf("of_tomorrow", "x"), 1, "noxkey version"},
		{errors.New("x"), 1, "noxkey status"},
		{usagef("x"), 2, "noxkey help"},
	} {
		msg, hint, exit := explain(c.err)
		if msg != c.err.Error() || exit != c.exit || !strings.Contains(hint, c.hint) {
			t.Errorf("%v: %q, %d", c.err, hint, exit)
		}
	}
}

func TestReportIsOneLineAndEscaped(t *testing.T) {
	var b bytes.Buffer
	p := &program{err: &b}
	if got := p.report(secret.Errorf(secret.Denied, "a\nnoxkey: b\x1b[2J\u202e\u200b\xff")); got != 4 {
		t.Error(got)
	}
	if want := `noxkey: a\nnoxkey: b\x1b[2J\u202e\u200b\ufffd` + "\n"; !strings.HasPrefix(b.String(), want) {
		t.Errorf("%q", b.String())
	}
}

func TestShow(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 日本": "plain é 日本", "\x00\x7f\u009b\u00a0": `\x00\x7f\u009b\u00a0`,
		"a\u2066b\u2028c\ufeffd": `a\u2066b\u2028c\ufeffd`, "tab\tr\r": `tab\tr\r`,
	} {
		if got := show(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestShowJSONStaysJSON(t *testing.T) {
	in := "a\u202e\u200b\u009b \U000e0001 é \U0001f511 \x1b\"\\"
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	text := showJSON(b)
	var out string
	if err := json.Unmarshal([]byte(text), &out); err != nil || out != in {
		t.Errorf("%q, %v", out, err)
	}
	if strings.ContainsAny(text, "\u202e\u200b\u009b\U000e0001\x1b") || !strings.Contains(text, "\U0001f511") {
		t.Errorf("%q", text)
	}
}

func FuzzShow(f *testing.F) {
	f.Add("a\u202eb\xff\x1b[0m")
	f.Fuzz(func(t *testing.T, s string) {
		out := show(s)
		if strings.IndexFunc(out, func(r rune) bool { return !plain(r) }) >= 0 {
			t.Errorf("%q gives %q", s, out)
		}
	})
}

func TestMoment(t *testing.T) {
	now := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 23, 59, 59, 0, time.Local) }
	for in, want := range map[string]time.Time{
		"2027-01-31": day(2027, 1, 31), "2028-02-29": day(2028, 2, 29), "none": {},
		"90d": now.Add(90 * 24 * time.Hour), "2w": now.Add(14 * 24 * time.Hour), "36h": now.Add(36 * time.Hour),
		"2027-03-01T10:00:00Z": time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC),
	} {
		if got, err := moment(in, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "0d", "-1d", "2027-02-30", "d", "9999999999d", "soon"} {
		if got, err := moment(in, now); err == nil {
			t.Errorf("%q is %v", in, got)
		}
	}
}

func TestSessionSeconds(t *testing.T) {
	for in, want := range map[string]int64{"": 0, "default": secret.SessionDefault, "1s": 1, "24h": 86400, "1d": 86400} {
		if got, err := sessionSeconds(in); err != nil || got != want {
			t.Errorf("%q: %d, %v", in, got, err)
		}
	}
	for _, in := range []string{"0s", "-1h", "25h", "0.5s", "x"} {
		if got, err := sessionSeconds(in); err == nil {
			t.Errorf("%q is %d", in, got)
		}
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct {
		n, from, to string
		into        bool
		want        string
	}{
		{"a/b/K", "a/b/K", "a/c/L", false, "a/c/L"},
		{"a/b/K", "a/b/K", "a/c", true, "a/c/K"},
		{"a/b/K", "a/b", "x/y", false, "x/y/K"},
		{"a/b/c/K", "a/b", "x", true, "x/c/K"},
	} {
		got, err := target(secret.Name(c.n), secret.Prefix(c.from), secret.Prefix(c.to), c.into)
		if err != nil || string(got) != c.want {
			t.Errorf("%+v: %s, %v", c, got, err)
		}
	}
	if _, err := target("a/b/K", "a/b/K", "a/c/IFS", false); secret.CodeOf(err) != secret.Reserved {
		t.Error(err)
	}
}

func TestGenerateIsUniform(t *testing.T) {
	if len(alphabet) != 66 {
		t.Fatalf("%d characters", len(alphabet))
	}
	n := map[byte]int{}
	for range 100 {
		v, err := generate("4096")
		if err != nil {
			t.Fatal(err)
		}
		_ = v.Use(func(b []byte) error {
			for _, c := range b {
				n[c]++
			}
			return nil
		})
		v.Wipe()
	}
	// 409,600 draws: about 6,206 each, standard deviation 78; ten of them are
	// beyond chance, a modulo bias (a third) is thirty.
	for _, c := range []byte(alphabet) {
		if n[c] < 5426 || n[c] > 6986 {
			t.Errorf("%c came %d times", c, n[c])
		}
	}
	if len(n) != len(alphabet) {
		t.Errorf("%d characters came", len(n))
	}
}

func TestMarkHoldsNoValue(t *testing.T) {
	m := newMark([]byte("the-value"), time.Minute)
	b, err := json.Marshal(m)
	if err != nil || bytes.Contains(b, []byte("the-value")) {
		t.Fatalf("%s, %v", b, err)
	}
	if !m.matches([]byte("the-value")) || m.matches([]byte("other")) || m.matches(nil) {
		t.Error("it does not tell its own")
	}
	if other := newMark([]byte("the-value"), time.Minute); bytes.Equal(m.Sum, other.Sum) {
		t.Error("two marks of one value are alike")
	}
}

// fakeClip is a clipboard in memory.
type fakeClip struct{ b []byte }

func (f *fakeClip) read(context.Context) ([]byte, error)    { return bytes.Clone(f.b), nil }
func (f *fakeClip) write(_ context.Context, b []byte) error { f.b = bytes.Clone(b); return nil }

func TestClearOnlyIfOurs(t *testing.T) {
	clip := &fakeClip{[]byte("ours")}
	p := &program{clip: clip}
	m := newMark([]byte("ours"), time.Second)
	clip.b = []byte("somebody else's")
	if err := p.clearIfOurs(m); err != nil || string(clip.b) != "somebody else's" {
		t.Errorf("%q, %v", clip.b, err)
	}
	clip.b = []byte("ours")
	if err := p.clearIfOurs(m); err != nil || len(clip.b) != 0 {
		t.Errorf("%q, %v", clip.b, err)
	}
}

func TestLineEditing(t *testing.T) {
	for keys, want := range map[string]string{
		"abc\r": "abc", "aé\x7fb\r": "ab", "\x7f\x7fx\n": "x", "no\x15yes\r": "yes",
		"a\x1b[Ab\x1bOPc\x1b[1;5Dd\r":  "abcd",
		"\x1b[200~x\ry\x03\x1b[201~\r": "x\ny\x03",
	} {
		for _, size := range []int{1, 3, 100} {
			l := &line{}
			done := false
			for part := range slices.Chunk([]byte(keys), size) {
				var err error
				if done, err = l.feed(part); err != nil {
					t.Fatal(err)
				}
			}
			if !done || string(l.text) != want {
				t.Errorf("%q by %d: %q, %v", keys, size, l.text, done)
			}
		}
	}
	for _, keys := range []string{"abc\x03", "abc\x04", "a\rb\r"} {
		if _, err := (&line{}).feed([]byte(keys)); err == nil {
			t.Errorf("%q is taken", keys)
		}
	}
}

func TestTableStreams(t *testing.T) {
	var b bytes.Buffer
	tab := newTable(&b)
	for range block {
		_ = tab.row(cell{"a", ""}, cell{"", ""}, cell{"c", ""})
	}
	if lines := strings.Count(b.String(), "\n"); lines != block {
		t.Errorf("%d lines before the end", lines)
	}
	_ = tab.row(cell{"longer", ""}, cell{"é", ""}, cell{"c", red})
	_ = tab.flush()
	if !strings.HasSuffix(b.String(), "\na    c\nlonger  é  c\n") {
		t.Errorf("%q", b.String()[b.Len()-40:])
	}
}

func TestClockText(t *testing.T) {
	for d, want := range map[time.Duration]string{38 * time.Second: "0:38", 125 * time.Second: "2:05", -time.Second: "0:00"} {
		if got := clockText(d); got != want {
			t.Errorf("%v: %s", d, got)
		}
	}
}

// TestThreatB10Flags pins every flag of every command. None of them loosens a
// rule; a new one is looked at with that question before it is written here.
func TestThreatB10Flags(t *testing.T) {
	want, err := os.ReadFile("testdata/flags.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	root := (&program{}).root(nil)
	for _, c := range append([]*cobra.Command{root}, root.Commands()...) {
		got.WriteString(c.CommandPath())
		c.InheritedFlags()
		c.NonInheritedFlags().VisitAll(func(f *pflag.Flag) { got.WriteString(" --" + f.Name) })
		got.WriteString("\n")
	}
	if got.String() != string(want) {
		t.Errorf("the flags are now:\n%s", got.String())
	}
}

// TestEveryCommandHasExamples also holds that every command takes its arguments
// on purpose: without Args cobra takes anything.
func TestEveryCommandHasExamples(t *testing.T) {
	for _, c := range (&program{}).root(nil).Commands() {
		if c.Hidden || !c.Runnable() {
			continue
		}
		if c.Example == "" || c.Short == "" || c.Long == "" {
			t.Errorf("%s lacks help", c.Name())
		}
	}
}

func TestOneCommandIsTheSameAsInTheTree(t *testing.T) {
	for _, c := range commands {
		p := &program{}
		one := p.root([]string{"--home", "x", c.name})
		if len(one.Commands()) != 1 || one.Commands()[0].Name() != c.name {
			t.Errorf("%s is not made alone under its name", c.name)
		}
	}
	for _, args := range [][]string{nil, {"help"}, {"--home", "get"}, {"--home=get"}, {"__complete", "get", ""}, {"-h"}} {
		if n := len((&program{}).root(args).Commands()); n < len(commands) {
			t.Errorf("%v: %d commands", args, n)
		}
	}
}

// TestSettingWords: each setting has its words, and what completion offers is taken.
func TestSettingWords(t *testing.T) {
	for _, s := range secret.Settings() {
		w := settingWords[s.Name]
		if w.is == "" || len(w.values) == 0 {
			t.Errorf("%s has no words or values", s.Name)
		}
		for _, v := range w.values {
			if req, err := settingRequest([]string{s.Name, v}, false); err != nil || req.Setting != s.Name || secret.Span(req.Seconds) != v {
				t.Errorf("%s %s: %+v, %v", s.Name, v, req, err)
			}
		}
	}
}
