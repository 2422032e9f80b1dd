package cocoa

import "noxkey/ui"

// Measures of the panel, in points (UI.md, section 4).
const (
	panelWidth    = 680
	panelTop      = 57 // below the line under the field
	panelRow      = 48
	panelGap      = 8
	panelSection  = 24 // the heading above the rows, without a query
	panelFoot     = 37
	messageHeight = 182
	detailsHeight = 446
)

// scene lays the panel out: the details of a secret, a list, or a message.
func (p *panel) scene() *Scene {
	s := &Scene{ID: panelID, Title: ui.PanelTitle, W: panelWidth, Place: Lower, TakesKeys: true, Key: p.key, Lost: p.lost, Gained: func() { p.away = false }}
	if p.details != nil {
		p.drawDetails(s)
		return s
	}
	put := func(e Element) { s.Elements = append(s.Elements, e) }
	put(Element{ID: "search glyph", Kind: Glyph, Frame: Rect{20, 18, 20, 20}, Text: "search", Color: Secondary})
	put(Element{ID: searchField, Kind: Field, Frame: Rect{52, 14, 608, 28}, Text: p.query, Font: Font{Size: 22}, Hint: ui.PanelHint, Bare: true, Off: p.locked, Spoken: ui.PanelHint, Edited: p.typed})
	put(Element{ID: "line", Kind: Line, Frame: Rect{0, 56, panelWidth, 1}, Color: Separator})
	if !p.locked {
		s.First = searchField
	}
	switch m, none := p.message(); {
	case none:
		p.drawMessage(s, m)
	case len(p.found) > 0:
		p.drawList(s)
	default: // the names are on their way, or did not come
		s.H = panelTop + panelFoot
	}
	p.drawFoot(s, p.hints()...)
	return s
}

// message is what stands in place of a list, if anything does.
func (p *panel) message() (m ui.Message, none bool) {
	switch {
	case p.locked:
		return ui.LockedPanel(p.touch, p.why, p.f.screenEnded, p.f.now()), true
	case p.index == nil:
		return m, false
	case p.index.Len() == 0:
		return ui.EmptyVault(), true
	case len(p.found) == 0:
		return ui.NoMatch(p.query), true
	}
	return m, false
}

func (p *panel) drawMessage(s *Scene, m ui.Message) {
	s.H = messageHeight
	title := Element{ID: "title", Kind: Label, Frame: Rect{52, 78, 608, 18}, Text: m.Title, Font: Font{14, Semibold, false, false}}
	p.tip(&title)
	s.Elements = append(s.Elements, title,
		Element{ID: "body", Kind: Label, Frame: Rect{52, 100, 608, 32}, Text: m.Body, Font: Font{Size: 12}, Color: Secondary, Cut: Words, Lines: 2})
	if m.Info {
		s.Elements = append(s.Elements, Element{ID: "glyph", Kind: Glyph, Frame: Rect{20, 79, 16, 16}, Text: "info", Color: Secondary})
	}
}

// hints are the keys that do something now.
func (p *panel) hints() []ui.KeyHint {
	last := ui.HintClose
	if p.query != "" {
		last = ui.HintClear
	}
	switch {
	case p.details != nil:
		return []ui.KeyHint{ui.HintCopy(p.selected()), ui.HintCopyName, ui.HintBack}
	case p.locked && !p.touch:
		return []ui.KeyHint{ui.HintPassword, last}
	case p.locked:
		return []ui.KeyHint{ui.HintUnlock, last}
	case p.index == nil:
		return []ui.KeyHint{last}
	case len(p.found) == 0:
		return []ui.KeyHint{ui.HintNew, last}
	}
	return []ui.KeyHint{ui.HintCopy(p.selected()), ui.HintDetails, last}
}

// count is what the footer and VoiceOver say of what was found.
func (p *panel) count() string {
	return ui.PanelCount(len(p.found), p.total, p.index.Len(), p.query != "")
}

// left is the left of the footer: a note, a request that waits, or the count.
func (p *panel) left() (string, Color) {
	a := p.f.desk.State().Next
	switch {
	case p.note != "":
		return p.note, Secondary
	case a != nil:
		return ui.Waits(a, p.f.chord(), p.f.now()), Primary
	case p.fault != "":
		return p.fault, Secondary
	case p.locked:
		return ui.PanelLocked, Secondary
	case p.index == nil || p.details != nil:
		return "", Secondary
	}
	return p.count(), Secondary
}

// drawFoot draws the footer at the bottom of s. A text too long for its half takes what
// the keys leave, and their place too if that is still too little.
func (p *panel) drawFoot(s *Scene, hints ...ui.KeyHint) {
	y := s.H - panelFoot
	text, color := p.left()
	left := Element{ID: "footer left", Kind: Label, Frame: Rect{20, y + 11, 300, 14}, Text: text, Font: Font{Size: 11, Digits: true}, Color: color}
	line, marks := ui.Hints(hints...)
	keys := Element{ID: "footer keys", Kind: Label, Frame: Rect{320, y + 11, 340, 14}, Text: line, Font: Font{Size: 11}, Color: Secondary, Align: Right, Marks: marks}
	need := p.f.kit.Width(text, left.Font)
	if need > left.Frame.W {
		const gap = 16
		room := 640 - p.f.kit.Width(line, Font{Size: 11, Weight: Semibold}) - gap
		if need > room {
			keys.Text, keys.Marks, room = "", nil, 640
		}
		left.Frame.W = room
		keys.Frame.X, keys.Frame.W = min(20+room+gap, 660), max(640-room-gap, 0)
		p.tip(&left)
	}
	s.Elements = append(s.Elements, Element{ID: "footer line", Kind: Line, Frame: Rect{0, y, panelWidth, 1}, Color: Separator}, left, keys)
}

// tip gives a label that is cut its full text as tooltip and for VoiceOver.
func (p *panel) tip(e *Element) {
	if p.f.kit.Width(e.Text, e.Font) > e.Frame.W {
		e.Tip, e.Spoken = e.Text, e.Text
	}
}
