package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// codex is a way to run Codex, in one of its sandboxes.
type codex struct {
	sandbox string
	tui     bool
}

func (c codex) setUp(w *world, base string) (argv, env []string, err error) {
	err = w.write("u/.codex/config.toml", fmt.Sprintf(`model = "gpt-5"
model_provider = "script"
approval_policy = "never"
sandbox_mode = %q
check_for_update_on_startup = false
[features]
plugins = false
[tui]
show_tooltips = false
[analytics]
enabled = false
[projects.%q]
trust_level = "trusted"
[model_providers.script]
name = "script"
base_url = %q
wire_api = "responses"
env_key = "SCRIPT_KEY"
[mcp_servers.noxkey]
command = %q
args = ["--home", %q, "mcp"]
`, c.sandbox, w.path("u/project"), base+"/v1", w.bin("noxkey"), w.path("h")))
	argv = []string{w.npm("codex")}
	if !c.tui {
		argv = append(argv, "exec", "--skip-git-repo-check")
	}
	return append(argv, prompt), append(proxied(base), "SCRIPT_KEY=none"), err
}

// responses is the Responses API, as Codex speaks it.
type responses struct{}

// offer is a tool, or a namespace of tools. The name by which the script knows a
// tool in a namespace is "namespace name", with one space.
type offer struct {
	Type, Name string
	Tools      []offer
}

func (o offer) names(prefix string) []string {
	if len(o.Tools) == 0 {
		return []string{prefix + o.Name}
	}
	var list []string
	for _, t := range o.Tools {
		list = append(list, t.names(o.Name+" ")...)
	}
	return list
}

func (responses) turn(w http.ResponseWriter, r *http.Request, body []byte) (turn, bool, error) {
	if r.URL.Path != "/v1/responses" || r.Method != http.MethodPost {
		http.NotFound(w, r)
		return turn{}, false, nil
	}
	var q struct {
		Tools []offer
		Input []struct {
			Type   string
			Output json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return turn{}, false, err
	}
	var t turn
	for _, o := range q.Tools {
		t.tools = append(t.tools, o.names("")...)
	}
	for _, item := range q.Input {
		if item.Type != "function_call_output" {
			continue
		}
		var text strings.Builder
		for _, part := range blocks(item.Output) {
			text.WriteString(part.Text)
		}
		t.results = append(t.results, text.String())
	}
	return t, true, nil
}

func (responses) answer(w http.ResponseWriter, n int, a act) {
	stream(w)
	id := fmt.Sprintf("resp_%d", n)
	item := object{"type": "message", "role": "assistant", "id": fmt.Sprintf("msg_%d", n),
		"content": []any{object{"type": "output_text", "text": a.text, "annotations": []any{}}}}
	if a.tool != "" {
		args, _ := json.Marshal(a.args) // strings and numbers
		item = object{"type": "function_call", "id": fmt.Sprintf("fc_%d", n), "call_id": fmt.Sprintf("call_%d", n), "name": a.tool, "arguments": string(args)}
		if space, name, ok := strings.Cut(a.tool, " "); ok {
			item["namespace"], item["name"] = space, name
		}
	}
	event(w, "response.created", object{"type": "response.created", "response": object{"id": id}})
	event(w, "response.output_item.done", object{"type": "response.output_item.done", "output_index": 0, "item": item})
	event(w, "response.completed", object{"type": "response.completed", "response": object{"id": id,
		"usage": object{"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}}})
}

func (responses) shell(tools []string, command string) act {
	for tool, args := range map[string]object{
		"exec_command":  {"cmd": command, "yield_time_ms": 20000},
		"shell_command": {"command": command, "timeout_ms": 20000},
		"shell":         {"command": []string{"bash", "-c", command}, "timeout_ms": 20000},
	} {
		if slices.Contains(tools, tool) {
			return act{tool: tool, args: args}
		}
	}
	return act{}
}

func (responses) find([]string) act { return act{} }
