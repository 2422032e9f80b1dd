package cocoa

import (
	"noxkey/secret"
	"noxkey/ui"
)

// drawList draws what was found.
func (p *panel) drawList(s *Scene) {
	y := float64(panelTop + panelGap)
	if p.query == "" {
		s.Elements = append(s.Elements, Element{ID: "section", Kind: Label, Frame: Rect{20, 66, 300, 14}, Text: ui.PanelRecent, Font: Font{11, Semibold, false, false}, Color: Secondary})
		y += panelSection
	}
	h := float64(panelRow * min(len(p.found), panelRows))
	found, query := p.found, p.query != ""
	s.Elements = append(s.Elements, Element{ID: "list", Kind: Rows, Frame: Rect{0, y, panelWidth, h}, Spoken: ui.PanelList, List: &List{
		Count: len(found), Height: panelRow, Selected: []int{p.at}, Dirty: p.dirty,
		Row:    func(i int, selected bool) []Element { return p.row(&found[i], query, selected) },
		Spoken: func(i int) string { return found[i].Row(p.f.now()).Spoken },
		Select: func(rows []int) {
			if len(rows) > 0 && !p.busy {
				p.choose(rows[0])
			}
		},
		Opened: func(i int) {
			if i < len(p.found) && !p.locked && p.details == nil {
				p.choose(i)
				p.copy(p.found[i].Entry)
			}
		},
	}})
	s.H = y + h + panelGap + panelFoot - 1
}

// row draws one match.
func (p *panel) row(m *ui.Match, query, selected bool) []Element {
	r := m.Row(p.f.now())
	key, path, kind, word, sign := Primary, Secondary, Primary, levelColor(r.Heavy), Secondary
	keyFont := Font{Size: 14, Weight: Medium}
	if query {
		key, keyFont.Weight = Secondary, Regular
	}
	var list []Element
	if selected {
		key, path, kind, word, sign = White, White, White, White, White
		list = append(list, Element{ID: "selection", Kind: Box, Frame: Rect{8, 0, 664, panelRow}, Color: Selection, Radius: 10})
	}
	kindFont := Font{Size: 12}
	if r.Expiring != "" { // it says more than the type, which the details have
		r.Type, kindFont.Weight = ui.Capital(r.Expiring), Semibold
	}
	name := Element{ID: "key", Kind: Label, Frame: Rect{52, 7, 448, 18}, Text: r.Key, Font: keyFont, Color: key, Marks: r.KeyMarks}
	under := Element{ID: "path", Kind: Label, Frame: Rect{52, 27, 448, 14}, Text: r.Path, Font: Font{Size: 11}, Color: path, Marks: r.PathMarks}
	p.tip(&name)
	p.tip(&under)
	return append(list,
		Element{ID: "level", Kind: Glyph, Frame: Rect{20, 16, 16, 16}, Text: panelSign(m.Entry.Level), Color: sign}, name, under,
		Element{ID: "kind", Kind: Label, Frame: Rect{508, 8, 152, 16}, Text: r.Type, Font: kindFont, Color: kind, Align: Right},
		Element{ID: "level word", Kind: Label, Frame: Rect{508, 27, 152, 14}, Text: r.Level, Font: Font{Size: 11, Weight: levelWeight(r.Heavy)}, Color: word, Align: Right})
}

func levelColor(heavy bool) Color {
	if heavy {
		return Primary
	}
	return Secondary
}

func levelWeight(heavy bool) Weight {
	if heavy {
		return Semibold
	}
	return Regular
}

// panelSign is the glyph of a level. One that nobody knows looks like the strictest.
func panelSign(l secret.Level) string {
	if l.Rank() > secret.OffLimits.Rank() {
		l = secret.OffLimits
	}
	return "level-" + string(l)
}
