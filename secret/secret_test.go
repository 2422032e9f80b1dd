package secret

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNames(t *testing.T) {
	long := strings.Repeat("x", MaxSegment)
	for s, ok := range map[string]bool{
		"acme/api/KEY": true, "acme/KEY": true, "a/b/c/d/e/F": true, "9a/b.c/d-e_f": true, "a/" + long: true,
		"": false, "KEY": false, "a/b/c/d/e/f/G": false, "/a/b": false, "a/b/": false, "a//b": false, "a/../b": false,
		"a/.hidden": false, "a/-dash": false, "a/_x": false, "a/b c": false, "a/é": false, "a/b\n": false, "a/\x00": false,
		"a/" + long + "x": false, "a/b\u202e": false, "аcme/KEY": false, // the first letter is Cyrillic
	} {
		n, err := ParseName(s)
		if (err == nil) != ok {
			t.Errorf("ParseName(%q): %v", s, err)
		}
		if err == nil && string(n) != s || err != nil && CodeOf(err) != Invalid {
			t.Errorf("ParseName(%q) = %q, %v", s, n, err)
		}
	}
}

// TestPrefixIsWholeSegments: myorg/api never covers myorg/api2.
func TestPrefixIsWholeSegments(t *testing.T) {
	for _, c := range []struct {
		p    Prefix
		n    Name
		want bool
	}{
		{"myorg/api", "myorg/api/KEY", true}, {"myorg/api", "myorg/api2/KEY", false}, {"myorg/api", "myorg/api", true},
		{"myorg", "myorg/api/KEY", true}, {"myorg/api/KEY", "myorg/api", false}, {"", "a/b", true}, {"myorg/ap", "myorg/api/KEY", false},
	} {
		if c.p.Covers(c.n) != c.want {
			t.Errorf("%q covers %q: %v", c.p, c.n, !c.want)
		}
	}
	if p, err := ParsePrefix("acme/api/"); p != "acme/api" || err != nil {
		t.Errorf("%q %v", p, err)
	}
	for _, s := range []string{"", "/", "a//", "a/b/c/d/e/f/g", "../x", "a b"} {
		if _, err := ParsePrefix(s); err == nil {
			t.Errorf("ParsePrefix(%q) was taken", s)
		}
	}
}

func TestVariables(t *testing.T) {
	for n, want := range map[Name]string{
		"acme/api/STRIPE_KEY": "STRIPE_KEY", "login/github.com/PASSWORD": "GITHUB_COM_PASSWORD",
		"login/my-host.example/USERNAME": "MY_HOST_EXAMPLE_USERNAME", "login/9gag.com/PASSWORD": "LOGIN_9GAG_COM_PASSWORD",
	} {
		if v, err := n.Env(); v != want || err != nil {
			t.Errorf("%s: %q %v, want %q", n, v, err, want)
		}
	}
	for _, n := range []Name{"acme/api/a-b", "acme/api/1KEY", "acme/api/x.pem"} {
		if _, err := n.Env(); CodeOf(err) != Invalid {
			t.Errorf("%s: %v", n, err)
		}
	}
	_, err := Envs([]Name{"a/b/KEY", "a/c/OTHER", "a/c/KEY"})
	var e *Error
	if !errors.As(err, &e) || e.Code != Conflict || len(e.Names) != 2 || e.Names[1] != "a/c/KEY" {
		t.Errorf("two for one variable: %#v", err)
	}
}

