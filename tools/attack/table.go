package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// row is one line of a threat table in SECURITY.md.
type row struct {
	ID     string `json:"id"`
	Mac    bool   `json:"mac,omitempty"` // of the section about macOS: run here over fakes
	Attack string `json:"attack"`
	Holds  string `json:"holds"`

	Named   []string `json:"-"`     // the tests that the document names
	Tests   []test   `json:"tests"` // those, and the others whose names say this row
	Verdict verdict  `json:"verdict"`
	// Why says what failed or was left out, one test a line.
	Why []string `json:"why,omitempty"`
}

// verdict is how a row ended.
type verdict string

// The verdicts. A row is held if all of its tests that can run here passed.
const (
	held   verdict = "held"
	partly verdict = "held, in part"
	broken verdict = "BROKEN"
	notRun verdict = "not run"
)

var (
	rowID    = regexp.MustCompile(`^[A-F][0-9]+$`)
	testName = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
)

// macHeading begins the section whose rows are about macOS.
const macHeading = "## The Mac"

// parse returns the rows of the tables whose first cell is a row's id, in the
// document's order. A row without a test is an error: no claim without one.
func parse(doc string) ([]*row, error) {
	var rows []*row
	mac := false
	seen := map[string]bool{}
	for i, line := range strings.Split(doc, "\n") {
		if strings.HasPrefix(line, "## ") {
			mac = strings.HasPrefix(line, macHeading)
		}
		cells := split(line)
		if len(cells) == 0 || !rowID.MatchString(cells[0]) {
			continue
		}
		if len(cells) != 4 {
			return nil, fmt.Errorf("SECURITY.md:%d: row %s has %d cells, not id, attack, what holds, tests", i+1, cells[0], len(cells))
		}
		r := &row{ID: cells[0], Mac: mac, Attack: cells[1], Holds: cells[2]}
		for _, m := range testName.FindAllStringSubmatch(cells[3], -1) {
			r.Named = append(r.Named, m[1])
		}
		if len(r.Named) == 0 {
			return nil, fmt.Errorf("SECURITY.md:%d: row %s names no test", i+1, r.ID)
		}
		if key := r.key(); seen[key] {
			return nil, fmt.Errorf("SECURITY.md:%d: row %s is there twice", i+1, key)
		} else {
			seen[key] = true
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("SECURITY.md has no threat table")
	}
	return rows, nil
}

// key tells a row from the one of the same attack on macOS.
func (r *row) key() string {
	if r.Mac {
		return r.ID + " (Mac)"
	}
	return r.ID
}

// split returns the cells of a line of a Markdown table, nil if it is none.
func split(line string) []string {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") || !strings.HasSuffix(line, "|") || len(line) < 2 {
		return nil
	}
	cells := strings.Split(line[1:len(line)-1], "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// selectRows keeps the rows whose id begins with prefix.
func selectRows(rows []*row, prefix string) []*row {
	return slices.DeleteFunc(slices.Clone(rows), func(r *row) bool { return !strings.HasPrefix(r.ID, prefix) })
}
