package manifest

import (
	"bytes"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"noxkey/secret"
)

const sample = `# comment
[env]
DATABASE_URL = "noxkey://acme/api/DATABASE_URL" # comment
STRIPE_KEY   = 'noxkey://acme/api/STRIPE_KEY'
"QUOTED" = """noxkey://acme/api/QUOTED"""

[profile.test.env]
STRIPE_KEY = "noxkey://acme/test/STRIPE_KEY"
EXTRA = "noxkey://login/github.com/PASSWORD"

[profile."eu.west-1"]
env.DATABASE_URL = "noxkey://acme/eu/DATABASE_URL"
[profile.empty.env]
`

func parse(t testing.TB, text string) *Manifest {
	t.Helper()
	m, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestLineEndingsAndMark: an editor's byte order mark and CRLF change nothing.
func TestLineEndingsAndMark(t *testing.T) {
	text := "\xef\xbb\xbf" + strings.ReplaceAll(sample, "\n", "\r\n")
	if got, want := parse(t, text).Digest(), parse(t, sample).Digest(); got != want {
		t.Errorf("%x, not %x", got, want)
	}
}

func TestResolve(t *testing.T) {
	m := parse(t, sample)
	if got := fmt.Sprint(m.Profiles()); got != "[empty eu.west-1 test]" {
		t.Errorf("profiles %s", got)
	}
	const api = " {QUOTED acme/api/QUOTED} {STRIPE_KEY acme/api/STRIPE_KEY}]"
	for profile, want := range map[string]string{
		"":          "[{DATABASE_URL acme/api/DATABASE_URL}" + api,
		"empty":     "[{DATABASE_URL acme/api/DATABASE_URL}" + api,
		"eu.west-1": "[{DATABASE_URL acme/eu/DATABASE_URL}" + api,
		"test":      "[{DATABASE_URL acme/api/DATABASE_URL} {EXTRA login/github.com/PASSWORD} {QUOTED acme/api/QUOTED} {STRIPE_KEY acme/test/STRIPE_KEY}]",
	} {
		got, err := m.Resolve(profile)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v\nwant %s", profile, got, err, want)
		}
	}
	if _, err := m.Resolve("prod"); secret.CodeOf(err) != secret.NotFound || !strings.Contains(err.Error(), "empty, eu.west-1, test") {
		t.Errorf("no such profile: %v", err)
	}
	for _, text := range []string{"", "[env]\n", "[profile.a.env]\nA='noxkey://a/b'"} {
		if b, err := parse(t, text).Resolve(""); secret.CodeOf(err) != secret.Invalid {
			t.Errorf("%q: %v, %v", text, b, err)
		}
	}
	many := "[env]\n"
	for i := range secret.MaxTargets + 1 {
		many += fmt.Sprintf("K%d = 'noxkey://a/K'\n", i)
	}
	if _, err := parse(t, many).Resolve(""); secret.CodeOf(err) != secret.Invalid {
		t.Errorf("too many: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	const ok = `"noxkey://acme/api/KEY"`
	for _, row := range []struct{ text, says string }{
		{"[env]\nKEY = \"sk-canary\"\n", "line 2: KEY is not a reference: a committed file holds references, not values"},
		{"[env]\nKEY = ''\n", "line 2: KEY is not a reference"},
		{"[env]\nKEY = 12345678\n", "line 2: KEY is not a reference"},
		{"[env]\nKEY = true\n", "line 2: KEY is not a reference"},
		{"[env]\nKEY = [" + ok + "]\n", "line 2: KEY is not a reference"},
		{"[env]\nKEY = { canary = " + ok + " }\n", "line 2: KEY is not a reference"},
		{"[env]\n\nKEY = 'noxkey://canary'\n", "line 3: KEY: a reference is noxkey:// and the whole name"},
		{"[env]\nKEY = 'noxkey://acme/api/KEY?canary=1'\n", "line 2: KEY: a reference is"},
		{"[env]\nKEY = 'noxkey://acme/api/canary%20KEY'\n", "line 2: KEY: a reference is"},
		{"[env]\nKEY = 'noxkey://acme/api/'\n", "line 2: KEY: a reference is"},
		{"[env]\nKEY = ' noxkey://acme/api/KEY'\n", "line 2: KEY: a reference is"},
		{"[env]\nKEY = 'NOXKEY://acme/api/KEY'\n", "line 2: KEY: a reference is"},
		{"[env]\nKEY = 'noxkey:acme/api/KEY'\n", "line 2: KEY: a reference is"},
		{"[env]\nKEY = sk-canary\n", "line 2: not valid TOML"},
		{"[env]\nKEY = \"canary\n", "line 2: not valid TOML"},
		{"[env]\nKEY = \"\\canary\"\n", "line 2: not valid TOML"},
		{"[env]\nKEY = 99999999999999999999\n", "line 2: not valid TOML"},
		{"[env\n", "line 1: not valid TOML"},
		{"[env]\nKEY = " + ok + "\nKEY = " + ok, "line 3: this key or table is there twice"},
		{"[env]\n[env]\n", "line 2: this key or table is there twice"},
		{"env.KEY = " + ok + "\n[env]\n", "line 2: this key or table is there twice"},
		{"[env]\nKEY = " + ok + "\n[env.KEY]\n", "line 3: not valid TOML"},
		{"KEY = " + ok, `line 1: "KEY" is unknown: there are [env]`},
		{"[Env]\nKEY = " + ok, `line 1: "Env" is unknown`},
		{"[[env]]\nKEY = " + ok, `line 1: "env" is unknown`},
		{"[env.sub]\nKEY = " + ok, `line 1: "env.sub" is unknown`},
		{"[env]\nsub.KEY = " + ok, `line 2: "env.sub.KEY" is unknown`},
		{"env = { KEY = " + ok + " }", `line 1: "env" must be a table with a header`},
		{"profile = { a = { env = {} } }", `line 1: "profile" must be a table`},
		{"[env]\nKEY = " + ok + "\n[run]\n", `line 3: "run" is unknown`},
		{"[profile.a]\nKEY = " + ok, `line 2: "profile.a.KEY" is unknown`},
		{"[profile.a]\nextends = 'b'", `line 2: "profile.a.extends" is unknown`},
		{"[profile.a.vars]\nKEY = " + ok, `line 1: "profile.a.vars" is unknown`},
		{"[profile.a]\nvars.KEY = " + ok, `line 2: "profile.a.vars.KEY" is unknown`},
		{"[profile.a.env.b]\n", `line 1: "profile.a.env.b" is unknown`},
		{"[profile.'a b'.env]\n", `line 1: "a b" cannot be a profile`},
		{"[profile.'a/b'.env]\n", `line 1: "a/b" cannot be a profile`},
		{"[profile.''.env]\n", `line 1: "" cannot be a profile`},
		{"[profile.\"a\\nprofile\".env]\n", `line 1: "a\nprofile" cannot be a profile`},
		{"profile = 'a'", `line 1: "profile" is unknown`},
		{"[env]\n1KEY = " + ok, `line 2: "1KEY" cannot be a variable`},
		{"[env]\nMY-KEY = " + ok, `line 2: "MY-KEY" cannot be a variable`},
		{"[env]\n'' = " + ok, `line 2: "" cannot be a variable`},
		{"[env]\n'A=B' = " + ok, `line 2: "A=B" cannot be a variable`},
		{"[env]\n" + strings.Repeat("K", 300) + " = " + ok, `cannot be a variable`},
		{"x = " + strings.Repeat("[", 1<<19), "not valid TOML"},
		{strings.Repeat("#", MaxFile+1), "over 1 MiB"},
	} {
		m, err := Parse([]byte(row.text))
		if err == nil || m != nil || secret.CodeOf(err) != secret.Invalid || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%.200q: %v, want %q", row.text, err, row.says)
			continue
		}
		if s := err.Error(); strings.Contains(s, "canary") || strings.Contains(s, "1234") || strings.Contains(s, "9999") || len(s) > 400 {
			t.Errorf("%.200q: the error shows the value, or is too long: %v", row.text, err)
		}
	}
}

func TestThreatF6ManifestSetsNoReservedVariable(t *testing.T) {
	for _, env := range []string{"PATH", "LD_PRELOAD", "BASH_ENV", "NODE_OPTIONS", "path", "GIT_SSH_COMMAND", "NOXKEY_HOME"} {
		for _, text := range []string{"[env]\n" + env, "[profile.a.env]\n" + env, "\nenv." + env} {
			_, err := Parse([]byte(text + " = 'noxkey://acme/api/KEY'\n"))
			if secret.CodeOf(err) != secret.Reserved || !strings.Contains(err.Error(), "line 2: "+env) {
				t.Errorf("%q: %v", text, err)
			}
		}
		if _, err := Init([]Binding{{env, "acme/api/KEY"}}); secret.CodeOf(err) != secret.Reserved {
			t.Errorf("Init with %s: %v", env, err)
		}
	}
}

func TestParseReference(t *testing.T) {
	for _, row := range []struct {
		text   string
		name   secret.Name
		meant  bool
		faulty bool
	}{
		{"noxkey://acme/api/KEY", "acme/api/KEY", true, false},
		{"noxkey://login/github.com/PASSWORD", "login/github.com/PASSWORD", true, false},
		{"noxkey://a/b/c/d/e/f", "a/b/c/d/e/f", true, false},
		{"", "", false, false},
		{"noxke", "", false, false},
		{"postgres://noxkey://acme/api/KEY", "", false, false},
		{"acme/api/KEY", "", false, false},
		{"noxkeys://acme/api/KEY", "", false, false},
		{"noxkey://", "", true, true},
		{"noxkey://acme", "", true, true},
		{"noxkey:///acme/api/KEY", "", true, true},
		{"noxkey://acme/api/KEY ", "", true, true},
		{"noxkey://acme/api/KEY#x", "", true, true},
		{"noxkey://acme/../KEY", "", true, true},
		{"noxkey://user@acme/api/KEY", "", true, true},
		{"noxkey://acme/api/KEY:8", "", true, true},
		{"noxkey://a/" + strings.Repeat("b", 1<<20), "", true, true},
		{"\tNoxKey:/acme/api/KEY", "", true, true},
	} {
		name, meant, err := ParseReference(row.text)
		n2, m2, err2 := ParseReference([]byte(row.text))
		if name != row.name || meant != row.meant || (err != nil) != row.faulty {
			t.Errorf("%.60q: %q, %v, %v", row.text, name, meant, err)
		}
		if name != n2 || meant != m2 || (err == nil) != (err2 == nil) {
			t.Errorf("%.60q: another answer for bytes: %q, %v, %v", row.text, n2, m2, err2)
		}
	}
}

// TestThreatE1DigestFollowsTheMeaning: what changes the grant changes the digest, and
// nothing else does.
func TestThreatE1DigestFollowsTheMeaning(t *testing.T) {
	base := "[env]\nA='noxkey://a/b/A'\nB='noxkey://a/b/B'\n[profile.p.env]\nA='noxkey://a/c/A'\n"
	want := parse(t, base).Digest()
	for _, same := range []string{
		"# comment\n\n" + base,
		"[profile.p.env]\nA='noxkey://a/c/A'\n[env]\nB='noxkey://a/b/B'\nA = \"noxkey://a/b/A\"\n",
		"env.A='noxkey://a/b/A'\nenv.B='noxkey://a/b/B'\nprofile.p.env.A='noxkey://a/c/A'\n",
	} {
		if parse(t, same).Digest() != want {
			t.Errorf("another digest for %q", same)
		}
	}
	seen := map[[32]byte]string{want: base}
	for _, other := range []string{
		"",
		"[env]\nA='noxkey://a/b/A'\n[profile.p.env]\nA='noxkey://a/c/A'\n",
		strings.Replace(base, "a/b/A", "a/b/A2", 1),
		strings.Replace(base, "a/c/A", "a/d/A", 1),
		strings.Replace(base, "A=", "A2=", 1),
		strings.Replace(base, "B=", "BB=", 1),
		strings.Replace(base, "profile.p", "profile.q", 1),
		base + "[profile.r.env]\n",
		base + "B='noxkey://a/b/B'\n",
		"[env]\nB='noxkey://a/b/B'\n[profile.p.env]\nA='noxkey://a/c/A'\n",
		"[profile.p.env]\nA='noxkey://a/b/A'\nB='noxkey://a/b/B'\n",
	} {
		d := parse(t, other).Digest()
		if twin, dup := seen[d]; dup {
			t.Errorf("one digest for %q and %q", twin, other)
		}
		seen[d] = other
	}
	if parse(t, "[env]\n").Digest() != parse(t, "").Digest() {
		t.Error("an empty [env] and none differ")
	}
}

// TestInit holds the law Parse(Init(x)) == x, sorted, and looks at the text once.
func TestInit(t *testing.T) {
	text, err := Init([]Binding{{"STRIPE_KEY", "acme/api/STRIPE_KEY"}, {"A", "login/github.com/PASSWORD"}})
	if err != nil || !bytes.HasSuffix(text, []byte("\n\n[env]\nSTRIPE_KEY = \"noxkey://acme/api/STRIPE_KEY\"\nA = \"noxkey://login/github.com/PASSWORD\"\n")) {
		t.Errorf("%s, %v", text, err)
	}
	got, err := parse(t, string(text)).Resolve("")
	if err != nil || fmt.Sprint(got) != "[{A login/github.com/PASSWORD} {STRIPE_KEY acme/api/STRIPE_KEY}]" {
		t.Errorf("%v, %v", got, err)
	}
	for code, list := range map[secret.Code][]Binding{
		secret.Invalid:  {{"A", "canary"}},
		secret.Conflict: {{"A", "a/b"}, {"A", "a/c"}},
	} {
		if text, err := Init(list); secret.CodeOf(err) != code || text != nil {
			t.Errorf("%v: %q, %v", list, text, err)
		}
	}
	if _, err := Init([]Binding{{"A B", "a/b"}}); secret.CodeOf(err) != secret.Invalid {
		t.Errorf("a variable with a space: %v", err)
	}
}

// TestDirenvStopsWhenNothingIsLoaded runs the snippet in bash, as direnv does.
func TestDirenvStopsWhenNothingIsLoaded(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("cannot be done here: bash is not installed")
	}
	for load, want := range map[string]string{
		`echo "export A='x y'"; echo export B=1`: "[x y] [1] []\n",
		`echo "export A=half"; return 4`:         "error\n",
	} {
		script := "watch_file() { :; }; log_error() { echo error; }; noxkey() { " + load + "; }\n" +
			"envrc() {\n" + Direnv + "\n}\nenvrc || exit 0\n" + `echo "[$A] [$B] [$noxkey_lines]"`
		out, err := exec.Command(bash, "--norc", "-c", script).CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s: %q, %v", load, out, err)
		}
	}
}

