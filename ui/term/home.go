package term

import (
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
	"noxkey/ui"
)

// home is the main screen: sessions, recent requests, who rests.
type home struct {
	status  secret.Status
	list    []secret.Session
	recent  []ui.Recent
	at      int // selected session
	note    string
	due     time.Time // when to load again
	loading bool
	again   bool // something changed while loading
}

const (
	homeSessions = 5
	homeRecent   = 5 // on the smallest screen; a taller one shows more
	homeRests    = 3
	homeEvery    = time.Minute
)

func (h *home) busy() bool                       { return false }
func (h *home) close()                           {}
func (h *home) paste(*model, []byte)             {}
func (h *home) sessions() int                    { return len(h.list) }
func (h *home) wake(*model, time.Time) time.Time { return h.due }

// load asks for everything that the screen shows, one request after the other.
func (h *home) load(m *model) tea.Cmd {
	if h.loading {
		h.again = true
		return nil
	}
	h.loading = true
	h.due = m.now().Add(homeEvery)
	return m.call(&secret.Request{Op: secret.OpStatus}, func(list []secret.Answer, err error) tea.Cmd {
		if err != nil {
			h.note = ui.Words(err)
			return h.loaded(m)
		}
		for _, a := range list {
			if a.Status != nil {
				h.status = *a.Status
			}
		}
		m.locked = h.status.Locked
		if m.locked {
			h.list, h.recent = nil, m.opt.Desk.Recent()
			h.loaded(m)
			return m.lock()
		}
		if l, ok := m.screen.(*lockScreen); ok && !l.opening {
			m.show(m.home) // opened by another road
		}
		return h.loadSessions(m)
	})
}

func (h *home) loaded(m *model) tea.Cmd {
	h.loading = false
	if h.again {
		h.again = false
		return h.load(m)
	}
	return nil
}

func (h *home) loadSessions(m *model) tea.Cmd {
	return m.call(&secret.Request{Op: secret.OpSessions}, func(list []secret.Answer, err error) tea.Cmd {
		if err == nil {
			h.list = ui.Sessions(list)
			h.at = max(min(h.at, len(h.list)-1), 0)
		}
		return h.loadRecent(m)
	})
}

func (h *home) loadRecent(m *model) tea.Cmd {
	return m.call(&secret.Request{Op: secret.OpAudit, Limit: 50}, func(list []secret.Answer, err error) tea.Cmd {
		h.recent = m.opt.Desk.Recent()
		if err == nil {
			var records []secret.Record
			for _, a := range list {
				if a.Record != nil {
					records = append(records, *a.Record)
				}
			}
			if r := ui.RecentOf(records, len(records)); len(r) > 0 {
				h.recent = r
			}
		}
		return h.loaded(m)
	})
}

// word is the state in the top right corner.
func (h *home) word(m *model) string {
	if m.locked {
		return "locked"
	}
	s := "unlocked"
	if h.status.Paused {
		s = "agents paused"
	}
	if n := len(h.list); n > 0 {
		s += " · " + ui.Count(n, "session")
	}
	return s + " · " + ui.Count(h.status.Secrets, "secret")
}

func (h *home) frame(m *model) frame {
	pause := "pause agents"
	if h.status.Paused {
		pause = "resume agents"
	}
	f := frame{left: "NoxKey", right: h.word(m), foot: []hint{
		{"/", "search"}, {"n", "new"}, {"i", "import"}, {"e", "end session"}, {"p", pause}, {"l", "lock"}, {"q", "quit"}}}
	if len(h.list) == 0 {
		f.foot = append(f.foot[:3], f.foot[4:]...)
	}
	top := append([]string{""}, h.sessionLines(m)...)
	end := append(h.restLines(m), h.endLines(m)...)
	room := m.h - 4 - len(top) - len(end) - 1
	f.body = append(append(top, h.recentLines(m, min(room, homeRecent+m.h-minHeight))...), end...)
	return f
}

// endLines are those that no list may push off the screen.
func (h *home) endLines(m *model) []string {
	out := []string{"", edges(" No request waits.", faint("? help"), m.w)}
	if h.status.Secrets == 0 && !m.locked {
		out = append(out, "", " No secrets yet: i brings in a .env file, n stores one.", " At the command line, noxkey setup tells your agents of NoxKey.")
	}
	if h.note != "" {
		out = append(append(out, ""), indent(wrap(h.note, m.w-2), " ")...)
	}
	return out
}

