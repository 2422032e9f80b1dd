package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestLeakIsFound(t *testing.T) {
	t.Parallel()
	const value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	for _, s := range []string{
		value, "x" + value[:40], value[30:], hex.EncodeToString([]byte(value)),
		base64.StdEncoding.EncodeToString([]byte("k=" + value)), base64.StdEncoding.EncodeToString([]byte("KEY=" + value)),
	} {
		if leak([]byte("before "+s+" after"), value) == "" {
			t.Errorf("%q is not found", s)
		}
	}
	if form := leak([]byte(sum(value)), value); form != "" {
		t.Errorf("the sum counts as %s", form)
	}
}

// talk is a request that each protocol's client would send after these results.
func talk(t *testing.T, s speaker, tools, results []string) (path string, body []byte) {
	t.Helper()
	var q object
	switch s.(type) {
	case messages:
		q, path = object{"tools": named(tools), "messages": each(results, func(r string) object {
			return object{"content": []any{object{"type": "tool_result", "tool_use_id": "x", "content": r}}}
		})}, "/v1/messages"
	case responses:
		q, path = object{"tools": named(tools), "input": each(results, func(r string) object {
			return object{"type": "function_call_output", "output": r}
		})}, "/v1/responses"
	case generate:
		q, path = object{"tools": []any{object{"functionDeclarations": named(tools)}}, "contents": each(results, func(r string) object {
			return object{"parts": []any{object{"functionResponse": object{"response": object{"output": r}}}}}
		})}, "/v1beta/models/x:streamGenerateContent"
	}
	body, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	return path, body
}

func named(names []string) []object {
	return each(names, func(n string) object { return object{"name": n} })
}

func each(list []string, f func(string) object) []object {
	all := []object{}
	for _, x := range list {
		all = append(all, f(x))
	}
	return all
}

// converse plays a client and returns what the model said, and its verdict.
func converse(t *testing.T, s speaker, tools []string, results ...string) ([]string, error) {
	t.Helper()
	m := &model{speaker: s}
	var said []string
	for n := range len(results) + 1 {
		path, body := talk(t, s, tools, results[:n])
		w := httptest.NewRecorder()
		m.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(string(body))))
		said = append(said, w.Body.String())
	}
	return said, m.verdict(sum("value"), false)
}

func TestScript(t *testing.T) {
	t.Parallel()
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		t.Skip("missing tool: /proc of Linux")
	}
	handed := "Run this in ONE shell call within 120 s:\nsource '/tmp/a/load' && <your command>\n"
	printed := sum("value") + "  -\n" + space + "\n"
	for shell, s := range map[string]speaker{"Bash": messages{}, "exec_command": responses{}, "run_shell_command": generate{}} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			tools := append([]string{shell}, fiveTools...)
			said, err := converse(t, s, tools, handed, printed)
			if err != nil {
				t.Error(err)
			}
			for i, want := range []string{"noxkey_get", "source '/tmp/a/load' ", "done"} {
				text := strings.NewReplacer(`\u0026`, "&", `\`, "").Replace(said[i])
				if !strings.Contains(text, want) {
					t.Errorf("no %q in answer %d:\n%s", want, i, said[i])
				}
			}
			for what, bad := range map[string][]string{"wrong sum": {handed, sum("other") + space}, "denied": {"denied", printed}, "not run": {handed}, "sandboxed": {handed, sum("value") + "pid:[1]"}} {
				if _, err := converse(t, s, tools, bad...); err == nil {
					t.Errorf("%s: no error", what)
				}
			}
			for i := range tools {
				if _, err := converse(t, s, append(append([]string{}, tools[:i]...), tools[i+1:]...), handed, printed); err == nil {
					t.Errorf("without %s: no error", tools[i])
				}
			}
		})
	}
}

func TestOtherHostsAreRefused(t *testing.T) {
	t.Parallel()
	m := &model{speaker: messages{}}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest("CONNECT", "example.com:443", nil))
	if _, sent, away := m.seen(); w.Code != 403 || len(away) != 1 || len(sent) != 1 {
		t.Errorf("%d, %q", w.Code, away)
	}
}
