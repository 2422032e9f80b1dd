package cocoa

import (
	"strings"
	"unicode/utf8"
)

// Break lays text out in lines at most width wide, by cut's rule, at most most lines
// (0: one; Characters and Words with most < 0: as many as it takes). width tells how
// wide a piece of text is. full is false if something of text is not shown. Line
// feeds end lines in the wrapping cuts and are shown as ⏎ in the others.
func Break(text string, cut Cut, most int, width float64, wide func(string) float64) (lines []string, full bool) {
	if cut == Tail || cut == MiddleCut {
		text = strings.ReplaceAll(text, "\n", "⏎")
		line := cutTail(text, width, wide)
		if cut == MiddleCut {
			line = cutMiddle(text, width, wide)
		}
		return []string{line}, line == text
	}
	if most == 0 {
		most = 1
	}
	for _, par := range strings.Split(text, "\n") {
		for {
			n, next := fit(par, cut == Words, width, wide)
			if len(lines) == most-1 && next < len(par) {
				return append(lines, cutTail(par, width, wide)), false
			}
			if len(lines) == most {
				return lines, false
			}
			lines = append(lines, par[:n])
			if par = par[next:]; par == "" {
				break
			}
		}
	}
	return lines, true
}

// fit returns how many bytes of s fit, at least one character, and where the next line
// begins. Words breaks after the last space that allows it, else anywhere.
func fit(s string, words bool, width float64, wide func(string) float64) (n, next int) {
	if wide(s) <= width {
		return len(s), len(s)
	}
	n = prefix(s, width, wide)
	if !words {
		return n, n
	}
	if n < len(s) && s[n] == ' ' {
		return n, n + 1
	}
	if i := strings.LastIndexByte(s[:n], ' '); i > 0 {
		return i, i + 1
	}
	return n, n
}

// prefix is the length of the longest start of s that fits, at least one character.
func prefix(s string, width float64, wide func(string) float64) int {
	ends := []int{}
	for i := range s {
		if i > 0 {
			ends = append(ends, i)
		}
	}
	ends = append(ends, len(s))
	lo, hi := 0, len(ends)-1 // ends[lo] is taken in any case
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if wide(s[:ends[mid]]) <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return ends[lo]
}

func cutTail(s string, width float64, wide func(string) float64) string {
	if s == "" || wide(s) <= width {
		return s
	}
	n := prefix(s, width-wide("…"), wide)
	return strings.TrimRight(s[:n], " ") + "…"
}

// cutMiddle keeps a third of what fits from the start and the rest from the end, where
// paths differ.
func cutMiddle(s string, width float64, wide func(string) float64) string {
	if s == "" || wide(s) <= width {
		return s
	}
	room := width - wide("…")
	head := s[:prefix(s, room/3, wide)]
	tail := s[len(head):]
	for tail != "" && wide(head)+wide(tail) > room {
		_, size := utf8.DecodeRuneInString(tail)
		tail = tail[size:]
	}
	return head + "…" + tail
}
