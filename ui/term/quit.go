package term

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
)

// quitOrAsk ends the front; with sessions open it asks before.
func (m *model) quitOrAsk() tea.Cmd {
	if m.home.sessions() == 0 {
		m.quit = true
		return nil
	}
	m.show(&quitting{})
	return nil
}

// quitting asks whether to end sessions with the app.
type quitting struct{}

func (*quitting) busy() bool                       { return true }
func (*quitting) close()                           {}
func (*quitting) paste(*model, []byte)             {}
func (*quitting) wake(*model, time.Time) time.Time { return time.Time{} }

func (*quitting) key(m *model, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "q", "y":
		m.quit = true
	case "esc", "n", "c":
		return m.goHome()
	}
	return nil
}

func (*quitting) frame(m *model) frame {
	ends := "1 session ends"
	if n := m.home.sessions(); n != 1 {
		ends = fmt.Sprintf("%d sessions end", n)
	}
	return frame{left: "NoxKey", right: m.home.word(m), body: []string{"", " " + bold("Quit NoxKey?"), "",
		" Agents get no secrets until it runs again. " + ends + "."},
		foot: []hint{{"q", "quit"}, {"Esc", "cancel"}}}
}
