//go:build cgo && (darwin || gnustep)

package appkit

import (
	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// part is what shows one element: a drawn view, a control or a list.
type part interface {
	// update takes over the element of a newer scene, which has the same ID and Kind.
	update(e *cocoa.Element)
	object() objc.Object // borrowed
	remove()
}

func (w *window) newPart(e *cocoa.Element) part {
	switch e.Kind {
	case cocoa.Rows:
		return newListView(w, e)
	case cocoa.Button, cocoa.Field, cocoa.Secret, cocoa.Popup, cocoa.Check, cocoa.Radio:
		return newControl(w, e)
	}
	return newDrawn(w)
}

// drawn is a view that draws its element: text, boxes, lines, glyphs.
type drawn struct {
	win  *window
	view objc.Object // owned
	e    cocoa.Element
}

func newDrawn(w *window) *drawn {
	d := &drawn{win: w}
	d.view = newView(d)
	return d
}

func (d *drawn) update(e *cocoa.Element) {
	moved := d.e.Frame != e.Frame
	redraw := moved || d.e.Text != e.Text || d.e.Color != e.Color || d.e.Font != e.Font || d.e.On != e.On || d.e.Radius != e.Radius || len(d.e.Marks)+len(e.Marks) > 0 || d.e.Lines != e.Lines
	if d.e.Tip != e.Tip {
		tip(d.view, e.Tip)
	}
	d.e = *e
	if moved {
		do(d.view, "setFrame:", rect(e.Frame))
	}
	if redraw {
		do(d.view, "setNeedsDisplay:", true)
	}
	speak(d.view, e)
}

func (d *drawn) paint(w, h float64) { drawElement(&d.e, cocoa.Rect{W: w, H: h}) }

func (d *drawn) mouse(float64, float64, int, uint) bool {
	if d.e.Do == nil {
		return false
	}
	if !d.e.Off {
		d.e.Do()
	}
	return true
}

func (d *drawn) takesKeys() bool     { return false }
func (d *drawn) object() objc.Object { return d.view }

func (d *drawn) remove() {
	do(d.view, "removeFromSuperview")
	bury(d.view)
}

func tip(v objc.Object, s string) {
	if s == "" {
		do(v, "setToolTip:", objc.Object{})
		return
	}
	do(v, "setToolTip:", str(s))
}

// control is one of AppKit's own.
type control struct {
	win   *window
	view  objc.Object // owned
	hears target
	e     cocoa.Element
	given string // the text that is in the field
	fresh bool
	gone  bool
}

func newControl(w *window, e *cocoa.Element) *control {
	c := &control{win: w, fresh: true}
	c.hears = newTarget(c)
	f := rect(e.Frame)
	switch e.Kind {
	case cocoa.Button:
		c.view = create("NXButton", "initWithFrame:", f)
		do(c.view, "setBezelStyle:", uint(1)) // push
	case cocoa.Check, cocoa.Radio:
		c.view = create("NXButton", "initWithFrame:", f)
		kind := uint(3) // switch
		if e.Kind == cocoa.Radio {
			kind = 4
		}
		do(c.view, "setButtonType:", kind)
		do(c.view, "setImagePosition:", uint(2)) // left of the text
	case cocoa.Popup:
		c.view = get(get(class("NXPopUpButton"), "alloc"), "initWithFrame:pullsDown:", f, false)
	default:
		c.makeField(e)
	}
	if e.Kind != cocoa.Field && e.Kind != cocoa.Secret {
		do(c.view, "setTarget:", c.hears.Object)
		do(c.view, "setAction:", objc.Sel("fire:"))
	}
	return c
}

func (c *control) makeField(e *cocoa.Element) {
	name := "NSTextField"
	if e.Kind == cocoa.Secret {
		name = "NSSecureTextField"
	}
	c.view = create(name, "initWithFrame:", rect(e.Frame))
	do(c.view, "setDelegate:", c.hears.Object)
	cell := get(c.view, "cell")
	try(cell, "setScrollable:", true)
	if e.Bare {
		do(c.view, "setBezeled:", false)
		do(c.view, "setBordered:", false)
		bare(c.view)
	}
}

func (c *control) update(e *cocoa.Element) {
	if c.fresh || c.e.Frame != e.Frame {
		do(c.view, "setFrame:", rect(c.room(e)))
	}
	if c.fresh || c.e.Font != e.Font {
		f := e.Font
		if f.Size == 0 {
			f.Size = 13
		}
		do(c.view, "setFont:", font(f))
	}
	if c.fresh || c.e.Off != e.Off {
		do(c.view, "setEnabled:", !e.Off)
	}
	switch e.Kind {
	case cocoa.Button:
		c.title(e)
		if c.fresh || c.e.Default != e.Default {
			key := ""
			if e.Default {
				key = "\r"
			}
			do(c.view, "setKeyEquivalent:", str(key))
		}
	case cocoa.Check, cocoa.Radio:
		c.title(e)
		try(c.view, "setAllowsMixedState:", e.On == cocoa.Some)
		do(c.view, "setState:", ticks[e.On])
	case cocoa.Popup:
		c.items(e)
	default:
		if (c.fresh || e.Text != c.e.Text) && e.Text != c.given {
			do(c.view, "setStringValue:", str(e.Text))
			c.given = e.Text
		}
		if e.Hint != c.e.Hint {
			setPlaceholder(c.view, e.Hint, e.Font)
		}
	}
	if c.e.Tip != e.Tip { // set again, one that is shown would go
		tip(c.view, e.Tip)
	}
	speak(c.view, e)
	c.e, c.fresh = *e, false
}

// room is the frame of the view. A box or a dot without text is drawn in the middle of its
// frame, and gets more of it than is seen: how large it is differs between systems.
func (c *control) room(e *cocoa.Element) cocoa.Rect {
	f := e.Frame
	if (e.Kind == cocoa.Check || e.Kind == cocoa.Radio) && e.Text == "" {
		do(c.view, "setImagePosition:", uint(1)) // the image only
		f = cocoa.Rect{X: f.X - 4, Y: f.Y - 4, W: f.W + 8, H: f.H + 8}
	}
	return f
}

func (c *control) title(e *cocoa.Element) {
	if c.fresh || c.e.Text != e.Text {
		do(c.view, "setTitle:", str(e.Text))
	}
}

func (c *control) items(e *cocoa.Element) {
	same := !c.fresh && len(c.e.Items) == len(e.Items)
	for i := range e.Items {
		same = same && c.e.Items[i] == e.Items[i]
	}
	if !same {
		do(c.view, "removeAllItems")
		for _, s := range e.Items {
			do(c.view, "addItemWithTitle:", str(s))
		}
	}
	do(c.view, "selectItemAtIndex:", e.At)
}

func (c *control) hear(ev event, _ objc.Object) {
	switch {
	case ev == edited && c.e.Edited != nil:
		s := text(get(c.view, "stringValue"))
		c.given = s
		c.e.Edited([]byte(s))
	case ev != acted:
	case c.e.Kind == cocoa.Popup && c.e.Pick != nil:
		c.e.Pick(integer(c.view, "indexOfSelectedItem"))
	case c.e.Do != nil && !c.e.Off:
		c.e.Do()
		// AppKit has ticked the box by itself; the front may have thought otherwise.
		if k := c.e.Kind; !c.gone && (k == cocoa.Check || k == cocoa.Radio) {
			do(c.view, "setState:", ticks[c.e.On])
		}
	}
}

// ticks are NSControl's states.
var ticks = [...]int{cocoa.No: 0, cocoa.Yes: 1, cocoa.Some: -1}

func (c *control) object() objc.Object { return c.view }

// remove takes the control away. A field is emptied first, with what could be undone in
// it: it may have held a secret, and AppKit wipes nothing.
func (c *control) remove() {
	if c.e.Kind == cocoa.Field || c.e.Kind == cocoa.Secret {
		do(c.view, "setDelegate:", objc.Object{})
		if editor := get(c.view, "currentEditor"); !editor.IsNil() {
			if undo := get(editor, "undoManager"); !undo.IsNil() {
				do(undo, "removeAllActions")
			}
			do(editor, "setString:", str(""))
		}
		do(c.view, "setStringValue:", str(""))
	} else {
		do(c.view, "setTarget:", objc.Object{})
	}
	do(c.view, "removeFromSuperview")
	c.gone = true
	bury(c.view)
	c.hears.drop()
}
