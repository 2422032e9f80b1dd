package term

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// The least size in which every screen can be used.
const (
	minWidth  = 80
	minHeight = 24
)

var (
	bold    = lipgloss.NewStyle().Bold(true).Render
	faint   = lipgloss.NewStyle().Faint(true).Render
	reverse = lipgloss.NewStyle().Reverse(true).Render
	yellow  = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Yellow).Render
)

// frame is a screen before it is laid out.
type frame struct {
	left, right string // of the first line
	body        []string
	foot        []hint
	dead        bool // the keys do not count yet
}

// hint is a key and what it does, for the footer.
type hint struct{ key, does string }

// lines lays f out in w columns and h rows. Body lines that do not fit are cut off:
// screens whose body can be longer scroll by themselves.
func (f frame) lines(w, h int) []string {
	rule := strings.Repeat("─", w)
	out := []string{edges(" "+f.left, f.right, w), rule}
	for i := range h - 4 {
		line := ""
		if i < len(f.body) {
			line = f.body[i]
		}
		out = append(out, ansi.Truncate(line, w, "…"))
	}
	out = append(out, rule, ansi.Truncate(f.footer(w), w, "…"))
	for i := range out {
		out[i] = guard(out[i])
	}
	return out
}

func (f frame) footer(w int) string {
	key := bold
	if f.dead {
		key = faint
	}
	build := func(gap string) string {
		var b strings.Builder
		b.WriteByte(' ')
		for i, h := range f.foot {
			if i > 0 {
				b.WriteString(gap)
			}
			text := h.does
			if f.dead {
				text = faint(text)
			}
			b.WriteString(key(h.key) + " " + text)
		}
		return b.String()
	}
	if s := build("   "); ansi.StringWidth(s) <= w {
		return s
	}
	return build("  ")
}

// edges puts left and right at both edges of a line, one column free at the right.
func edges(left, right string, w int) string {
	room := w - 1 - ansi.StringWidth(right)
	if right != "" {
		room--
	}
	left = ansi.Truncate(left, max(room, 0), "…")
	if right == "" {
		return left
	}
	return left + strings.Repeat(" ", max(w-1-ansi.StringWidth(left)-ansi.StringWidth(right), 1)) + right
}

// pad cuts s to n columns, or fills it up to them.
func pad(s string, n int) string {
	s = ansi.Truncate(s, n, "…")
	return s + strings.Repeat(" ", max(n-ansi.StringWidth(s), 0))
}

// wrap breaks text into lines of at most n columns, between words where it can.
func wrap(text string, n int) []string {
	lines := strings.Split(ansi.Wrap(text, max(n, 1), ""), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// chop breaks a name into lines of at most n columns by character; nothing is lost.
func chop(name string, n int) []string {
	return strings.Split(ansi.Hardwrap(name, max(n, 1), true), "\n")
}

func indent(lines []string, by string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = by + l
	}
	return out
}

// guard is the last thing that happens to a line: it lets our own colours and
// weights through and nothing else that a terminal would obey. Foreign text has
// passed ui.Visible long before; this is for what forgot to.
func guard(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		if n := sgr(line[i:]); n > 0 {
			b.WriteString(line[i : i+n])
			i += n
			continue
		}
		r, size := rune(line[i]), 1
		if r >= 0x80 {
			r, size = decode(line[i:])
		}
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			b.WriteByte('?')
		} else {
			b.WriteString(line[i : i+size])
		}
		i += size
	}
	return b.String()
}

// sgr returns the length of the style sequence that s starts with, 0 if none.
func sgr(s string) int {
	if !strings.HasPrefix(s, "\x1b[") {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case c != ';' && c != ':' && (c < '0' || c > '9'):
			return 0
		}
	}
	return 0
}
