package setup

import (
	"encoding/json"
	"strings"
	"testing"
)

func part(f format) Part { return Part{Path: "/x", format: f} }

const entry = `"noxkey": {"command": "/usr/local/bin/noxkey", "args": ["mcp"]}`

// The formats of these tests, and the hook that one of them writes.
var (
	mcpList = at("mcpServers", stdio(prog))
	guard   = guardHooks(prog)
	codex   = codexServers{prog}
)

const ourHook = `{"type": "command", "command": "/usr/local/bin/noxkey guard --hook claude"}`

// changedFiles hold our entry, and others' entries came and went, or an agent has written
// the file anew. want is what Undo leaves.
var changedFiles = []struct {
	name       string
	format     format
	text, want string
}{
	{"between", mcpList, `{"mcpServers": {"a": {}, ` + entry + `, "b": {}}}`, `{"mcpServers": {"a": {}, "b": {}}}`},
	{"last", mcpList, "{\"mcpServers\": {\n  \"a\": {},\n  " + entry + "\n}}", "{\"mcpServers\": {\n  \"a\": {}\n}}"},
	{"last with comma", mcpList, "{\"mcpServers\": {\n  \"a\": {},\n  " + entry + ",\n}}", "{\"mcpServers\": {\n  \"a\": {},\n}}"},
	{"comment above", mcpList, "{\"mcpServers\": {\n  // secrets\n  " + entry + ",\n  \"a\": {}\n}}", "{\"mcpServers\": {\n  // secrets\n  \"a\": {}\n}}"},
	{"comment above, same line after", mcpList, "{\"mcpServers\": { // c\n  " + entry + ", \"a\": {}}}", "{\"mcpServers\": { // c\n \"a\": {}}}"},
	{"comment behind", mcpList, "{\"mcpServers\": {\n  " + entry + " /* ours */ ,\n  \"a\": {}\n}}", "{\"mcpServers\": { /* ours */ \n  \"a\": {}\n}}"},
	{"comment between, last", mcpList, "{\"mcpServers\": {\n  \"a\": {}, // a\n  " + entry + "\n}}", "{\"mcpServers\": {\n  \"a\": {} // a\n}}"},
	{"formatted anew", mcpList, "{\n  \"a\": 1,\n  \"mcpServers\": {\n    \"noxkey\": {\n      \"command\": \"/usr/local/bin/noxkey\",\n      \"args\": [\n        \"mcp\"\n      ],\n      \"env\": {}\n    }\n  },\n  \"b\": 2\n}\n", "{\n  \"a\": 1,\n  \"b\": 2\n}\n"},
	{"only key, formatted anew", mcpList, "{\n  \"a\": 1,\n  \"mcpServers\": {\n    " + entry + "\n  }\n}\n", "{\n  \"a\": 1\n}\n"},
	{"comment above the file", mcpList, "// mine\n{\n  \"mcpServers\": {\n    " + entry + "\n  }\n}\n", "// mine\n{\n}\n"},
	{"hook between", guard, `{"hooks": {"PreToolUse": [{"hooks": [{"command": "x"}]}, {"matcher": "*", "hooks": [` + ourHook + `]}, {"matcher": "y"}]}}`, `{"hooks": {"PreToolUse": [{"hooks": [{"command": "x"}]}, {"matcher": "y"}]}}`},
	{"hook in a group of others", guard, `{"hooks": {"PreToolUse": [{"matcher": "*", "hooks": [{"command": "x"}, ` + ourHook + `, {"command": "y"}]}]}}`, `{"hooks": {"PreToolUse": [{"matcher": "*", "hooks": [{"command": "x"}, {"command": "y"}]}]}}`},
	{"two hooks of ours", guard, `{"hooks": {"PreToolUse": [{"hooks": [` + ourHook + `]}, {"hooks": [` + ourHook + `]}], "Stop": []}}`, `{"hooks": { "Stop": []}}`},
	{"table before others", codex, "[mcp_servers.noxkey]\ncommand = \"/usr/local/bin/noxkey\"\nargs = [\"mcp\"]\n\n# a\n[mcp_servers.a]\ncommand = \"a\"\n", "\n# a\n[mcp_servers.a]\ncommand = \"a\"\n"},
	{"table between", codex, "x = 1\n\n[mcp_servers.noxkey]\nargs = [ # c\n  \"mcp\",\n]\ncommand = \"/usr/local/bin/noxkey\"\n\n[b]\n", "x = 1\n\n[b]\n"},
	{"subtables", codex, "[mcp_servers.noxkey]\ncommand = \"/usr/local/bin/noxkey\"\nargs = [\"mcp\"]\n\n[mcp_servers.noxkey.env]\nA = \"1\"\n[mcp_servers.noxkey.tools.noxkey_get]\napproval_mode = \"approve\"\n\n[z]\n", "\n[z]\n"},
	{"apart", codex, "[mcp_servers.noxkey]\ncommand = \"/usr/local/bin/noxkey\"\nargs = [\"mcp\"]\n[a]\nb = 1\n\n[mcp_servers.noxkey.env]\nA = \"1\"\n", "[a]\nb = 1\n"},
	{"a string that ends like a comment", codex, "a = 1\n[mcp_servers.noxkey]\ncommand = \"/usr/local/bin/noxkey\"\nargs = [\"mcp\"]\nx = '''\n[b]\n# c'''\n# d\n[e]\n", "a = 1\n# d\n[e]\n"},
	{"no empty lines", codex, "[a]\nb = 1\n[mcp_servers.noxkey]\ncommand = \"/usr/local/bin/noxkey\"\nargs = [\"mcp\"]\n[c]\n", "[a]\nb = 1\n[c]\n"},
	{"no empty lines, crlf", codex, "b = 1\r\n[mcp_servers.noxkey]\r\ncommand = \"/usr/local/bin/noxkey\"\r\nargs = [\"mcp\"]\r\n[c]\r\n", "b = 1\r\n[c]\r\n"},
	{"text with no empty lines", marked{}, "# A\n" + marked{}.block("\n") + "# B\n", "# A\n# B\n"},
	{"quoted and spaced", codex, "[ 'mcp_servers' . \"noxkey\" ] # c\ncommand = \"/usr/local/bin/noxkey\"\nargs = [\"mcp\"]", ""},
	{"dotted", codex, "[mcp_servers]\na.command = \"a\"\nnoxkey.command = \"/usr/local/bin/noxkey\"\nnoxkey.args = [\"mcp\"]\nb.command = \"b\"\n", "[mcp_servers]\na.command = \"a\"\nb.command = \"b\"\n"},
	{"inline entry", codex, "[mcp_servers]\nnoxkey = {command = \"/usr/local/bin/noxkey\", args = [\"mcp\"]}\n[x]\n", "[mcp_servers]\n[x]\n"},
	{"text around", marked{}, "# A\n\n" + marked{}.block("\n") + "\n# B\n", "# A\n\n# B\n"},
}

