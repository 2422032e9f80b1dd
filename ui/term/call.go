package term

import (
	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
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
		var list []secret.Answer
		err := m.opt.Service.Do(m.ctx, req, func(a secret.Answer) error {
			list = append(list, a)
			return nil
		})
		if err != nil {
			wipe(list)
			list = nil
		}
		return result{list, err, then}
	}
}

func wipe(list []secret.Answer) {
	for _, a := range list {
		if a.Value != nil {
			a.Value.Value.Wipe()
		}
	}
}
