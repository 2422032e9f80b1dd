package term

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
	"noxkey/ui"
)

// lockScreen stands while nothing may be known.
type lockScreen struct {
	opening bool
	note    string
}

func (*lockScreen) busy() bool                       { return false }
func (*lockScreen) close()                           {}
func (*lockScreen) paste(*model, []byte)             {}
func (*lockScreen) wake(*model, time.Time) time.Time { return time.Time{} }

// lock shows the lock screen, unless it stands already.
func (m *model) lock() tea.Cmd {
	m.locked = true
	if _, ok := m.screen.(*lockScreen); !ok {
		m.show(&lockScreen{})
	}
	return nil
}

// open asks the broker to unlock, which asks for the passphrase.
func (s *lockScreen) open(m *model) tea.Cmd {
	if s.opening {
		return nil
	}
	s.opening, s.note = true, ""
	return m.call(&secret.Request{Op: secret.OpUnlock}, func(_ []secret.Answer, err error) tea.Cmd {
		s.opening = false
		if err != nil {
			s.note = ui.Words(err)
			return nil
		}
		m.locked = false
		return m.goHome()
	})
}

func (s *lockScreen) key(m *model, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "enter", "u":
		return s.open(m)
	case "q":
		m.quit = true
	}
	return nil
}

func (s *lockScreen) frame(m *model) frame {
	f := frame{left: "NoxKey", right: "locked", foot: []hint{{"Enter", "unlock"}, {"q", "quit"}}}
	f.body = []string{"", " " + bold("NoxKey is locked"), "", " No names are known and no session is open. Agents are refused until it is", " unlocked.", ""}
	if s.opening {
		f.body = append(f.body, " One moment…")
	} else if s.note != "" {
		f.body = append(f.body, indent(wrap(s.note, m.w-2), " ")...)
	}
	return f
}
