package cocoa

import (
	"context"

	"noxkey/secret"
	"noxkey/ui"
)

// importID is the import window.
const importID = "import"

// The size of the import window at first, and its least.
const (
	importW, importH       = 760, 480
	importMinW, importMinH = 760, 360
)

// openImport shows the import window and adds the files at paths to it, if any.
func (f *Front) openImport(paths []string) {
	if f.opt.First != nil { // there is no vault to store anything in
		f.show(newFirst(f))
		return
	}
	if old, ok := f.windows[importedID]; ok {
		f.close(old)
	}
	w, ok := f.windows[importID].(*importer)
	if ok {
		f.kit.Focus(importID)
	} else {
		w = &importer{f: f, w: importW, h: importH}
		f.show(w)
	}
	w.add(paths)
}

// isEnvFile reports whether a dropped file looks like one of ours.
func isEnvFile(path string) bool { return ui.IsEnvFile(path) }

// anyEnvFile reports whether files can be dropped: at least one is ours.
func anyEnvFile(paths []string) bool {
	for _, p := range paths {
		if isEnvFile(p) {
			return true
		}
	}
	return false
}

// envFiles are those of paths that are ours.
func envFiles(paths []string) (list []string) {
	for _, p := range paths {
		if isEnvFile(p) {
			list = append(list, p)
		}
	}
	return list
}

// importer is the window in which .env files are dropped and reviewed.
type importer struct {
	f    *Front
	w, h float64
	over bool // files hang over the window

	review  *ui.Review // nil until a file was read
	queue   []string   // files to be read
	reading bool
	fault   string // what went wrong last, beside the warning sign

	lines  []importLine // of the table
	sel    []int        // selected lines, ascending
	anchor int          // line from which Shift extends
	lead   int          // line to which
	edit   *importEdit
	note   string // why an edit cannot be kept
	under  importUnder
	dirty  int // raised at each change of what rows show

	saving context.CancelFunc // withdraws the batch that is being stored; nil for none
}

// importLine is a line of the table: a row of the review, or (row -1) a file's heading.
type importLine struct{ file, row int }

// importEdit is a target that is being typed.
type importEdit struct {
	row  int // of the review
	from string
	text string
}

// importUnder is what stands in the field Put under.
type importUnder struct {
	file int
	text string
}

// add reads files and puts them into the review; those that are there already are
// left alone.
func (w *importer) add(paths []string) {
	if w.saving != nil {
		return
	}
	w.queue = append(w.queue, paths...)
	if w.reading || len(w.queue) == 0 {
		return
	}
	w.reading, w.fault = true, ""
	w.f.redraw(w)
	if w.review != nil {
		w.read(nil)
		return
	}
	w.f.call(&secret.Request{Op: secret.OpList}, func(list []secret.Answer, err error) {
		if err != nil {
			w.reading, w.queue, w.fault = false, nil, ui.Words(err)
			w.f.redraw(w)
			return
		}
		w.read(ui.Entries(list))
	})
}

// envRead is what came of reading one file.
type envRead struct {
	path string
	file *ui.EnvFile
	err  error
}

// read reads the files that wait, away from the main thread: a disk may be slow.
func (w *importer) read(stored []secret.Entry) {
	paths := w.queue
	w.queue = nil
	go func() {
		var list []envRead
		for _, p := range paths {
			file, err := ui.ReadEnv(p)
			if err == nil {
				file.Compare(w.f.ctx, w.f.opt.Service)
			}
			list = append(list, envRead{p, file, err})
		}
		w.f.kit.Post(func() { w.take(list, stored) })
	}()
}

// take puts what was read into the review.
func (w *importer) take(list []envRead, stored []secret.Entry) {
	w.reading = false
	first := w.review == nil
	for _, r := range list {
		switch {
		case !w.f.up(w) || r.err == nil && w.review != nil && w.review.Has(r.path):
			r.file.Wipe()
		case r.err != nil:
			w.fault = ui.FileWords(r.path, r.err, w.f.terms)
		default:
			if w.review == nil {
				w.review = ui.NewReview(stored)
			}
			w.review.Take(r.file)
		}
	}
	if !w.f.up(w) {
		return
	}
	w.layLines()
	w.add(nil) // what was dropped in the meantime
	w.f.redraw(w)
	if first && w.review != nil {
		w.f.kit.FocusOn(importID, "rows")
	}
}

// layLines makes the table's lines: files have headings if there are several.
func (w *importer) layLines() {
	w.lines, w.sel, w.edit = nil, nil, nil
	if w.review == nil {
		return
	}
	file := -1
	for i := range w.review.Rows {
		f := w.review.Rows[i].File
		if f != file && len(w.review.Files) > 1 {
			w.lines = append(w.lines, importLine{f, -1})
		}
		file = f
		w.lines = append(w.lines, importLine{f, i})
	}
	w.followUnder()
}

// file is the one that Put under is about: that of the selected row.
func (w *importer) file() int {
	if len(w.sel) > 0 {
		return w.lines[w.sel[0]].file
	}
	return w.under.file
}

// followUnder shows the place of another file when the selection goes there.
func (w *importer) followUnder() {
	if f := w.file(); f != w.under.file || w.under.text == "" {
		w.under = importUnder{f, w.review.Files[f].Prefix}
	}
}

// setUnder follows the typing of a place. One that is none changes no target yet.
func (w *importer) setUnder(text []byte) {
	w.under.text = string(text)
	w.fault, w.note = "", ""
	if ui.PrefixFault(w.under.text) == "" {
		w.review.SetPrefix(w.under.file, w.under.text)
	}
	w.changed()
}

// changed draws the table anew.
func (w *importer) changed() {
	w.dirty++
	w.f.redraw(w)
}
