package term

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"noxkey/ui"
)

func (a *asking) frame(m *model) frame {
	f := frame{left: "NoxKey", dead: !a.live}
	switch {
	case a.state.Bare():
		a.bare(m, &f)
	case a.state.Stage == ui.Choosing:
		a.card(m, &f)
	case a.state.Stage == ui.Entering:
		a.entry(m, &f)
	default:
		a.proof(m, &f)
	}
	return f
}

// view is the card in words, with the queue as it is now.
func (a *asking) view(m *model) ui.CardView {
	shown := *a.state.Ask
	shown.Waiting = max(shown.Waiting, a.state.Queue)
	return ui.Card(&shown, m.terms, m.now())
}

func header(v ui.CardView) string {
	if v.Queue == "" {
		return "request " + v.Mark
	}
	return v.Mark + " · request " + v.Queue
}

func (a *asking) card(m *model, f *frame) {
	v := a.view(m)
	f.right = header(v)
	head := append([]string{""}, titleLines(v, m.w)...)
	if v.Strip != nil {
		head = append(head, m.stripLines(v.Strip)...)
	}
	f.body = a.fit(head, listLines(v.Groups, m.w), factLines(v.Facts, m.w), a.noteLines(m, v), m.h-4)
	f.foot = footKeys(v)
	if a.unread {
		f.foot = append(f.foot, hint{"↓", "read on"})
	}
}

func footKeys(v ui.CardView) []hint {
	keys := map[ui.Choice]string{ui.AllowOnce: "a", ui.AllowSession: "s", ui.Vouch: "v", ui.Deny: "d"}
	var foot []hint
	for _, b := range v.Buttons {
		label := b.Label
		if b.Choice == ui.Deny {
			label += " (also Esc)"
		}
		foot = append(foot, hint{keys[b.Choice], label})
	}
	return foot
}

func titleLines(v ui.CardView, w int) []string {
	var out []string
	for _, l := range wrap(v.Title, w-2) {
		out = append(out, " "+bold(l))
	}
	return append(out, indent(wrap(v.Long, w-2), " ")...)
}

// warning is the sign of one, and the only thing that has a colour.
func (m *model) warning() string {
	if m.color {
		return yellow("!")
	}
	return bold("!")
}

func (m *model) stripLines(s *ui.Strip) []string {
	out := []string{"", " " + m.warning() + " " + bold(s.Title)}
	return append(out, indent(wrap(s.Body, m.w-4), "   ")...)
}

// listLines draws the groups of secrets. Names are broken, never cut.
func listLines(groups []ui.Group, w int) []string {
	var out []string
	for i, g := range groups {
		if i > 0 {
			out = append(out, "")
		}
		by := "   "
		if g.Path != "" {
			out = append(out, indent(chop(g.Path+"/", w-4), "   ")...)
			by = "     "
		}
		for _, r := range g.Rows {
			out = append(out, rowLines(r, by, w)...)
		}
	}
	return out
}

func rowLines(r ui.Row, by string, w int) []string {
	right := r.Right
	if r.Heavy {
		right = bold(right)
	}
	room := w - 1 - len(by) - ansi.StringWidth(right) - 2
	parts := chop(r.Name, room)
	out := []string{edges(by+parts[0], right, w)}
	out = append(out, indent(parts[1:], by+"  ")...)
	for _, u := range r.Under {
		out = append(out, indent(wrap(u, w-len(by)-3), by+"  ")...)
	}
	return out
}

const labelWidth = 9

func factLines(facts []ui.Fact, w int) []string {
	var out []string
	room := w - labelWidth - 2
	for _, f := range facts {
		text := f.Text
		if f.Path {
			text = ui.Middle(text, 2*room)
		}
		for i, l := range wrap(text, room) {
			label := ""
			if i == 0 {
				label = f.Label
			}
			out = append(out, " "+faint(pad(label, labelWidth))+l)
		}
	}
	return out
}

func (a *asking) noteLines(m *model, v ui.CardView) []string {
	var out []string
	for _, n := range []string{v.Note, a.note} {
		if n != "" {
			out = append(out, indent(wrap(n, m.w-2), " ")...)
		}
	}
	return append(out, " "+ui.CardNote(a.state.Ask, m.terms, m.now()))
}

