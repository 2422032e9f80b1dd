package cli

import (
	"fmt"
	"strings"

	"noxkey/setup"
)

// greenLines is the colour of what is added.
const greenLines = "32"

// showChange prints the exact change to one file.
func (p *program) showChange(c *setup.Change, undo bool) {
	head := show(c.Path)
	if c.Target != "" {
		head += " -> " + show(c.Target)
	}
	head += ": " + c.What
	switch {
	case c.Nothing() && undo:
		fmt.Fprintf(p.out, "%s: nothing of noxkey in it\n", head)
		return
	case c.Nothing():
		fmt.Fprintf(p.out, "%s: already set up\n", head)
		return
	case c.New:
		head += ", a new file"
	case c.Removes:
		head += ", removed, since nothing else is in it"
	case c.Foreign():
		head += ", changed by hand"
	}
	fmt.Fprintln(p.out, head)
	on := colour(p.out)
	for _, h := range c.Hunks {
		fmt.Fprintf(p.out, "%s\n", paint(on, dim, fmt.Sprintf("@@ line %d @@", h.Line)))
		for _, l := range h.Removed {
			fmt.Fprintln(p.out, paint(on, red, "-"+show(tabs(l))))
		}
		for _, l := range h.Added {
			fmt.Fprintln(p.out, paint(on, greenLines, "+"+show(tabs(l))))
		}
	}
}

// tabs shows a line's indentation, which show would escape.
func tabs(l string) string { return strings.ReplaceAll(l, "\t", "    ") }

// listed is an agent in the listing.
type listed struct {
	Agent string       `json:"agent"`
	Title string       `json:"title"`
	Found bool         `json:"found"`
	State setup.State  `json:"state"`
	Files []listedFile `json:"files"`
}

type listedFile struct {
	What   string      `json:"what"`
	Path   string      `json:"path"`
	Target string      `json:"target,omitempty"`
	State  setup.State `json:"state"`
	Why    string      `json:"why,omitempty"`
}

func (p *program) listAgents(h setup.Home) error {
	a, t := &array{w: p.out}, newTable(p.out)
	for _, agent := range setup.Agents() {
		r := h.Look(agent)
		l := listed{agent.Name, agent.Title, r.Found, r.State, nil}
		for _, f := range r.Files {
			l.Files = append(l.Files, listedFile{f.What, f.Path, f.Target, f.State, f.Why})
		}
		var err error
		if p.json {
			err = a.add(l)
		} else {
			err = t.row(agentCells(l)...)
		}
		if err != nil {
			return err
		}
	}
	if p.json {
		return a.end()
	}
	return t.flush()
}

func agentCells(l listed) []cell {
	state := cell{string(l.State), yellow}
	switch {
	case !l.Found && l.State == setup.Absent:
		return []cell{{l.Agent, dim}, {l.Title, dim}, {"not found", dim}}
	case l.State == setup.Unreadable:
		state.code = red
	case l.State == setup.Done:
		state.code = ""
	}
	var notes []string
	for _, f := range l.Files {
		if f.Why != "" {
			notes = append(notes, f.Path+": "+f.Why)
		} else if l.State != setup.Done && f.State != setup.Absent || l.State == setup.Partly {
			notes = append(notes, f.What+" "+string(f.State))
		}
	}
	return []cell{{l.Agent, ""}, {l.Title, dim}, state, {strings.Join(notes, "; "), dim}}
}
