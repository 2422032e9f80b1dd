package term

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"noxkey/secret"
	"noxkey/ui"
)

// search is the list that narrows as one types.
type search struct {
	query   field
	index   *ui.Search // nil while loading
	found   []ui.Match
	total   int
	at, top int
	details *secret.Entry
	note    string
	copying bool
}

// openSearch shows the search and asks for the names.
func openSearch(m *model) tea.Cmd {
	s := &search{}
	m.show(s)
	return m.call(&secret.Request{Op: secret.OpList}, func(list []secret.Answer, err error) tea.Cmd {
		if err != nil {
			s.note = ui.Words(err)
			return nil
		}
		s.index = ui.NewSearch(ui.Entries(list))
		s.find()
		return nil
	})
}

func (s *search) busy() bool { return true }
func (s *search) close()     { s.query.wipe() }

// wake redraws once a second while a request waits behind the search, whose
// clock is shown.
func (s *search) wake(m *model, now time.Time) time.Time {
	if m.opt.Desk.State().Next != nil {
		return now.Add(time.Second)
	}
	return time.Time{}
}

func (s *search) paste(_ *model, p []byte) {
	s.query.insert(p)
	s.find()
}

func (s *search) find() {
	s.at, s.top = 0, 0
	if s.index != nil {
		s.found, s.total = s.index.Find(s.query.text())
	}
}

func (s *search) selected() *secret.Entry {
	if s.at >= len(s.found) {
		return nil
	}
	return s.found[s.at].Entry
}

func (s *search) key(m *model, k tea.KeyPressMsg) tea.Cmd {
	if s.copying {
		return nil
	}
	s.note = ""
	if s.details != nil {
		return s.detailsKey(m, k)
	}
	switch k.String() {
	case "esc":
		if len(s.query.b) == 0 {
			return m.goHome()
		}
		s.query.wipe()
		s.find()
	case "enter":
		return s.enter(m)
	case "tab":
		return s.open(m)
	case "up", "ctrl+p":
		s.at = max(s.at-1, 0)
	case "down", "ctrl+n":
		s.at = max(min(s.at+1, len(s.found)-1), 0)
	case "pgup":
		s.at = max(s.at-10, 0)
	case "pgdown":
		s.at = max(min(s.at+10, len(s.found)-1), 0)
	default:
		if s.query.key(k) {
			s.find()
		}
	}
	return nil
}

func (s *search) enter(m *model) tea.Cmd {
	e := s.selected()
	switch {
	case e != nil:
		return s.copy(m, e)
	case s.index != nil: // nothing matches: perhaps it is to be made
		m.show(newForm(s.query.text()))
	}
	return nil
}

// copy asks for the value and hands it to the clipboard.
func (s *search) copy(m *model, e *secret.Entry) tea.Cmd {
	s.copying = true
	req := &secret.Request{Op: secret.OpGet, Targets: []secret.Prefix{secret.Prefix(e.Name)}, Delivery: secret.DeliverCopy}
	return m.call(req, func(list []secret.Answer, err error) tea.Cmd {
		if err != nil {
			s.copied(m, err, "")
			return nil
		}
		return func() tea.Msg {
			err := secret.Errorf(secret.Internal, "no value came")
			for _, a := range list {
				if a.Value != nil {
					err = m.opt.Copy(m.ctx, a.Value.Value)
				}
			}
			ui.Wipe(list)
			return func() tea.Cmd { return s.copied(m, err, ui.Told(list)) }
		}
	})
}

// copied closes the search, or says why nothing was copied. told came with the value.
func (s *search) copied(m *model, err error, told string) tea.Cmd {
	s.copying = false
	if err != nil {
		s.note = strings.TrimSpace(ui.NotCopied(err) + " " + told) // a code may be struck off all the same
		return nil
	}
	m.home.note = "Copied."
	if after := m.opt.ClearAfter; after != nil {
		m.home.note += fmt.Sprintf(" The clipboard is cleared in %d s.", int(after()/time.Second))
	}
	m.home.note = strings.TrimSpace(m.home.note + " " + told)
	if m.screen == s {
		return m.goHome()
	}
	return nil
}

