package setup

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// codexServers is the table of MCP servers in Codex's config.toml. Codex rewrites that file
// (codex mcp add, trust in a folder) and drops what it does not know, so our table is found
// by its name, not by a mark. Source: https://developers.openai.com/codex/mcp.
type codexServers struct{ program string }

const codexKey = "mcp_servers"

func (c codexServers) decode(text []byte) (map[string]any, error) {
	all := map[string]any{}
	err := toml.Unmarshal(text, &all)
	if e, ok := errors.AsType[*toml.DecodeError](err); ok {
		row, _ := e.Position()
		return nil, placed(row, "not TOML: %s", strings.TrimPrefix(e.Error(), "toml: "))
	}
	return all, err
}

func (c codexServers) inspect(text []byte) (State, error) {
	all, err := c.decode(text)
	if err != nil {
		return Unreadable, err
	}
	if all[codexKey] == nil {
		return Absent, nil
	}
	list, ok := all[codexKey].(map[string]any)
	if !ok {
		return Unreadable, errors.New(codexKey + " is not a table")
	}
	if list[entryName] == nil {
		return Absent, nil
	}
	have, ok := list[entryName].(map[string]any)
	if !ok || !agrees(have, stdio(c.program)) {
		return Changed, nil
	}
	return Done, nil
}

func (c codexServers) add(w *work) error {
	if err := c.remove(w); err != nil {
		return err
	}
	nl := newline(w.text)
	lead := ""
	if len(w.text) > 0 {
		// One newline in any case: an empty line if the last line is complete, else
		// the end of that line. remove takes it away again.
		lead = nl
	}
	block := "[" + codexKey + "." + entryName + "]" + nl +
		"command = " + tomlQuote(c.program) + nl +
		`args = ["mcp"]` + nl
	w.apply(edit{at: len(w.text), text: lead + block})
	if _, err := c.decode(w.text); err != nil {
		return errors.New(codexKey + " is written as an inline table, to which nothing can be added without changing the rest; write it as [" + codexKey + ".NAME] tables")
	}
	return nil
}

// tomlQuote writes a basic string.
func tomlQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			b.WriteString(`\u00` + strconv.FormatInt(int64(r)>>4, 16) + strconv.FormatInt(int64(r)&15, 16))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// expression is a line of TOML, or several that belong together.
type expression struct {
	path   []string // of the table, or of the key with that of its table
	header bool
	start  int // of its first line
	end    int // of its last, behind the newline
}

// expressions lists tables and keys with their places. The text is valid.
func expressions(text []byte) ([]expression, error) {
	var p unstable.Parser
	p.Reset(text)
	var out []expression
	var table []string
	for p.NextExpression() {
		e := p.Expression()
		x := expression{header: e.Kind != unstable.KeyValue, start: -1}
		for it := e.Key(); it.Next(); {
			raw := it.Node().Raw
			if x.start < 0 {
				x.start = bytes.LastIndexByte(text[:raw.Offset], '\n') + 1
			}
			x.end = int(raw.Offset + raw.Length)
			x.path = append(x.path, string(it.Node().Data))
		}
		if x.header {
			table = x.path
		} else {
			x.end = int(e.Raw.Offset + e.Raw.Length)
			x.path = slices.Concat(table, x.path)
		}
		if i := bytes.IndexByte(text[x.end:], '\n'); i >= 0 {
			x.end += i + 1
		} else {
			x.end = len(text)
		}
		out = append(out, x)
	}
	return out, p.Error()
}

// remove takes out every table and key below our name. Comments between them stay.
func (c codexServers) remove(w *work) error {
	list, err := expressions(w.text)
	if err != nil {
		return err
	}
	var edits []edit
	for _, x := range list {
		if len(x.path) < 2 || x.path[0] != codexKey || x.path[1] != entryName {
			continue
		}
		if n := len(edits); n > 0 && edits[n-1].at+edits[n-1].n == x.start {
			edits[n-1].n = x.end - edits[n-1].at
			continue
		}
		edits = append(edits, edit{at: x.start, n: x.end - x.start})
	}
	for i, e := range edits {
		if bytes.HasPrefix(bytes.TrimLeft(w.text[e.at:], " \t"), []byte("[")) {
			edits[i] = withLead(w.text, e, true) // TOML knows no return alone
		}
	}
	w.apply(edits...)
	return nil
}

// withLead widens the removal of a part that add put at the end of a text by the one
// newline before it: an empty line, or the end of what was the last line. That end stays
// if something follows by now. A return before the newline belongs to it if crlf says so.
func withLead(text []byte, e edit, crlf bool) edit {
	before, ok := bytes.CutSuffix(text[:e.at], []byte("\n"))
	if !ok {
		return e
	}
	if crlf {
		before = bytes.TrimSuffix(before, []byte("\r"))
	}
	if e.at+e.n < len(text) && len(before) > 0 && before[len(before)-1] != '\n' {
		return e
	}
	return edit{at: len(before), n: e.n + e.at - len(before), text: e.text}
}

func (c codexServers) same(a, b []byte) error {
	var all [2]map[string]any
	for i, text := range [][]byte{a, b} {
		m, err := c.decode(text)
		if err != nil {
			return err
		}
		drop(m, []string{codexKey, entryName})
		all[i] = equable(m).(map[string]any)
	}
	if !reflect.DeepEqual(all[0], all[1]) {
		return errUnproved
	}
	return nil
}

// equable puts a word in the place of each nan, which equals nothing, not itself.
func equable(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = equable(e)
		}
	case []any:
		for i, e := range v {
			v[i] = equable(e)
		}
	case float64:
		if math.IsNaN(v) {
			return "nan"
		}
	}
	return v
}
