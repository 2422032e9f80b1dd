package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// width is how many columns the tour uses.
const width = 80

// narrator prints, and keeps what it printed.
type narrator struct {
	out    io.Writer
	colour bool

	mu   sync.Mutex
	said bytes.Buffer // guarded by mu
	err  error        // of the first write that failed; guarded by mu
}

// line prints one line as it is.
func (n *narrator) line(s string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said.WriteString(s + "\n")
	if _, err := io.WriteString(n.out, s+"\n"); n.err == nil {
		n.err = err
	}
}

// tell prints a paragraph of the narration.
func (n *narrator) tell(format string, args ...any) {
	for _, l := range wrap(fmt.Sprintf(format, args...), width-2) {
		n.line("  " + l)
	}
}

// scripted prints what is not real: a decision written down in the tour.
func (n *narrator) scripted(format string, args ...any) {
	for i, l := range wrap(fmt.Sprintf(format, args...), width-14) {
		n.line(n.paint(dim, pad([]string{"  (scripted)", ""}[min(i, 1)], 14)) + l)
	}
}

// quote prints lines that a program printed, marked at the left.
func (n *narrator) quote(s string) {
	for l := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		parts := []string{l}
		if utf8.RuneCountInString(l) > width-6 {
			parts = wrap(l, width-6)
		}
		for _, part := range parts {
			n.line("    | " + part)
		}
	}
}

// frame prints lines in a box of the full width.
func (n *narrator) frame(lines []string) {
	bar := strings.Repeat("─", width-2)
	n.line("┌" + bar + "┐")
	for _, l := range lines {
		n.line("│" + pad(l, width-2) + "│")
	}
	n.line("└" + bar + "┘")
}

// text is what was printed so far.
func (n *narrator) text() []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	return bytes.Clone(n.said.Bytes())
}

func (n *narrator) failed() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.err
}

// The few styles, by their SGR codes (ECMA-48).
const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
)

func (n *narrator) paint(style, s string) string {
	if !n.colour {
		return s
	}
	return "\x1b[" + style + "m" + s + "\x1b[0m"
}

// wrap breaks s into lines of at most w characters, at spaces where there are some.
// Spaces at its start indent every line.
func wrap(s string, w int) []string {
	body := strings.TrimLeft(s, " ")
	by := s[:min(len(s)-len(body), w/2)]
	var lines []string
	line := ""
	for _, word := range strings.Fields(body) {
		for {
			room := w - len(by) - len([]rune(line))
			if line != "" {
				room--
			}
			n := utf8.RuneCountInString(word)
			switch {
			case n <= room:
				line = strings.TrimPrefix(line+" "+word, " ")
			case line == "": // longer than a line: broken
				r := []rune(word)
				lines = append(lines, by+string(r[:room]))
				word = string(r[room:])
				continue
			default:
				lines, line = append(lines, by+line), ""
				continue
			}
			break
		}
	}
	return append(lines, by+line)
}

// pad fills s up to w characters, and cuts what is longer.
func pad(s string, w int) string {
	n := utf8.RuneCountInString(s)
	if n > w {
		return string([]rune(s)[:w-1]) + "…"
	}
	return s + strings.Repeat(" ", w-n)
}

// edges puts left and right at both ends of w characters.
func edges(left, right string, w int) string {
	if right == "" {
		return left
	}
	return pad(left, w-utf8.RuneCountInString(right)-1) + " " + right
}
