package cocoa

import (
	"fmt"

	"noxkey/secret"
	"noxkey/ui"
)

// drawDetails draws what is known of one secret besides its value.
func (p *panel) drawDetails(s *Scene) {
	e := p.details
	s.H = detailsHeight
	heavy := e.Level.Rank() >= secret.Strict.Rank()
	put := func(e Element) { s.Elements = append(s.Elements, e) }
	name := Element{ID: "name", Kind: Label, Frame: Rect{52, 10, 500, 20}, Text: ui.Visible(e.Name.Key(), 0), Font: Font{15, Semibold, false, false}}
	path := Element{ID: "path", Kind: Label, Frame: Rect{52, 32, 500, 14}, Text: ui.Visible(string(e.Name.Parent()), 0), Font: Font{Size: 11}, Color: Secondary, Cut: MiddleCut}
	word := Element{ID: "level word", Kind: Label, Frame: Rect{516, 20, 120, 16}, Text: ui.LevelWord(e.Level), Font: Font{Size: 13, Weight: levelWeight(heavy)}, Color: levelColor(heavy), Align: Right}
	// The name's frame ends where the level's word may begin: a long one leaves it free.
	if p.f.kit.Width(name.Text, name.Font) > word.Frame.X-52 {
		name.Frame.W = word.Frame.X + word.Frame.W - p.f.kit.Width(word.Text, word.Font) - 16 - 52
	}
	p.tip(&name)
	p.tip(&path)
	put(Element{ID: "back", Kind: Glyph, Frame: Rect{20, 20, 16, 16}, Text: "back", Color: Secondary, Spoken: ui.PanelBack, Do: p.back})
	put(name)
	put(path)
	put(Element{ID: "line", Kind: Line, Frame: Rect{0, 56, panelWidth, 1}, Color: Separator})
	put(word)
	put(Element{ID: "level", Kind: Glyph, Frame: Rect{644, 20, 16, 16}, Text: panelSign(e.Level), Color: levelColor(heavy)})
	for i, d := range ui.PanelDetails(e, p.f.terms, p.f.now()) {
		p.drawDetail(s, i, d)
	}
	p.drawFoot(s, p.hints()...)
}

func (p *panel) drawDetail(s *Scene, i int, d ui.Detail) {
	y := 81 + 30*float64(i)
	value := Element{ID: fmt.Sprintf("value %d", i), Kind: Label, Frame: Rect{168, y, 492, 16}, Text: d.Text, Font: Font{Size: 13}}
	if d.Path {
		value.Cut = MiddleCut
	}
	if d.Mono {
		value.Font = Font{Size: 12, Mono: true}
	}
	p.tip(&value)
	if d.Warn {
		value.Font.Weight = Semibold
		s.Elements = append(s.Elements, Element{ID: fmt.Sprintf("warn %d", i), Kind: Glyph, Frame: Rect{20, y, 16, 16}, Text: "warn", Color: Orange, Spoken: "Warning"})
	}
	value.Spoken = d.Label + ": " + d.Text
	s.Elements = append(s.Elements,
		Element{ID: fmt.Sprintf("label %d", i), Kind: Label, Frame: Rect{52, y, 104, 16}, Text: d.Label, Font: Font{Size: 12}, Color: Secondary}, value)
}
