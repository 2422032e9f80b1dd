package term

import (
	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
	"noxkey/ui"
)

func (s *search) detailsKey(m *model, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc", "tab":
		s.details = nil
	case "enter":
		return s.copy(m, s.details)
	}
	return nil
}

// open shows the details of the selected entry, with its peek.
func (s *search) open(m *model) tea.Cmd {
	e := s.selected()
	if e == nil {
		return nil
	}
	shown := *e
	s.details = &shown
	return m.call(&secret.Request{Op: secret.OpPeek, Targets: []secret.Prefix{secret.Prefix(e.Name)}}, func(list []secret.Answer, err error) tea.Cmd {
		for _, x := range ui.Entries(list) {
			if s.details == &shown && x.Name == shown.Name {
				shown = x
			}
		}
		return nil
	})
}

func (s *search) detailsFrame(m *model) frame {
	e := s.details
	f := frame{left: "NoxKey", right: ui.LevelWord(e.Level), foot: []hint{{"Enter", ui.CopyWord(e)}, {"Esc", "back"}}}
	f.body = []string{""}
	for _, l := range chop(e.Name.Key(), m.w-2) {
		f.body = append(f.body, " "+bold(l))
	}
	f.body = append(f.body, indent(chop(string(e.Name.Parent()), m.w-2), " ")...)
	f.body = append(f.body, "")
	for _, d := range ui.Details(e, m.terms, m.now()) {
		by := "   "
		if d.Label == "Expires" && ui.Expiring(e, m.now()) != "" {
			by = " " + m.warning() + " "
		}
		for i, l := range wrap(d.Text, m.w-18) {
			label := ""
			if i == 0 {
				label = d.Label
			}
			f.body = append(f.body, by+faint(pad(label, 13))+l)
			by = "   "
		}
	}
	if s.note != "" {
		f.body = append(append(f.body, ""), indent(wrap(s.note, m.w-2), " ")...)
	}
	return f
}
