package dotenv

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "rewrite testdata/format; run npm-answers.js after it")

// formatted are the pairs whose reading by npm is recorded: cases by hand, then
// random strings over an alphabet of what readers trip over. The neighbours of
// each pair are other awkward ones, so a value that swallows the next line shows.
func formatted() []Pair {
	values := []string{
		"", "plain", "sk_live_abc", "a b", " a ", "a#b", "#", "it's", `say "hi"`, "a\nb", "a\r\nb", "\r", "\n", "'", `"`, "`",
		`it's "ok"`, `it's "ok" #1`, "it's `so`", "it's $HOME", "$HOME", "${A:-b}", "$(id)", "`id`", "!x", "~", "~/a", "=a", "a=b", "==", "C:\\dir\\", "\\",
		"\\\\", "a\\nb", "it's\\nb", "it's \\ ok", "it's\\\nb", "it's\\", "#'\\", "x'\"#\\", "it's\nlong\\", "'''", `"""`, "'\"`", "'\"`#", "\"'\n`", "\"'\n`#",
		"pässwörd 🔑", "\u00a0x\u00a0", "a\u2028'b'", "'a\u2028\"b\"'#", "\ufeffx", "\x01\x7f\x1b[0m", "-----BEGIN KEY-----\nabc=\n-----END KEY-----\n",
		"A=b\nC=d", "it's\nB=\"c\"\n", `{"a": "it's", "b": "c\\d"}`, "a;b&c|d>(e)", "*", "-n", "p\xe4ss", "\xff'\"#",
	}
	alphabet := []string{"'", `"`, "`", "\\", "\\", "n", "r", "#", " ", "\n", "\r", "$", "=", "a", "B", "\t", "é", "\u2028", "\n#", "\nK="}
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		var b strings.Builder
		for range 1 + r.IntN(8) {
			b.WriteString(alphabet[r.IntN(len(alphabet))])
		}
		values = append(values, b.String())
	}
	var pairs []Pair
	for i, v := range values {
		pairs = append(pairs, Pair{Key: fmt.Sprintf("K%d", i), Value: []byte(v), Exported: i%3 == 1})
	}
	return pairs
}

// TestFormatReadByNPM: npm read each pair just as ReadBy says, in both
// directions, so that ReadBy neither promises too much nor warns for nothing.
func TestFormatReadByNPM(t *testing.T) {
	pairs := formatted()
	text, err := Format(pairs)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "format", "all.env")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Fatal("written; now run npm-answers.js")
	}
	if old, err := os.ReadFile(file); err != nil || !bytes.Equal(old, text) {
		t.Fatalf("npm's answers are for another text: %v", err)
	}
	theirs := loadAnswers(t, filepath.Dir(file)).Files["all.env"]
	right := 0
	for _, p := range pairs {
		npm, _ := ReadBy(p)
		got, ok := theirs[p.Key]
		if same := ok && got == string(p.Value); same != npm {
			t.Errorf("%s=%q: npm read %q, ReadBy says %v", p.Key, p.Value, got, npm)
		}
		if npm {
			right++
		}
	}
	if len(theirs) != len(pairs) {
		t.Errorf("npm read %d keys of %d", len(theirs), len(pairs))
	}
	t.Logf("npm reads %d of %d awkward values as they are", right, len(pairs))
}

// TestThreatA4FormatSourcedByShell: where ReadBy says so, a shell that sources
// the file has the value byte for byte, and ran nothing of it.
func TestThreatA4FormatSourcedByShell(t *testing.T) {
	var pairs []Pair
	var print strings.Builder
	for _, p := range formatted() {
		if _, shell := ReadBy(p); shell {
			pairs = append(pairs, p)
			fmt.Fprintf(&print, "printf '%%s\\0' \"$%s\"\n", p.Key)
		}
	}
	if len(pairs) < 500 {
		t.Fatalf("only %d pairs for the shell", len(pairs))
	}
	text, err := Format(pairs)
	if err != nil {
		t.Fatal(err)
	}
	for _, shell := range [][]string{{"sh"}, {"bash"}, {"dash"}, {"zsh"}, {"ksh"}, {"busybox", "sh"}} {
		t.Run(strings.Join(shell, " "), func(t *testing.T) {
			if _, err := exec.LookPath(shell[0]); err != nil {
				t.Skipf("needs %s", shell[0])
			}
			sourceAndCompare(t, shell, text, print.String(), pairs)
		})
	}
}

func sourceAndCompare(t *testing.T, shell []string, text []byte, print string, pairs []Pair) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x.env")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(shell[0], append(shell[1:], "-c", ". "+file+"\n"+print)...)
	cmd.Dir, cmd.Env = dir, []string{"PATH=/nowhere", "LC_ALL=C"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %.300s", err, out)
	}
	got := bytes.Split(out, []byte{0})
	if len(got) != len(pairs)+1 {
		t.Fatalf("%d values, want %d", len(got)-1, len(pairs))
	}
	for i, p := range pairs {
		if !bytes.Equal(got[i], p.Value) {
			t.Errorf("%s=%q: the shell has %q", p.Key, p.Value, got[i])
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("the shell made files: %v", left)
	}
}