// TestUndoInChangedFiles: what is not ours stays as it is, byte for byte.
func TestUndoInChangedFiles(t *testing.T) {
	for _, c := range changedFiles {
		t.Run(c.name, func(t *testing.T) {
			res, err := Undo(part(c.format), []byte(c.text))
			if err != nil || string(res.Next) != c.want {
				t.Errorf("%v\n%q\n%q, want\n%q", err, c.text, res.Next, c.want)
			}
		})
	}
}

// TestStates: what counts as ours, and what somebody has changed.
func TestStates(t *testing.T) {
	list, open := at("mcpServers", typed(prog)), openCode(prog)
	in := func(s string) string { return `{"mcpServers": {"noxkey": ` + s + `}}` }
	group := func(ev, matcher, command, more string) string {
		return `"` + ev + `": [{"matcher": "` + matcher + `", "hooks": [{"type": "command", "command": "` + command + `"` + more + `}]}]`
	}
	const line = "/usr/local/bin/noxkey guard --hook claude"
	for _, c := range []struct {
		format format
		text   string
		want   State
	}{
		{list, in(`{"type": "stdio", "command": "/usr/local/bin/noxkey", "args": ["mcp"]}`), Done},
		{list, in(`{"args": ["mcp"], "command": "/usr/local/bin/noxkey", "env": {"A": "1"}, "timeout": 3}`), Done},
		{list, in(`{"command": "\u002fusr/local/bin/noxkey", "args": [/**/"mcp",]}`), Done},
		{list, in(`{"command": "/opt/noxkey", "args": ["mcp"]}`), Changed},
		{list, in(`{"command": "/usr/local/bin/noxkey", "args": ["mcp", "--x"]}`), Changed},
		{list, in(`{"command": "/usr/local/bin/noxkey", "args": []}`), Changed},
		{list, in(`{"command": "/usr/local/bin/noxkey"}`), Changed},
		{list, in(`{"command": "/usr/local/bin/noxkey", "args": ["mcp"], "disabled": true}`), Changed},
		{list, in(`{"command": "/usr/local/bin/noxkey", "args": ["mcp"], "type": "sse"}`), Changed},
		{list, in(`null`), Changed},
		{list, in(`["/usr/local/bin/noxkey"]`), Changed},
		{list, `{"mcpservers": {"noxkey": {}}, "x": {"mcpServers": {"noxkey": {}}}}`, Absent},
		{list, `{"mcpServers": {"NoxKey": {}}}`, Absent},
		{open, `{"mcp": {"noxkey": {"type": "local", "command": ["/usr/local/bin/noxkey", "mcp"]}}}`, Done},
		{open, `{"mcp": {"noxkey": {"type": "local", "command": ["/usr/local/bin/noxkey", "mcp"], "enabled": false}}}`, Changed},
		{open, `{"mcp": {"servers": {"noxkey": {"type": "local", "command": ["/usr/local/bin/noxkey", "mcp"]}}}}`, Done},
		{open, `{"mcp": {"servers": {"noxkey": {"type": "local", "command": ["/usr/local/bin/noxkey", "mcp"], "disabled": true}}}}`, Changed},
		{open, `{"mcp": {"servers": {}, "noxkey": {"type": "local", "command": ["/x", "mcp"]}}}`, Changed},
		{codex, "[mcp_servers.noxkey]\ncommand = '/usr/local/bin/noxkey'\nargs = [ 'mcp' ]\nstartup_timeout_sec = 5\n", Done},
		{codex, "[mcp_servers.noxkey]\ncommand = '/usr/local/bin/noxkey'\nargs = [ 'mcp' ]\nenabled = false\n", Changed},
		{codex, "[mcp_servers.noxkey]\nurl = 'https://x'\n", Changed},
		{codex, "[mcp_servers]\nnoxkey = 3\n", Changed},
		{codex, "mcp_servers.noxkey.command = '/usr/local/bin/noxkey'\nmcp_servers.noxkey.args = ['mcp']\n", Done},
		{guard, `{"hooks": {` + group("PreToolUse", "*", line, "") + `, ` + group("PostToolUse", "", line, "") + `}}`, Done},
		{guard, `{"hooks": {` + group("PreToolUse", "*", line, `, "timeout": 5`) + `}}`, Partly},
		{guard, `{"hooks": {` + group("PreToolUse", "*", line+" --strict", "") + `, ` + group("PostToolUse", "*", line+" --strict", "") + `}}`, Done},
		{guard, `{"hooks": {` + group("PreToolUse", "Bash", line, "") + `, ` + group("PostToolUse", "*", line, "") + `}}`, Changed},
		{guard, `{"hooks": {` + group("PreToolUse", "*", line, `, "async": true`) + `, ` + group("PostToolUse", "*", line, "") + `}}`, Changed},
		{guard, `{"hooks": {` + group("PreToolUse", "*", "/opt/noxkey guard --hook claude", "") + `}}`, Changed},
		{guard, `{"hooks": {` + group("PreToolUse", "*", line+" || true", "") + `}}`, Changed},
		{guard, `{"hooks": {` + group("PreToolUse", "*", "other guard --hook", "") + `}}`, Absent},
		{marked{}, markBegin + "\nmine\n" + markEnd + "\n", Changed},
		{marked{}, strings.ReplaceAll(marked{}.block("\n"), "\n", "\r\n"), Done},
	} {
		text, want := c.text, c.want
		res, err := Plan(part(c.format), []byte(text))
		if err != nil || res.State != want {
			t.Errorf("%s, want %s (%v): %s", res.State, want, err, text)
			continue
		}
		if (len(res.Hunks) == 0) != (want == Done) {
			t.Errorf("%s and %d hunks: %s", want, len(res.Hunks), text)
		}
		if again, err := Plan(part(c.format), res.Next); err != nil || again.State != Done {
			t.Errorf("afterwards %s (%v): %s", again.State, err, res.Next)
		}
	}
}

