package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// prompt is what the person asks of the agent.
const prompt = "Check the deployment key."

// claude is a way to run Claude Code. It offers its model MCP tools in full, or, by
// default, by name with a search that loads them.
type claude struct{ search, tui bool }

func (c claude) setUp(w *world, base string) (argv, env []string, err error) {
	servers := object{"mcpServers": object{"noxkey": object{
		"type": "stdio", "command": w.bin("noxkey"), "args": []string{"--home", w.path("h"), "mcp"}}}}
	// What the first start asks, and whether the folder and the key are the person's.
	answered := object{"hasCompletedOnboarding": true, "theme": "dark", "customApiKeyResponses": object{"approved": []string{"none"}},
		"projects": object{w.path("u/project"): object{"hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true}}}
	if err := errors.Join(w.writeJSON("u/mcp.json", servers), w.writeJSON("u/.claude.json", answered)); err != nil {
		return nil, nil, err
	}
	argv = []string{w.npm("claude"), prompt, "--mcp-config", w.path("u/mcp.json"), "--strict-mcp-config", "--allowedTools", "mcp__noxkey,Bash",
		"--permission-mode", "default"} // the default mode asks a server whether a command is harmless
	if !c.tui {
		argv = append(argv, "-p")
	}
	return argv, append(proxied(base), "ANTHROPIC_BASE_URL="+base, "ANTHROPIC_API_KEY=none", fmt.Sprintf("ENABLE_TOOL_SEARCH=%v", c.search),
		"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1", "DISABLE_TELEMETRY=1", "DISABLE_ERROR_REPORTING=1",
		"CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL=1"), nil
}

// proxied points everything that is not the model's at the model, which refuses it.
func proxied(base string) []string {
	var env []string
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		env = append(env, name+"="+base)
	}
	return append(env, "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1")
}

// messages is the Messages API, as Claude Code speaks it.
type messages struct{}

// search is Claude Code's tool that loads other tools.
const search = "ToolSearch"

// block is a part of a message: a text, a tool's call or its result.
type block struct {
	Type, Text string
	ID, Name   string          // of a call
	ToolUseID  string          `json:"tool_use_id"` // of a result
	Content    json.RawMessage // of a result
}

// result is the text of a tool's result.
func (b block) result() string {
	var text strings.Builder
	for _, part := range blocks(b.Content) {
		text.WriteString(part.Text)
	}
	return text.String()
}

// blocks reads content, which is a string or a list.
func blocks(raw json.RawMessage) []block {
	var list []block
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return nil
	}
	return []block{{Type: "text", Text: s}}
}

func (messages) turn(w http.ResponseWriter, r *http.Request, body []byte) (turn, bool, error) {
	if r.URL.Path != "/v1/messages" || r.Method != http.MethodPost {
		reply(w, object{"input_tokens": 1}) // the answer to count_tokens; others ignore it
		return turn{}, false, nil
	}
	var q struct {
		Tools    []struct{ Name string }
		Messages []struct{ Content json.RawMessage }
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return turn{}, false, err
	}
	var t turn
	for _, tool := range q.Tools {
		t.tools = append(t.tools, tool.Name)
	}
	called := map[string]string{} // tool by the call's id
	for _, m := range q.Messages {
		for _, b := range blocks(m.Content) {
			switch {
			case b.Type == "tool_use":
				called[b.ID] = b.Name
			case b.Type == "tool_result" && called[b.ToolUseID] == search:
				t.found = true
			case b.Type == "tool_result":
				t.results = append(t.results, b.result())
			}
		}
	}
	return t, true, nil
}

func (messages) answer(w http.ResponseWriter, n int, a act) {
	stream(w)
	content, delta, stop := object{"type": "text", "text": ""}, object{"type": "text_delta", "text": a.text}, "end_turn"
	if a.tool != "" {
		args, _ := json.Marshal(a.args) // strings
		content = object{"type": "tool_use", "id": fmt.Sprintf("toolu_%d", n), "name": a.tool, "input": object{}}
		delta, stop = object{"type": "input_json_delta", "partial_json": string(args)}, "tool_use"
	}
	event(w, "message_start", object{"type": "message_start", "message": object{"id": fmt.Sprintf("msg_%d", n), "type": "message",
		"role": "assistant", "model": "script", "content": []any{}, "stop_reason": nil, "stop_sequence": nil,
		"usage": object{"input_tokens": 1, "output_tokens": 1}}})
	event(w, "content_block_start", object{"type": "content_block_start", "index": 0, "content_block": content})
	event(w, "content_block_delta", object{"type": "content_block_delta", "index": 0, "delta": delta})
	event(w, "content_block_stop", object{"type": "content_block_stop", "index": 0})
	event(w, "message_delta", object{"type": "message_delta", "delta": object{"stop_reason": stop, "stop_sequence": nil}, "usage": object{"output_tokens": 1}})
	event(w, "message_stop", object{"type": "message_stop"})
}

func (messages) shell(tools []string, command string) act {
	if !slices.Contains(tools, "Bash") {
		return act{}
	}
	return act{tool: "Bash", args: object{"command": command, "description": "Print the key's SHA-256"}}
}

// find loads NoxKey's tools in the way that Claude Code tells its model to: it has
// listed them by name only.
func (messages) find(tools []string) act {
	if !slices.Contains(tools, search) {
		return act{}
	}
	return act{tool: search, args: object{"query": "select:mcp__noxkey__" + strings.Join(fiveTools, ",mcp__noxkey__"), "max_results": 10}}
}
