package setup

import (
	"bytes"
	"strings"

	"github.com/tailscale/hujson"
)

const defaultUnit = "  "

// put adds a value at the end of path: the first member of the object there, or with
// element the first element of the array there. Containers that are missing are made.
//
// What it writes can be told apart later without a mark of its own:
//   - in a container that has something in it we come first, and all white space before
//     our key is ours;
//   - in a container that was empty there is no white space before our key;
//   - in a container that we made there is some, and nothing else is in it.
//
// So remove gives the bytes back, as long as nobody has formatted the file in between.
func (w *work) put(path []string, val any, element bool) error {
	root, err := parse(w.text)
	if err != nil {
		return err
	}
	keys := path
	if !element {
		keys = path[:len(path)-1]
	}
	on, last, err := reach(w.text, root, keys)
	if err != nil {
		return err
	}
	l := layout{unit: unitOf(w.text, root), nl: newline(w.text)}
	if root == nil {
		l.multi = true
		w.apply(edit{at: 0, text: render(chain(path, val, element), l) + l.nl})
		return nil
	}
	if len(keys) == 0 {
		w.insert(root, member{path[0], val}, l)
		return nil
	}
	if last == nil {
		depth := len(on) - 1
		made := chain(path[depth:], val, element).(object)[0]
		w.insert(on[depth], made, l)
		return nil
	}
	if element && !isArray(last.val) {
		return placed(line(w.text, last.start), "%q is not a list", last.key)
	}
	if !element && !isObject(last.val) {
		return placed(line(w.text, last.start), "%q is not an object", last.key)
	}
	if element {
		w.insert(last.val, val, l)
	} else {
		w.insert(last.val, member{path[len(path)-1], val}, l)
	}
	return nil
}

// chain wraps val into the containers of path.
func chain(path []string, val any, element bool) any {
	if element {
		val = list{val}
	}
	for i := len(path) - 1; i >= 0; i-- {
		val = object{{path[i], val}}
	}
	return val
}

// insert writes it, a member or an element, as the first of c.
func (w *work) insert(c *hujson.Value, it any, l layout) {
	at := c.StartOffset + 1
	inside := w.text[at : c.EndOffset-1]
	some := len(kids(c)) > 0
	space := inside[:len(inside)-len(bytes.TrimLeft(inside, " \t\r\n"))]
	lead := ""
	switch end := commentEnd(inside); {
	case end > 0: // behind a comment on the brace's line, which belongs to the brace
		at += end
		rest := inside[end:]
		rest = rest[:len(rest)-len(bytes.TrimLeft(rest, " \t\r\n"))]
		l.multi, l.indent = true, tail(rest)
		lead = l.nl + l.indent
	case some && bytes.IndexByte(space, '\n') >= 0:
		l.multi, l.indent = true, tail(space)
		lead = l.nl + l.indent
	case some:
		lead = string(space)
	}
	text := ""
	if m, ok := it.(member); ok {
		text = quote(m.key) + ": " + render(m.val, l)
	} else {
		text = render(it, l)
	}
	if some {
		text += ","
	}
	w.apply(edit{at: at, text: lead + text})
}

// commentEnd is the offset behind a line comment that starts before the first newline of
// what stands inside a container, without the white space at the comment's end; 0 if
// there is none.
func commentEnd(inside []byte) int {
	first, _, _ := bytes.Cut(inside, []byte("\n"))
	if !bytes.HasPrefix(bytes.TrimLeft(first, " \t\r"), []byte("//")) {
		return 0
	}
	return len(bytes.TrimRight(first, " \t\r"))
}

// tail is what stands behind the last newline: the indentation of what follows.
func tail(space []byte) string {
	return string(bytes.TrimLeft(space[bytes.LastIndexByte(space, '\n')+1:], "\r"))
}

// unitOf is one step of indentation: that of the root's first member.
func unitOf(text []byte, root *hujson.Value) string {
	if root == nil {
		return defaultUnit
	}
	ks := kids(root)
	if len(ks) == 0 || bytes.IndexByte(ks[0].before, '\n') < 0 {
		return defaultUnit
	}
	unit := string(text[bytes.LastIndexByte(text[:ks[0].start], '\n')+1 : ks[0].start])
	if unit == "" || strings.Trim(unit, " \t") != "" {
		return defaultUnit
	}
	return unit
}

// level is a container and which of its kids is meant.
type level struct {
	c *hujson.Value
	i int
}

// take removes the kid at the end of levels, root first, and with it the containers that
// held nothing else and that put made.
func (w *work) take(levels []level) {
	for len(levels) > 1 && created(w.text, levels[len(levels)-1].c) {
		levels = levels[:len(levels)-1]
	}
	if root := levels[0].c; len(levels) == 1 && created(w.text, root) && alone(w.text, root) {
		end := root.EndOffset
		end += len(w.text[end:]) - len(cutNewline(w.text[end:]))
		w.apply(edit{at: root.StartOffset, n: end - root.StartOffset})
		return
	}
	last := levels[len(levels)-1]
	w.cut(last.c, last.i)
}

// created reports whether c has one kid, white space before it, and no more.
func created(text []byte, c *hujson.Value) bool {
	ks := kids(c)
	return len(ks) == 1 && len(ks[0].before) > 0 && blank(ks[0].before) && ks[0].comma < 0 &&
		blank(text[ks[0].end:c.EndOffset-1])
}

// alone reports whether nothing is written around root.
func alone(text []byte, root *hujson.Value) bool {
	return blank(text[:root.StartOffset]) && blank(text[root.EndOffset:])
}

func cutNewline(b []byte) []byte {
	if r, ok := bytes.CutPrefix(b, []byte("\r\n")); ok {
		return r
	}
	return bytes.TrimPrefix(b, []byte("\n"))
}

// cut removes kid i of c, the white space before it and one comma.
func (w *work) cut(c *hujson.Value, i int) {
	ks := kids(c)
	k := ks[i]
	space := len(k.before) - len(bytes.TrimRight(k.before, " \t\r\n"))
	from, to := k.start-space, k.end
	var edits []edit
	switch {
	case k.comma >= 0 && blank(w.text[k.end:k.comma]):
		to = k.comma + 1
	case k.comma >= 0:
		edits = append(edits, edit{at: k.comma, n: 1})
	case i > 0 && ks[i-1].comma == from-1:
		from--
	case i > 0:
		edits = append(edits, edit{at: ks[i-1].comma, n: 1})
	}
	if nl := bytes.IndexByte(w.text[from:k.start], '\n'); nl >= 0 && space < len(k.before) && !ended(w.text[to:]) {
		from += nl + 1 // a comment stands before it, whose line must still end
	}
	w.apply(append(edits, edit{at: from, n: to - from})...)
}

// ended reports whether the line ends here.
func ended(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t\r")
	return len(rest) == 0 || rest[0] == '\n'
}
