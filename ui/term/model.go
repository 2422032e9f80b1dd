package term

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
	"noxkey/ui"
)

// screen is one of the front's own screens. A question of the desk covers it.
type screen interface {
	key(m *model, k tea.KeyPressMsg) tea.Cmd
	paste(m *model, p []byte)
	frame(m *model) frame
	// busy says that nothing unasked may cover the screen.
	busy() bool
	// wake returns when it wants to be drawn again, zero for never.
	wake(m *model, now time.Time) time.Time
	// close wipes what was typed.
	close()
}

// model is the state of the front. Update and View make it a bubbletea model.
type model struct {
	opt   Options
	ctx   context.Context
	terms ui.Terms
	now   func() time.Time
	color bool
	w, h  int
	drain func() // throws away unread input
	quit  bool

	home   *home
	screen screen
	ask    *asking // the question that is shown, nil for none
	typed  []tea.KeyPressMsg
	locked bool
}

func newModel(ctx context.Context, opt Options) *model {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	m := &model{opt: opt, ctx: ctx, terms: ui.Terminal(opt.Home), now: opt.Now, w: minWidth, h: minHeight, drain: func() {}}
	m.home = &home{}
	m.screen = m.home
	if !opt.Vault.Exists {
		m.screen = newFirst()
	}
	return m
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd {
	if !m.opt.Vault.Exists {
		return nil
	}
	m.locked = true
	m.show(&lockScreen{})
	return m.screen.(*lockScreen).open(m)
}

// Update implements tea.Model.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	if m.quit {
		return m, tea.Quit
	}
	return m, cmd
}

// View implements tea.Model.
func (m *model) View() tea.View {
	v := tea.NewView("")
	v.AltScreen, v.ReportFocus = true, true
	for i, l := range m.lines() {
		if i > 0 {
			v.Content += "\n"
		}
		v.Content += l
	}
	return v
}

func (m *model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.FocusMsg:
		m.opt.Desk.Rearm()
		return m.lookAtDesk()
	case deskMsg:
		if cmd := m.lookAtDesk(); cmd != nil || m.ask != nil {
			return cmd
		}
		return m.after()
	case clockMsg:
		return m.tick()
	case tea.KeyPressMsg:
		return m.key(msg)
	case pasteMsg:
		m.paste(msg.b)
	case result:
		return msg.then(msg.answers, msg.err)
	case func() tea.Cmd:
		return msg()
	}
	return nil
}

// show puts a screen up in place of the present one.
func (m *model) show(s screen) {
	if m.screen != s {
		m.screen.close()
		m.screen = s
	}
	m.opt.Desk.Busy(s.busy())
}

// goHome shows the main screen, fresh.
func (m *model) goHome() tea.Cmd {
	m.show(m.home)
	return m.home.load(m)
}

// lookAtDesk takes over what the desk shows now.
func (m *model) lookAtDesk() tea.Cmd {
	s := m.opt.Desk.State()
	switch {
	case s.Stage == ui.Idle && m.ask == nil:
		return nil
	case s.Stage == ui.Idle:
		m.ask.close()
		m.ask, m.typed = nil, nil
		return m.after()
	case m.ask != nil && m.ask.state.Same(s):
		if m.ask.state.Arms != s.Arms { // armed afresh
			m.ask.state, m.ask.live = s, false
		}
		m.ask.state.Waiting, m.ask.state.Queue = s.Waiting, s.Queue
		return nil
	}
	m.takeUp(s)
	return nil
}

// after looks at what an ended question, or something that happened elsewhere, may
// have changed: sessions, the recent requests, the lock.
func (m *model) after() tea.Cmd {
	switch s := m.screen.(type) {
	case *first:
		return nil
	case *lockScreen:
		if s.opening {
			return nil
		}
	}
	return m.home.load(m)
}

// takeUp shows another question than before. What was typed for the one before,
// or for the screen below, is thrown away, except for what the person typed after
// choosing: that is the passphrase which they know will be asked next.
func (m *model) takeUp(s ui.State) {
	before := m.ask
	if before != nil {
		before.close()
	}
	m.ask = newAsking(s)
	follows := before != nil && before.state.ID == s.ID && s.ID != 0
	if s.Stage == ui.Checking {
		m.ask.expects = follows && before.state.Stage == ui.Choosing
		return
	}
	typed := m.typed
	m.typed = nil
	if follows && before.expects && s.Stage == ui.Proving {
		for _, k := range typed {
			m.ask.key(m, k)
		}
		return
	}
	if !m.ask.live {
		m.drain()
	}
}

func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	if m.w < minWidth || m.h < minHeight { // what cannot be read cannot be answered
		if k.String() == "ctrl+c" {
			return m.interrupt()
		}
		return nil
	}
	if k.String() == "ctrl+c" {
		return m.interrupt()
	}
	if m.ask != nil {
		return m.ask.key(m, k)
	}
	return m.screen.key(m, k)
}

// interrupt is Ctrl-C: what is shown is denied or dropped, and the front ends;
// with sessions open it asks first, and a second Ctrl-C ends it.
func (m *model) interrupt() tea.Cmd {
	if m.ask != nil && m.ask.state.Stage != ui.Checking {
		_ = m.opt.Desk.Cancel(m.ask.state)
		m.lookAtDesk()
	}
	if _, again := m.screen.(*quitting); again || m.home.sessions() == 0 {
		m.screen.close()
		m.quit = true
		return nil
	}
	m.show(&quitting{})
	return nil
}

func (m *model) paste(p []byte) {
	defer secret.Wipe(p)
	switch {
	case m.w < minWidth || m.h < minHeight:
	case m.ask != nil:
		m.ask.paste(m, p)
	default:
		m.screen.paste(m, p)
	}
}

// tick does what has come due.
func (m *model) tick() tea.Cmd {
	if m.ask != nil {
		m.ask.tick(m)
		return nil
	}
	if m.screen == m.home && !m.now().Before(m.home.due) {
		return m.home.load(m)
	}
	return nil
}

// wake returns when the front wants to be woken next, zero for not at all.
func (m *model) wake() time.Time {
	now := m.now()
	var at time.Time
	if m.ask != nil {
		at = m.ask.wake(now)
	} else {
		at = m.screen.wake(m, now)
	}
	if at.IsZero() {
		return at
	}
	return time.Now().Add(at.Sub(now)) // m.now may be another clock in tests
}

// lines draws everything, exactly h lines.
func (m *model) lines() []string {
	if m.w < minWidth || m.h < minHeight {
		out := make([]string, max(m.h, 1))
		out[0] = guard(pad("NoxKey needs a terminal of 80x24 or more", max(m.w, 1)))
		return out
	}
	if m.ask != nil {
		return m.ask.frame(m).lines(m.w, m.h)
	}
	return m.screen.frame(m).lines(m.w, m.h)
}
