package term

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"noxkey/secret"
	"noxkey/ui"
)

// asking is a question of the desk on the screen: a card, a passphrase, a value.
type asking struct {
	state   ui.State
	live    bool // keys count: it was armed, and what was typed before is gone
	expects bool // Checking after a choice: keys typed now are the passphrase's
	first   field
	second  field // a new passphrase, again
	again   bool  // the second has the caret
	note    string
	top     int  // first body line shown, where not all fit
	unread  bool // part of the card has not been on the screen
	sawEnd  bool
}

func newAsking(s ui.State) *asking {
	a := &asking{state: s, live: s.Arms.IsZero()}
	a.first.hidden, a.second.hidden = true, true
	a.first.lines = s.Stage == ui.Entering
	return a
}

func (a *asking) close() {
	a.first.wipe()
	a.second.wipe()
}

// tick lets the choices count once the question is armed. What was typed before
// that moment and not read yet is thrown away first.
func (a *asking) tick(m *model) {
	if !a.live && a.state.Armed(m.now()) {
		m.drain()
		a.live = true
	}
}

// wake: the moment of arming, then every second that the deadline's clock shows.
func (a *asking) wake(now time.Time) time.Time {
	var at time.Time
	if d := a.state.Deadline(); !d.IsZero() && d.After(now) && a.state.Stage != ui.Checking {
		at = now.Add(d.Sub(now) % time.Second)
		if at.Equal(now) {
			at = now.Add(time.Second)
		}
	}
	if !a.live && (at.IsZero() || a.state.Arms.Before(at)) {
		at = a.state.Arms
	}
	return at
}

func (a *asking) key(m *model, k tea.KeyPressMsg) tea.Cmd {
	if a.state.Stage == ui.Checking {
		if a.expects && len(m.typed) < 256 {
			m.typed = append(m.typed, k)
		}
		return nil
	}
	if !a.live || k.IsRepeat && a.state.Stage == ui.Choosing {
		return nil
	}
	if k.String() == "esc" {
		a.report(m.opt.Desk.Cancel(a.state))
		return nil
	}
	switch a.state.Stage {
	case ui.Choosing:
		a.choose(m, k)
	case ui.Proving:
		a.prove(m, k)
	case ui.Entering:
		a.enter(m, k)
	}
	return nil
}

// choose answers a card. Return is not among the keys.
func (a *asking) choose(m *model, k tea.KeyPressMsg) {
	c := ui.Deny
	switch k.String() {
	case "a":
		c = ui.AllowOnce
	case "s":
		c = ui.AllowSession
	case "v":
		c = ui.Vouch
	case "d":
	case "up", "down", "pgup", "pgdown", "home", "end":
		a.scroll(k.String())
		return
	default:
		return
	}
	if c != ui.Deny && !ui.Offers(a.state.Ask, c) {
		return
	}
	if a.frame(m); c != ui.Deny && a.unread { // laid out for the size that it has now
		a.note = "Read to the end first: ↓."
		return
	}
	a.report(m.opt.Desk.Choose(a.state, c, m.now()))
}

func (a *asking) scroll(key string) {
	a.note = ""
	switch key {
	case "up":
		a.top--
	case "down":
		a.top++
	case "pgup":
		a.top -= 8
	case "pgdown":
		a.top += 8
	case "home":
		a.top = 0
	case "end":
		a.top = 1 << 20
	}
	a.top = max(a.top, 0) // the other end is the frame's to know
}

func (a *asking) prove(m *model, k tea.KeyPressMsg) {
	isNew := a.state.Prompt.New
	f := &a.first
	if a.again {
		f = &a.second
	}
	switch k.String() {
	case "tab", "shift+tab":
		a.again = isNew && !a.again
	case "up", "down", "pgup", "pgdown":
		a.scroll(k.String())
	case "enter":
		if isNew && !a.again {
			a.again = true
			return
		}
		a.submitPassphrase(m)
	default:
		a.note = ""
		f.key(k)
	}
}

func (a *asking) submitPassphrase(m *model) {
	if len(a.first.b) == 0 && !a.state.Prompt.New {
		a.note = "Type the passphrase."
		return
	}
	if a.state.Prompt.New {
		if why := ui.PassphraseFault(a.first.b, a.second.b); why != "" {
			a.note = why
			return
		}
		a.second.wipe()
	}
	a.submit(m)
}

// submit hands the first field over.
func (a *asking) submit(m *model) {
	v, err := a.first.value()
	if err != nil {
		a.note = ui.Words(err)
		return
	}
	a.report(m.opt.Desk.Submit(a.state, v, m.now()))
}

func (a *asking) enter(m *model, k tea.KeyPressMsg) {
	switch k.String() {
	case "enter":
		if ui.ValueFault(a.first.b) == "" {
			a.submit(m)
		}
	case "ctrl+r":
		a.first.hidden = !a.first.hidden
	default:
		a.first.key(k)
	}
}

func (a *asking) report(err error) {
	if err != nil {
		a.note = ui.Words(err)
	}
}

// paste goes into a field; on a card it is nothing.
func (a *asking) paste(_ *model, p []byte) {
	if !a.live || len(p) == 0 {
		return
	}
	switch {
	case a.state.Stage == ui.Entering:
		if a.first.insert(p) {
			a.note = ui.Words(secret.Errorf(secret.Invalid, "that is too long; the most is 64 KiB"))
		}
	case a.state.Stage == ui.Proving && a.again:
		a.second.insert(p)
	case a.state.Stage == ui.Proving:
		a.first.insert(p)
	}
}
