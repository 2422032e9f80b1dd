package setup

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/tailscale/hujson"
)

// parse reads JSON with comments and trailing commas, which most agents take. A blank text
// is nil without an error: agents take such a file for none.
func parse(text []byte) (*hujson.Value, error) {
	if blank(text) {
		return nil, nil
	}
	if deep(text) {
		return nil, errors.New("it is nested too deeply")
	}
	v, err := hujson.Parse(text)
	if err != nil {
		return nil, notJSON(err)
	}
	if _, ok := v.Value.(*hujson.Object); !ok {
		return nil, placed(1, "this is not a JSON object")
	}
	return &v, nil
}

// parseError is compiled at its first use: every start of noxkey would pay for it.
var parseError = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^hujson: (line \d+), column (\d+): (.*)$`)
})

// notJSON words an error of the parser's, without the strings of the file that it may quote.
func notJSON(err error) error {
	m := parseError().FindStringSubmatch(err.Error())
	if m == nil {
		return errors.New("this is not JSON")
	}
	if strings.HasPrefix(m[3], "invalid literal") {
		m[3] = "invalid string, number or word"
	}
	return errors.New(m[1] + ": not JSON at column " + m[2] + ": " + m[3])
}

// deep bounds what the parser's recursion may cost. It also counts braces in strings,
// where they rarely come in thousands.
func deep(text []byte) bool {
	n := 0
	for _, c := range text {
		switch c {
		case '{', '[':
			if n++; n > 10000 {
				return true
			}
		case '}', ']':
			n--
		}
	}
	return false
}

// kid is a member of an object or an element of an array, by its place in the text.
type kid struct {
	key        string
	val        *hujson.Value
	start, end int
	before     []byte // white space and comments between the brace or comma and start
	comma      int    // the offset of the comma behind it, or -1
}

func kids(v *hujson.Value) []kid {
	var out []kid
	add := func(key string, first, val *hujson.Value, last bool) {
		k := kid{key: key, val: val, start: first.StartOffset, end: val.EndOffset, before: first.BeforeExtra, comma: -1}
		if !last || val.AfterExtra != nil { // hujson: on the last, a trailing comma
			k.comma = val.EndOffset + len(val.AfterExtra)
		}
		out = append(out, k)
	}
	switch c := v.Value.(type) {
	case *hujson.Object:
		for i := range c.Members {
			m := &c.Members[i]
			add(m.Name.Value.(hujson.Literal).String(), &m.Name, &m.Value, i == len(c.Members)-1)
		}
	case *hujson.Array:
		for i := range c.Elements {
			e := &c.Elements[i]
			add("", e, e, i == len(c.Elements)-1)
		}
	}
	return out
}

// member finds a member of an object, nil if it is not there. Two of one name are an
// error: which of them counts is the agent's parser's secret.
func child(text []byte, v *hujson.Value, key string) (*kid, error) {
	var found *kid
	for _, k := range kids(v) {
		if k.key != key {
			continue
		}
		if found != nil {
			return nil, placed(line(text, k.start), "%q is there twice", key)
		}
		found = &k
	}
	return found, nil
}

func isObject(v *hujson.Value) bool { _, ok := v.Value.(*hujson.Object); return ok }
func isArray(v *hujson.Value) bool  { _, ok := v.Value.(*hujson.Array); return ok }

func line(text []byte, at int) int { return 1 + bytes.Count(text[:at], []byte("\n")) }

// reach follows path from root through objects and returns those that exist, root first,
// and the member at the end of the path if all do.
func reach(text []byte, root *hujson.Value, path []string) (on []*hujson.Value, last *kid, err error) {
	if root == nil {
		return nil, nil, nil
	}
	v := root
	for i, key := range path {
		if !isObject(v) {
			return nil, nil, placed(line(text, v.StartOffset), "%q is not an object", path[i-1])
		}
		on = append(on, v)
		k, err := child(text, v, key)
		if err != nil || k == nil {
			return on, nil, err
		}
		v, last = k.val, k
	}
	return on, last, nil
}

// decode turns a part of the text into Go's words.
func decode(text []byte, v *hujson.Value) (any, error) {
	std, err := hujson.Standardize(bytes.Clone(text[v.StartOffset:v.EndOffset]))
	if err != nil {
		return nil, err
	}
	var out any
	d := json.NewDecoder(bytes.NewReader(std))
	d.UseNumber()
	err = d.Decode(&out)
	return out, err
}
