//go:build cgo && darwin

package appkit

import (
	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// statusItem is the icon in the menu bar.
type statusItem struct {
	kit   *Kit
	item  objc.Object // owned
	now   cocoa.Status
	icon  cocoa.Icon
	hears target // of the button's window, for drops
	menu  statusMenu
	opens target
}

// Status implements cocoa.Toolkit.
func (k *Kit) Status(s cocoa.Status) {
	if k.status == nil {
		k.status = newStatusItem(k)
	}
	st := k.status
	st.now = s
	button := get(st.item, "button")
	if st.icon != s.Icon {
		st.icon = s.Icon
		img := glyphImage(string(s.Icon), 18)
		do(img, "setTemplate:", true)
		do(button, "setImage:", img)
		drop(img)
	}
	do(button, "setToolTip:", str(s.Tip))
	do(button, "setAccessibilityLabel:", str(s.Tip))
}

func newStatusItem(k *Kit) *statusItem {
	st := &statusItem{kit: k}
	st.item = get(get(class("NSStatusBar"), "systemStatusBar"), "statusItemWithLength:", -2.0) // square
	st.item.Retain()
	st.menu = statusMenu{kit: k, menu: create("NSMenu", "initWithTitle:", str("NoxKey"))}
	st.opens = newTarget(&st.menu)
	do(st.menu.menu, "setDelegate:", st.opens.Object)
	do(st.item, "setMenu:", st.menu.menu)
	button := get(st.item, "button")
	do(button, "setImagePosition:", uint(1)) // image only
	st.hears = newTarget(st)
	w := get(button, "window") // it hands drags to its delegate
	do(w, "registerForDraggedTypes:", fileTypes())
	do(w, "setDelegate:", st.hears.Object)
	return st
}

func (st *statusItem) hear(e event, _ objc.Object) {
	if e == over || e == out {
		do(get(st.item, "button"), "highlight:", e == over)
	}
}

func (st *statusItem) accepts(paths []string) bool {
	return st.now.Accepts != nil && st.now.Accepts(paths)
}

func (st *statusItem) dropped(paths []string) { st.now.Drop(paths) }

// glyphImage draws a sign in black; the caller owns the image.
func glyphImage(name string, side float64) objc.Object {
	img := create("NSImage", "initWithSize:", size(side, side))
	do(img, "lockFocusFlipped:", true)
	drawGlyph(name, cocoa.Rect{W: side, H: side}, cocoa.Primary)
	do(img, "unlockFocus")
	return img
}

// dress gives an item what a plain title cannot show: a text at the right, a heading's
// look, a glyph.
func dress(m objc.Object, it *cocoa.Item) {
	if it.Glyph != "" {
		img := glyphImage(it.Glyph, 16)
		do(img, "setTemplate:", true)
		do(m, "setImage:", img)
		drop(img)
	}
	switch {
	case it.Head:
		setTitle(m, it.Text, attributes(cocoa.Font{Size: 11, Weight: cocoa.Semibold}, cocoa.Secondary))
	case it.Right != "":
		tab := create("NSTextTab", "initWithTextAlignment:location:options:", 1, 300.0, dict()) // right
		style := create("NSMutableParagraphStyle", "init")
		do(style, "setTabStops:", get(class("NSArray"), "arrayWithObject:", tab))
		menuFont := get(class("NSFont"), "menuFontOfSize:", 0.0)
		s := create("NSMutableAttributedString", "initWithString:attributes:", str(it.Text+"\t"), dict("NSFont", menuFont, "NSParagraphStyle", style))
		right := create("NSAttributedString", "initWithString:attributes:", str(it.Right),
			dict("NSFont", font(cocoa.Font{Size: 12}), "NSColor", color(cocoa.Secondary), "NSParagraphStyle", style))
		do(s, "appendAttributedString:", right)
		do(m, "setAttributedTitle:", s)
		for _, o := range []objc.Object{tab, style, s, right} {
			drop(o)
		}
	}
}

func setTitle(m objc.Object, s string, attr objc.Object) {
	a := create("NSAttributedString", "initWithString:attributes:", str(s), attr)
	do(m, "setAttributedTitle:", a)
	drop(a)
}

// popUp shows a menu below a frame; it returns when the menu is gone.
func (k *Kit) popUp(m objc.Object, w *window, at cocoa.Rect) {
	do(m, "popUpMenuPositioningItem:atLocation:inView:", objc.Object{}, point(at.X, at.Y+at.H), w.root)
}

func (k *Kit) setMainMenu(bar objc.Object) { do(k.app, "setMainMenu:", bar) }
