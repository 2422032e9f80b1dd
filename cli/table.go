package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"noxkey/secret"
)

// cell is one field of a table: foreign text, escaped when it is printed, and
// the colour it has on a terminal.
type cell struct{ text, code string }

// table prints rows in aligned columns. It does so in blocks, so that the first
// rows of a long listing appear before the last have arrived; a later block is
// never narrower than the one before.
type table struct {
	w      io.Writer
	colour bool
	width  []int
	rows   [][]cell
}

// block is the number of rows that are aligned together.
const block = 256

func newTable(w io.Writer) *table { return &table{w: w, colour: colour(w)} }

func (t *table) row(cells ...cell) error {
	for i := range cells {
		cells[i].text = show(cells[i].text)
	}
	t.rows = append(t.rows, cells)
	if len(t.rows) < block {
		return nil
	}
	return t.flush()
}

// flush prints what has been collected.
func (t *table) flush() error {
	for _, r := range t.rows {
		for len(t.width) < len(r) {
			t.width = append(t.width, 0)
		}
		for i, c := range r {
			t.width[i] = max(t.width[i], utf8.RuneCountInString(c.text))
		}
	}
	var b strings.Builder
	for _, r := range t.rows {
		t.line(&b, r)
	}
	t.rows = t.rows[:0]
	_, err := io.WriteString(t.w, b.String())
	return err
}

// line writes r without spaces at its end.
func (t *table) line(b *strings.Builder, r []cell) {
	gap := 0
	for i, c := range r {
		if c.text != "" {
			b.WriteString(strings.Repeat(" ", gap))
			b.WriteString(paint(t.colour, c.code, c.text))
			gap = 0
		}
		if c.text == "" {
			gap += t.width[i] + 2
		} else {
			gap += t.width[i] - utf8.RuneCountInString(c.text) + 2
		}
	}
	b.WriteByte('\n')
}

// array prints a JSON array, an element as soon as it comes.
type array struct {
	w io.Writer
	n int
}

func (a *array) add(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	lead := ",\n"
	if a.n == 0 {
		lead = "[\n"
	}
	a.n++
	_, err = fmt.Fprintf(a.w, "%s%s", lead, showJSON(b))
	return err
}

// end closes the array. An empty one is [].
func (a *array) end() error {
	text := "\n]\n"
	if a.n == 0 {
		text = "[]\n"
	}
	_, err := io.WriteString(a.w, text)
	return err
}

// printArray prints rows, or what as makes of each.
func printArray[T any](w io.Writer, rows []T, as ...func(T) any) error {
	a := &array{w: w}
	for _, r := range rows {
		var v any = r
		for _, f := range as {
			v = f(r)
		}
		if err := a.add(v); err != nil {
			return err
		}
	}
	return a.end()
}

// printJSON prints one object.
func printJSON(w io.Writer, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s\n", showJSON(b))
	return err
}

// expiry words when something ends, in colour when that is near or past.
func expiry(at, now time.Time) cell {
	switch left := at.Sub(now); {
	case at.IsZero():
		return cell{}
	case left <= 0:
		return cell{"expired " + day(at), red}
	case left <= secret.Soon:
		return cell{"expires " + day(at), yellow}
	default:
		return cell{"until " + day(at), dim}
	}
}

func day(t time.Time) string { return t.Local().Format(time.DateOnly) }

func levelCell(l secret.Level) cell {
	switch l {
	case secret.Strict:
		return cell{string(l), yellow}
	case secret.OffLimits:
		return cell{string(l), red}
	}
	return cell{string(l), ""}
}

// entryCells are the columns of a secret behind its name.
func entryCells(e secret.Entry, now time.Time) []cell {
	state := expiry(e.Expires, now)
	if e.Damaged {
		state = cell{"damaged", red}
	}
	return []cell{{string(e.FieldType), dim}, levelCell(e.Level), state, {e.Desc, ""}}
}

// count words a number of things: 1 secret, 2 secrets.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func secrets(n int) string { return count(n, "secret", "secrets") }
