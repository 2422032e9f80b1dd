package setup

import (
	"encoding/json"
	"strings"
)

// What is written into JSON: strings, bools, lists, and objects that keep their order.
type (
	object []member
	list   []any
	member struct {
		key string
		val any
	}
)

// layout is how the text around looks.
type layout struct {
	indent string // of the line on which the value starts
	unit   string // one step of indentation
	nl     string
	multi  bool // an object's members stand on lines of their own
}

// render writes v. Objects and the lists of objects have white space behind their opening
// brace in either layout: that is how a container that we made is told from an empty one
// that was there, see created.
func render(v any, l layout) string {
	switch v := v.(type) {
	case object:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = quote(m.key) + ": " + render(m.val, l.in())
		}
		return l.wrap("{", parts, "}")
	case list:
		parts := make([]string, len(v))
		scalar := true
		for i, e := range v {
			parts[i] = render(e, l.in())
			if _, ok := e.(string); !ok {
				scalar = false
			}
		}
		if scalar {
			return "[" + strings.Join(parts, ", ") + "]"
		}
		return l.wrap("[", parts, "]")
	case bool:
		if v {
			return "true"
		}
		return "false"
	default:
		return quote(v.(string))
	}
}

func (l layout) in() layout {
	l.indent += l.unit
	return l
}

func (l layout) wrap(open string, parts []string, end string) string {
	if !l.multi {
		return open + " " + strings.Join(parts, ", ") + " " + end
	}
	in := l.nl + l.indent + l.unit
	return open + in + strings.Join(parts, ","+in) + l.nl + l.indent + end
}

// quote writes a JSON string that shows <, > and & as they are.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string and a Builder: no error
	return strings.TrimSuffix(b.String(), "\n")
}