// TestThreatF6ReservedVariables: what shells own or what changes how programs run.
func TestThreatF6ReservedVariables(t *testing.T) {
	for _, v := range strings.Fields(`PATH LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES BASH_ENV ENV IFS PS4 UID USERNAME status
		PROMPT_COMMAND NODE_OPTIONS PYTHONPATH GIT_SSH_COMMAND path argv SHELLOPTS BASH_FUNC_x ZDOTDIR PERL5OPT RUBYOPT GIT_CONFIG_COUNT NOXKEY_HOME LINES COLUMNS TMOUT MAILCHECK bash_argv0`) {
		if !ReservedEnv(v) {
			t.Errorf("%s is allowed", v)
		}
	}
	for _, v := range strings.Fields(`STRIPE_KEY DATABASE_URL API_KEY GITHUB_TOKEN PATHS MY_PATH GITHUB_COM_USERNAME AWS_SECRET_ACCESS_KEY`) {
		if ReservedEnv(v) {
			t.Errorf("%s is refused", v)
		}
	}
	if err := Name("login/github.com/COOKIE").Writable(); err == nil {
		t.Error("a login part that does not exist")
	}
	if err := Name("login/a/b/PASSWORD").Writable(); err == nil {
		t.Error("a login of four parts")
	}
	if err := Name("acme/api/DB").Writable(); err != nil {
		t.Error(err)
	}
}

const canary = "canary-4be1-value"

func mustValue(t *testing.T, s string) Value {
	t.Helper()
	v, err := NewValue([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestValueNeverPrints: under every verb, in every structure, logger and encoder.
func TestValueNeverPrints(t *testing.T) {
	v := mustValue(t, canary)
	holder := struct {
		V Value
		P *Value
		M map[string]Value
		A any
	}{v, &v, map[string]Value{"x": v}, v}
	var out strings.Builder
	for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %p %t %T %b %o %c %U %e %08v") {
		fmt.Fprintf(&out, verb+verb+verb+"\n", v, &v, holder)
	}
	fmt.Fprintln(&out, v, &v, holder, errors.Join(fmt.Errorf("with %v and %s", v, v)))
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v, "h", holder)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v, "h", holder)
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprint([]byte(canary))} {
		if strings.Contains(out.String(), form) {
			t.Errorf("printed %q", form)
		}
	}
	if _, err := json.Marshal(holder); err == nil {
		t.Error("JSON took it")
	}
	if err := gob.NewEncoder(&bytes.Buffer{}).Encode(v); err == nil {
		t.Error("gob took it")
	}
	if b, err := json.Marshal(Named{Name: "a/b/C", Value: v}); err != nil || bytes.Contains(b, []byte(canary)) {
		t.Errorf("%s %v", b, err)
	}
	if json.Unmarshal([]byte(`"x"`), &v) == nil {
		t.Error("JSON made one")
	}
}

func TestValueRules(t *testing.T) {
	for name, b := range map[string][]byte{"empty": {}, "nul": []byte("a\x00b"), "long": bytes.Repeat([]byte("x"), MaxValue+1)} {
		if _, err := NewValue(b); CodeOf(err) != Invalid || strings.Contains(err.Error(), "xxxx") {
			t.Errorf("%s: %v", name, err)
		}
		if bytes.ContainsFunc(b, func(r rune) bool { return r != 0 }) {
			t.Errorf("%s: what was refused was not wiped", name)
		}
	}
	raw := []byte(canary)
	v, _ := NewValue(raw)
	c := v.Clone()
	v.Wipe()
	v.Wipe()
	if !v.Empty() || !bytes.Equal(raw, make([]byte, len(raw))) {
		t.Error("wiping left something")
	}
	if c.Empty() || !c.Equal(mustValue(t, canary)) || c.Equal(v) {
		t.Error("a clone is its own")
	}
	if err := (Value{}).Use(func(b []byte) error { return nil }); err != nil || !(Value{}).Empty() {
		t.Error("the zero value")
	}
}

// TestThreatF3Peek: at most 8 characters and a quarter; nothing of passwords,
// seeds and recovery codes.
func TestThreatF3Peek(t *testing.T) {
	for _, c := range []struct {
		v    string
		t    FieldType
		k    Kind
		want string
	}{
		{"sk_live_0123456789abcdefghijklmnop", APIKey, KindAPIKey, "sk_live_"},
		{"0123456789abcdef", Token, KindCustom, "0123"},
		{"abc", Text, KindCustom, ""}, {"abcd", Text, KindCustom, "a"},
		{"0123456789abcdef0123456789abcdef", Password, KindLogin, ""},
		{"0123456789abcdef0123456789abcdef", TOTPSeed, KindLogin, ""},
		{"0123456789abcdef0123456789abcdef", Text, KindRecoveryCodes, ""},
		{"é123456789abcdef0123456789abcdef", URL, KindCustom, "é1234567"},
		{"a\x1b[31m6789abcdef0123456789abcdef", Text, KindCustom, ""},
		{"\u202e123456789abcdef0123456789abcdef", Text, KindCustom, ""},
		{"\xff\xfe0123456789abcdef0123456789abcdef", Text, KindCustom, ""},
	} {
		if got := Peek([]byte(c.v), c.t, c.k); got != c.want {
			t.Errorf("Peek(%q, %s, %s) = %q, want %q", c.v, c.t, c.k, got, c.want)
		}
	}
}

