package cocoa

import (
	"slices"

	"noxkey/secret"
	"noxkey/ui"
)

func (w *importer) scene() *Scene {
	s := &Scene{ID: importID, Style: Resizable, Title: ui.ImportTitle, W: w.w, H: w.h, MinW: importMinW, MinH: importMinH,
		Place: Middle, TakesKeys: true, Key: w.key, Closed: w.shut,
		Resized: func(width, height float64) { w.w, w.h = width, height; w.f.redraw(w) },
		Accepts: func(paths []string) bool { return w.saving == nil && anyEnvFile(paths) },
		Drop:    func(paths []string) { w.over = false; w.add(envFiles(paths)) },
		Over:    func(over bool) { w.over = over; w.f.redraw(w) },
	}
	if w.review == nil {
		s.Elements = w.dropZone()
		s.First, s.Loop = "Open", []string{"Open", "Cancel"}
		return s
	}
	s.Elements = slices.Concat(w.head(), w.header(), []Element{w.table()}, w.foot())
	s.First, s.Loop = "rows", []string{"under", "rows", "level", "Cancel", "Import"}
	if w.fault != "" {
		s.Loop = slices.DeleteFunc(s.Loop, func(id string) bool { return id == "level" })
	}
	return s
}

// dropZone is the window before a file was read.
func (w *importer) dropZone() []Element {
	zone := Rect{24, 24, w.w - 48, w.h - 96}
	y, mid := zone.Y+104+(zone.H-384)/2, w.w/2
	edge := Element{ID: "drop edge", Kind: Dashes, Frame: zone, Color: Tertiary, Radius: 12}
	if w.over {
		edge.Color, edge.On = Accent, Yes
	}
	list := []Element{
		{ID: "drop zone", Kind: Box, Frame: zone, Color: Fill, Radius: 12}, edge,
		{ID: "glyph", Kind: Glyph, Frame: Rect{mid - 24, y, 48, 48}, Text: "doc", Color: Secondary},
		{ID: "title", Frame: Rect{24, y + 68, zone.W, 22}, Text: ui.ImportDrop, Font: Font{Size: 17, Weight: Semibold}, Align: Center},
		{ID: "body", Frame: Rect{24, y + 98, zone.W, 16}, Text: ui.ImportDropBody, Font: Font{Size: 13}, Color: Secondary, Align: Center},
		{ID: "Open", Kind: Button, Frame: Rect{mid - 56, y + 136, 112, 28}, Text: ui.ImportOpen, Off: w.reading, Do: func() {
			w.f.kit.OpenFiles(importID, w.add) // whatever was chosen: the person said so
		}},
		{ID: "Cancel", Kind: Button, Frame: Rect{w.w - 136, w.h - 44, 112, 28}, Text: ui.Cancel, Do: w.cancel},
	}
	if w.fault != "" {
		return append(list, w.fitted("note", w.fault, Rect{48, w.h - 38, w.w - 200, 16}, Font{Size: 12, Weight: Medium}, Primary, Tail), w.warning())
	}
	note := ui.ImportDropNote
	if w.reading {
		note = ui.OneMoment
	}
	return append(list, Element{ID: "note", Frame: Rect{24, w.h - 38, 500, 16}, Text: note, Font: Font{Size: 12}, Color: Secondary})
}

func (w *importer) warning() Element {
	return Element{ID: "glyph warn", Kind: Glyph, Frame: Rect{24, w.h - 38, 16, 16}, Text: "warn", Color: Orange}
}

// fitted is a label whose whole text is its tooltip where it does not fit.
func (w *importer) fitted(id, text string, at Rect, font Font, c Color, cut Cut) Element {
	e := Element{ID: id, Frame: at, Text: text, Font: font, Color: c, Cut: cut}
	if w.f.kit.Width(text, font) > at.W {
		e.Tip = text
	}
	return e
}

// wider is how much wider the window is than at first: it all goes to Goes to.
func (w *importer) wider() float64 { return w.w - importW }

// head is the file, its counts, and where its keys go.
func (w *importer) head() []Element {
	dx := w.wider()
	path := w.f.terms.Path(w.review.Files[w.under.file].Path)
	counts := w.review.Counts()
	room, bold := 520+dx, Font{Size: 13, Weight: Semibold}
	if w.f.kit.Width(path, bold) > 448+dx { // it stays clear of Put under
		room = 448 + dx
	}
	return []Element{
		w.fitted("file", path, Rect{24, 18, room, 16}, bold, Primary, MiddleCut),
		w.fitted("count", counts, Rect{24, 37, 520 + dx, 14}, Font{Size: 11}, Secondary, Tail),
		{ID: "under label", Frame: Rect{440 + dx, 24, 104, 16}, Text: ui.ImportUnder, Font: Font{Size: 12}, Color: Secondary, Align: Right},
		{ID: "under", Kind: Field, Frame: Rect{552 + dx, 20, 184, 24}, Text: w.under.text, Font: Font{Size: 13}, Spoken: ui.ImportUnder, Off: w.saving != nil, Edited: w.setUnder},
		{ID: "line top", Kind: Line, Frame: Rect{0, 64, w.w, 1}, Color: Separator},
	}
}