func (s *search) frame(m *model) frame {
	if s.details != nil {
		return s.detailsFrame(m)
	}
	f := frame{left: "NoxKey", right: s.count(), foot: []hint{{"Enter", ui.CopyWord(s.selected())}, {"Tab", "details"}, {"↑↓", "move"}, {"Esc", "back"}}}
	if len(s.query.b) > 0 {
		f.foot[3].does = "clear"
	}
	f.body = []string{"", " / " + s.query.view(m.w-6, true), ""}
	rows := m.h - 4 - len(f.body) - 1 - noteLines
	s.top = max(min(s.top, s.at), s.at-rows+1)
	for i := s.top; i < min(len(s.found), s.top+rows); i++ {
		f.body = append(f.body, m.matchLine(s.found[i], i == s.at))
	}
	if len(s.found) == 0 {
		f.body = append(f.body, s.empty(m)...)
		f.foot = f.foot[3:]
		if s.index != nil {
			f.foot = append([]hint{{"Enter", "new secret"}}, f.foot...)
		}
	}
	note := wrap(s.note, m.w-2)
	note = note[:min(len(note), noteLines)]
	for len(f.body) < m.h-5-len(note) {
		f.body = append(f.body, "")
	}
	f.body = append(append(f.body, indent(note, " ")...), " "+waitingLine(m))
	return f
}

func (s *search) count() string {
	switch {
	case s.index == nil:
		return ""
	case len(s.query.b) == 0:
		return ui.Count(s.index.Len(), "secret")
	case s.total > len(s.found):
		return fmt.Sprintf("%d of %s matches", len(s.found), ui.Number(s.total))
	}
	return fmt.Sprintf("%s of %s", ui.Number(s.total), ui.Number(s.index.Len()))
}

func (s *search) empty(m *model) []string {
	switch {
	case s.index == nil && s.note == "":
		return []string{"   One moment…"}
	case s.index == nil:
		return nil
	case s.index.Len() == 0:
		return []string{"   " + bold("No secrets yet"), "   Press i on the main screen to bring in a .env file, or n to store one."}
	}
	q := ui.Visible(s.query.text(), 60)
	return append(indent(wrap("No secret matches “"+q+"”", m.w-4), "   "), "   Search looks at names and descriptions, letter by letter in order.")
}

// noteLines is the room below the list for why nothing was copied.
const noteLines = 3

// waitingLine says which request waits until the present screen is left.
func waitingLine(m *model) string {
	a := m.opt.Desk.State().Next
	if a == nil {
		return ""
	}
	s := ui.Card(a, m.terms, m.now()).Title + "."
	if a.Deadline.After(m.now()) {
		s = strings.TrimSuffix(s, ".") + ", " + ui.Clock(a.Deadline.Sub(m.now())) + " left."
	}
	return bold(s) + " Esc shows it."
}

const (
	descWidth  = 13
	typeWidth  = 9
	levelWidth = 10
)

// matchLine is one row: the name with what matched marked, about, type, level. One that
// expires soon is marked with a "!", and says so in place of what it is about.
func (m *model) matchLine(x ui.Match, selected bool) string {
	base := lipgloss.NewStyle()
	mark := "   "
	if selected {
		base, mark = base.Reverse(true), " › "
	}
	name := m.w - 1 - len("   ") - descWidth - typeWidth - levelWidth - 2
	level := base
	if x.Entry.Level.Rank() >= secret.Strict.Rank() {
		level = base.Bold(true)
	}
	right := fmt.Sprintf("%*s", levelWidth, ui.LevelWord(x.Entry.Level))
	desc := base.Render(" " + pad(ui.Visible(x.Entry.Desc, 60), descWidth))
	if soon := ui.Expiring(x.Entry, m.now()); soon != "" {
		mark = m.warning() + mark[1:]
		desc = base.Render(" ") + base.Bold(true).Render(pad(soon, descWidth))
	}
	return mark + nameCells(string(x.Entry.Name), x.Name, name, base) + desc +
		base.Render(" "+pad(ui.TypeWord(x.Entry.FieldType), typeWidth)) + level.Render(right)
}

// nameCells draws a name in n columns, cut in its middle, with the runes at marks
// bold and underlined. Names are ASCII, so a rune is a byte and a column.
func nameCells(name string, marks []int, n int, base lipgloss.Style) string {
	marked := make(map[int]bool, len(marks))
	for _, i := range marks {
		marked[i] = true
	}
	head, tail := len(name), 0
	if len(name) > n {
		head = (n - 1) / 3
		tail = n - 1 - head
	}
	hit := base.Bold(true).Underline(true)
	var b strings.Builder
	run := func(from, to int) {
		for i := from; i < to; {
			j := i
			for j < to && marked[j] == marked[i] {
				j++
			}
			style := base
			if marked[i] {
				style = hit
			}
			b.WriteString(style.Render(name[i:j]))
			i = j
		}
	}
	run(0, head)
	if tail > 0 {
		b.WriteString(base.Render("…"))
		run(len(name)-tail, len(name))
	} else if len(name) < n {
		b.WriteString(base.Render(strings.Repeat(" ", n-len(name))))
	}
	return b.String()
}