func FuzzPeek(f *testing.F) {
	f.Add([]byte("sk_live_0123456789"), "api_key")
	f.Fuzz(func(t *testing.T, b []byte, ft string) {
		p := Peek(b, FieldType(ft), KindCustom)
		if n := utf8.RuneCountInString(p); n > peekLen || n*4 > utf8.RuneCount(b) || !bytes.HasPrefix(b, []byte(p)) {
			t.Errorf("%q of %q", p, b)
		}
	})
}

func FuzzName(f *testing.F) {
	f.Add("acme/api/KEY")
	f.Add("login/x/TOTP")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseName(s)
		if err != nil {
			if !utf8.ValidString(err.Error()) && utf8.ValidString(s) {
				t.Errorf("the error is not text: %q", err)
			}
			return
		}
		if strings.Join(n.Segments(), "/") != s || !n.Parent().Covers(n) || !Prefix(n).Covers(n) {
			t.Errorf("%q", s)
		}
		b, err := json.Marshal(n)
		var back Name
		if err != nil || json.Unmarshal(b, &back) != nil || back != n {
			t.Errorf("%q does not survive: %s %v", s, b, err)
		}
	})
}

func TestLevelsRank(t *testing.T) {
	for i, l := range Levels {
		if l.Rank() != i {
			t.Errorf("%s ranks %d", l, l.Rank())
		}
	}
	if Level("made-up").Rank() <= OffLimits.Rank() || Level("").Rank() <= OffLimits.Rank() {
		t.Error("what is no level must rank above all")
	}
}

func TestErrors(t *testing.T) {
	err := fmt.Errorf("wrapped: %w", Errorf(Locked, "it is locked"))
	if !errors.Is(err, Err(Locked)) || errors.Is(err, Err(Denied)) || CodeOf(err) != Locked {
		t.Error("the code is lost")
	}
	if CodeOf(nil) != "" || CodeOf(errors.New("x")) != Internal {
		t.Error("codes of other errors")
	}
	_, e := ParseName("bad\x1b[31m\u202ename")
	if strings.ContainsAny(e.Error(), "\x1b\u202e") {
		t.Errorf("foreign text raw in %q", e)
	}
}

func TestPatchAndMetadata(t *testing.T) {
	m := DefaultMetadata("login/github.com/TOTP")
	if m.FieldType != TOTPSeed || m.Kind != KindLogin || m.Level != Normal {
		t.Errorf("%+v", m)
	}
	strict, empty := Strict, ""
	m.Desc = "old"
	p := Patch{Level: &strict, Desc: &empty}
	if got := p.Apply(m); got.Level != Strict || got.Desc != "" || got.FieldType != TOTPSeed || !p.Bound() {
		t.Errorf("%+v", got)
	}
	b, _ := json.Marshal(p)
	var back Patch
	if json.Unmarshal(b, &back) != nil || back.Desc == nil {
		t.Errorf("clearing is lost: %s", b)
	}
	for _, bad := range []Metadata{{}, {FieldType: Token, Kind: KindCustom, Level: "easy "}, {FieldType: Token, Kind: KindCustom, Level: Easy, Desc: strings.Repeat("x", 2000)},
		{FieldType: Token, Kind: KindCustom, Level: Easy, Bundle: "\xff"}} {
		if CodeOf(bad.Check()) != Invalid {
			t.Errorf("%+v was taken", bad)
		}
	}
}
