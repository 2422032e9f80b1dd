package cocoa

// key answers a key in the import window.
func (w *importer) key(k Key) bool {
	switch {
	case k.Name == "Esc", k.Cmd && k.Name == ".":
		w.cancel()
		return true
	case k.Cmd && k.Name == "w":
		if w.edit != nil {
			w.endEdit()
		}
		w.cancel()
		return true
	case w.saving != nil || w.review == nil:
		return false
	case w.edit != nil:
		if k.Name == "Return" || k.Name == "Enter" || k.Name == "Tab" {
			w.keep()
			return true
		}
		return false
	case k.In == "under":
		if k.Name == "Return" || k.Name == "Enter" { // what was typed is in force already
			w.f.kit.FocusOn(importID, "rows")
			return true
		}
		return false
	case k.In != "" && k.In != "rows":
		return false
	}
	return w.tableKey(k)
}

// tableKey answers a key while the table has the keyboard.
func (w *importer) tableKey(k Key) bool {
	one := -1 // the row that is selected alone
	if len(w.sel) == 1 {
		one = w.lines[w.sel[0]].row
	}
	switch {
	case k.Name == "Up", k.Name == "Down", k.Name == "PageUp", k.Name == "PageDown", k.Name == "Home", k.Name == "End":
		w.move(k)
	case k.Cmd && k.Name == "a":
		w.selectAll()
	case k.Cmd:
		return false
	case k.Name == "Space":
		if !k.Repeat && len(w.sel) > 0 {
			w.toggle(w.sel)
		}
	case (k.Name == "Return" || k.Name == "F2") && one >= 0:
		w.startEdit(one)
	case k.Name == "t" && one >= 0:
		w.typeMenu(w.sel[0])
	default:
		return false
	}
	return true
}

// move moves the selection, over headings; Shift extends it.
func (w *importer) move(k Key) {
	at, step := w.lead, 1
	if len(w.sel) == 0 {
		at = -1
	}
	page := max(int((w.h-60-93)/importRow)-1, 1)
	switch k.Name {
	case "Up":
		at, step = at-1, -1
	case "Down":
		at++
	case "PageUp":
		at, step = at-page, -1
	case "PageDown":
		at += page
	case "Home":
		at = 0
	case "End":
		at, step = len(w.lines)-1, -1
	}
	if k.Cmd && k.Name == "Up" {
		at, step = 0, 1
	} else if k.Cmd && k.Name == "Down" {
		at, step = len(w.lines)-1, -1
	}
	at = min(max(at, 0), len(w.lines)-1)
	if w.lines[at].row < 0 && at == 0 {
		step = 1
	}
	for w.lines[at].row < 0 {
		at += step
	}
	from := at
	if k.Shift && len(w.sel) > 0 {
		from = w.anchor
	}
	w.span(from, at)
}

// span selects the rows from one line to another, headings left out.
func (w *importer) span(from, to int) {
	var sel []int
	for i := min(from, to); i <= max(from, to); i++ {
		if w.lines[i].row >= 0 {
			sel = append(sel, i)
		}
	}
	w.selectRows(sel)
	w.anchor, w.lead = from, to
}

func (w *importer) selectAll() {
	w.span(0, len(w.lines)-1)
	w.anchor, w.lead = w.sel[0], w.sel[len(w.sel)-1]
}
