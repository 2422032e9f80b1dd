//go:build cgo && (darwin || gnustep)

package appkit

import (
	"slices"

	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// listView shows a cocoa.List: a flipped view in a scroll view, with a subview for
// each row that is seen. It is no NSTableView, since GNUstep's knows no views for rows:
// this way what runs on a Mac is what was tested here.
type listView struct {
	win    *window
	id     string
	list   *cocoa.List
	scroll objc.Object // owned
	doc    objc.Object // owned by scroll
	hears  target
	rows   map[int]*rowView
	tops   []float64 // of rows, where heights differ; one more than rows
	field  *control  // over a row, nil for none
}

func newListView(w *window, e *cocoa.Element) *listView {
	l := &listView{win: w, id: e.ID, rows: map[int]*rowView{}}
	l.hears = newTarget(l)
	l.scroll = create("NSScrollView", "initWithFrame:", rect(e.Frame))
	do(l.scroll, "setHasVerticalScroller:", true)
	do(l.scroll, "setDrawsBackground:", false)
	do(l.scroll, "setHasHorizontalScroller:", false)
	try(l.scroll, "setAutohidesScrollers:", !e.List.Bar)
	scroller(l.scroll, e.List.Bar)
	l.doc = newView(l)
	do(l.scroll, "setDocumentView:", l.doc)
	l.doc.Release()
	l.hears.follow(get(l.scroll, "contentView"))
	return l
}

func (l *listView) top(i int) float64 {
	if l.tops != nil {
		return l.tops[i]
	}
	return float64(i) * l.list.Height
}

// at returns the row at y, -1 for none.
func (l *listView) at(y float64) int {
	i := 0
	if l.tops != nil {
		i, _ = slices.BinarySearch(l.tops, y+0.001)
		i--
	} else {
		i = int(y / l.list.Height)
	}
	if y < 0 || i < 0 || i >= l.list.Count {
		return -1
	}
	return i
}

// update takes over a newer list.
func (l *listView) update(e *cocoa.Element) {
	old := l.list
	l.list = e.List
	l.tops = nil
	if l.list.HeightOf != nil {
		l.tops = make([]float64, l.list.Count+1)
		for i := range l.list.Count {
			l.tops[i+1] = l.tops[i] + l.list.HeightOf(i)
		}
	}
	do(l.scroll, "setFrame:", rect(e.Frame))
	h := max(l.top(l.list.Count), e.Frame.H)
	do(l.doc, "setFrame:", rect(cocoa.Rect{W: rectOf(get(l.scroll, "contentView"), "bounds").Size.Width, H: h}))
	for i, r := range l.rows { // they stay below the field that is edited
		if i < l.list.Count {
			l.fill(r, i)
			continue
		}
		r.remove()
		delete(l.rows, i)
	}
	if old == nil || old.Dirty != l.list.Dirty && old.Count != l.list.Count {
		do(l.doc, "scrollPoint:", point(0, 0))
	}
	if len(l.list.Selected) > 0 && (old == nil || !slices.Equal(old.Selected, l.list.Selected)) {
		i := l.list.Selected[len(l.list.Selected)-1]
		if i < l.list.Count {
			do(l.doc, "scrollRectToVisible:", rect(cocoa.Rect{Y: l.top(i), W: e.Frame.W, H: l.top(i+1) - l.top(i)}))
		}
	}
	l.lay()
	l.edit()
}

// lay makes the subviews of the rows that are seen, and drops the others.
func (l *listView) lay() {
	seen := rectOf(l.scroll, "documentVisibleRect")
	first, last := max(l.at(seen.Origin.Y), 0), l.at(seen.Origin.Y+seen.Size.Height)
	if last < 0 {
		last = l.list.Count - 1
	}
	for i, r := range l.rows {
		if edited := l.list.Edit != nil && l.list.Edit.Row == i; (i < first || i > last) && !edited {
			r.remove()
			delete(l.rows, i)
		}
	}
	for i := first; i <= last; i++ {
		if l.rows[i] == nil {
			l.rows[i] = l.row(i)
		}
	}
}

func (l *listView) row(i int) *rowView {
	r := &rowView{}
	r.view = newRow(r)
	l.fill(r, i)
	do(l.doc, "addSubview:", r.view)
	return r
}

// fill makes r show row i as it is now.
func (l *listView) fill(r *rowView, i int) {
	r.elements = l.list.Row(i, slices.Contains(l.list.Selected, i))
	do(r.view, "setFrame:", rect(cocoa.Rect{Y: l.top(i), W: l.width(), H: l.top(i+1) - l.top(i)}))
	do(r.view, "setNeedsDisplay:", true)
	if l.list.Spoken != nil {
		speakRow(r.view, l.list.Spoken(i))
	}
}

func (l *listView) width() float64 { return rectOf(l.doc, "frame").Size.Width }

// edit puts the field over the row that is edited, or takes it away.
func (l *listView) edit() {
	c := l.list.Edit
	if c == nil || c.Row >= l.list.Count {
		if l.field != nil {
			l.field.remove()
			l.field = nil
			l.win.focusOn("")
		}
		return
	}
	f := c.Frame
	f.Y += l.top(c.Row)
	e := cocoa.Element{ID: l.id + " edit", Kind: cocoa.Field, Frame: f, Text: c.Text, Font: cocoa.Font{Size: 12}, Edited: c.Edited}
	if l.field != nil {
		l.field.update(&e)
		do(l.field.view, "setNeedsDisplay:", true) // after the rows below it
		return
	}
	l.field = newControl(l.win, &e)
	do(l.doc, "addSubview:", l.field.view)
	l.field.update(&e)
	do(l.win.win, "makeFirstResponder:", l.field.view)
	try(l.field.view, "selectText:", objc.Object{})
}

func (l *listView) hear(e event, _ objc.Object) {
	if e == scrolled && l.list != nil {
		l.lay()
	}
}

func (l *listView) paint(float64, float64) {}

func (l *listView) takesKeys() bool { return l.list != nil && l.list.Many }

// mouse selects the row below the pointer and tells the list.
func (l *listView) mouse(x, y float64, clicks int, flags uint) bool {
	i := -1
	if l.list != nil {
		i = l.at(y)
	}
	if i < 0 {
		return true
	}
	list := l.list
	if clicks == 2 && list.Opened != nil {
		list.Opened(i)
		return true
	}
	top := l.top(i)
	if list.Select != nil {
		list.Select(l.chosen(i, flags))
	}
	if list.Clicked != nil {
		list.Clicked(i, x, y-top)
	}
	return true
}

// chosen is the selection after a click on row i: Shift extends it, Cmd toggles.
func (l *listView) chosen(i int, flags uint) []int {
	sel := l.list.Selected
	switch {
	case !l.list.Many || len(sel) == 0 || flags&(shiftKey|cmdKey) == 0:
		return []int{i}
	case flags&shiftKey != 0:
		var all []int
		for n := min(i, sel[0]); n <= max(i, sel[0]); n++ {
			all = append(all, n)
		}
		return all
	}
	if slices.Contains(sel, i) {
		return slices.DeleteFunc(slices.Clone(sel), func(n int) bool { return n == i })
	}
	all := append(slices.Clone(sel), i)
	slices.Sort(all)
	return all
}

func (l *listView) remove() {
	for _, r := range l.rows {
		r.remove()
	}
	if l.field != nil {
		l.field.remove()
	}
	do(l.scroll, "removeFromSuperview")
	bury(l.scroll)
	l.hears.drop()
}

func (l *listView) object() objc.Object { return l.scroll }

// rowView draws one row.
type rowView struct {
	view     objc.Object
	elements []cocoa.Element
}

func (r *rowView) paint(float64, float64) {
	for i := range r.elements {
		drawElement(&r.elements[i], r.elements[i].Frame)
	}
}

func (r *rowView) remove() {
	do(r.view, "removeFromSuperview")
	bury(r.view)
}
