package cocoa

import (
	"fmt"
	"math"

	"noxkey/secret"
	"noxkey/ui"
)

// The box of secrets.
const (
	rowHeight = 28
	rowsMost  = 6   // more scroll
	rowsLeast = 3   // a box that shrinks still shows so many
	rightMost = 160 // a wider word at the right goes below the name
)

// boxRow is a row of the box: a secret, or the path of a group.
type boxRow struct {
	ui.Row
	path   string
	head   bool
	name   float64 // width of the name
	right  float64 // of the word at the right
	lines  int
	under  []int // lines of each
	height float64
}

// box is the secrets of a card, laid out.
type box struct {
	kit     Toolkit
	path    string // above all rows, "" for none
	rows    []boxRow
	secrets int
	edge    float64 // right edge of the words
}

func newBox(kit Toolkit, groups []ui.Group) *box {
	b := &box{kit: kit, edge: boxEnd}
	for _, g := range groups {
		if len(groups) == 1 {
			b.path = g.Path
		} else if g.Path != "" {
			b.rows = append(b.rows, boxRow{Row: ui.Row{Name: g.Path + "/"}, head: true})
		}
		for _, r := range g.Rows {
			b.rows = append(b.rows, boxRow{Row: r, path: g.Path})
			b.secrets++
		}
	}
	for i := range b.rows {
		b.rows[i].overflow(kit, smallFont)
	}
	b.measure()
	return b
}

// single reports whether the box is the high one with a single secret.
func (b *box) single() bool { return b.secrets == 1 && len(b.rows) == 1 }

// overflow puts a word that is too wide for the right below the name.
func (r *boxRow) overflow(kit Toolkit, f Font) {
	if r.Right != "" && kit.Width(r.Right, f) > rightMost {
		r.Under = append([]string{r.Right}, r.Under...)
		r.Right = ""
	}
}

// measure gives every row its height.
func (b *box) measure() {
	for i := range b.rows {
		r := &b.rows[i]
		if r.head {
			r.lines = b.kit.Measure(r.Name, smallFont, b.edge-readEdge, Characters)
			r.height = 10 + 14*float64(r.lines)
			continue
		}
		r.fit(b.kit, b.edge, 80, howFont, smallFont)
		r.height = rowHeight + 16*float64(r.lines-1) + r.underHeight()
	}
}

// fit divides the row's width between name and word.
func (r *boxRow) fit(kit Toolkit, edge, least float64, name, word Font) {
	if r.Heavy {
		word.Weight = Semibold
	}
	w := math.Ceil(kit.Width(r.Right, word))
	r.right = max(least, w)
	r.name = min(248, edge-w-4-readEdge)
	r.lines = kit.Measure(r.Name, name, r.name, Characters)
	r.under = r.under[:0]
	for _, u := range r.Under {
		r.under = append(r.under, kit.Measure(u, smallFont, edge-readEdge, Characters))
	}
}

func (r *boxRow) underHeight() (h float64) {
	for _, n := range r.under {
		h += 14 * float64(n)
	}
	return h
}

// first is the height of the first n secrets, and of the paths between them.
func (b *box) first(n int) (h float64) {
	for i := range b.rows {
		if !b.rows[i].head {
			n--
		}
		if n < 0 {
			return h
		}
		h += b.rows[i].height
	}
	return h
}

// view is the height in which the rows are seen if there is room, and the least.
func (b *box) view() (want, least float64) {
	if b == nil || b.single() {
		return 0, 0
	}
	return b.first(rowsMost), b.first(rowsLeast)
}

// put adds the box, its rows seen in a height of view. dirty is the list's.
func (b *box) put(p *pile, view float64, dirty int) {
	if b.single() {
		b.putOne(p, howBig{key: Font{Size: 15, Weight: Semibold}, least: 80})
		return
	}
	y, at := p.y, len(p.els)
	p.add(Element{ID: "secrets", Kind: Box, Color: Fill, Radius: 10})
	if b.path != "" {
		y += 10 + p.text(Element{ID: "common path", Frame: Rect{X: readEdge, Y: y + 12, W: boxRead}, Text: b.path + "/", Font: smallFont, Color: Secondary, Cut: Characters}, 1)
	}
	h := y - p.y + 16 + view
	p.els[at].Frame = Rect{glyphEdge, p.y, boxWidth, h}
	scroll := b.first(len(b.rows)) > view
	if scroll && b.edge == boxEnd {
		b.edge -= 16
		b.measure()
	}
	if scroll {
		b.putList(p, y+8, view, dirty)
	} else {
		b.putRows(p, y+8)
	}
	p.y += h
}

func (b *box) putRows(p *pile, y float64) {
	for i := range b.rows {
		for _, e := range b.rows[i].elements(b.edge) {
			e.ID = fmt.Sprintf("%s %d", e.ID, i)
			e.Frame.X += glyphEdge
			e.Frame.Y += y
			p.add(e)
		}
		y += b.rows[i].height
	}
}

