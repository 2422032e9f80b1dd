package term

import (
	"fmt"
	"slices"

	"noxkey/ui"
)

// leastRows is how many secrets a card shows at least, before its facts scroll too.
const leastRows = 3

// fit lays the parts of a card out in h lines. Where they are too long, the list
// of secrets scrolls, then the blank lines go, then everything between the head
// and the note scrolls, and allowing waits until the end has been on the screen.
func (a *asking) fit(head, list, facts, note []string, h int) []string {
	a.unread = false
	all := func(list []string, gap bool) []string {
		out := append([]string{}, head...)
		for _, part := range [][]string{list, facts, note} {
			if gap && len(part) > 0 {
				out = append(out, "")
			}
			out = append(out, part...)
		}
		return out
	}
	if out := all(list, true); len(out) <= h {
		a.top = 0
		return out
	}
	for _, gap := range []bool{true, false} {
		if !gap {
			head = slices.DeleteFunc(head, func(l string) bool { return l == "" })
		}
		room := h - len(all(nil, gap))
		if gap {
			room--
		}
		if room > leastRows || room >= len(list) {
			return all(a.window(list, room), gap)
		}
	}
	room := h - len(head) - len(note)
	switch {
	case h-len(note) < leastRows: // nor would the note leave room
		return a.windowToEnd(slices.Concat(head, list, facts, note), h)
	case room < leastRows: // a head that fills the screen scrolls too
		return append(a.windowToEnd(append(append(append([]string{}, head...), list...), facts...), h-len(note)), note...)
	}
	middle := a.windowToEnd(append(append([]string{}, list...), facts...), room)
	return append(append(append([]string{}, head...), middle...), note...)
}

// window shows n lines of list, the last of them saying what is out of sight.
func (a *asking) window(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	a.top = min(a.top, len(list)-(n-1))
	end := a.top + n - 1
	var more string
	switch above, below := a.top, len(list)-end; {
	case above == 0:
		more = ui.Count(below, "line") + " below"
	case below == 0:
		more = ui.Count(above, "line") + " above"
	default:
		more = fmt.Sprintf("%s above, %d below", ui.Count(above, "line"), below)
	}
	return append(append([]string{}, list[a.top:end]...), faint("     … "+more+"; ↑↓ scroll"))
}

func (a *asking) windowToEnd(list []string, n int) []string {
	out := a.window(list, n)
	if len(list) > n && a.top < len(list)-(n-1) {
		a.unread = !a.sawEnd
	} else {
		a.sawEnd = true
	}
	return out
}
