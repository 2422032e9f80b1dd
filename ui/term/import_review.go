package term

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
	"noxkey/ui"
)

// reviewing is the table of what an import would store.
type reviewing struct {
	*ui.Review
	at, top int
	edit    *field // a target or a prefix being typed, nil for neither
	prefix  bool   // edit is the prefix
	discard bool   // asks whether to lose the changes
	saving  bool
	note    string
}

func (*reviewing) busy() bool                       { return true }
func (*reviewing) wake(*model, time.Time) time.Time { return time.Time{} }

func (r *reviewing) close() { r.Wipe() }

func (r *reviewing) paste(_ *model, p []byte) {
	if r.edit != nil {
		r.edit.insert(p)
	}
}

func (r *reviewing) key(m *model, k tea.KeyPressMsg) tea.Cmd {
	if r.saving {
		return nil
	}
	r.note = ""
	switch {
	case r.discard:
		return r.discardKey(m, k)
	case r.edit != nil:
		r.editKey(k)
		return nil
	}
	row := &r.Rows[r.at]
	switch k.String() {
	case "up", "k":
		r.at = max(r.at-1, 0)
	case "down", "j":
		r.at = min(r.at+1, len(r.Rows)-1)
	case "pgup":
		r.at = max(r.at-10, 0)
	case "pgdown":
		r.at = min(r.at+10, len(r.Rows)-1)
	case "space":
		r.Toggle(r.at)
		r.note = row.Why
	case "t":
		r.NextType(r.at)
	case "L":
		r.NextLevel()
	case "r":
		r.start(row.Target, false)
	case "u":
		r.start(r.Files[row.File].Prefix, true)
	case "+":
		p := newImport(m)
		p.back = r
		m.screen = p // without closing the review, which comes back
	case "enter":
		return r.store(m)
	case "esc":
		if r.Dirty() {
			r.discard = true
			return nil
		}
		return m.goHome()
	}
	return nil
}

func (r *reviewing) discardKey(m *model, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "d", "y":
		return m.goHome()
	case "esc", "k", "n":
		r.discard = false
	}
	return nil
}

func (r *reviewing) start(text string, prefix bool) {
	r.edit, r.prefix = &field{}, prefix
	r.edit.set(text)
}

// editKey edits a target or prefix. Enter keeps it, a bad one keeps the field open.
func (r *reviewing) editKey(k tea.KeyPressMsg) {
	switch k.String() {
	case "esc":
		r.edit = nil
	case "enter", "tab":
		r.keep()
	default:
		r.edit.key(k)
	}
}

func (r *reviewing) keep() {
	text := r.edit.text()
	row := &r.Rows[r.at]
	if r.prefix {
		if _, err := secret.ParsePrefix(text); err != nil {
			r.note = ui.Words(err)
			return
		}
		r.SetPrefix(row.File, text)
		r.edit = nil
		return
	}
	r.Rename(r.at, text)
	if row.Name() == "" {
		r.note = row.Why
		return
	}
	r.edit = nil
}

// store sends the batch: all of it is written, or nothing.
func (r *reviewing) store(m *model) tea.Cmd {
	if r.note = r.Ready(); r.note != "" {
		return nil
	}
	r.saving = true
	return m.call(&secret.Request{Op: secret.OpWrite, Changes: r.Changes()}, func(_ []secret.Answer, err error) tea.Cmd {
		r.saving = false
		if err != nil {
			r.note = "Nothing was written. " + ui.Words(err)
			return nil
		}
		done := r.Done(m.terms.Store)
		if m.screen == r {
			m.show(&imported{review: r.Review, result: done})
		}
		return nil
	})
}

func (r *reviewing) frame(m *model) frame {
	row := &r.Rows[r.at]
	file := r.Files[row.File]
	f := frame{left: "NoxKey · import", right: ui.Middle(m.terms.Path(file.Path), m.w-24)}
	f.foot = []hint{{"Space", "choose"}, {"r", "rename"}, {"t", "type"}, {"u", "under"}, {"L", "level"}, {"Enter", fmt.Sprintf("import %d", r.Chosen())}, {"Esc", "cancel"}}
	under := file.Prefix
	if r.edit != nil && r.prefix {
		under = r.edit.view(m.w-32, true)
	}
	f.body = append(f.body, "")
	f.body = append(f.body, indent(wrap(r.Counts(), m.w-2), " ")...)
	f.body = append(f.body, edges(" "+faint("Put under")+"  "+under, faint("Level")+"  "+ui.LevelWord(r.Level), m.w), "", r.header(m))
	rows := m.h - 4 - len(f.body) - 4
	r.top = max(min(r.top, r.at), r.at-rows+1)
	for i := r.top; i < min(len(r.Rows), r.top+rows); i++ {
		f.body = append(f.body, r.line(m, i))
	}
	f.body = append(f.body, "", edges(" "+r.ChosenLine(), bold("+")+" another file", m.w))
	f.body = append(f.body, indent(wrap(r.noteLine(m), m.w-2), " ")...)
	if r.discard {
		f.foot = []hint{{"d", "discard"}, {"Esc", "keep reviewing"}}
	} else if r.edit != nil {
		f.foot = []hint{{"Enter", "keep it"}, {"Esc", "leave it as it was"}}
	}
	return f
}

