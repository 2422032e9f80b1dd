package cocoa

import (
	"slices"

	"noxkey/ui"
)

func (w *first) scene() *Scene {
	s := &Scene{ID: firstID, Style: Titled, Title: ui.FirstTitle, W: 560, H: 432, Place: Middle, TakesKeys: true, Key: w.key,
		Closed: func() { w.f.close(w) }}
	switch w.st.step {
	case protectStep:
		w.frame(s, ui.FirstProtect, ui.FirstProtectBody)
		w.protect(s)
	case agentsStep:
		w.frame(s, ui.FirstAgents, ui.FirstAgentsBody)
		w.agentRows(s)
	default:
		w.frame(s, ui.FirstReady, ui.FirstReadyBody)
		w.ready(s)
	}
	for _, e := range s.Elements {
		if e.Kind == Radio || e.Kind == Check || e.Kind == Button {
			s.Loop = append(s.Loop, e.ID)
		}
	}
	s.First = s.Loop[len(s.Loop)-1]
	return s
}

// frame is what all steps have: the heading, how far it is, and the buttons.
func (w *first) frame(s *Scene, title, body string) {
	steps := w.steps()
	add(s, Element{ID: "icon", Kind: Glyph, Frame: Rect{24, 24, 48, 48}, Text: "app-icon", Color: Secondary},
		Element{ID: "title", Frame: Rect{88, 26, 448, 22}, Text: title, Font: Font{Size: 17, Weight: Semibold}},
		Element{ID: "body", Frame: Rect{88, 52, 448, 16}, Text: body, Font: Font{Size: 13}, Color: Secondary},
		Element{ID: "step", Frame: Rect{24, 386, 200, 16}, Text: ui.FirstStep(slices.Index(steps, w.st.step)+1, len(steps)), Font: Font{Size: 12}, Color: Secondary})
}

// buttons are Back or Quit, and what goes on.
func (w *first) buttons(s *Scene, left, id, right string, off bool) {
	add(s, Element{ID: "Back", Kind: Button, Frame: Rect{336, 380, 88, 28}, Text: left, Off: w.st.busy, Do: w.back},
		Element{ID: id, Kind: Button, Frame: Rect{432, 380, 104, 28}, Text: right, Default: true, Off: off || w.st.busy, Do: w.forward})
}

// note is the line above the buttons: what went wrong, what is being done, or text.
func (w *first) note(s *Scene, y float64, text string) {
	x := 24.0
	color := Secondary
	switch {
	case w.st.fault != "":
		add(s, Element{ID: "glyph", Kind: Glyph, Frame: Rect{24, y, 16, 16}, Text: "warn", Color: Orange})
		text, x, color = w.st.fault, 48, Primary
	case w.st.busy:
		text = ui.OneMoment
	case text == "":
		return
	}
	e := Element{ID: "note", Frame: Rect{x, y, 536 - x, 32}, Text: text, Font: Font{Size: 12}, Color: color, Cut: Words, Lines: 2}
	if w.f.kit.Measure(text, e.Font, e.Frame.W, Words) > 2 {
		e.Tip = text
	}
	add(s, e)
}

// protect are the two ways to protect values.
func (w *first) protect(s *Scene) {
	st := w.st
	fixed := st.made || st.busy
	body := ui.FirstEnclaveBody + " " + ui.FirstRecommended
	if st.probed && !st.able {
		body = ui.FirstNo(st.why)
	}
	w.option(s, "0", 96, enclaveKey, ui.FirstEnclave, body, !st.able, fixed)
	w.option(s, "1", 192, gateOnly, ui.FirstGate, ui.FirstGateBody, false, fixed)
	w.note(s, 300, ui.FirstNote)
	w.buttons(s, ui.Quit, "Continue", ui.Continue, st.choice == undecided)
}

// option is one way: the whole box is clickable. It cannot be had when dim, and not be
// changed any more when fixed.
func (w *first) option(s *Scene, n string, y float64, c choice, title, body string, dim, fixed bool) {
	tick, color, tone := No, Primary, Secondary
	if w.st.choice == c {
		tick = Yes
	}
	if dim {
		color, tone = Tertiary, Tertiary
	}
	do := func() { w.choose(c) }
	// What a way does not protect from is its last words: a wide font gets a third line.
	lines := min(max(w.f.kit.Measure(body, Font{Size: 12}, 444, Words), 2), 3)
	add(s, Element{ID: "option " + n, Kind: Box, Frame: Rect{24, y, 512, 88}, Color: Fill, Radius: 10, Off: dim || fixed, Do: do},
		Element{ID: "radio " + n, Kind: Radio, Frame: Rect{40, y + 18, 14, 14}, On: tick, Off: dim || fixed, Spoken: title, Help: body, Do: do},
		Element{ID: "option " + n + " title", Frame: Rect{68, y + 16, 440, 18}, Text: title, Font: Font{Size: 14, Weight: Semibold}, Color: color, Silent: true, Off: dim || fixed, Do: do},
		Element{ID: "option " + n + " body", Frame: Rect{68, y + 38, 444, 16 * float64(lines)}, Text: body, Font: Font{Size: 12}, Color: tone, Cut: Words, Lines: lines, Off: dim || fixed, Do: do})
}

