//go:build cgo && darwin

package appkit

import (
	"fmt"

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
	drops bool   // it hears of them
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
		do(button, "setImage:", glyphImage(string(s.Icon), 18))
	}
	st.hearDrops()
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
	return st
}

// hearDrops has the button's window, once there is one, hand its drags to us.
func (st *statusItem) hearDrops() {
	if w := get(get(st.item, "button"), "window"); !st.drops && !w.IsNil() {
		do(w, "registerForDraggedTypes:", fileTypes())
		do(w, "setDelegate:", st.hears.Object)
		st.drops = true
	}
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

// glyphs are the images that were made, which are kept: there are few.
var glyphs = map[string]objc.Object{}

// glyphImage is a sign in black, drawn anew for each screen's scale. Borrowed.
func glyphImage(name string, side float64) objc.Object {
	key := fmt.Sprint(name, side)
	if img, ok := glyphs[key]; ok {
		return img
	}
	img := drawnImage(&glyphPainter{name}, side)
	do(img, "setTemplate:", true)
	glyphs[key] = img
	return img
}

// glyphPainter draws for an image.
type glyphPainter struct{ name string }

func (g *glyphPainter) paint(w, h float64) {
	paintGlyph(g.name, cocoa.Rect{W: w, H: h}, get(class("NSColor"), "blackColor"))
}

// dress gives an item what a plain title cannot show: a text at the right, a heading's
// look, a glyph.
func dress(m objc.Object, it *cocoa.Item) {
	if it.Glyph != "" {
		do(m, "setImage:", glyphImage(it.Glyph, 16))
	}
	switch {
	case it.Head:
		setTitle(m, it.Text, attributes(cocoa.Font{Size: 11, Weight: cocoa.Semibold}, cocoa.Secondary))
	case it.Right != "":
		tab := create("NSTextTab", "initWithTextAlignment:location:options:", right(), 300.0, dict())
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