// TestRefused: what cannot be understood is left alone, with the line and without the
// text of the file, which may hold tokens.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		format     format
		text, want string
	}{
		{mcpList, "{\n  \"a\": 1\n  \"b\": 2\n}", "line 3: not JSON at column 3"},
		{mcpList, "{\n  \"a\": \"s3cr3t \\q\"\n}", "line 2: not JSON at column 8: invalid string"},
		{mcpList, "{\"mcpServers\": {}", "line 1"},
		{mcpList, "{} {}", "line 1"},
		{mcpList, "<<<<<<< HEAD\n{}\n=======\n{}\n", "line 1"},
		{mcpList, "[]", "not a JSON object"},
		{mcpList, "null", "not a JSON object"},
		{mcpList, "// nothing\n", "not JSON"},
		{mcpList, "{\n\"mcpServers\": []}", `line 2: "mcpServers" is not an object`},
		{mcpList, "{\"mcpServers\": null}", "not an object"},
		{mcpList, "{\"mcpServers\": {},\n\n\"mcpServers\": {}}", `line 3: "mcpServers" is there twice`},
		{mcpList, "{\"mcpServers\": {\"noxkey\": 1, \"no\\u0078key\": 2}}", "twice"},
		{mcpList, "{\"a\": 1}\x00", "not JSON"},
		{mcpList, "\xff\xfe{\x00}\x00", "not JSON"},
		{mcpList, strings.Repeat("[", 20000), "nested too deeply"},
		{guard, `{"hooks": []}`, "not an object"},
		{guard, `{"hooks": {"PreToolUse": {}}}`, "not a list"},
		{guard, "{\"hooks\": {\n\"PostToolUse\": [\"s3cr3t\"]}}", "line 2: a group of hooks is not an object"},
		{codex, "a = 1\nb == 2\n", "line 2: not TOML"},
		{codex, "a = 1\na = 2\n", "not TOML"},
		{codex, "k = \"s3cr3t\n", "line 1: not TOML"},
		{codex, "mcp_servers = 3\n", "mcp_servers is not a table"},
		{codex, "mcp_servers = { other = { command = \"x\" } }\n", "inline table"},
		{codex, "[[mcp_servers]]\n", "mcp_servers is not a table"},
		{marked{}, "x\n" + markBegin + "\n", "line 2: "},
		{marked{}, "x\n\n" + markEnd + "\n", "line 3: "},
		{marked{}, markEnd + "\n" + markBegin, "without"},
		{marked{}, marked{}.block("\n") + marked{}.block("\n"), "more than once"},
		{marked{}, "a " + marked{}.block("\n"), "does not start its line"},
		{marked{}, "a\x00b", "not a text file"},
	} {
		for name, do := range map[string]func(Part, []byte) (Result, error){"plan": Plan, "undo": Undo} {
			res, err := do(part(c.format), []byte(c.text))
			if name == "undo" && strings.Contains(c.want, "inline") {
				if err != nil || len(res.Hunks) > 0 {
					t.Errorf("undo: %v: %q", err, c.text)
				}
				continue
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || res.Next != nil && string(res.Next) != c.text {
				t.Errorf("%s: %v, want %q: %.60q", name, err, c.want, c.text)
			}
			if err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%s: the error quotes the file: %v", name, err)
			}
		}
	}
}

