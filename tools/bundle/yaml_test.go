package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// yaml reads the part of YAML that our workflows use: mappings and sequences by
// indentation, plain and quoted words, [lists] of words, and | blocks. What else YAML
// can do it refuses, so that no workflow can mean something to GitHub and another thing
// here. Values are map[string]any, []any and string.
func yaml(text string) (any, error) {
	y := &yamlReader{}
	for i, l := range strings.Split(text, "\n") {
		if strings.ContainsRune(l, '\t') {
			return nil, fmt.Errorf("line %d: a tab", i+1)
		}
		y.lines = append(y.lines, strings.TrimRight(l, " "))
	}
	v, err := y.node(0)
	if err == nil && y.skip() {
		err = fmt.Errorf("it is indented otherwise than what stands before")
	}
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", y.at+1, err)
	}
	return v, nil
}

type yamlReader struct {
	lines []string
	at    int
}

// skip goes on to the next line that says something.
func (y *yamlReader) skip() bool {
	for y.at < len(y.lines) {
		if s := strings.TrimSpace(y.lines[y.at]); s != "" && s[0] != '#' {
			return true
		}
		y.at++
	}
	return false
}

func (y *yamlReader) indent() int {
	return len(y.lines[y.at]) - len(strings.TrimLeft(y.lines[y.at], " "))
}

// node reads the mapping or sequence whose lines are indented by at least in.
func (y *yamlReader) node(in int) (any, error) {
	if !y.skip() || y.indent() < in {
		return "", nil
	}
	in = y.indent()
	if strings.HasPrefix(y.lines[y.at][in:], "- ") {
		return y.sequence(in)
	}
	return y.mapping(in)
}

func (y *yamlReader) sequence(in int) (any, error) {
	list := []any{}
	for y.skip() && y.indent() == in && strings.HasPrefix(y.lines[y.at][in:], "- ") {
		rest := y.lines[y.at][in+2:]
		if !yamlKey.MatchString(rest) {
			v, err := scalar(rest)
			if err != nil {
				return nil, err
			}
			list, y.at = append(list, v), y.at+1
			continue
		}
		y.lines[y.at] = y.lines[y.at][:in] + "  " + rest
		v, err := y.mapping(in + 2)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

var yamlKey = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_-]*):(?: (.*))?$`)

func (y *yamlReader) mapping(in int) (any, error) {
	m := map[string]any{}
	for y.skip() && y.indent() == in {
		k := yamlKey.FindStringSubmatch(y.lines[y.at][in:])
		if k == nil {
			return nil, fmt.Errorf("%q is not known here", y.lines[y.at])
		}
		if _, twice := m[k[1]]; twice {
			return nil, fmt.Errorf("%s is there twice", k[1])
		}
		y.at++
		var err error
		switch rest := uncomment(k[2]); rest {
		case "":
			m[k[1]], err = y.node(in + 1)
		case "|":
			m[k[1]], err = y.block(in)
		default:
			m[k[1]], err = scalar(rest)
		}
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (y *yamlReader) block(in int) (string, error) {
	var out []string
	deep := -1
	for ; y.at < len(y.lines); y.at++ {
		l := y.lines[y.at]
		if l == "" {
			out = append(out, "")
			continue
		}
		if y.indent() <= in {
			break
		}
		if deep < 0 {
			deep = y.indent()
		}
		if y.indent() < deep {
			return "", fmt.Errorf("a block whose lines move back")
		}
		out = append(out, l[deep:])
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n", nil
}

func uncomment(s string) string {
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "#") {
		return ""
	}
	from := 0 // within quotes # begins no comment
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		from = max(0, strings.IndexByte(s[1:], s[0])+1)
	}
	if i := strings.Index(s[from:], " #"); i >= 0 {
		return strings.TrimSpace(s[:from+i])
	}
	return s
}

func scalar(s string) (any, error) {
	s = uncomment(s)
	if inner, ok := strings.CutPrefix(s, "["); ok {
		inner, ok := strings.CutSuffix(inner, "]")
		list := []any{}
		for w := range strings.SplitSeq(inner, ",") {
			w = strings.TrimSpace(w)
			if !ok || w == "" || strings.ContainsAny(w, `[]{}"'`) {
				return nil, fmt.Errorf("%q is not a list of words", s)
			}
			list = append(list, w)
		}
		return list, nil
	}
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] && !strings.ContainsAny(s[1:n-1], `\"'`) {
		return s[1 : n-1], nil
	}
	if s == "" || strings.ContainsAny(s[:1], "&*!|>'\"%@`{}?-") || strings.Contains(s, ": ") {
		return nil, fmt.Errorf("%q is not known here", s)
	}
	return s, nil
}

func TestYAML(t *testing.T) {
	v, err := yaml("# c\na: b # c\nl: [x, y]\nq: \"1: 2 # 3\" # c # d\nm:\n  n: true\n  s:\n    - one\n    - u: v\n      w: |\n        i\n          j\n\n        k\n    - e:\nlast: 1\n")
	if err != nil {
		t.Fatal(err)
	}
	want := `map[a:b l:[x y] last:1 m:map[n:true s:[one map[u:v w:i
  j

k
] map[e:]]] q:1: 2 # 3]`
	if got := fmt.Sprint(v); got != want {
		t.Errorf("got %s", got)
	}
	for name, s := range map[string]string{
		"tab": "a:\tb", "twice": "a: b\na: c", "anchor": "a: &x b", "alias": "a: *x", "tag": "a: !!str b", "folded": "a: >\n  b",
		"map in line": "a: {b: c}", "two colons": "a: b: c", "moved back": "a:\n    b: c\n  d: e", "open list": "a: [b", "quote": "a: \"b", "document": "---\na: b",
	} {
		if v, err := yaml(s); err == nil {
			t.Errorf("%s was read as %v", name, v)
		}
	}
}