func TestFormatForms(t *testing.T) {
	for _, c := range []struct {
		value, want string
		npm, shell  bool
	}{
		{"", `K=''`, true, true},
		{"abc", `K=abc`, true, true},
		{"a b", `K='a b'`, true, true},
		{"$A", `K='$A'`, true, true},
		{"a\nb", "K='a\nb'", true, true},
		{`a\`, "K='a\\'\n# ' ends K", true, true},
		{"it's", `K="it's"`, true, true},
		{"it's $A", `K="it's $A"`, true, false},
		{"a\rb", `K="a\rb"`, true, false},
		{`'"`, `K="'""`, true, false},
		{`a'"\n`, `K=a'"\n`, true, false},
		{`'"#`, `K="'\"#"`, false, true},
		{"\xff", "K='\xff'", false, true},
	} {
		p := Pair{Key: "K", Value: []byte(c.value)}
		got, err := Format([]Pair{p})
		if err != nil || string(got) != c.want+"\n" {
			t.Errorf("%q: %q, want %q", c.value, got, c.want)
		}
		if npm, shell := ReadBy(p); npm != c.npm || shell != c.shell {
			t.Errorf("%q: npm %v, shell %v", c.value, npm, shell)
		}
	}
	if npm, _ := ReadBy(Pair{Key: "__proto__"}); npm {
		t.Error("npm cannot read __proto__")
	}
	if _, shell := ReadBy(Pair{Key: "a.b"}); shell {
		t.Error("a shell cannot read a.b")
	}
}

func TestFormatRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		p    Pair
		want error
	}{
		"no key":       {Pair{}, ErrKey},
		"digit first":  {Pair{Key: "1A"}, ErrKey},
		"line in key":  {Pair{Key: "A\nB"}, ErrKey},
		"equals":       {Pair{Key: "A=B"}, ErrKey},
		"not ASCII":    {Pair{Key: "Ä"}, ErrKey},
		"NUL in value": {Pair{Key: "A", Value: []byte("cAnArY\x00")}, ErrValue},
		"long value":   {Pair{Key: "A", Value: make([]byte, MaxValue+1)}, ErrValue},
	} {
		out, err := Format([]Pair{{Key: "OK"}, c.p})
		if !errors.Is(err, c.want) || out != nil || strings.Contains(fmt.Sprint(err), "cAnArY") {
			t.Errorf("%s: %v", name, err)
		}
	}
	big := make([]Pair, 17)
	for i := range big {
		big[i] = Pair{Key: "A", Value: bytes.Repeat([]byte("x"), MaxValue)}
	}
	if _, err := Format(big); !errors.Is(err, ErrTooBig) {
		t.Errorf("too big a file: %v", err)
	}
}

// roundTrip holds Format's law.
func roundTrip(t *testing.T, pairs []Pair) {
	t.Helper()
	text, err := Format(pairs)
	if err != nil {
		t.Fatal(err)
	}
	f, err := ParseBytes(text)
	if err != nil || len(f.Bad) > 0 || len(f.Pairs) != len(pairs) {
		t.Fatalf("%q: %v %v", text, f, err)
	}
	for i, p := range f.Pairs {
		if w := pairs[i]; p.Key != w.Key || !bytes.Equal(p.Value, w.Value) || p.Exported != w.Exported {
			t.Fatalf("%q: %s=%q, want %s=%q", text, p.Key, p.Value, w.Key, w.Value)
		}
	}
}

func TestFormatRoundTrip(t *testing.T) {
	roundTrip(t, formatted())
	for c := 1; c < 256; c++ { // every byte but NUL: alone, first, last, doubled
		b := string([]byte{byte(c)})
		for _, v := range []string{b, b + "x'", "x'" + b, b + b + `"'`, `"#'` + b} {
			roundTrip(t, []Pair{{Key: "A", Value: []byte(v)}, {Key: "B", Value: []byte("'")}})
		}
	}
}

func FuzzFormat(f *testing.F) {
	for i, p := range formatted()[:62] {
		f.Add(p.Value, []byte(`"#x'`), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, a, b []byte, export bool) {
		if bytes.IndexByte(a, 0) >= 0 || bytes.IndexByte(b, 0) >= 0 || len(a) > MaxValue || len(b) > MaxValue {
			return
		}
		roundTrip(t, []Pair{{Key: "A_1", Value: a, Exported: export}, {Key: "b.c-d", Value: b}, {Key: "A_1", Value: a}})
		if npm, _ := ReadBy(Pair{Key: "A", Value: a}); npm && !utf8.Valid(a) {
			t.Fatal("npm cannot read what is not UTF-8")
		}
	})
}
