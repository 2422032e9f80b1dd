package cocoa

import (
	"slices"

	"noxkey/secret"
	"noxkey/ui"
)

// Heights in the table of an import.
const (
	importRow  = 32
	importFile = 28 // a file's heading
)

// table is the list of keys.
func (w *importer) table() Element {
	l := &List{Count: len(w.lines), Height: importRow, Row: w.row, Spoken: w.speak, Selected: w.sel, Many: true, Dirty: w.dirty,
		Select: w.selectRows, Clicked: w.clicked}
	if len(w.review.Files) > 1 {
		l.HeightOf = func(i int) float64 {
			if w.lines[i].row < 0 {
				return importFile
			}
			return importRow
		}
	}
	if w.edit != nil {
		at := slices.IndexFunc(w.lines, func(l importLine) bool { return l.row == w.edit.row })
		l.Edit = &CellEdit{Row: at, Frame: Rect{342, 4, 226 + w.wider(), 24}, Text: w.edit.text, Edited: w.typed}
	}
	return Element{ID: "rows", Kind: Rows, Frame: Rect{0, 93, w.w, w.h - 60 - 93}, Spoken: ui.ImportTitle, List: l}
}

// row draws line i of the table.
func (w *importer) row(i int, selected bool) []Element {
	l := w.lines[i]
	if l.row < 0 {
		path := w.f.terms.Path(w.review.Files[l.file].Path)
		return []Element{w.fitted("file", path, Rect{24, 7, w.w - 48, 14}, Font{Size: 11, Weight: Semibold}, Secondary, MiddleCut)}
	}
	var list []Element
	if selected {
		list = append(list, Element{ID: "selection", Kind: Box, Frame: Rect{8, 0, w.w - 16, importRow}, Color: Fill2, Radius: 8})
	}
	return append(list, w.cells(l.row)...)
}

// cells draws one key of the review.
func (w *importer) cells(n int) []Element {
	row, col := &w.review.Rows[n], w.columns()
	refused := row.State == ui.Refused
	color := Primary
	if refused {
		color = Tertiary
	} else if !row.Use {
		color = Secondary
	}
	cell := func(id, text string, c int, f Font, color Color, cut Cut) Element {
		return w.fitted(id, text, Rect{col[c].X, 8, col[c].W, 16}, f, color, cut)
	}
	tick := No
	if row.Use {
		tick = Yes
	}
	list := []Element{
		{ID: "use", Kind: Check, Frame: Rect{24, 9, 14, 14}, On: tick, Off: refused},
		cell("key", row.Key, 0, Font{Size: 13, Weight: Medium}, color, Tail),
	}
	if text, peek := w.review.PeekWords(n); peek {
		list = append(list, cell("peek", text, 1, Font{Size: 11, Mono: true}, Secondary, Tail))
	} else if text != "" {
		list = append(list, cell("peek", text, 1, Font{Size: 11}, Tertiary, Tail))
	}
	if w.edit == nil || w.edit.row != n {
		goes := cell("target", w.review.GoesTo(n), 2, Font{Size: 12}, color, MiddleCut)
		if refused { // nothing stands under Type
			goes = w.fitted("target", goes.Text, Rect{col[2].X, 8, col[3].X + col[3].W - col[2].X, 16}, goes.Font, color, Tail)
		}
		list = append(list, goes)
	}
	if !refused {
		list = append(list, cell("type", ui.TypeWord(row.Type), 3, Font{Size: 12}, Primary, Tail),
			Element{ID: "type signs", Kind: Glyph, Frame: Rect{col[3].X + 68, 10, 12, 12}, Text: "updown", Color: Secondary})
		list[len(list)-2].Frame.W = 66
	}
	font, tone := Font{Size: 12}, Secondary
	if row.State == ui.Conflicts || row.State == ui.Replaces {
		font.Weight, tone = Semibold, Primary
	}
	return append(list, cell("state", row.State.String(), 4, font, tone, Tail))
}

func (w *importer) speak(i int) string {
	if l := w.lines[i]; l.row >= 0 {
		return w.review.Speak(l.row)
	}
	return w.f.terms.Path(w.review.Files[w.lines[i].file].Path)
}

// selectRows follows the person's selecting. A target that cannot be kept holds the
// selection where it is.
func (w *importer) selectRows(lines []int) {
	if w.saving != nil || !w.keep() {
		return
	}
	w.sel, w.note = lines, ""
	if len(lines) > 0 {
		w.anchor, w.lead = lines[0], lines[len(lines)-1]
	}
	w.followUnder()
	w.changed()
}

// clicked follows a click on a cell: the box ticks, Goes to is edited, Type opens a menu.
func (w *importer) clicked(i int, x, _ float64) {
	n, col := w.lines[i].row, w.columns()
	if n < 0 || w.saving != nil || w.edit != nil || len(w.sel) != 1 {
		return
	}
	switch {
	case x < col[0].X-6:
		w.toggle([]int{i})
	case x >= col[2].X-6 && x < col[3].X-6:
		w.startEdit(n)
	case x >= col[3].X-6 && x < col[4].X-6:
		w.typeMenu(i)
	}
}

// toggle ticks lines: all of them if one was off, else none.
func (w *importer) toggle(lines []int) {
	var rows []int
	on := false
	for _, i := range lines {
		if n := w.lines[i].row; n >= 0 {
			rows = append(rows, n)
			on = on || !w.review.Rows[n].Use && w.review.Rows[n].State != ui.Refused
		}
	}
	w.review.Choose(rows, on)
	w.fault, w.note = "", ""
	w.changed()
}

// typeMenu lets the person choose the type of the key in line i.
func (w *importer) typeMenu(i int) {
	n := w.lines[i].row
	if w.review.Rows[n].State == ui.Refused {
		return
	}
	var items []Item
	for _, t := range secret.FieldTypes {
		items = append(items, Item{Text: ui.TypeWord(t), Ticked: t == w.review.Rows[n].Type, Do: func() {
			w.review.SetType(n, t)
			w.changed()
		}})
	}
	w.f.kit.PopUpRow(importID, "rows", i, Rect{574 + w.wider(), 4, 90, 24}, items)
}

// startEdit opens the field over a target.
func (w *importer) startEdit(n int) {
	if !w.review.Fixable(n) {
		w.note = w.review.RowNote(n)
		w.changed()
		return
	}
	text := w.review.EditText(n)
	w.edit, w.fault, w.note = &importEdit{row: n, from: text, text: text}, "", ""
	w.changed()
}

func (w *importer) typed(text []byte) {
	w.edit.text, w.note = string(text), ""
	w.f.redraw(w)
}

// editFault says why what is being typed is no target; "" if it is, or is as it was.
func (w *importer) editFault() string {
	if w.edit == nil || w.edit.text == w.edit.from {
		return ""
	}
	return w.review.TargetFault(w.edit.row, w.edit.text)
}

// keep ends an edit and keeps what was typed. A bad name keeps the field open.
func (w *importer) keep() bool {
	if w.edit == nil {
		return true
	}
	if w.note = w.editFault(); w.note != "" {
		w.f.redraw(w)
		return false
	}
	if w.edit.text != w.edit.from {
		w.review.Rename(w.edit.row, w.edit.text)
	}
	w.endEdit()
	return true
}

// endEdit takes the field away.
func (w *importer) endEdit() {
	w.edit, w.note = nil, ""
	w.changed()
	w.f.kit.FocusOn(importID, "rows")
}
