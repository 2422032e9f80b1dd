package term

import (
	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
	"noxkey/ui"
)

// result is what the service said to one request.
type result struct {
	answers []secret.Answer
	err     error
	then    func([]secret.Answer, error) tea.Cmd
}

// call asks the service in the background and hands what it said to then, in
// the event loop. Values in the answers belong to then.
func (m *model) call(req *secret.Request, then func([]secret.Answer, error) tea.Cmd) tea.Cmd {
	done := m.opt.Desk.Acting()
	return func() tea.Msg {
		defer done()
		list, err := ui.Ask(m.ctx, m.opt.Service, req)
		return result{list, err, then}
	}
}
