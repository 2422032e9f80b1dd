package cocoa

import (
	"context"

	"noxkey/secret"
	"noxkey/ui"
)

// store sends the batch: all of it is written, or nothing.
func (w *importer) store() {
	if !w.keep() || !w.ready() {
		return
	}
	ctx, stop := context.WithCancel(w.f.ctx)
	w.saving, w.fault, w.note = stop, "", ""
	w.changed()
	w.f.callCtx(ctx, &secret.Request{Op: secret.OpWrite, Changes: w.review.Changes()}, func(list []secret.Answer, err error) {
		stop()
		w.saving = nil
		switch {
		case !w.f.up(w):
			w.review.Wipe()
		case err != nil:
			w.fault = ui.BatchFault(err)
			w.changed()
		default:
			done := &imported{f: w.f, review: w.review, result: w.review.Done(w.f.terms.Store)}
			w.f.show(done)
			w.f.close(w)
		}
	})
}

// ready reports whether the batch can be stored as it is.
func (w *importer) ready() bool {
	return w.saving == nil && !w.reading && w.review != nil && w.review.Ready() == "" && w.editFault() == "" && w.underFault() == ""
}

func (w *importer) underFault() string { return ui.PrefixFault(w.under.text) }

// cancel goes back one step: out of the storing, out of an edit, out of the window.
func (w *importer) cancel() {
	switch {
	case w.saving != nil:
		w.saving()
	case w.edit != nil:
		w.endEdit()
	case w.review != nil && w.review.Dirty():
		w.askDiscard()
	default:
		w.f.close(w)
	}
}

// askDiscard asks whether to lose what was done, and closes.
func (w *importer) askDiscard() {
	title, yes, no := ui.DiscardQuestion()
	w.f.kit.Ask(importID, Question{Title: title, Yes: yes, No: no, Safe: true}, func(discard bool) {
		if discard && w.saving == nil {
			w.f.close(w)
		}
	})
}

// shut follows the red button: the window is off the screen already. What would be lost
// by that is asked about first, and the window put up again if it is to stay.
func (w *importer) shut() {
	if w.review == nil || !w.review.Dirty() || w.saving != nil {
		w.f.close(w)
		return
	}
	title, yes, no := ui.DiscardQuestion()
	w.f.kit.Ask("", Question{Title: title, Yes: yes, No: no, Safe: true}, func(discard bool) {
		if discard {
			w.f.close(w)
		} else {
			w.f.redraw(w)
		}
	})
}

// closed forgets the values. Those that are being stored belong to the store until it
// answers, which the withdrawing makes soon.
func (w *importer) closed() {
	if w.saving != nil {
		w.saving()
		return
	}
	if w.review != nil {
		w.review.Wipe()
	}
}