// TestWrittenForm pins what each agent gets in a file of its own.
func TestWrittenForm(t *testing.T) {
	var all strings.Builder
	h := testHome(t)
	for _, a := range Agents() {
		for _, p := range a.parts(h) {
			res, err := Plan(p, nil)
			if err != nil {
				t.Fatal(err)
			}
			all.WriteString("== " + a.Name + ": " + strings.TrimPrefix(p.Path, h.Dir) + "\n" + string(res.Next))
			if strings.HasSuffix(p.Path, "json") && !json.Valid(res.Next) {
				t.Errorf("%s: not plain JSON: %s", a.Name, res.Next)
			}
		}
	}
	golden(t, "written.txt", all.String())
}

// TestPlainJSONStaysPlain: where a file has no comments, ours makes none, nor commas that
// a strict reader refuses.
func TestPlainJSONStaysPlain(t *testing.T) {
	n := 0
	for name, p := range allParts(t) {
		for file, text := range corpus(p) {
			if !json.Valid([]byte(text)) {
				continue
			}
			n++
			if res, err := Plan(p, []byte(text)); err != nil || !json.Valid(res.Next) {
				t.Errorf("%s, %s: %v %s", name, file, err, res.Next)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d files", n)
	}
}

// TestHunks: the exact lines, their numbers, and nothing of other entries.
func TestHunks(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(Part, []byte) (Result, error)
		f    format
		text string
		want string
	}{
		{"member", Plan, mcpList, "{\n  \"a\": 1,\n  \"mcpServers\": {\n    \"o\": {}\n  }\n}\n", "4 +    \"noxkey\": {|+      \"command\": \"/usr/local/bin/noxkey\",|+      \"args\": [\"mcp\"]|+    },"},
		{"one line", Plan, mcpList, `{"t": "s3cr3t", "mcpServers": {}, "u": "s3cr3t"}`, `1 +…"noxkey": { "command": "/usr/local/bin/noxkey", "args": ["mcp"] }…`},
		{"table", Plan, codexServers{prog}, "a = 1\n", "3 +[mcp_servers.noxkey]|+command = \"/usr/local/bin/noxkey\"|+args = [\"mcp\"]"},
		{"replaced", Plan, mcpList, "{\n  \"mcpServers\": {\n    \"noxkey\": {\"command\": \"/opt/x\"},\n    \"o\": {\"t\": \"s3cr3t\"}\n  }\n}\n", "3 -…{\"command\": \"/opt/x\"}…|+…{|+      \"command\": \"/usr/local/bin/noxkey\",|+      \"args\": [\"mcp\"]|+    }…"},
		{"taken out", Undo, mcpList, "{\r\n  \"mcpServers\": {\r\n    " + entry + ",\r\n    \"o\": {}\r\n  }\r\n}\r\n", "3 -    " + entry + ","},
	} {
		res, err := c.do(part(c.f), []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := hunkText(res.Hunks); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
}

func TestHookHunksAreInOrder(t *testing.T) {
	res, err := Plan(part(guardHooks(prog)), []byte("{\n  \"hooks\": {\n    \"PreToolUse\": [\n      {}\n    ],\n    \"PostToolUse\": [\n      {}\n    ]\n  }\n}\n"))
	if err != nil || len(res.Hunks) != 2 {
		t.Fatalf("%v, %d hunks", err, len(res.Hunks))
	}
	lines := strings.Split(string(res.Next), "\n")
	for _, h := range res.Hunks {
		for i, l := range h.Added {
			if lines[h.Line-1+i] != l {
				t.Errorf("line %d is %q, and not %q", h.Line+i, lines[h.Line-1+i], l)
			}
		}
	}
	back, err := Undo(part(guardHooks(prog)), res.Next)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range back.Hunks {
		for i, l := range h.Removed {
			if lines[h.Line-1+i] != l {
				t.Errorf("removed line %d is %q, and not %q", h.Line+i, lines[h.Line-1+i], l)
			}
		}
	}
}

func hunkText(hunks []Hunk) string {
	var out []string
	for _, h := range hunks {
		var l []string
		for _, s := range h.Removed {
			l = append(l, "-"+s)
		}
		for _, s := range h.Added {
			l = append(l, "+"+s)
		}
		out = append(out, string(rune('0'+h.Line))+" "+strings.Join(l, "|"))
	}
	return strings.Join(out, "\n")
}
