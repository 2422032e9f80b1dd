package term

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
	"noxkey/ui"
)

// form stores a new secret.
type form struct {
	name, about, value field
	kind               secret.FieldType
	level              secret.Level
	at                 int // which line has the caret
	note               string
	replace            string // the name that a second Enter replaces
	saving             bool
	typed              bool // the type was chosen by hand
}

// The lines of the form, in order.
const (
	lineName = iota
	lineType
	lineLevel
	lineAbout
	lineValue
	formLines
)

// newForm starts with a name, which may be empty.
func newForm(name string) *form {
	f := &form{kind: secret.APIKey, level: secret.Normal}
	f.name.set(name)
	f.value.hidden, f.value.lines = true, true
	return f
}

func (*form) busy() bool                       { return true }
func (*form) wake(*model, time.Time) time.Time { return time.Time{} }

func (f *form) close() {
	f.name.wipe()
	f.about.wipe()
	f.value.wipe()
}

func (f *form) field() *field {
	switch f.at {
	case lineName:
		return &f.name
	case lineAbout:
		return &f.about
	case lineValue:
		return &f.value
	}
	return nil
}

func (f *form) paste(_ *model, p []byte) {
	if x := f.field(); x != nil && !f.saving {
		if x.insert(p) {
			f.note = "That is too long; the most is 64 KiB."
		}
	}
}

func (f *form) key(m *model, k tea.KeyPressMsg) tea.Cmd {
	if f.saving {
		return nil
	}
	f.note = ""
	switch k.String() {
	case "esc":
		return m.goHome()
	case "tab", "down":
		f.at = (f.at + 1) % formLines
	case "shift+tab", "up":
		f.at = (f.at + formLines - 1) % formLines
	case "ctrl+r":
		f.value.hidden = !f.value.hidden
	case "enter":
		if f.at != lineValue {
			f.at++
			return nil
		}
		return f.save(m)
	default:
		f.edit(k)
	}
	return nil
}

func (f *form) edit(k tea.KeyPressMsg) {
	by := 0
	switch k.String() {
	case "right", "space":
		by = 1
	case "left":
		by = -1
	}
	switch {
	case f.at == lineType && by != 0:
		f.kind, f.typed = step(secret.FieldTypes, f.kind, by), true
	case f.at == lineLevel && by != 0:
		f.level = step(secret.Levels, f.level, by)
	case f.field() != nil:
		f.field().key(k)
		if n, err := secret.ParseName(f.name.text()); f.at == lineName && err == nil && !f.typed {
			f.kind = secret.DefaultMetadata(n).FieldType
		}
	}
}

// step returns the neighbour of v in list, around the ends.
func step[T comparable](list []T, v T, by int) T {
	return list[(slices.Index(list, v)+by+len(list))%len(list)]
}

// save stores the secret. An existing one is replaced only by a second Enter,
// after the form has said so.
func (f *form) save(m *model) tea.Cmd {
	name := f.name.text()
	if f.note = ui.NameFault(name); f.note == "" {
		f.note = ui.ValueFault(f.value.b)
	}
	if f.note != "" {
		return nil
	}
	v, err := secret.NewValue(slices.Clone(f.value.b))
	if err != nil {
		f.note = ui.Words(err)
		return nil
	}
	about := f.about.text()
	change := secret.Change{Action: secret.ActionSet, Name: secret.Name(name), Value: v, Replace: f.replace == name,
		Meta: secret.Patch{FieldType: &f.kind, Level: &f.level, Desc: &about}}
	f.saving = true
	return m.call(&secret.Request{Op: secret.OpWrite, Changes: []secret.Change{change}}, func(_ []secret.Answer, err error) tea.Cmd {
		v.Wipe()
		return f.saved(m, name, err)
	})
}

func (f *form) saved(m *model, name string, err error) tea.Cmd {
	f.saving = false
	if secret.CodeOf(err) == secret.Exists {
		f.replace = name
		f.note = name + " exists. Save replaces its value."
		return nil
	}
	if err != nil {
		f.note = ui.Words(err)
		return nil
	}
	m.home.note = name + " is in the vault."
	if m.screen == f {
		return m.goHome()
	}
	return m.home.load(m)
}

func (f *form) frame(m *model) frame {
	w := m.w - 16
	label := func(line int, text string) string {
		mark := "   "
		if f.at == line {
			mark = " › "
		}
		return mark + faint(pad(text, 9))
	}
	choice := func(line int, text string) string {
		if f.at == line {
			return "‹ " + bold(text) + " ›"
		}
		return "  " + text
	}
	fr := frame{left: "NoxKey · new secret", foot: []hint{{"Enter", "next"}, {"Tab", "next field"}, {"Esc", "cancel"}}}
	fr.body = []string{"", " " + bold("New secret"), " Stored in the vault on this machine", "",
		label(lineName, "Name") + f.name.view(w, f.at == lineName),
		label(lineType, "Type") + choice(lineType, ui.TypeWord(f.kind)),
		label(lineLevel, "Level") + choice(lineLevel, ui.LevelWord(f.level)),
		label(lineAbout, "About") + f.about.view(w, f.at == lineAbout),
		label(lineValue, "Value") + f.value.view(w, f.at == lineValue),
		"            " + faint(ui.ValueCount(f.value.b)), ""}
	switch f.at {
	case lineType, lineLevel:
		fr.foot = append([]hint{{"←→", "change"}}, fr.foot...)
	case lineValue:
		fr.foot = []hint{{"Enter", "save"}, {"Ctrl-R", "show the value"}, {"Tab", "next field"}, {"Esc", "cancel"}}
		if !f.value.hidden {
			fr.foot[1].does = "hide the value"
		}
	}
	note := f.note
	if f.saving {
		note = "One moment…"
	}
	if note != "" {
		fr.body = append(fr.body, indent(wrap(ui.Visible(note, 300), m.w-2), " ")...)
	}
	for len(fr.body) < m.h-5 {
		fr.body = append(fr.body, "")
	}
	fr.body = append(fr.body, " "+waitingLine(m))
	return fr
}
