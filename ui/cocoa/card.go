package cocoa

import (
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// cardID is the window of cards and of what stands behind Touch ID.
const cardID = "card"

// card is what the desk asks: a choice, then, while the system's own sheet is up, what
// will happen when it answers. One window serves all questions, one after the other.
type card struct {
	f     *Front
	state ui.State
	note  string    // why an answer did not count
	keys  time.Time // keys are dead before
	box   *box      // of the question; nil if it names nothing
	dirty int       // grows with every question
	stop  func()    // ends the timer
	urged bool      // the last seconds were announced
	told  uint64    // the request that was announced
}

func newCard(f *Front, s ui.State) *card {
	c := &card{f: f, state: s}
	c.fresh()
	return c
}

// fresh begins another question.
func (c *card) fresh() {
	c.note, c.urged, c.box = "", false, nil
	c.dirty++
	if a := c.state.Ask; a != nil {
		if groups := ui.Card(a, c.f.terms, c.f.now()).Groups; len(groups) > 0 {
			c.box = newBox(c.f.kit, groups)
		}
	}
	c.f.kit.Post(c.announce) // when the window is up
	c.schedule()
}

// take follows the desk: another question in the same window, or the same one, armed
// afresh or further on.
func (c *card) take(s ui.State) {
	same := c.state.Same(s)
	c.state = s
	if !same {
		c.fresh()
	}
	c.schedule()
	c.f.redraw(c)
}

func (c *card) closed() {
	if c.stop != nil {
		c.stop()
	}
}

// announce has VoiceOver say what is asked, or why the same card is back.
func (c *card) announce() {
	a := c.state.Ask
	if c.state.Stage != ui.Choosing || !c.f.up(c) {
		return
	}
	words := ui.Announce(a, ui.SpokenChord(c.f.chord()))
	if c.told == a.ID && a.Note != "" {
		words = ui.Sentence(ui.Visible(a.Note, 240))
	}
	c.told = a.ID
	c.f.kit.Announce(cardID, words, true)
}

// schedule sets the timer for the next change that time brings: the arming, or a
// second of the countdown.
func (c *card) schedule() {
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
	if d := wake(c.state, c.f.now(), c.state.Stage == ui.Choosing); d > 0 {
		c.stop = c.f.later(d, c.tick)
	}
}

func (c *card) tick() {
	c.stop = nil
	if !c.f.up(c) {
		return
	}
	if left, ok := urgent(c.state, c.f.now()); ok && !c.urged && c.state.Stage == ui.Choosing {
		c.urged = true
		c.f.kit.Announce(cardID, ui.Urgent(left), true)
	}
	c.f.redraw(c)
	c.schedule()
}

// wake is how long it takes until the question of s looks otherwise, 0 for never:
// until it is armed, or, if it counts down, until the next second.
func wake(s ui.State, now time.Time, counts bool) time.Duration {
	var d time.Duration
	if left := s.Deadline().Sub(now); counts && !s.Deadline().IsZero() && left > 0 {
		if d = left % time.Second; d == 0 {
			d = time.Second
		}
	}
	if arms := s.Arms.Sub(now); arms > 0 && (d == 0 || arms < d) {
		d = arms
	}
	return d
}

// urgentFor is how much time is little.
const urgentFor = 10 * time.Second

// urgent reports whether little time is left, and how much.
func urgent(s ui.State, now time.Time) (time.Duration, bool) {
	left := s.Deadline().Sub(now)
	return left, !s.Deadline().IsZero() && left > 0 && left <= urgentFor
}

// choose answers the card as it was drawn. The desk has the last word on whether the
// answer counts.
func (c *card) choose(drawn ui.State, choice ui.Choice) {
	err := c.f.desk.Choose(drawn, choice, c.f.now())
	if err == nil || secret.CodeOf(err) == secret.Busy { // too early: nothing happens
		return
	}
	c.note = ui.Words(err)
	c.f.redraw(c)
}

// key is asked about every key. Return, Enter and repeats are swallowed, as is every
// key until the window has had the keyboard for a moment.
func (c *card) key(drawn ui.State, k Key) bool {
	now := c.f.now()
	if k.Repeat || k.Name == "Return" || k.Name == "Enter" || now.Before(c.keys) {
		return true
	}
	cmd := k.Cmd && !k.Shift && !k.Option && !k.Ctl
	switch {
	case k.Name == "Esc" || cmd && k.Name == ".":
		c.deny(drawn)
	case cmd && k.Name == "a":
		c.allow(drawn, ui.AllowOnce)
	case cmd && k.Name == "s":
		c.allow(drawn, ui.AllowSession)
	case k.Cmd || k.Ctl || k.Option: // the system's and VoiceOver's
		return false
	case moves[k.Name]:
		return false
	}
	return true
}

// moves are the keys that a card leaves to the toolkit: the key loop, a press of what
// has the focus, scrolling.
var moves = map[string]bool{"Tab": true, "Space": true, "Up": true, "Down": true, "PageUp": true, "PageDown": true, "Home": true, "End": true}

func (c *card) allow(drawn ui.State, choice ui.Choice) {
	if drawn.Stage == ui.Choosing && ui.Offers(drawn.Ask, choice) {
		c.choose(drawn, choice)
	}
}

// deny says no: to a card once it is armed, behind the system's sheet at once.
func (c *card) deny(drawn ui.State) {
	switch drawn.Stage {
	case ui.Choosing:
		c.choose(drawn, ui.Deny)
	case ui.Touching:
		_ = c.f.desk.Cancel(drawn) // an error says that it is over already
	}
}

// gained: the keys wait a moment. The mouse does not, or the click that gave the card
// the keyboard would be lost; what is shown is armed by the desk.
func (c *card) gained() { c.keys = c.f.now().Add(ui.ArmDelay) }
