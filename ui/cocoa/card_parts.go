package cocoa

import (
	"math"

	"noxkey/ui"
)

// The measures that cards and entries share, in points.
const (
	cardWidth = 440
	glyphEdge = 24 // left edge of tiles, labels and Deny
	readEdge  = 76 // left edge of everything that is read
	readWidth = cardWidth - glyphEdge - readEdge
	boxWidth  = cardWidth - 2*glyphEdge
	boxRead   = 328 // width of what is read in a box
	boxEnd    = 404 // right edge of what is in a box
)

var (
	titleFont  = Font{Size: 17, Weight: Semibold}
	howFont    = Font{Size: 13, Weight: Medium}
	bodyFont   = Font{Size: 12}
	smallFont  = Font{Size: 11}
	smallHeavy = Font{Size: 11, Weight: Semibold}
)

// lineHeight is what a line of text takes up.
func lineHeight(f Font) float64 {
	switch f.Size {
	case 11:
		return 14
	case 14, 15:
		return 18
	case 17:
		return 22
	}
	return 16
}

// pile lays elements out from the top of a card to its bottom.
type pile struct {
	kit Toolkit
	els []Element
	y   float64 // where the next part begins
}

func (p *pile) add(e Element) *Element {
	p.els = append(p.els, e)
	return &p.els[len(p.els)-1]
}

// text adds a label that wraps and is not cut, and returns its height. It has at least
// least lines.
func (p *pile) text(e Element, least int) float64 {
	e.Lines = max(p.kit.Measure(e.Text, e.Font, e.Frame.W, e.Cut), least, 1)
	e.Frame.H = float64(e.Lines) * lineHeight(e.Font)
	p.add(e)
	return e.Frame.H
}

// header adds the tile, a title and a line below it; p.y is their end.
func (p *pile) header(glyph string, title, below Element, queue string) {
	p.add(Element{ID: "tile", Kind: Box, Frame: Rect{24, 24, 40, 40}, Color: Fill2, Radius: 10})
	p.add(Element{ID: "tile glyph", Kind: Glyph, Frame: Rect{32, 32, 24, 24}, Text: glyph})
	w := float64(readWidth)
	if queue != "" {
		w -= 48
		p.add(Element{ID: "queue", Frame: Rect{368, 26, 48, 14}, Text: queue, Font: smallFont, Color: Secondary, Align: Right})
	}
	title.Frame, title.Font, title.Cut = Rect{X: readEdge, Y: 23, W: w}, titleFont, Words
	more := p.text(title, 1) - 22
	least := max(below.Lines, 1)
	below.Frame = Rect{X: readEdge, Y: 48 + more, W: w}
	if below.Cut == Tail {
		below.Cut = Words
	}
	p.y = 48 + more + p.text(below, least)
}

// strip adds a warning. vouch is the button in it, nil for none.
func (p *pile) strip(s *ui.Strip, lines int, vouch *Element) {
	body := shorten(p.kit, s.Body, smallFont, boxRead, lines)
	n := p.kit.Measure(body, smallFont, boxRead, Words)
	h := 44 + 14*float64(n)
	if vouch != nil {
		h += 32
	}
	p.add(Element{ID: "strip", Kind: Box, Frame: Rect{glyphEdge, p.y, boxWidth, h}, Color: Fill, Radius: 10})
	p.add(Element{ID: "strip glyph", Kind: Glyph, Frame: Rect{36, p.y + 12, 16, 16}, Text: "warn", Color: Orange, Spoken: "Warning"})
	p.add(Element{ID: "strip title", Frame: Rect{readEdge, p.y + 12, boxRead, 16}, Text: s.Title, Font: Font{Size: 12, Weight: Semibold}})
	e := Element{ID: "strip body", Frame: Rect{readEdge, p.y + 32, boxRead, 14 * float64(n)}, Text: body, Font: smallFont, Cut: Words, Lines: n}
	if body != s.Body {
		e.Tip, e.Spoken = s.Body, s.Body
	}
	p.add(e)
	if vouch != nil {
		vouch.Frame = Rect{readEdge, p.y + 40 + 14*float64(n), vouch.Frame.W, 24}
		p.add(*vouch)
	}
	p.y += h + 12
}

// most is how many lines a fact has, 0 for as many as it takes. What changes the grant
// is never cut, but for a command: the asker's own words end at 240 characters, what a
// run runs at 600, and of which secrets codes go out stands in the box, too.
func most(label string, tight bool) int {
	switch label {
	case "It says":
		return 3
	case "Command":
		if tight {
			return 2
		}
		return 6
	case "Runs":
		if tight {
			return 4
		}
		return 12
	case "Codes":
		if tight {
			return 3
		}
		return 6
	case "Gives", "Session", "Left out", "As", "Manifest":
		return 0
	}
	return 2
}

// fact adds a labelled line, and the space below it.
func (p *pile) fact(f ui.Fact, tight bool) {
	text, limit := f.Text, most(f.Label, tight)
	if limit > 0 && (f.Path || f.Label == "Chain" || f.Label == "Now" || f.Label == "Runs") {
		text = shorten(p.kit, text, bodyFont, readWidth, limit)
	}
	n := p.kit.Measure(text, bodyFont, readWidth, Words)
	e := Element{ID: "value " + f.Label, Text: text, Font: bodyFont, Cut: Words, Spoken: f.Label + ": " + f.Text}
	if limit > 0 && n > limit {
		n, e.Tip = limit, f.Text
	}
	if text != f.Text {
		e.Tip = f.Text
	}
	e.Frame, e.Lines = Rect{readEdge, p.y, readWidth, 16 * float64(n)}, n
	p.add(Element{ID: "label " + f.Label, Frame: Rect{glyphEdge, p.y + 1, 48, 14}, Text: f.Label, Font: smallFont, Color: Secondary, Silent: true})
	p.add(e)
	p.y += 16*float64(n) + 6
}

// shorten cuts text in its middle until it fits in that many lines.
func shorten(kit Toolkit, text string, f Font, width float64, lines int) string {
	if kit.Measure(text, f, width, Words) <= lines {
		return text
	}
	lo, hi := 1, len([]rune(text)) // Middle at lo fits, at hi does not
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if kit.Measure(ui.Middle(text, mid), f, width, Words) <= lines {
			lo = mid
		} else {
			hi = mid
		}
	}
	return ui.Middle(text, lo)
}

// ceil is a width of text in whole points.
func (p *pile) ceil(text string, f Font) float64 { return math.Ceil(p.kit.Width(text, f)) }
