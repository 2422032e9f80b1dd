//go:build cgo && gnustep && !darwin

package appkit

import (
	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// statusItem is a small window in place of the icon in the menu bar, which GNUstep
// has not: it draws the icon, opens the same menu, and takes the same drops.
type statusItem struct {
	kit  *Kit
	now  cocoa.Status
	win  objc.Object
	view objc.Object
	menu statusMenu
}

// Status implements cocoa.Toolkit.
func (k *Kit) Status(s cocoa.Status) {
	if k.status == nil {
		st := &statusItem{kit: k}
		st.menu = statusMenu{kit: k, menu: create("NSMenu", "initWithTitle:", str("NoxKey"))}
		st.win = newPanel(st, 22, 22)
		do(st.win, "setTitle:", str("NoxKey status"))
		do(st.win, "setHidesOnDeactivate:", false)
		do(st.win, "setLevel:", 25)
		st.view = newView(st)
		do(st.win, "setContentView:", st.view)
		do(st.view, "registerForDraggedTypes:", fileTypes())
		seen := rectOf(k.screen(false), "frame")
		do(st.win, "setFrameOrigin:", point(seen.Size.Width-60, seen.Size.Height-24))
		k.status = st
	}
	k.status.now = s
	do(k.status.win, "setTitle:", str("NoxKey status"))
	try(k.status.view, "setToolTip:", str(s.Tip))
	do(k.status.view, "setNeedsDisplay:", true)
	do(k.status.win, "orderFrontRegardless")
}

func (st *statusItem) paint(w, h float64) {
	background(true, cocoa.Rect{W: w, H: h})
	drawGlyph(string(st.now.Icon), cocoa.Rect{X: 2, Y: 2, W: 18, H: 18}, cocoa.Primary)
}

func (st *statusItem) mouse(float64, float64, int, uint) bool {
	if st.now.Menu != nil {
		st.kit.fill(st.menu.menu, st.now.Menu())
		do(class("NSMenu"), "popUpContextMenu:withEvent:forView:", st.menu.menu, get(st.kit.app, "currentEvent"), st.view)
	}
	return true
}

func (st *statusItem) accepts(paths []string) bool {
	return st.now.Accepts != nil && st.now.Accepts(paths)
}

func (st *statusItem) dropped(paths []string) { st.now.Drop(paths) }

// dress puts the right-hand text behind the title.
func dress(m objc.Object, it *cocoa.Item) {
	if it.Right != "" {
		do(m, "setTitle:", str(it.Text+" · "+it.Right))
	}
}

func (k *Kit) popUp(m objc.Object, w *window, _ cocoa.Rect) {
	do(class("NSMenu"), "popUpContextMenu:withEvent:forView:", m, get(k.app, "currentEvent"), w.root)
}

// setMainMenu: GNUstep would show it as a window of its own.
func (k *Kit) setMainMenu(objc.Object) {}