func (b *box) putList(p *pile, y, view float64, dirty int) {
	l := &List{Count: len(b.rows), Height: rowHeight, Bar: true, Dirty: dirty,
		HeightOf: func(i int) float64 { return b.rows[i].height },
		Row:      func(i int, _ bool) []Element { return b.rows[i].elements(b.edge) },
		Spoken:   func(i int) string { return b.rows[i].Spoken(b.rows[i].path) },
	}
	p.add(Element{ID: "list", Kind: Rows, Frame: Rect{glyphEdge, y, boxWidth, view}, List: l, Spoken: "Secrets"})
}

// elements are a row's, from its own top and the box's left edge.
func (r *boxRow) elements(edge float64) []Element {
	const x = readEdge - glyphEdge
	if r.head {
		return []Element{{ID: "path", Frame: Rect{x, 6, edge - readEdge, 14 * float64(r.lines)}, Text: r.Name, Font: smallFont, Color: Secondary, Cut: Characters, Lines: r.lines}}
	}
	font, color := smallFont, Secondary
	if r.Heavy {
		font, color = smallHeavy, Primary
	}
	var els []Element
	if r.Level != "" {
		els = append(els, Element{ID: "level", Kind: Glyph, Frame: Rect{12, 6, 16, 16}, Text: levelSign(r.Level), Color: moonColor(r.Level)})
	}
	h := 16 * float64(r.lines)
	els = append(els, Element{ID: "key", Frame: Rect{x, 6, r.name, h}, Text: r.Name, Font: howFont, Cut: Characters, Lines: r.lines, Spoken: r.Spoken(r.path)})
	if r.Right != "" {
		els = append(els, Element{ID: "level word", Frame: Rect{edge - glyphEdge - r.right, 7, r.right, 14}, Text: r.Right, Font: font, Color: color, Align: Right, Silent: true})
	}
	y := 6 + h
	return append(els, r.unders(x, y, edge-readEdge)...)
}

// unders are the lines below a name.
func (r *boxRow) unders(x, y, w float64) (els []Element) {
	for i, u := range r.Under {
		h := 14 * float64(r.under[i])
		els = append(els, Element{ID: fmt.Sprintf("under %d", i), Frame: Rect{x, y, w, h}, Text: u, Font: smallFont, Color: Secondary, Cut: Characters, Lines: r.under[i], Silent: true})
		y += h
	}
	return els
}

// howBig is what differs between a card's single secret and an entry's.
type howBig struct {
	key   Font
	least float64 // width of the word at the right
	id    string
}

// putOne adds the high box of a single secret.
func (b *box) putOne(p *pile, big howBig) {
	r := &b.rows[0]
	r.overflow(b.kit, bodyFont)
	r.fit(b.kit, b.edge, big.least, big.key, bodyFont)
	keyH, y := 18*float64(r.lines), p.y+7
	h := 48 + keyH - 18 + r.underHeight()
	if b.path == "" && len(r.under) == 0 {
		y += 8
	}
	var path Element
	if b.path != "" {
		path = Element{ID: "path", Text: b.path, Font: smallFont, Color: Secondary, Cut: Characters, Lines: b.kit.Measure(b.path, smallFont, r.name, Characters), Silent: true}
		path.Frame = Rect{readEdge, y + 2 + keyH, r.name, 14 * float64(path.Lines)}
		h += path.Frame.H - 14
	}
	id := big.id
	if id == "" {
		id = "secrets"
	}
	p.add(Element{ID: id, Kind: Box, Frame: Rect{glyphEdge, p.y, boxWidth, h}, Color: Fill, Radius: 10})
	if r.Level != "" {
		p.add(Element{ID: "level", Kind: Glyph, Frame: Rect{36, p.y + 16, 16, 16}, Text: levelSign(r.Level)})
	}
	p.add(Element{ID: "key", Frame: Rect{readEdge, y, r.name, keyH}, Text: r.Name, Font: big.key, Cut: Characters, Lines: r.lines, Spoken: r.Spoken(b.path)})
	if path.ID != "" {
		p.add(path)
	}
	if r.Right != "" {
		font, color := bodyFont, Secondary
		if r.Heavy {
			font.Weight, color = Semibold, Primary
		}
		p.add(Element{ID: "level word", Frame: Rect{b.edge - r.right, p.y + 16, r.right, 16}, Text: r.Right, Font: font, Color: color, Align: Right, Silent: true})
	}
	under := y + 2 + keyH + path.Frame.H
	for _, e := range r.unders(readEdge, under, b.edge-readEdge) {
		p.add(e)
	}
	p.y += h
}

func levelSign(l secret.Level) string { return "level-" + string(l) }

// moonColor is that of a level's sign in a row.
func moonColor(l secret.Level) Color {
	if l.Rank() >= secret.Strict.Rank() {
		return Primary
	}
	return Secondary
}
