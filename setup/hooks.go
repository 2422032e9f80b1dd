package setup

import (
	"errors"
	"reflect"
	"strings"

	"github.com/tailscale/hujson"
)

// hooks are the two hooks of Claude Code's settings.json: before a tool runs, and after,
// for every tool. Source: https://docs.claude.com/en/docs/claude-code/hooks. A hook that
// cannot be started does not stop the tool; only exit code 2 or a JSON answer does.
type hooks struct{ command string }

var hookEvents = []string{"PostToolUse", "PreToolUse"} // each is put before the last, so Pre stands first

// guardHooks is the format for a program at an absolute path. The command is a line for sh.
func guardHooks(program string) hooks {
	return hooks{shellQuote(program) + " guard --hook claude"}
}

// shellQuote quotes a path for sh if it needs that.
func shellQuote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+@%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func (h hooks) group() object {
	return object{{"matcher", "*"}, {"hooks", list{object{{"type", "command"}, {"command", h.command}}}}}
}

// hook is one of ours, or one that looks like it, in a file.
type hook struct {
	levels []level // from the root to the list of hooks in its group
	exact  bool
}

// find lists the hooks of an event that run a guard of ours.
func (h hooks) find(text []byte, event string) ([]hook, error) {
	root, err := parse(text)
	if err != nil {
		return nil, err
	}
	on, ev, err := reach(text, root, []string{"hooks", event})
	if err != nil || ev == nil {
		return nil, err
	}
	if !isArray(ev.val) {
		return nil, placed(line(text, ev.start), "%q is not a list", event)
	}
	var out []hook
	for i, g := range kids(ev.val) {
		if !isObject(g.val) {
			return nil, placed(line(text, g.start), "a group of hooks is not an object")
		}
		inner, err := child(text, g.val, "hooks")
		if err != nil {
			return nil, err
		}
		if inner == nil || !isArray(inner.val) {
			continue
		}
		base := []level{{on[0], index(on[0], "hooks")}, {on[1], index(on[1], event)}, {ev.val, i}}
		for j, k := range kids(inner.val) {
			m, err := decode(text, k.val)
			if err != nil {
				return nil, err
			}
			command, ours := guardCommand(m)
			if !ours {
				continue
			}
			exact := command == h.command || command == h.command+" --strict" // which a person may add
			hk := hook{levels: base, exact: exact && every(text, g.val) && wholly(m)}
			if len(kids(inner.val)) > 1 {
				hk.levels = append(base[:3:3], level{g.val, index(g.val, "hooks")}, level{inner.val, j})
			}
			out = append(out, hk)
		}
	}
	return out, nil
}

// guardCommand returns a hook's command, and whether it starts a guard of ours.
func guardCommand(v any) (string, bool) {
	m, _ := v.(map[string]any)
	s, _ := m["command"].(string)
	return s, strings.Contains(s, "noxkey") && strings.Contains(s, " guard ") && strings.Contains(s, "--hook")
}

// wholly reports whether a hook always waits for its command: not in the background, not once.
func wholly(v any) bool {
	m, _ := v.(map[string]any)
	return m["type"] == "command" && m["async"] != true && m["once"] != true && m["if"] == nil
}

// every reports whether a group is for all tools.
func every(text []byte, g *hujson.Value) bool {
	k, err := child(text, g, "matcher")
	if err != nil || k == nil {
		return err == nil
	}
	m, err := decode(text, k.val)
	return err == nil && (m == "*" || m == "")
}

func (h hooks) inspect(text []byte) (State, error) {
	missing := 0
	for _, ev := range hookEvents {
		found, err := h.find(text, ev)
		if err != nil {
			return Unreadable, err
		}
		if len(found) == 0 {
			missing++
		}
		for _, f := range found {
			if !f.exact {
				return Changed, nil
			}
		}
	}
	switch missing {
	case 0:
		return Done, nil
	case len(hookEvents):
		return Absent, nil
	}
	return Partly, nil // one of the two was taken out
}

func (h hooks) add(w *work) error {
	root, err := parse(w.text)
	if err != nil {
		return err
	}
	if _, there, err := reach(w.text, root, []string{"hooks"}); err != nil || there == nil {
		both := object{{hookEvents[1], list{h.group()}}, {hookEvents[0], list{h.group()}}}
		return errors.Join(err, w.put([]string{"hooks"}, both, false))
	}
	for _, ev := range hookEvents {
		found, err := h.find(w.text, ev)
		if err != nil {
			return err
		}
		exact := false
		for _, f := range found {
			exact = exact || f.exact
		}
		if len(found) > 0 && !(exact && len(found) == 1) {
			if err := h.clear(w, ev); err != nil {
				return err
			}
			exact = false
		}
		if exact {
			continue
		}
		if err := w.put([]string{"hooks", ev}, h.group(), true); err != nil {
			return err
		}
	}
	return nil
}

func (h hooks) remove(w *work) error {
	for i := range hookEvents { // the other way round than add
		if err := h.clear(w, hookEvents[len(hookEvents)-1-i]); err != nil {
			return err
		}
	}
	return nil
}

func (h hooks) clear(w *work, event string) error {
	for {
		found, err := h.find(w.text, event)
		if err != nil || len(found) == 0 {
			return err
		}
		w.take(found[0].levels)
	}
}

func (h hooks) same(a, b []byte) error {
	return sameJSON(a, b, func(_ *hujson.Value, _ []byte, all map[string]any) {
		in, _ := all["hooks"].(map[string]any)
		for _, ev := range hookEvents {
			groups, ok := in[ev].([]any)
			if !ok {
				continue
			}
			in[ev] = foreign(groups)
			if len(in[ev].([]any)) == 0 {
				delete(in, ev)
			}
		}
		if in != nil && len(in) == 0 {
			delete(all, "hooks")
		}
	})
}

// foreign is what is left of groups of hooks without ours.
func foreign(groups []any) []any {
	rest := []any{}
	for _, g := range groups {
		m, ok := g.(map[string]any)
		list, _ := m["hooks"].([]any)
		if !ok || len(list) == 0 {
			rest = append(rest, g)
			continue
		}
		var others []any
		for _, hk := range list {
			if _, ours := guardCommand(hk); !ours {
				others = append(others, hk)
			}
		}
		switch {
		case reflect.DeepEqual(others, list):
			rest = append(rest, g)
		case len(others) > 0:
			m["hooks"] = others
			rest = append(rest, m)
		}
	}
	return rest
}
