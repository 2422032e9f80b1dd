// Package setup writes NoxKey into the configuration of AI coding agents and takes it
// out again. Plan and Undo are pure functions from a file's bytes to its next bytes: what
// they add is spliced in, every other byte stays where it is, and Undo gives back the
// bytes that Plan was given. Around them is a thin layer that finds the files below a
// home directory and replaces them whole. No secret passes through here.
package setup

import (
	"bytes"
	"errors"
	"fmt"
)

// State is how a configuration stands towards us.
type State string

// The states of a file, and of an agent.
const (
	Absent     State = "not set up"
	Done       State = "set up"
	Changed    State = "changed by hand" // there is an entry of our name that is not the one we write
	Unreadable State = "cannot be read"
	Partly     State = "partly set up" // of an agent: one of its files is, another is not
)

// maxFile is the most that a configuration may hold, in bytes. The largest that is known
// is Claude Code's ~/.claude.json, which keeps histories: some megabytes.
const maxFile = 32 << 20

// Part is one file of an agent's configuration and what belongs into it.
type Part struct {
	What   string // "MCP server", "hooks"
	Path   string // absolute, as the agent knows it
	base   string // symbolic links may not lead out of this folder
	public bool   // a new file may be read by others: it belongs to a project, not to the person
	format format
}

// format knows one kind of file. Its methods see the text without a byte order mark.
type format interface {
	// inspect says how the text stands. An error means that the text is not of this kind.
	inspect(text []byte) (State, error)
	// add puts our entry in, in place of one of the same name.
	add(w *work) error
	// remove takes our entry out, and what add made around it.
	remove(w *work) error
	// same reports an error if two texts differ in anything but our entry.
	same(a, b []byte) error
}

// Result is what Plan or Undo would make of a file.
type Result struct {
	State State  // before
	Next  []byte // the file's next bytes, with its byte order mark
	Hunks []Hunk // what that changes; empty if nothing does
}

// Plan returns the bytes that set p up in a file which now holds current. If the state is
// Changed, an entry that somebody wrote is replaced: whoever writes Next has asked. A file
// that cannot be understood is an error, and so is one where the change could not be
// proved to leave everything else alone.
func Plan(p Part, current []byte) (Result, error) {
	text, bom := cutBOM(current)
	state, err := p.format.inspect(text)
	if err != nil {
		return Result{State: Unreadable}, err
	}
	res := Result{State: state, Next: current}
	if state == Done {
		return res, nil
	}
	w := &work{text: text}
	if err := p.format.add(w); err != nil {
		return Result{State: Unreadable}, err
	}
	if s, err := p.format.inspect(w.text); err != nil || s != Done {
		return res, errors.Join(errUnproved, err)
	}
	if err := p.format.same(text, w.text); err != nil {
		return res, err
	}
	if state == Absent {
		back := &work{text: w.text}
		if err := p.format.remove(back); err != nil || !bytes.Equal(back.text, text) {
			return res, errors.Join(errUnproved, err)
		}
	}
	res.Next, res.Hunks = join(bom, w.text), w.hunks()
	return res, nil
}

// Undo returns the bytes without our entry. If the state is Changed, that entry is not the
// one that Plan writes; whoever writes Next has asked.
func Undo(p Part, current []byte) (Result, error) {
	text, bom := cutBOM(current)
	state, err := p.format.inspect(text)
	if err != nil {
		return Result{State: Unreadable}, err
	}
	res := Result{State: state, Next: current}
	w := &work{text: text}
	if err := p.format.remove(w); err != nil {
		return Result{State: Unreadable}, err
	}
	if len(w.notes) == 0 {
		return res, nil
	}
	if s, err := p.format.inspect(w.text); err != nil || s != Absent {
		return res, errors.Join(errUnproved, err)
	}
	if err := p.format.same(text, w.text); err != nil {
		return res, err
	}
	res.Next, res.Hunks = join(bom, w.text), w.hunks()
	return res, nil
}

// errUnproved is a fault of ours: the result was looked at and is not what it should be.
var errUnproved = errors.New("the change would touch more than the entry of noxkey, so it was not made; add or remove it by hand")

// placed is an error with the line that it is about.
func placed(line int, format string, args ...any) error {
	return fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...))
}

var byteOrderMark = []byte("\xef\xbb\xbf")

func cutBOM(b []byte) (text, bom []byte) {
	if t, ok := bytes.CutPrefix(b, byteOrderMark); ok {
		return t, byteOrderMark
	}
	return b, nil
}

func join(bom, text []byte) []byte {
	return append(bytes.Clone(bom), text...)
}

// blank reports whether there is nothing but white space.
func blank(b []byte) bool { return len(bytes.Trim(b, " \t\r\n")) == 0 }

// newline is the line ending of the text's first line, "\n" if it has none.
func newline(b []byte) string {
	if i := bytes.IndexByte(b, '\n'); i > 0 && b[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}
