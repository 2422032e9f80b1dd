package term

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
	"noxkey/ui"
)

// first is the first run: a passphrase, and with it the vault. Telling agents
// about NoxKey is the setup command's.
type first struct {
	pass, again field
	second      bool // the second field has the caret
	making      bool
	note        string
}

func newFirst() *first {
	f := &first{}
	f.pass.hidden, f.again.hidden = true, true
	return f
}

func (*first) busy() bool                       { return true }
func (*first) wake(*model, time.Time) time.Time { return time.Time{} }

func (f *first) close() {
	f.pass.wipe()
	f.again.wipe()
}

func (f *first) field() *field {
	if f.second {
		return &f.again
	}
	return &f.pass
}

func (f *first) paste(_ *model, p []byte) {
	if !f.making {
		f.field().insert(p)
	}
}

func (f *first) key(m *model, k tea.KeyPressMsg) tea.Cmd {
	if f.making {
		return nil
	}
	switch k.String() {
	case "tab", "shift+tab", "up", "down":
		f.second = !f.second
	case "enter":
		if !f.second {
			f.second = true
			return nil
		}
		return f.create(m)
	default:
		f.note = ""
		f.field().key(k)
	}
	return nil
}

// create makes the vault in the background; the derivation takes about a second.
func (f *first) create(m *model) tea.Cmd {
	if f.note = ui.PassphraseFault(f.pass.b, f.again.b); f.note != "" {
		return nil
	}
	v, err := f.pass.value()
	f.again.wipe()
	if err != nil {
		f.note = ui.Words(err)
		return nil
	}
	f.making = true
	return func() tea.Msg {
		err := m.opt.Create(m.ctx, v)
		v.Wipe()
		return func() tea.Cmd { return f.made(m, err) }
	}
}

// made goes on to the main screen. Whether the new vault is open already is the
// broker's to say; if not, the main screen asks for the passphrase once more.
func (f *first) made(m *model, err error) tea.Cmd {
	f.making, f.second = false, false
	if err != nil {
		f.note = ui.Words(err)
		return nil
	}
	m.opt.Vault.Exists = true
	return m.call(&secret.Request{Op: secret.OpStatus}, func(list []secret.Answer, err error) tea.Cmd {
		for _, a := range list {
			if a.Status != nil && a.Status.Locked {
				s := &lockScreen{}
				m.locked = true
				m.show(s)
				return s.open(m)
			}
		}
		return m.goHome()
	})
}

func (f *first) frame(m *model) frame {
	v := m.opt.Vault
	fr := frame{left: "NoxKey · first run", right: "1 of 1"}
	hintLine := "   " + ui.PassphraseHint(f.pass.b)
	switch {
	case f.making:
		hintLine = "   Making the vault…"
	case f.note != "":
		hintLine = "   " + bold(f.note)
	}
	fr.body = []string{"", " " + bold("Choose a passphrase"), "",
		" It opens the vault on this machine and is asked for once a session. It is not", " stored, and nobody can recover it.", "",
		"   Passphrase   " + f.pass.view(m.w-20, !f.second), "   Again        " + f.again.view(m.w-20, f.second), "",
		hintLine, "", "",
		" " + faint(pad("The vault", 11)) + ui.Middle(m.terms.Path(v.Path), m.w-26) + ", mode 0600"}
	if v.Key != "" {
		fr.body = append(fr.body, " "+faint(pad("Key", 11))+ui.Visible(v.Key, m.w-14))
	}
	fr.body = append(fr.body, " "+faint(pad("Names", 11))+"sealed with the values")
	fr.foot = []hint{{"Enter", "continue"}, {"Tab", "next field"}, {"Ctrl-C", "leave without a vault"}}
	return fr
}