// mostAgents are the rows that the window has room for; there are fewer agents yet.
const mostAgents = 6

// agentRows are the agents and their files.
func (w *first) agentRows(s *Scene) {
	list := w.st.agents[:min(len(w.st.agents), mostAgents)]
	if len(list) > 0 {
		add(s, Element{ID: "list", Kind: Box, Frame: Rect{24, 96, 512, 40 * float64(len(list))}, Color: Fill, Radius: 10})
	}
	for i, a := range list {
		w.agentRow(s, i, a)
	}
	w.note(s, 344, "")
	w.buttons(s, ui.Back, "Continue", ui.AddTo(w.count()), w.st.agents == nil)
}

func (w *first) agentRow(s *Scene, i int, a Agent) {
	y, id := 96+40*float64(i), "agent "+string(rune('0'+i))
	if i > 0 {
		add(s, Element{ID: "line " + string(rune('0'+i)), Kind: Line, Frame: Rect{68, y, 456, 1}, Color: Separator})
	}
	tick, color, tone := No, Primary, Secondary
	if w.st.ticked[a.Name] {
		tick = Yes
	}
	off := a.State == ui.AgentMissing
	path := w.f.terms.Path(a.Path)
	if off {
		color, tone, path = Tertiary, Tertiary, ""
	}
	name, state := ui.Visible(a.Name, 60), a.State.Words(a.Cause)
	can := a.State == ui.AgentFound || a.State == ui.AgentFailed
	add(s, Element{ID: id, Kind: Check, Frame: Rect{40, y + 13, 14, 14}, On: tick, Off: !can || w.st.busy, Spoken: name + ", " + state, Do: func() {
		w.st.ticked[a.Name] = !w.st.ticked[a.Name]
		w.draw()
	}},
		Element{ID: id + " name", Frame: Rect{68, y + 12, 140, 16}, Text: name, Font: Font{Size: 13, Weight: Medium}, Color: color, Silent: true},
		w.cut(Element{ID: id + " file", Frame: Rect{212, y + 12, 212, 16}, Text: path, Font: Font{Size: 11, Mono: true}, Color: Secondary, Cut: MiddleCut}),
		w.cut(Element{ID: id + " state", Frame: Rect{424, y + 12, 96, 16}, Text: state, Font: Font{Size: 12}, Color: tone, Align: Right}))
}

// cut gives a label its whole text as tooltip where it does not fit.
func (w *first) cut(e Element) Element {
	if w.f.kit.Width(e.Text, e.Font) > e.Frame.W {
		e.Tip = e.Text
	}
	return e
}

// ready says what can be done now.
func (w *first) ready(s *Scene) {
	for i, t := range ui.FirstTips(w.f.chord(), slices.Contains(w.steps(), agentsStep)) {
		y, n := 104+64*float64(i), string(rune('0'+i))
		add(s, Element{ID: "key " + n, Kind: Box, Frame: Rect{24, y, 64, 40}, Color: Fill2, Radius: 8},
			Element{ID: "key " + n + " text", Frame: Rect{24, y + 12, 64, 16}, Text: t[0], Font: Font{Size: 13, Weight: Semibold}, Align: Center},
			Element{ID: "line " + n, Frame: Rect{104, y + 2, 432, 18}, Text: t[1], Font: Font{Size: 14, Weight: Semibold}},
			Element{ID: "line " + n + " body", Frame: Rect{104, y + 22, 432, 16}, Text: t[2], Font: Font{Size: 12}, Color: Secondary})
	}
	if w.f.opt.Settings != nil {
		tick := No
		if w.st.login {
			tick = Yes
		}
		toggle := func() {
			w.st.login = !w.st.login
			w.draw()
		}
		add(s, Element{ID: "login", Kind: Check, Frame: Rect{104, 312, 14, 14}, On: tick, Off: w.st.busy, Spoken: ui.OpenAtLogin, Do: toggle},
			Element{ID: "login text", Frame: Rect{126, 311, 400, 16}, Text: ui.OpenAtLogin, Font: Font{Size: 13}, Silent: true, Off: w.st.busy, Do: toggle})
	}
	w.note(s, 340, "")
	w.buttons(s, ui.Back, "Done", ui.Done, false)
}
