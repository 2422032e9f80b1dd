package term

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"noxkey/ui"
)

// helpScreen lists the keys.
type helpScreen struct{}

func (helpScreen) busy() bool                       { return false }
func (helpScreen) close()                           {}
func (helpScreen) paste(*model, []byte)             {}
func (helpScreen) wake(*model, time.Time) time.Time { return time.Time{} }

func (helpScreen) key(m *model, _ tea.KeyPressMsg) tea.Cmd { return m.goHome() }

func (helpScreen) frame(m *model) frame {
	lines := []string{"", " " + bold("Keys"),
		"   /  search, copy      n  new secret         i  bring in .env files",
		"   ↑↓ choose a session  e  end it             r  let a resting agent ask again",
		"   p  pause agents      l  lock, end all      q  quit (also Ctrl-C)",
		"   On a card: a allows once, s for a session, v vouches for a terminal",
		"   multiplexer, d and Esc deny. Return does nothing. Your passphrase follows.", "",
		" " + bold("At the command line")}
	for _, c := range ui.Commands {
		lines = append(lines, "   "+pad(c.Line, 29)+faint(c.Does))
	}
	lines = append(lines, "", " "+strings.TrimSpace("NoxKey "+m.opt.Version)+faint("   noxkey help COMMAND says more"))
	return frame{left: "NoxKey · help", body: lines, foot: []hint{{"any key", "back"}}}
}