func (h *home) sessionLines(m *model) []string {
	if len(h.list) == 0 {
		return []string{" " + bold("Sessions"), faint("   No session is open"), ""}
	}
	out := []string{" " + bold("Sessions")}
	lines := ui.SessionLines(h.list, m.now())
	first := max(min(h.at-homeSessions+1, len(lines)-homeSessions), 0)
	for i, l := range lines {
		if i < first || i >= first+homeSessions {
			continue
		}
		text := pad(l.What, 21+(m.w-minWidth)/3) + " " + l.Who
		line := pad(edges(text, l.Right, m.w-3), m.w-3)
		if i == h.at {
			out = append(out, " › "+reverse(line))
		} else {
			out = append(out, "   "+line)
		}
	}
	if n := len(lines) - homeSessions; n > 0 {
		out = append(out, faint(fmt.Sprintf("   %d more; ↑↓ move", n)))
	}
	return append(out, "")
}

// recentLines are the newest requests, at most n.
func (h *home) recentLines(m *model, n int) []string {
	if len(h.recent) == 0 || n < 1 {
		return nil
	}
	out := []string{" " + bold("Recent")}
	what := 34 + (m.w-minWidth)/2
	for _, r := range h.recent[:min(len(h.recent), n)] {
		when := ui.Hour(r.At)
		if m.now().Sub(r.At) > 20*time.Hour {
			when = ui.Date(r.At, r.At) // a year has no room
		}
		out = append(out, "   "+pad(when, 7)+pad(r.Outcome, 17)+pad(ui.Middle(r.What, what), what+1)+r.Who)
	}
	return out
}

// restLines name who rests, first the one that r wakes.
func (h *home) restLines(m *model) []string {
	var out []string
	rest := m.opt.Desk.Resting(m.now())
	for i, r := range slices.Backward(rest) {
		switch first := len(rest) - 1; {
		case i == first-homeRests:
			return append(out, fmt.Sprintf("   %d more", i+1))
		case i == first:
			out = append(out, "")
		}
		out = append(out, fmt.Sprintf(" %s rests. Until %s its requests are refused without a card.", bold(ui.Visible(r.Agent, 40)), ui.Hour(r.Until)))
		if i == len(rest)-1 {
			out = append(out, "   "+bold("r")+" let it ask again")
		}
	}
	return out
}

func (h *home) key(m *model, k tea.KeyPressMsg) tea.Cmd {
	h.note = ""
	switch k.String() {
	case "up", "k":
		h.at = max(h.at-1, 0)
	case "down", "j":
		h.at = max(min(h.at+1, len(h.list)-1), 0)
	case "/":
		return openSearch(m)
	case "n":
		m.show(newForm(""))
	case "i":
		m.show(newImport(m))
	case "e":
		return h.end(m)
	case "p":
		return h.do(m, &secret.Request{Op: secret.OpPause, On: !h.status.Paused})
	case "l":
		return h.do(m, &secret.Request{Op: secret.OpLock})
	case "r":
		return h.wakeAgent(m)
	case "?":
		m.show(helpScreen{})
	case "q":
		return m.quitOrAsk()
	}
	return nil
}

// do sends one request of the person's own and loads the screen again.
func (h *home) do(m *model, req *secret.Request) tea.Cmd {
	return m.call(req, func(_ []secret.Answer, err error) tea.Cmd {
		if err != nil {
			h.note = ui.Words(err)
		}
		return h.load(m)
	})
}

func (h *home) end(m *model) tea.Cmd {
	lines := ui.SessionLines(h.list, m.now())
	if h.at >= len(lines) {
		return nil
	}
	return h.do(m, &secret.Request{Op: secret.OpEnd, ID: lines[h.at].ID})
}

// wakeAgent lets the agent that was sent to rest last ask again.
func (h *home) wakeAgent(m *model) tea.Cmd {
	rest := m.opt.Desk.Resting(m.now())
	if len(rest) == 0 {
		return nil
	}
	agent := rest[len(rest)-1].Agent
	return m.call(&secret.Request{Op: secret.OpRest, Agent: agent}, func(_ []secret.Answer, err error) tea.Cmd {
		if err != nil {
			h.note = ui.Words(err)
			return nil
		}
		m.opt.Desk.Awake(agent)
		return h.load(m)
	})
}
