package mcp

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"noxkey/secret"
)

// codes reads every code out of package secret's source, so that a new one cannot
// be forgotten here.
func codes(t *testing.T) (list []secret.Code) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../secret/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if id, ok := v.Type.(*ast.Ident); ok && id.Name == "Code" {
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, secret.Code(s))
		}
		return true
	})
	if len(list) < 20 {
		t.Fatalf("only %d codes found", len(list))
	}
	return list
}

// Every code reaches the agent as itself, from every tool that asks the app, with
// a message and a next step that fits the tool's schema.
func TestEveryErrorCode(t *testing.T) {
	t.Parallel()
	for _, code := range codes(t) {
		if a := table[code]; a.message == "" || !strings.HasSuffix(a.next, ".") {
			t.Errorf("%s: advice %+v", code, a)
		}
		for _, err := range []error{secret.Err(code), &secret.Error{Code: code, Msg: "words of the app\u202e", Names: []secret.Name{"acme/api/KEY"}}} {
			c := connect(t, &fake{do: func(context.Context, *secret.Request, func(secret.Answer) error) error { return err }})
			for tool, args := range askingCalls {
				msg := c.refused(code, tool, args)
				if want := `words of the app\u{202E}`; err.Error() != "" && msg != want {
					t.Errorf("%s: message %q", code, msg)
				}
			}
		}
	}
}

var askingCalls = map[string]map[string]any{
	"noxkey_show":  nil,
	"noxkey_get":   {"account": "acme/api"},
	"noxkey_set":   {"account": "acme/api/K", "field_type": "api_key"},
	"noxkey_admin": {"action": "delete", "account": "acme/api/K"},
}

// No advice sends an agent round a refusal.
func TestThreatF1AdviceAfterARefusal(t *testing.T) {
	t.Parallel()
	for _, code := range []secret.Code{secret.Denied, secret.OffLimit, secret.Resting, secret.Paused, secret.HumanOnly} {
		n := table[code].next
		if !strings.Contains(n, "person") || strings.Contains(n, "call again.") || strings.Contains(n, "retry") {
			t.Errorf("%s: %s", code, n)
		}
	}
}

// What is not a *secret.Error may hold anything, and a newer app may send a code
// that nobody here knows.
func TestThreatF4ForeignErrorsAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		code secret.Code
	}{
		{errors.New("read: " + canary), secret.Internal},
		{context.DeadlineExceeded, secret.TimedOut},
		{context.Canceled, secret.Cancelled},
		{secret.Err("brand_new"), "brand_new"},
	} {
		c := connect(t, &fake{do: func(context.Context, *secret.Request, func(secret.Answer) error) error { return tt.err }})
		for tool, args := range askingCalls {
			c.refused(tt.code, tool, args)
		}
	}
}

func TestThreatF4PanicsAreNotRepeated(t *testing.T) {
	t.Parallel()
	c := connect(t, &fake{do: func(context.Context, *secret.Request, func(secret.Answer) error) error { panic(canary) }})
	for tool, args := range askingCalls {
		c.fails(tool, args)
	}
	if err := c.session.Ping(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestNotFoundSuggestsNames(t *testing.T) {
	t.Parallel()
	f := &fake{do: func(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
		if req.Op == secret.OpGet {
			return &secret.Error{Code: secret.NotFound, Msg: "there is no acme/api/STRIPE_KYE"}
		}
		return vault(ctx, req, out)
	}}
	c := connect(t, f)
	data, text, ok := c.try("noxkey_get", map[string]any{"account": "acme/api/STRIPE_KYE"})
	near, _ := data["error"].(map[string]any)["near"].([]any)
	if ok || len(near) == 0 || near[0] != "acme/api/STRIPE_KEY" || !strings.Contains(text, "acme/api/STRIPE_KEY") {
		t.Errorf("near %v, %s", near, text)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	for want, first := range map[string]string{
		"STRIPE_KEY": "acme/api/STRIPE_KEY", "other/x/TOKEN": "acme/api/TOKEN", "github": "login/github.com/PASSWORD",
		"acme/pord/ROOT": "acme/prod/ROOT", "acme/api/STRIPEKEY": "acme/api/STRIPE_KEY", "zzzz": "", "": "",
	} {
		got := append(nearest([]string{want}, entries()), "")
		if got[0] != first {
			t.Errorf("%s: %v, want %s", want, got, first)
		}
	}
	if n := nearest([]string{"e"}, entries()); len(n) > maxNear {
		t.Error(n)
	}
}

func TestVisible(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain café 日本 <b>&": "plain café 日本 <b>&", "a\nb\tc": `a\u{A}b\u{9}c`, "x\x1b[2J": `x\u{1B}[2J`,
		"\u202eabc\u2066": `\u{202E}abc\u{2066}`, "a\u200bb\u00adc\ufeff": `a\u{200B}b\u{AD}c\u{FEFF}`, "\U000E0041": `\u{E0041}`,
		"\ufe0f\U000E0100": `\u{FE0F}\u{E0100}`, "\u3164\u2800": `\u{3164}\u{2800}`, "\xff\xc3": `\xff\xc3`, "\u00a0\u2003": `\u{A0}\u{2003}`,
	} {
		if got := visible(in); got != want {
			t.Errorf("visible(%q) = %s, want %s", in, got, want)
		}
	}
}
