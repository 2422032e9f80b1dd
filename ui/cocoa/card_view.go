package cocoa

import (
	"slices"

	"noxkey/ui"
)

// margin is what a card leaves of the height of the screen.
const margin = 80

func (c *card) scene() *Scene {
	s := c.state
	switch {
	case s.Ask != nil && s.Stage == ui.Touching && s.Mine():
		return c.fit(c.human)
	case s.Ask == nil || s.Stage == ui.Touching || s.Stage == ui.Checking && s.SheetFollows():
		return c.waiting()
	}
	return c.fit(c.choosing)
}

// fit lays a card out so that it fits on the screen: the box of secrets shrinks, then
// the asker's own words.
func (c *card) fit(lay func(view float64, tight bool) *Scene) *Scene {
	view, least := c.box.view()
	room := c.f.kit.ScreenHeight() - margin
	s := lay(view, false)
	for _, tight := range []bool{false, true} {
		if s.H <= room {
			return s
		}
		s = lay(min(max(view-(lay(view, tight).H-room), least), view), tight)
	}
	return s
}

// window is what every state of the window has in common.
func (c *card) window(p *pile, title string, h float64) *Scene {
	drawn := c.state
	return &Scene{ID: cardID, Epoch: c.dirty, Title: title, W: cardWidth, H: h, Elements: p.els, Gained: c.gained,
		Key: func(k Key) bool { return c.key(drawn, k) }}
}

// choosing is the card itself.
func (c *card) choosing(view float64, tight bool) *Scene {
	p, v := &pile{kit: c.f.kit}, c.view()
	p.header(tileGlyph(c.state), Element{ID: "who wants", Text: v.Title, Tip: ui.Request(v), Help: ui.Request(v)},
		Element{ID: "how long", Text: v.Long, Font: howFont}, v.Queue)
	if p.y += 16; v.Strip != nil {
		p.strip(v.Strip, stripLines(tight), c.vouch(p))
	}
	if c.box != nil {
		c.box.put(p, view, c.dirty)
		p.y += 16
	}
	for _, f := range v.Facts {
		p.fact(f, tight)
	}
	p.y += 14
	loop := c.buttons(p)
	p.y += 28 + 12
	p.y += p.text(Element{ID: "note", Frame: Rect{X: glyphEdge, Y: p.y, W: boxWidth}, Text: ui.DesktopNote(c.state.Ask, c.f.terms, c.f.now(), c.why(v)),
		Font: Font{Size: 11, Digits: true}, Color: Secondary, Align: Center, Cut: Words}, 1)
	s := c.window(p, v.Title+". "+v.Long, p.y+20)
	s.Loop = loop
	return s
}

func stripLines(tight bool) int {
	if tight {
		return 3
	}
	return 6
}

// view is the card in words, with the queue as it is now.
func (c *card) view() ui.CardView {
	v := ui.Card(c.state.Ask, c.f.terms, c.f.now())
	v.Queue = ui.QueueWords(c.state)
	return v
}

// why says why the card is back, or why an answer did not count.
func (c *card) why(v ui.CardView) string {
	if c.note != "" {
		return c.note
	}
	return v.Note
}

// dead reports whether the buttons are: before arming, and once an answer was given.
func (c *card) dead() bool {
	return c.state.Stage != ui.Choosing || !c.state.Armed(c.f.now())
}

func (c *card) button(id, text, help string, choice ui.Choice, at Rect) Element {
	drawn := c.state
	e := Element{ID: id, Kind: Button, Frame: at, Text: text, Help: help, Off: c.dead(), Do: func() { c.choose(drawn, choice) }}
	if e.Off {
		e.Help = ui.ArmHelp
	}
	return e
}

// buttons adds the choices, each at its own place, and returns the key loop.
func (c *card) buttons(p *pile) []string {
	places := []struct {
		choice ui.Choice
		x, w   float64
		help   string
	}{{ui.Deny, 24, 104, ui.DenyHelp}, {ui.AllowSession, 136, 144, ""}, {ui.AllowOnce, 288, 128, ""}}
	var loop []string
	for _, b := range places {
		if !ui.Offers(c.state.Ask, b.choice) {
			continue
		}
		text := ui.ButtonTitle(c.state.Ask, b.choice)
		p.add(c.button(text, text, b.help, b.choice, Rect{b.x, p.y, b.w, 28}))
		loop = append(loop, text)
	}
	for _, e := range p.els {
		if e.ID == "vouch" || e.ID == "list" {
			loop = append(loop, e.ID)
		}
	}
	return loop
}

// vouch is the button in the strip, nil if vouching is not offered.
func (c *card) vouch(p *pile) *Element {
	if !ui.Offers(c.state.Ask, ui.Vouch) {
		return nil
	}
	text := ui.ButtonTitle(c.state.Ask, ui.Vouch)
	w := p.ceil(text, Font{Size: 13}) + 28
	e := c.button("vouch", text, "", ui.Vouch, Rect{W: min(w, boxRead)})
	if w > boxRead {
		e.Tip = text
	}
	return &e
}

// waiting stands behind the system's sheet, and before it while the broker gets there.
func (c *card) waiting() *Scene {
	p := &pile{kit: c.f.kit}
	title, body := ui.Waiting(c.state, c.f.terms)
	p.header(tileGlyph(c.state), Element{ID: "title", Text: title}, Element{ID: "body", Text: body, Font: bodyFont, Color: Secondary, Lines: 2}, "")
	no := "Deny"
	if c.state.Mine() {
		no = "Cancel"
	}
	p.y += 20
	c.no(p, no)
	return c.window(p, title+". "+body, p.y+48)
}

// no adds the button that takes the sheet away.
func (c *card) no(p *pile, text string) {
	drawn := c.state
	e := Element{ID: text, Kind: Button, Frame: Rect{24, p.y, 104, 28}, Text: text, Off: drawn.Stage != ui.Touching, Do: func() { c.deny(drawn) }}
	if e.Off {
		e.Help = ui.ArmHelp
	} else if text == "Deny" {
		e.Help = ui.DenyHelp
	}
	p.add(e)
}

// human is a person's own request at a terminal, behind the system's sheet.
func (c *card) human(view float64, tight bool) *Scene {
	p, v := &pile{kit: c.f.kit}, c.view()
	v.Title = ui.HumanTitle(c.state.Ask)
	what := ui.HumanWhat(c.state.Ask, c.f.now())
	p.header(tileGlyph(c.state), Element{ID: "who wants", Text: v.Title, Tip: ui.Request(v), Help: ui.Request(v)},
		Element{ID: "what", Text: what, Font: howFont, Cut: Characters}, "")
	if p.y += 16; v.Strip != nil {
		p.strip(v.Strip, stripLines(tight), nil)
	}
	if c.box != nil && c.tells() {
		c.box.put(p, view, c.dirty)
		p.y += 16
	}
	for _, f := range v.Facts {
		if slices.Contains(ui.OwnFacts, f.Label) {
			p.fact(f, tight)
		}
	}
	p.y += 18
	c.no(p, "Cancel")
	title, _ := ui.Waiting(c.state, c.f.terms)
	p.add(Element{ID: "note", Frame: Rect{144, p.y + 7, 272, 14}, Text: title, Font: smallFont, Color: Secondary, Align: Right})
	return c.window(p, v.Title+". "+what, p.y+48)
}

// tells reports whether the box says more than the line below the title.
func (c *card) tells() bool { return !c.box.single() || len(c.box.rows[0].Under) > 0 }

// tileGlyph is the sign in the tile: who asks.
func tileGlyph(s ui.State) string {
	if s.Unknown() {
		return "q"
	}
	return "term"
}
