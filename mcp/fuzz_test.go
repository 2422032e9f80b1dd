package mcp

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"noxkey/secret"
)

// Whatever the input, the output is one JSON-RPC message a line, without the
// canary, and Serve ends when the input does.
func FuzzServe(f *testing.F) {
	for _, seed := range []string{
		ping, "{}", "[]", "\xff", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`,
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}`,
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"noxkey_get","arguments":{"account":["acme"],"session":true,"hours":2},"_meta":{"progressToken":1}}}`,
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"noxkey_set","arguments":{"account":"a/B","field_type":"token","expires":"2027-01-01"}}}`,
		`{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"noxkey_admin","arguments":{"action":"rename","account":"acme","to":"b"}}}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
	} {
		f.Add([]byte(seed + "\n" + seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if bytes.Contains(in, []byte("noxkey_scan")) || bytes.Contains(in, []byte("import")) {
			return // they would read this machine's files
		}
		var out syncBuffer
		if err := Serve(t.Context(), &fake{}, options(make(chan *fakePipe, 1000)), bytes.NewReader(in), &out); err != nil {
			t.Fatal(err)
		}
		for l := range bytes.Lines(out.Bytes()) {
			var m struct {
				Version string `json:"jsonrpc"`
			}
			if json.Unmarshal(l, &m) != nil || m.Version != "2.0" {
				t.Errorf("wrote %q", l)
			}
		}
		if leaks(out.Bytes()) {
			t.Errorf("leaked %q", out.Bytes())
		}
	})
}

// Everything in visible text shows, and text that shows is left as it is.
func FuzzVisible(f *testing.F) {
	f.Add("a\u202e\x1b\xff\n é")
	f.Fuzz(func(t *testing.T, in string) {
		out := visible(in)
		plain := true
		for _, r := range out {
			if r != ' ' && !unicode.IsPrint(r) || unicode.Is(hidden, r) {
				t.Errorf("%q shows %U", in, r)
			}
		}
		for i, r := range in {
			plain = plain && (r == ' ' || unicode.IsPrint(r) && !unicode.Is(hidden, r)) && (r != 0xfffd || strings.HasPrefix(in[i:], "\ufffd"))
		}
		if plain != (out == in) {
			t.Errorf("visible(%q) = %q", in, out)
		}
		if visible(out) != out {
			t.Errorf("twice differs: %q", out)
		}
	})
}

// A value of the wrong type is refused by name for every argument of every tool.
func TestEveryArgumentIsTyped(t *testing.T) {
	t.Parallel()
	c := connect(t, &fake{})
	for _, tool := range toolNames {
		for arg := range toolNamed(tool).in {
			wrong := map[string]any{"x": 1}
			args := map[string]any{arg: wrong}
			switch {
			case tool == "noxkey_get" || tool == "noxkey_set":
				args = map[string]any{"account": "acme/api/K", "field_type": "api_key", arg: wrong}
				if tool == "noxkey_get" {
					delete(args, "field_type")
				}
			case tool == "noxkey_admin" && arg != "action":
				args["action"] = actionWith(arg)
				if arg == "email" || arg == "username" {
					args["account"] = "x.test"
				}
			}
			if msg := c.refused(secret.Invalid, tool, args); !strings.Contains(msg, arg) {
				t.Errorf("%s %s: %s", tool, arg, msg)
			}
		}
	}
}

// actionWith is an action that takes arg.
func actionWith(arg string) string {
	for _, a := range actions() {
		for _, have := range a.takes {
			if have == arg {
				return a.name
			}
		}
	}
	return "delete"
}
