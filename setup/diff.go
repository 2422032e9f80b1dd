package setup

import (
	"bytes"
	"slices"
	"strings"
)

// Hunk is one place that changes. Only what is removed and added is in it, no line around
// it: other entries of such files hold tokens, and the person's terminal may be an
// agent's. A line of which a part stays ends or begins with an ellipsis.
type Hunk struct {
	Line    int // the first of Added in the next file, counted from 1; of Removed if Added is empty
	Removed []string
	Added   []string
}

// edit replaces the n bytes at an offset.
type edit struct {
	at, n int
	text  string
}

// work is a text on its way to the next.
type work struct {
	text  []byte
	notes []note
}

// note is a hunk, with what it takes to number its lines at the end.
type note struct {
	Hunk
	pos   int // its line in the text as it is now
	first int // its line in the text as it was at first
	grown int // lines that it added, less those that it removed
}

// apply makes edits that do not overlap, their offsets all counted in the text as it is.
func (w *work) apply(edits ...edit) {
	slices.SortFunc(edits, func(a, b edit) int { return b.at - a.at })
	for _, e := range edits { // from the end, so that offsets stay right
		w.note(e)
		w.text = slices.Concat(w.text[:e.at], []byte(e.text), w.text[e.at+e.n:])
	}
}

// note writes down the hunk of e, and moves those that stand below it.
func (w *work) note(e edit) {
	old := string(w.text[e.at : e.at+e.n])
	if old == e.text {
		return
	}
	removed, added := w.lines(e, old), w.lines(e, e.text)
	n := note{Hunk: Hunk{Removed: removed, Added: added}, pos: line(w.text, e.at),
		grown: strings.Count(e.text, "\n") - strings.Count(old, "\n")}
	shown := e.text
	if added == nil {
		shown = old
	}
	n.pos += strings.Count(shown[:len(shown)-len(strings.TrimLeft(shown, "\r\n"))], "\n")
	n.first = n.pos
	for i := range w.notes {
		if o := &w.notes[i]; o.pos >= n.pos {
			o.pos += n.grown
		} else {
			n.first -= o.grown
		}
	}
	w.notes = append(w.notes, n)
}

// hunks returns what was changed, in the order of the text. White space alone is no hunk.
func (w *work) hunks() []Hunk {
	var out []Hunk
	for _, n := range w.notes {
		n.Line = n.first
		if n.Added != nil {
			n.Line = n.pos
		}
		if n.Added != nil || n.Removed != nil {
			out = append(out, n.Hunk)
		}
	}
	slices.SortStableFunc(out, func(a, b Hunk) int { return a.Line - b.Line })
	return out
}

// lines shows s, which stands or will stand at e, as lines.
func (w *work) lines(e edit, s string) []string {
	if strings.Trim(s, " \t\r\n") == "" {
		return nil // only the white space around an entry
	}
	before := w.text[bytes.LastIndexByte(w.text[:e.at], '\n')+1 : e.at]
	after := w.text[e.at+e.n:]
	if i := bytes.IndexByte(after, '\n'); i >= 0 {
		after = after[:i]
	}
	starts := strings.HasPrefix(strings.TrimLeft(s, "\r"), "\n") // at the start of a line
	ends := strings.HasSuffix(s, "\n") || blank(after)
	list := strings.Split(strings.ReplaceAll(strings.Trim(s, "\r\n"), "\r\n", "\n"), "\n")
	if !starts && !blank(before) {
		list[0] = "…" + strings.TrimLeft(list[0], " \t")
	} else if !starts {
		list[0] = string(before) + list[0]
	}
	if !ends {
		list[len(list)-1] += "…"
	}
	return list
}