// FuzzParse: no panic, no error without a code or with a long piece of the text in it,
// and what is read can be written and read again.
func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("[env]\nA = \"\"\"\nnoxkey://a/b\"\"\"\n[[x]]\ny = {z = [1, 2.0, 1979-05-27]}")
	f.Add("profile.\"a\\u0041\".env.B = 'noxkey://a/b'")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Parse([]byte(text))
		if err != nil {
			if c := secret.CodeOf(err); c != secret.Invalid && c != secret.Reserved {
				t.Fatalf("%q: %v (%s)", text, err, c)
			}
			return
		}
		for _, p := range append(m.Profiles(), "") {
			want, err := m.Resolve(p)
			if err != nil {
				continue
			}
			again, err := Init(want)
			if err != nil {
				t.Fatalf("%q: %v of %v", text, err, want)
			}
			if got, err := parse(t, string(again)).Resolve(""); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("%q: %v, then %v, %v", text, want, got, err)
			}
		}
	})
}

// ownWords is every error that one line's value may lead to, whole.
var ownWords = regexp.MustCompile(`^line \d+: (not valid TOML( at column \d+)?|this key or table is there twice|` +
	`KEY is not a reference: a committed file holds references, not values \(noxkey://acme/api/KEY\)|` +
	`KEY: a reference is noxkey:// and the whole name of a secret, such as noxkey://acme/api/KEY)$`)

// FuzzValue: whatever stands behind the equals sign, an error about it is in our own
// words and has none of it.
func FuzzValue(f *testing.F) {
	f.Add("sk-live-0123456789")
	f.Add("noxkey://a/b")
	f.Add("\x00\"\n\\")
	f.Add("noxkey:// ")
	f.Add("{a = 1, a = 2}")
	f.Fuzz(func(t *testing.T, value string) {
		forms := []string{fmt.Sprintf("%q", value)}
		if !strings.ContainsAny(value, "\r\n") { // what follows a line's end is a line of its own
			forms = append(forms, value, "'"+value+"'", `"`+value+`"`, "'''"+value)
		}
		for _, form := range forms {
			// What was read without an error is FuzzParse's matter.
			if _, err := Parse([]byte("[env]\nKEY = " + form)); err != nil && !ownWords.MatchString(err.Error()) {
				t.Fatalf("%q: %v", form, err)
			}
		}
	})
}