// header are the headings of the table, and the box above all rows.
func (w *importer) header() []Element {
	list := []Element{{ID: "header", Kind: Box, Frame: Rect{0, 65, w.w, 28}, Color: Fill}}
	for i, c := range w.columns() {
		list = append(list, Element{ID: "col " + ui.ImportColumns[i], Frame: Rect{c.X, 72, c.W, 14}, Text: ui.ImportColumns[i],
			Font: Font{Size: 11, Weight: Semibold}, Color: Secondary})
	}
	all, some, any := w.review.Covered()
	tick := No
	if all {
		tick = Yes
	} else if some {
		tick = Some
	}
	return append(list, Element{ID: "all", Kind: Check, Frame: Rect{24, 72, 14, 14}, On: tick, Off: !any || w.saving != nil, Spoken: ui.ImportAll, Do: func() {
		if w.keep() {
			w.review.ChooseAll(!all)
			w.fault = ""
			w.changed()
		}
	}})
}

// columns are the places of Key, Starts with, Goes to, Type and State; only X and W count.
func (w *importer) columns() [5]Rect {
	dx := w.wider()
	return [5]Rect{{X: 52, W: 184}, {X: 244, W: 96}, {X: 348, W: 220 + dx}, {X: 580 + dx, W: 80}, {X: 672 + dx, W: 64}}
}

// foot is the level, what is chosen, and the buttons; or what went wrong.
func (w *importer) foot() []Element {
	list := []Element{{ID: "line", Kind: Line, Frame: Rect{0, w.h - 60, w.w, 1}, Color: Separator}}
	if w.fault != "" {
		g := w.warning()
		g.ID = "glyph"
		list = append(list, g, w.fitted("error", w.fault, Rect{48, w.h - 38, 440 + w.wider(), 16}, Font{Size: 12, Weight: Medium}, Primary, Tail))
	} else {
		var words []string
		for _, l := range secret.Levels {
			words = append(words, ui.LevelWord(l))
		}
		list = append(list,
			Element{ID: "level label", Frame: Rect{24, w.h - 38, 40, 16}, Text: ui.ImportLevel, Font: Font{Size: 12}, Color: Secondary},
			Element{ID: "level", Kind: Popup, Frame: Rect{64, w.h - 42, 96, 24}, Items: words, At: slices.Index(secret.Levels, w.review.Level),
				Spoken: ui.ImportLevel, Off: w.saving != nil, Pick: func(i int) { w.review.SetLevel(secret.Levels[i]); w.changed() }},
			w.fitted("note", w.noteText(), Rect{176, w.h - 38, 260 + w.wider(), 16}, Font{Size: 12, Digits: true}, Secondary, Tail))
	}
	if w.over {
		list = append(list, Element{ID: "drop edge", Kind: Dashes, Frame: Rect{4, 97, w.w - 8, w.h - 161}, Color: Accent, Radius: 12, On: Yes})
	}
	return append(list,
		Element{ID: "Cancel", Kind: Button, Frame: Rect{w.w - 264, w.h - 44, 88, 28}, Text: ui.Cancel, Do: w.cancel},
		Element{ID: "Import", Kind: Button, Frame: Rect{w.w - 168, w.h - 44, 144, 28}, Text: w.review.Button(), Default: true, Off: !w.ready(), Do: w.store})
}

// noteText is the line beside the level: what is in the way, else what is to be known
// of the selected row, else what is chosen.
func (w *importer) noteText() string {
	switch {
	case w.saving != nil || w.reading:
		return ui.OneMoment
	case w.note != "":
		return w.note
	case w.editFault() != "":
		return w.editFault()
	case w.underFault() != "":
		return w.underFault()
	}
	if len(w.sel) == 1 {
		if i := w.lines[w.sel[0]].row; i >= 0 && w.review.RowNote(i) != "" {
			return w.review.RowNote(i)
		}
	}
	if why := w.review.Ready(); why != "" && w.review.Chosen() > 0 {
		return why
	}
	return w.review.ChosenLine()
}