// proof is a passphrase that belongs to a request.
func (a *asking) proof(m *model, f *frame) {
	v := a.view(m)
	v.Long = ui.Chosen(a.state.Ask, a.state.Choice, m.now())
	f.right = header(v)
	head := append([]string{""}, titleLines(v, m.w)...)
	if v.Strip != nil {
		head = append(head, m.stripLines(v.Strip)...)
	}
	if a.state.Stage == ui.Checking {
		f.body = a.fit(head, listLines(v.Groups, m.w), nil, []string{" One moment…"}, m.h-4)
		return
	}
	var facts []string
	if a.state.Mine() && !a.state.Ask.Who.Front {
		facts = factLines(pick(v.Facts, append([]string{"Gives"}, ui.OwnFacts...)...), m.w)
	}
	f.body = a.fit(head, listLines(v.Groups, m.w), facts, a.passphraseLines(m), m.h-4)
	f.foot = a.passphraseKeys(a.escDoes())
}

func (a *asking) passphraseKeys(esc string) []hint {
	foot := []hint{{"Enter", "continue"}, {"Tab", "next field"}, {"Esc", esc}}
	if !a.state.Prompt.New {
		foot = append(foot[:1], foot[2:]...)
	}
	return foot
}

func pick(facts []ui.Fact, labels ...string) []ui.Fact {
	var out []ui.Fact
	for _, f := range facts {
		for _, l := range labels {
			if f.Label == l {
				out = append(out, f)
			}
		}
	}
	return out
}

func (a *asking) escDoes() string {
	if a.state.Mine() {
		return "cancel"
	}
	return "deny"
}

func (a *asking) passphraseLines(m *model) []string {
	p := a.state.Prompt
	var out []string
	if p.New {
		out = append(out, " A new passphrase, to "+p.Reason, "",
			"   Passphrase   "+a.first.view(m.w-20, !a.again), "   Again        "+a.second.view(m.w-20, a.again), "",
			"   "+ui.PassphraseHint(a.first.b))
	} else {
		out = append(indent(wrap("Passphrase to "+p.Reason, m.w-2), " "), "", "   "+a.first.view(m.w-6, true), "")
	}
	for _, n := range []string{p.Note, a.note} {
		if n != "" {
			out = append(out, indent(wrap(ui.Sentence(ui.Visible(n, 300)), m.w-2), " ")...)
		}
	}
	return append(out, indent(wrap(a.proofNote(m), m.w-2), " ")...)
}

func (a *asking) proofNote(m *model) string {
	if a.state.Bare() {
		return ""
	}
	s := "Nothing is released before the passphrase is right."
	if d := a.state.Deadline(); d.After(m.now()) {
		end := " Denied in "
		if a.escDoes() == "cancel" {
			end = " Cancelled in "
		}
		s += end + ui.Clock(d.Sub(m.now())) + "."
	}
	return s
}

// bare is a passphrase that belongs to no request: unlocking, mostly.
func (a *asking) bare(m *model, f *frame) {
	f.right = m.home.word(m)
	if a.state.Stage == ui.Checking {
		f.body = []string{"", " One moment…"}
		return
	}
	f.body = append([]string{"", " " + bold(ui.Capital(a.state.Prompt.Reason)), ""}, a.passphraseLines(m)...)
	f.foot = a.passphraseKeys("cancel")
}

// entry asks for a value.
func (a *asking) entry(m *model, f *frame) {
	v := a.view(m)
	f.right = header(v)
	head := append([]string{""}, titleLines(v, m.w)...)
	head = append(head, " NoxKey stores it. Whoever asked gets only its name.")
	if v.Strip != nil {
		head = append(head, m.stripLines(v.Strip)...)
	}
	note := []string{"   Value   " + a.first.view(m.w-14, true), "           " + ui.ValueCount(a.first.b), ""}
	if a.note != "" {
		note = append(note, indent(wrap(a.note, m.w-2), " ")...)
	}
	if d := a.state.Deadline(); d.After(m.now()) {
		note = append(note, " Without an answer, denied in "+ui.Clock(d.Sub(m.now()))+".")
	}
	show := "show the value"
	if !a.first.hidden {
		show = "hide the value"
	}
	f.body = a.fit(head, listLines(v.Groups, m.w), factLines(v.Facts, m.w), note, m.h-4)
	f.foot = []hint{{"Enter", "save"}, {"Ctrl-R", show}, {"Esc", "deny"}}
	if strings.TrimSpace(ui.ValueFault(a.first.b)) != "" {
		f.foot = f.foot[1:]
	}
}
