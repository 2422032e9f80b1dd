package setup

import (
	"bytes"
	"reflect"

	"github.com/tailscale/hujson"
)

// entryName is the name of our MCP server in every agent's configuration.
const entryName = "noxkey"

// place is an object of MCP servers in a JSON file, and our entry in it.
type place struct {
	path  []string
	entry object
}

// servers is the list of MCP servers in a JSON file.
type servers struct {
	// places are those where our entry may stand; a new one goes to the first.
	places func(text []byte, root *hujson.Value) []place
}

// at makes the format of agents that have one place.
func at(key string, entry object) servers {
	return servers{func([]byte, *hujson.Value) []place { return []place{{[]string{key}, entry}} }}
}

// spot is an entry that was found.
type spot struct {
	place
	on  []*hujson.Value
	kid kid
}

func (s servers) find(text []byte) (spots []spot, first place, err error) {
	root, err := parse(text)
	if err != nil {
		return nil, first, err
	}
	places := s.places(text, root)
	for _, p := range places {
		on, last, err := reach(text, root, append(p.path[:len(p.path):len(p.path)], entryName))
		if err != nil {
			return nil, first, err
		}
		if last != nil {
			spots = append(spots, spot{p, on, *last})
		}
	}
	return spots, places[0], nil
}

func (s servers) inspect(text []byte) (State, error) {
	spots, _, err := s.find(text)
	if err != nil || len(spots) == 0 {
		return Absent, err
	}
	for _, sp := range spots {
		have, err := decode(text, sp.kid.val)
		if err != nil {
			return Unreadable, err
		}
		if m, ok := have.(map[string]any); !ok || !agrees(m, sp.entry) {
			return Changed, nil
		}
	}
	return Done, nil
}

// agrees reports whether an entry does what ours does. Agents add members of their own (an
// empty env, a type), which are left alone; one that switches the entry off is not.
func agrees(have map[string]any, want object) bool {
	for _, m := range want {
		v, there := have[m.key]
		if !there && (m.key == "type" || m.key == "enabled") {
			continue // what the agents take for given
		}
		if !reflect.DeepEqual(v, plainly(m.val)) {
			return false
		}
	}
	return have["disabled"] != true && have["enabled"] != false && have["url"] == nil
}

func plainly(v any) any {
	if l, ok := v.(list); ok {
		return []any(l)
	}
	return v
}

func (s servers) add(w *work) error {
	spots, first, err := s.find(w.text)
	if err != nil {
		return err
	}
	if len(spots) == 0 {
		return w.put(append(first.path[:len(first.path):len(first.path)], entryName), first.entry, false)
	}
	root, err := parse(w.text)
	if err != nil {
		return err
	}
	var edits []edit
	for _, sp := range spots {
		l := layout{unit: unitOf(w.text, root), nl: newline(w.text)}
		if bytes.IndexByte(sp.kid.before, '\n') >= 0 {
			l.multi, l.indent = true, tail(sp.kid.before)
		}
		v := sp.kid.val
		edits = append(edits, edit{v.StartOffset, v.EndOffset - v.StartOffset, render(sp.entry, l)})
	}
	w.apply(edits...)
	return nil
}

func (s servers) remove(w *work) error {
	for {
		spots, _, err := s.find(w.text)
		if err != nil || len(spots) == 0 {
			return err
		}
		sp := spots[0]
		levels := make([]level, len(sp.on))
		names := append(sp.path[:len(sp.path):len(sp.path)], entryName)
		for i, c := range sp.on {
			levels[i] = level{c, index(c, names[i])}
		}
		w.take(levels)
	}
}

func index(c *hujson.Value, key string) int {
	for i, k := range kids(c) {
		if k.key == key {
			return i
		}
	}
	return -1
}

func (s servers) same(a, b []byte) error {
	return sameJSON(a, b, func(root *hujson.Value, text []byte, all map[string]any) {
		for _, p := range s.places(text, root) {
			drop(all, append(p.path[:len(p.path):len(p.path)], entryName))
		}
	})
}

// sameJSON compares two texts after ours has taken our part out of what they mean.
func sameJSON(a, b []byte, ours func(root *hujson.Value, text []byte, all map[string]any)) error {
	var means [2]map[string]any
	for i, text := range [][]byte{a, b} {
		root, err := parse(text)
		if err != nil {
			return err
		}
		means[i] = map[string]any{}
		if root == nil {
			continue
		}
		v, err := decode(text, root)
		if err != nil {
			return err
		}
		means[i] = v.(map[string]any)
		ours(root, text, means[i])
	}
	if !reflect.DeepEqual(means[0], means[1]) {
		return errUnproved
	}
	return nil
}

// drop takes the member at path out, and objects on the way that are empty then: whether
// an empty one is there makes no difference to the agents.
func drop(m map[string]any, path []string) {
	if len(path) == 1 {
		delete(m, path[0])
		return
	}
	if in, ok := m[path[0]].(map[string]any); ok {
		drop(in, path[1:])
		if len(in) == 0 {
			delete(m, path[0])
		}
	}
}

// stdio is the entry of the agents that take a command and its arguments.
func stdio(program string) object {
	return object{{"command", program}, {"args", list{"mcp"}}}
}

// typed is the same for those that also write what kind of server it is.
func typed(program string) object {
	return append(object{{"type", "stdio"}}, stdio(program)...)
}

// openCode knows both forms of OpenCode's configuration: up to version 1 a server stands
// in "mcp" itself, since version 2 in "mcp.servers". Version 2 reads the first form, too,
// version 1 not the second; so that one is used only in a file that has it already.
func openCode(program string) servers {
	flat := place{[]string{"mcp"}, object{{"type", "local"}, {"command", list{program, "mcp"}}, {"enabled", true}}}
	nested := place{[]string{"mcp", "servers"}, object{{"type", "local"}, {"command", list{program, "mcp"}}}}
	return servers{func(text []byte, root *hujson.Value) []place {
		_, last, err := reach(text, root, nested.path)
		if err != nil || last == nil || !isObject(last.val) {
			return []place{flat}
		}
		for _, k := range kids(last.val) {
			switch k.key {
			case "type", "command", "enabled", "url":
				if !isObject(k.val) {
					return []place{flat} // a server that somebody called "servers"
				}
			}
		}
		return []place{nested, flat}
	}}
}
