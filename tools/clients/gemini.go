package main

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// gemini is a way to run Gemini CLI.
type gemini struct{ tui bool }

func (g gemini) setUp(w *world, base string) (argv, env []string, err error) {
	err = w.writeJSON("u/.gemini/settings.json", object{
		"general":   object{"enableAutoUpdate": false, "enableAutoUpdateNotification": false, "disableAutoUpdate": true, "disableUpdateNag": true},
		"privacy":   object{"usageStatisticsEnabled": false},
		"telemetry": object{"enabled": false},
		"security":  object{"auth": object{"selectedType": "gemini-api-key"}, "folderTrust": object{"enabled": false}},
		"mcpServers": object{"noxkey": object{
			"command": w.bin("noxkey"), "args": []string{"--home", w.path("h"), "mcp"}, "trust": true}},
	})
	ask := "-p"
	if g.tui {
		ask = "-i"
	}
	argv = []string{w.npm("gemini"), "--yolo", "--skip-trust", "-m", "gemini-2.5-flash", ask, prompt}
	return argv, append(proxied(base), "GEMINI_API_KEY=none", "GOOGLE_GEMINI_BASE_URL="+base, "GEMINI_TELEMETRY_ENABLED=false"), err
}

// generate is generateContent of the Gemini API, as Gemini CLI speaks it.
type generate struct{}

func (generate) turn(w http.ResponseWriter, r *http.Request, body []byte) (turn, bool, error) {
	if !strings.HasSuffix(r.URL.Path, ":streamGenerateContent") {
		reply(w, object{"totalTokens": 1, "candidates": []any{candidate(object{"text": "{}"})}})
		return turn{}, false, nil
	}
	var q struct {
		Tools []struct {
			FunctionDeclarations []struct{ Name string }
		}
		Contents []struct {
			Parts []struct {
				FunctionResponse *struct{ Response json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return turn{}, false, err
	}
	var t turn
	for _, set := range q.Tools {
		for _, f := range set.FunctionDeclarations {
			t.tools = append(t.tools, f.Name)
		}
	}
	for _, c := range q.Contents {
		for _, p := range c.Parts {
			if p.FunctionResponse != nil {
				t.results = append(t.results, unescape(p.FunctionResponse.Response))
			}
		}
	}
	return t, true, nil
}

// unescape is the text of all strings in a JSON value, for a reader who looks for
// a part of one.
func unescape(raw json.RawMessage) string {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return string(raw)
	}
	var b strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			b.WriteString(v + "\n")
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	return b.String()
}

func candidate(part object) object {
	return object{"index": 0, "finishReason": "STOP", "content": object{"role": "model", "parts": []any{part}}}
}

func (generate) answer(w http.ResponseWriter, _ int, a act) {
	stream(w)
	part := object{"text": a.text}
	if a.tool != "" {
		part = object{"functionCall": object{"name": a.tool, "args": a.args}}
	}
	event(w, "", object{"candidates": []any{candidate(part)}, "modelVersion": "script",
		"usageMetadata": object{"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}})
}

func (generate) shell(tools []string, command string) act {
	if !slices.Contains(tools, "run_shell_command") {
		return act{}
	}
	return act{tool: "run_shell_command", args: object{"command": command, "description": "Print the key's SHA-256"}}
}

func (generate) find([]string) act { return act{} }
