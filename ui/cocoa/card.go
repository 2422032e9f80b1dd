package cocoa

import "noxkey/ui"

// cardID is the window of cards, of what stands behind Touch ID, and of rests.
const cardID = "card"

type card struct {
	f     *Front
	state ui.State
}

func newCard(f *Front, s ui.State) *card { return &card{f: f, state: s} }

func (c *card) scene() *Scene { return &Scene{ID: cardID, W: 440, H: 342} }
func (c *card) closed()       {}

// take follows the desk: another question in the same window, or the same one, armed
// afresh or further on.
func (c *card) take(s ui.State) { c.state = s; c.f.redraw(c) }

// showRest tells that an agent's requests are refused for a while.
func (f *Front) showRest(r ui.Resting) {}
