package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// verdict is how one move went.
type verdict struct {
	made  bool
	read  []byte   // all that the agent read of it
	found []string // which canaries, and how
	stuck bool     // it had to be ended
	tries int
	wins  int
	odd   bool // it did not go as it should have: held, perhaps, by accident
}

// add joins the verdict of one more try.
func (v *verdict) add(w verdict) {
	v.tries++
	if len(w.found) > 0 {
		v.wins++
	}
	v.made, v.stuck, v.odd = true, v.stuck || w.stuck, v.odd || w.odd
	v.read, v.found = append(v.read, w.read...), append(v.found, w.found...)
	slices.Sort(v.found)
	v.found = slices.Compact(v.found)
}

// row is a move with its outcome in both columns.
type row struct {
	move
	missing     string
	took        time.Duration
	source, run verdict
}

type report struct {
	rows           []row
	run            bool // there is a noxkey run
	read           int  // bytes
	cards, allowed int
}

// word is the verdict in one word. may says that the move may win.
func (v verdict) word(may bool) string {
	switch {
	case !v.made:
		return "-"
	case len(v.found) > 0 && may:
		return "won"
	case len(v.found) > 0:
		return "WON"
	case v.odd || v.stuck:
		return "odd"
	}
	return "held"
}

// may says whether the move may win: because a limit says so, and then only the value
// that was approved.
func (r row) may() bool {
	return r.limit != "" && !slices.ContainsFunc(r.source.found, func(s string) bool { return !strings.HasPrefix(s, string(honest)+" ") })
}

// mayRun is the same for what runs under noxkey run: what no redactor can know again.
func (r row) mayRun() bool { return r.beyond != "" && r.may() }

// faults are the rows that must not be: a win that no limit allows, and a move that
// could not be made as it was meant.
func (r report) faults() (bad []row) {
	for _, one := range r.rows {
		if one.missing != "" {
			continue
		}
		for _, w := range []string{one.source.word(one.may()), one.run.word(one.mayRun())} {
			if w == "WON" || w == "odd" {
				bad = append(bad, one)
				break
			}
		}
	}
	return bad
}

// print prints the table, and the sums that are published.
func (r report) print(out io.Writer, show bool) {
	for g, title := range titles {
		fmt.Fprintf(out, "\n%s\n", title)
		for _, one := range r.rows {
			if one.group == group(g) {
				one.print(out, show)
			}
		}
	}
	fmt.Fprintf(out, "\nThe agent read %d bytes; the person saw %d cards and allowed %d, each the one honest request.\n", r.read, r.cards, r.allowed)
	for _, s := range r.sums() {
		fmt.Fprintln(out, s)
	}
	if bad := r.faults(); len(bad) > 0 {
		fmt.Fprintf(out, "%d moves are faults:\n", len(bad))
		for _, one := range bad {
			fmt.Fprintf(out, "  %s: %s\n", one.name, strings.Join(append(one.source.found, one.run.found...), ", "))
		}
	}
}

func (r row) print(out io.Writer, show bool) {
	if r.missing != "" {
		fmt.Fprintf(out, "  %-5s %-24s %s (no %s here)\n", "-", r.name, r.tries, r.missing)
		return
	}
	fmt.Fprintf(out, "  %-5s", r.source.word(r.may()))
	if r.group == loaded {
		fmt.Fprintf(out, " %-5s", r.run.word(r.mayRun()))
	}
	fmt.Fprintf(out, " %-24s %s", r.name, r.tries)
	for _, v := range []verdict{r.source, r.run} {
		if len(v.found) > 0 {
			fmt.Fprintf(out, " [%s]", strings.Join(v.found, ", "))
		}
		if v.tries > 1 {
			fmt.Fprintf(out, " (%d of %d)", v.wins, v.tries)
		}
	}
	if r.limit != "" && r.group != loaded {
		fmt.Fprintf(out, " {limit: %s}", r.limit)
	}
	fmt.Fprintln(out)
	if show {
		fmt.Fprintf(out, "        %v\n%s\n%s\n", r.took.Round(time.Millisecond), indent(r.source.read), indent(r.run.read))
	}
}

func indent(b []byte) string {
	return "        " + strings.ReplaceAll(strings.TrimSpace(fmt.Sprintf("%.4000q", b)), `\n`, "\n        ")
}

// sum counts moves and wins.
type sum struct{ moves, won int }

func (s *sum) add(v verdict) {
	if v.made {
		s.moves++
		if len(v.found) > 0 {
			s.won++
		}
	}
}

func (r report) sums() []string {
	var bare, piped, limits, load, run, beyond sum
	missing := 0
	for _, one := range r.rows {
		switch {
		case one.missing != "":
			missing++
		case one.group == loaded:
			load.add(one.source)
			if one.beyond != "" {
				beyond.add(one.run)
			} else {
				run.add(one.run)
			}
		case one.limit != "":
			limits.add(one.source)
		case one.group == nothing:
			bare.add(one.source)
		default:
			piped.add(one.source)
		}
	}
	lines := []string{
		fmt.Sprintf("Without any approval:               %3d moves, %d won (must be 0)", bare.moves, bare.won),
		fmt.Sprintf("With an approved handoff:           %3d moves, %d won (must be 0)", piped.moves, piped.won),
		fmt.Sprintf("Limits that are stated:             %3d moves, %d won", limits.moves, limits.won),
		fmt.Sprintf("After a good load by source:        %3d moves, %d won (the known limit of source)", load.moves, load.won),
	}
	if r.run {
		lines = append(lines, fmt.Sprintf("The same under noxkey run:          %3d moves, %d won (must be 0)", run.moves, run.won),
			fmt.Sprintf("The same, rewritten by the agent:   %3d moves, %d won (what no redactor can know again)", beyond.moves, beyond.won))
	} else {
		lines = append(lines, "The same under noxkey run:          not tried: this noxkey has no run")
	}
	if missing > 0 {
		lines = append(lines, fmt.Sprintf("Not tried, for want of a tool:      %3d moves", missing))
	}
	return lines
}
