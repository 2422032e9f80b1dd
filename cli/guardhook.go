package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"noxkey/fingerprint"
	"noxkey/secret"
)

// hookInput is what Claude Code tells a hook, as far as we look at it.
type hookInput struct {
	Event    string          `json:"hook_event_name"`
	Tool     string          `json:"tool_name"`
	Input    map[string]any  `json:"tool_input"`
	Response json.RawMessage `json:"tool_response"`
}

// hookAnswer is what Claude Code makes of it. Fields that are empty say nothing.
type hookAnswer struct {
	Message  string      `json:"systemMessage,omitempty"` // to the person
	Specific *hookResult `json:"hookSpecificOutput,omitempty"`
}

type hookResult struct {
	Event    string          `json:"hookEventName"`
	Decision string          `json:"permissionDecision,omitempty"`
	Reason   string          `json:"permissionDecisionReason,omitempty"`
	Output   json.RawMessage `json:"updatedToolOutput,omitempty"`
	Context  string          `json:"additionalContext,omitempty"`
}

// maxHookInput bounds what a hook is told, in bytes.
const maxHookInput = 64 << 20

// guardHook answers one call of the hook. What it cannot read is refused before a tool
// runs: exit code 2 is Claude Code's word for that.
func (p *program) guardHook(ctx context.Context, strict bool) error {
	b, err := io.ReadAll(io.LimitReader(p.in, maxHookInput+1))
	if err != nil {
		return err
	}
	defer clear(b)
	var in hookInput
	if len(b) > maxHookInput || json.Unmarshal(b, &in) != nil || in.Event == "" {
		return usageHint("noxkey setup claude installs the hook", "standard input is not what Claude Code tells a hook")
	}
	switch in.Event {
	case "PreToolUse":
		if reason := refusedTool(in.Tool, in.Input); reason != "" {
			return p.answerHook(hookAnswer{Specific: &hookResult{Event: in.Event, Decision: "deny", Reason: reason}})
		}
		return nil
	case "PostToolUse":
		a, err := p.withhold(ctx, &in, strict)
		if err != nil || a == nil {
			return err
		}
		return p.answerHook(*a)
	}
	return nil // another event, which is not ours to judge
}

func (p *program) answerHook(a hookAnswer) error {
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = p.out.Write(append(b, '\n'))
	return err
}

// withhold takes stored values out of what a tool answered. The answer keeps its shape:
// Claude Code ignores one of another shape, and shows the original.
func (p *program) withhold(ctx context.Context, in *hookInput, strict bool) (*hookAnswer, error) {
	if len(in.Response) == 0 {
		return nil, nil
	}
	dec := json.NewDecoder(strings.NewReader(string(in.Response)))
	dec.UseNumber()
	var response any
	if err := dec.Decode(&response); err != nil {
		return nil, fmt.Errorf("the tool's answer cannot be read: %w", err)
	}
	var names []secret.Name
	look := func(text string) (string, error) {
		clean, found, err := p.clean(ctx, text)
		names = append(names, found...)
		return clean, err
	}
	blank := func(string) (string, error) { return "[withheld: NoxKey cannot look through it]", nil }
	cleaned, err := mapStrings(response, look)
	unchecked := ""
	if err != nil {
		unchecked = uncheckedWords(err)
		switch open := !strict && len(names) == 0; { // what is known to hold a secret is not shown
		case open && unchecked == "":
			return nil, err
		case open:
			return &hookAnswer{Message: unchecked + "; what tools print is not looked through for secrets"}, nil
		case unchecked == "":
			unchecked = "NoxKey could not look through it"
		}
		if cleaned, err = mapStrings(response, blank); err != nil {
			return nil, err
		}
	}
	if unchecked == "" && len(names) == 0 {
		return nil, nil
	}
	out, err := json.Marshal(cleaned)
	if err != nil {
		return nil, err
	}
	r := &hookResult{Event: in.Event, Output: out, Context: "What the tool printed was withheld: " + unchecked + "."}
	if unchecked == "" {
		slices.Sort(names)
		r.Context = fmt.Sprintf("The tool printed stored secrets (%s). NoxKey put [noxkey:NAME] in place of each. Do not try to see them: use noxkey run NAME -- COMMAND.", secret.List(slices.Compact(names)))
	}
	return &hookAnswer{Specific: r}, nil
}

// uncheckedWords says why the app could not look, "" if it is an error of another kind.
func uncheckedWords(err error) string {
	switch secret.CodeOf(err) {
	case secret.NotRunning:
		return "NoxKey is not running"
	case secret.Locked:
		return "NoxKey is locked"
	case secret.Busy:
		return "NoxKey has looked through as much as it does in a minute"
	}
	return ""
}

// rounds bounds how often a text is looked through. The app tells a bounded number of
// findings at once, so that a second look may find more; a value that stands in the name of
// another would be found for ever.
const rounds = 64

// clean returns text with [noxkey:NAME] in place of every stored value. The names are of
// use beside an error, too.
func (p *program) clean(ctx context.Context, text string) (string, []secret.Name, error) {
	var names []secret.Name
	for range rounds {
		found, err := p.look(ctx, "", strings.NewReader(text))
		if err != nil || len(found) == 0 {
			return text, names, err
		}
		for _, f := range found {
			names = append(names, f.Name)
		}
		text = without(text, found)
	}
	return text, names, errors.New("more is found again and again")
}

// without returns text without what was found in it.
func without(text string, found []finding) string {
	slices.SortFunc(found, func(a, b finding) int { return int(a.off - b.off) })
	var b strings.Builder
	at := 0
	for _, f := range found {
		start, end := max(at, int(f.off)), int(f.off)+f.size
		if end <= at {
			continue
		}
		b.WriteString(text[at:start])
		b.WriteString("[noxkey:" + string(f.Name) + "]")
		at = end
		if f.size == fingerprint.Cover {
			at += behind(text[f.off:end], text[end:])
		}
	}
	b.WriteString(text[min(at, len(text)):])
	return b.String()
}

// behind is how many bytes of rest belong to a long value, of which only the beginning was
// looked for: up to a blank or quote, and all where the beginning has such in it, too.
func behind(begin, rest string) int {
	const ends = " \t\"'"
	if i := strings.IndexAny(rest, ends); i >= 0 && !strings.ContainsAny(begin, ends+"\n") {
		return i
	}
	return len(rest)
}

// mapStrings returns v with f applied to every string in it but the keys of objects.
func mapStrings(v any, f func(string) (string, error)) (any, error) {
	switch v := v.(type) {
	case string:
		return f(v)
	case []any:
		list := make([]any, len(v))
		var err error
		for i := range v {
			if list[i], err = mapStrings(v[i], f); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for k, x := range v {
			y, err := mapStrings(x, f)
			if err != nil {
				return nil, err
			}
			object[k] = y
		}
		return object, nil
	case json.Number, bool, nil:
		return v, nil
	}
	return nil, errors.New("the tool's answer holds what JSON does not")
}