func (r *reviewing) noteLine(m *model) string {
	row := &r.Rows[r.at]
	switch {
	case r.discard:
		return "Discard the changes in this review?"
	case r.saving:
		return "One moment…"
	case r.note != "":
		return r.note
	case row.Why != "":
		return row.Key + ": " + row.Why
	case row.Doubt != "":
		return row.Key + ": " + row.Doubt + "."
	}
	return waitingLine(m)
}

// Columns of the table; what is left goes to the target.
const (
	keyCol   = 22
	peekCol  = 12
	typeCol  = 10
	stateCol = 8
)

func (r *reviewing) targetCol(w int) int { return w - 5 - keyCol - peekCol - typeCol - stateCol - 1 }

func (r *reviewing) header(m *model) string {
	prefix := r.Files[r.Rows[r.at].File].Prefix
	return "     " + faint(pad("Key", keyCol)+pad("Starts with", peekCol)+pad("Goes to "+ui.Middle(prefix, 12)+"/…", r.targetCol(m.w))+pad("Type", typeCol)+"State")
}

func (r *reviewing) line(m *model, i int) string {
	row := &r.Rows[i]
	box := "[ ]"
	switch {
	case row.State == ui.Refused:
		box = " - "
	case row.Use:
		box = "[x]"
	}
	peek := row.Peek + "…"
	if row.Peek == "" {
		peek = "not shown"
	}
	target := ui.Middle(ui.Visible(row.Target, 0), r.targetCol(m.w)-1)
	if row.State == ui.Refused && row.Name() == "" {
		peek, target = "", row.Why
	}
	if r.edit != nil && !r.prefix && i == r.at {
		target = r.edit.view(r.targetCol(m.w)-1, true)
	}
	state := row.State.String()
	if row.State == ui.Conflicts || row.State == ui.Replaces {
		state = bold(state)
	}
	text := pad(row.Key, keyCol-1) + " " + pad(peek, peekCol-1) + " " + pad(target, r.targetCol(m.w)-1) + " " + pad(ui.TypeWord(row.Type), typeCol)
	if i != r.at {
		return " " + box + " " + text + state
	}
	return "›" + reverse(box+" "+text+strings.TrimSpace(row.State.String()))
}

// imported tells what an import did and offers to delete the files.
type imported struct {
	review *ui.Review
	result ui.Result
	at     int // the offer that is asked about
	note   []string
}

func (*imported) busy() bool                       { return true }
func (*imported) close()                           {}
func (*imported) paste(*model, []byte)             {}
func (*imported) wake(*model, time.Time) time.Time { return time.Time{} }

func (s *imported) key(m *model, k tea.KeyPressMsg) tea.Cmd {
	offered := s.at < len(s.result.Offers)
	switch k.String() {
	case "k", "enter", "esc":
		s.at++
	case "D":
		if !offered {
			return nil
		}
		_, words := s.review.Remove(s.result.Offers[s.at], m.terms)
		s.note = append(s.note, words)
		s.at++
		return nil // the words are read before the screen goes
	default:
		return nil
	}
	if s.at >= len(s.result.Offers) {
		return m.goHome()
	}
	return nil
}

func (s *imported) frame(m *model) frame {
	f := frame{left: "NoxKey · import", right: "done", foot: []hint{{"Enter", "done"}}}
	f.body = []string{"", " " + bold(s.result.Title), ""}
	f.body = append(f.body, indent(wrap(s.result.Body, m.w-2), " ")...)
	f.body = append(f.body, "", "")
	for _, n := range s.note {
		f.body = append(f.body, indent(wrap(n, m.w-2), " ")...)
	}
	if s.at < len(s.result.Offers) {
		path := m.terms.Path(s.review.Files[s.result.Offers[s.at]].Path)
		f.body = append(f.body, " "+bold("The file still holds them in plain text"))
		f.body = append(f.body, indent(chop(path, m.w-4), "   ")...)
		f.body = append(f.body, "")
		f.body = append(f.body, indent(wrap("Deleting removes it at once. Git history keeps every version that was committed.", m.w-2), " ")...)
		f.foot = []hint{{"k", "keep the file (also Enter, Esc)"}, {"D", "delete the file"}}
	}
	if s.result.Left > 0 {
		f.body = append(f.body, "")
		f.body = append(f.body, indent(wrap(ui.LeftWords(s.result.Left), m.w-2), " ")...)
	}
	return f
}
