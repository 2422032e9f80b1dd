package setup

import (
	"bytes"
	_ "embed"
	"errors"
	"path/filepath"
	"strings"
)

// snippet is what an agent without MCP has to know.
//
//go:embed snippet.md
var snippet string

const (
	markBegin = "<!-- noxkey: begin -->"
	markEnd   = "<!-- noxkey: end -->"
)

// Snippet returns the text for an AGENTS.md: what an agent that has no MCP does to use a
// secret, and what it leaves alone. It ends with a newline.
func Snippet() string { return snippet }

// Skill returns the same as a SKILL.md, with the front matter that agents look for.
func Skill() string {
	return "---\nname: noxkey\ndescription: Use secrets (API keys, tokens, passwords) from NoxKey in shell commands without seeing them. " +
		"Read this before a command needs a credential, and before looking into a .env file.\n---\n\n" + snippet
}

// Guide is the part that AGENTS.md of a project holds: the snippet between two marks.
func Guide(path string) Part {
	return Part{What: "instructions", Path: path, base: filepath.Dir(path), public: true, format: marked{}}
}

// marked is a text file with a part of ours between two marks.
type marked struct{}

// find returns where our part starts and ends, with the newline behind its end; -1 if it is not there.
func (marked) find(text []byte) (from, to int, err error) {
	from, to = bytes.Index(text, []byte(markBegin)), bytes.Index(text, []byte(markEnd))
	switch {
	case from < 0 && to < 0:
		return -1, -1, nil
	case to < 0:
		return 0, 0, placed(line(text, from), "%s stands there without %s behind it", markBegin, markEnd)
	case from < 0 || to < from:
		return 0, 0, placed(line(text, to), "%s stands there without %s before it", markEnd, markBegin)
	case bytes.Count(text, []byte(markBegin)) > 1 || bytes.Count(text, []byte(markEnd)) > 1:
		return 0, 0, placed(line(text, from), "the marks of noxkey are there more than once")
	case from > 0 && text[from-1] != '\n':
		return 0, 0, placed(line(text, from), "%s does not start its line", markBegin)
	}
	to += len(markEnd)
	return from, to + len(text[to:]) - len(cutNewline(text[to:])), nil
}

func (m marked) block(nl string) string {
	return strings.ReplaceAll(markBegin+"\n"+snippet+markEnd+"\n", "\n", nl)
}

func (m marked) inspect(text []byte) (State, error) {
	if bytes.IndexByte(text, 0) >= 0 {
		return Unreadable, errors.New("this is not a text file")
	}
	from, to, err := m.find(text)
	switch {
	case err != nil:
		return Unreadable, err
	case from < 0:
		return Absent, nil
	case strings.TrimRight(string(text[from:to]), "\r\n") == strings.TrimRight(m.block(newline(text[from:to])), "\r\n"):
		return Done, nil
	}
	return Changed, nil
}

func (m marked) add(w *work) error {
	from, to, err := m.find(w.text)
	if err != nil {
		return err
	}
	nl := newline(w.text)
	if from >= 0 {
		w.apply(edit{from, to - from, m.block(nl)})
		return nil
	}
	lead := ""
	if len(w.text) > 0 {
		lead = nl // as in TOML: an empty line, or the end of the last one
	}
	w.apply(edit{at: len(w.text), text: lead + m.block(nl)})
	return nil
}

func (m marked) remove(w *work) error {
	from, to, err := m.find(w.text)
	if err != nil || from < 0 {
		return err
	}
	w.apply(withLead(w.text, edit{at: from, n: to - from}, newline(w.text[from:to]) == "\r\n"))
	return nil
}

// same compares what stands before and behind our part.
func (m marked) same(a, b []byte) error {
	var rest [2][]byte
	for i, text := range [][]byte{a, b} {
		w := &work{text: text}
		if err := m.remove(w); err != nil {
			return err
		}
		rest[i] = w.text
	}
	if !bytes.Equal(rest[0], rest[1]) {
		return errUnproved
	}
	return nil
}
