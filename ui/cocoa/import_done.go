package cocoa

import "noxkey/ui"

// importedID is the window that tells what an import did. It is one of its own: it is
// smaller than that of the review, and its size is not the person's.
const importedID = "imported"

// imported tells what was stored, and goes through the files: those that hold nothing
// else are offered for deletion.
type imported struct {
	f      *Front
	review *ui.Review
	result ui.Result
	at     int    // the file that is shown
	words  string // how its deletion went; "" if it was not tried
	gone   bool   // it is deleted
}

func (w *imported) closed() {} // Review.Done wiped the values

func (w *imported) offered() bool {
	for _, i := range w.result.Offers {
		if i == w.at {
			return w.words == ""
		}
	}
	return false
}

func (w *imported) scene() *Scene {
	s := &Scene{ID: importedID, Style: Titled, Title: ui.ImportTitle, W: importW, H: 276, Place: Middle, TakesKeys: true,
		Key: w.key, Closed: func() { w.f.close(w) }, Accepts: anyEnvFile,
		Drop: func(paths []string) { w.f.openImport(envFiles(paths)) }}
	path := w.f.terms.Path(w.review.Files[w.at].Path)
	title, body := ui.ImportFile, ui.ImportDelete
	switch {
	case w.gone:
		title, body, path = w.words, "", ""
	case w.words != "":
		body = w.words
	case !w.offered():
		body = ui.LeftWords(w.review.LeftOut(w.at))
	}
	s.Elements = []Element{
		{ID: "glyph", Kind: Glyph, Frame: Rect{24, 34, 24, 24}, Text: "check"},
		{ID: "title", Frame: Rect{60, 30, 676, 22}, Text: w.result.Title, Font: Font{Size: 17, Weight: Semibold}},
		w.tipped("body", w.result.Body, Rect{60, 56, 676, 16}, Font{Size: 13}, Secondary, Tail),
		{ID: "line", Kind: Line, Frame: Rect{24, 96, 712, 1}, Color: Separator},
		w.tipped("file title", title, Rect{60, 120, 676, 18}, Font{Size: 14, Weight: Semibold}, Primary, MiddleCut),
	}
	if !w.gone {
		b := w.tipped("file body", body, Rect{60, 168, 600, 32}, Font{Size: 12}, Secondary, Words)
		b.Lines = 2
		s.Elements = append(s.Elements, w.tipped("file", path, Rect{60, 144, 676, 16}, Font{Size: 12, Mono: true}, Primary, MiddleCut), b)
	}
	w.buttons(s, w.review.Files[w.at].Path)
	return s
}

// tipped is a label whose whole text is its tooltip where it does not fit.
func (w *imported) tipped(id, text string, at Rect, font Font, c Color, cut Cut) Element {
	e := Element{ID: id, Frame: at, Text: text, Font: font, Color: c, Cut: cut}
	lines := 1
	if cut == Words {
		lines = 2
	}
	if lines > 1 && w.f.kit.Measure(text, font, at.W, cut) > lines || lines == 1 && w.f.kit.Width(text, font) > at.W {
		e.Tip = text
	}
	return e
}

// buttons are the two, of which the right one is the default and loses nothing.
func (w *imported) buttons(s *Scene, path string) {
	left := func(id string, do func()) {
		s.Elements = append(s.Elements, Element{ID: id, Kind: Button, Frame: Rect{480, 232, 120, 28}, Text: id, Do: do})
		s.Loop = append(s.Loop, id)
	}
	right := ui.Done
	switch {
	case w.offered():
		right = ui.KeepFile
		left(ui.DeleteFile, w.remove)
	case !w.gone:
		left(ui.ShowInFinder, func() { w.f.kit.Reveal([]string{path}) })
	}
	if right == ui.Done && w.at+1 < len(w.review.Files) {
		right = ui.Continue
	}
	s.Elements = append(s.Elements, Element{ID: right, Kind: Button, Frame: Rect{608, 232, 128, 28}, Text: right, Default: true, Do: w.next})
	s.Loop, s.First = append(s.Loop, right), right
}

// remove deletes the file that is shown, if it is still what was read.
func (w *imported) remove() {
	w.gone, w.words = w.review.Remove(w.at, w.f.terms)
	w.f.redraw(w)
	w.f.kit.Announce(importedID, w.words, false)
}

// next keeps the file and goes on to the next one.
func (w *imported) next() {
	if w.at+1 >= len(w.review.Files) {
		w.f.close(w)
		return
	}
	w.at, w.words, w.gone = w.at+1, "", false
	w.f.redraw(w)
}

// key: Esc keeps.
func (w *imported) key(k Key) bool {
	switch {
	case k.Name == "Esc", k.Cmd && k.Name == ".":
		w.next()
	case k.Cmd && k.Name == "w":
		w.f.close(w)
	default:
		return false
	}
	return true
}
