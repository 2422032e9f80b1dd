//go:build cgo && (darwin || gnustep)

package appkit

import (
	"math"

	"github.com/progrium/darwinkit/macos/foundation"
	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// window shows the scenes of one ID.
type window struct {
	kit   *Kit
	scene *cocoa.Scene
	win   objc.Object // owned
	root  objc.Object // owned: the flipped view that holds the parts
	back  objc.Object // owned: the content view, which is root where there is no glass
	hears target
	parts map[string]part
	kinds map[string]cocoa.Kind
	gone  bool
	quiet bool // the size is being set by us
}

func newWindowOf(k *Kit, s *cocoa.Scene) *window {
	w := &window{kit: k, scene: s, parts: map[string]part{}, kinds: map[string]cocoa.Kind{}}
	w.hears = newTarget(w)
	if s.Style == cocoa.Floating {
		w.win = newPanel(w, s.W, s.H)
		float(w.win)
	} else {
		style := uint(1 | 2) // titled, closable
		if s.Style == cocoa.Resizable {
			style |= 8
		}
		w.win = newWindow(w, s.W, s.H, style)
		try(w.win, "setCollectionBehavior:", uint(2)) // move to the active space
		try(w.win, "setTabbingMode:", 2)              // no tabs
		plain(w.win)
	}
	do(w.win, "setReleasedWhenClosed:", false)
	do(w.win, "setTitle:", str(title(s)))
	do(w.win, "setDelegate:", w.hears.Object)
	try(w.win, "setAutorecalculatesKeyViewLoop:", false)
	w.root = newView(w)
	do(w.root, "setFrame:", rect(cocoa.Rect{W: s.W, H: s.H}))
	w.back = w.root
	if s.Style == cocoa.Floating {
		w.back = backdrop(w.root, s.W, s.H)
	} else {
		w.root.Retain()
	}
	do(w.win, "setContentView:", w.back)
	if s.Accepts != nil {
		do(w.root, "registerForDraggedTypes:", fileTypes())
	}
	return w
}

// title names a floating window, too: drivers of tests and VoiceOver find it by that.
func title(s *cocoa.Scene) string {
	if s.Title == "" {
		return s.ID
	}
	return s.Title
}

// place puts a new window where its scene says.
func (w *window) place() {
	if w.scene.Place == cocoa.Middle {
		do(w.win, "center")
		if w.scene.Style != cocoa.Floating {
			try(w.win, "setFrameAutosaveName:", str("noxkey."+w.scene.ID))
		}
		return
	}
	seen := rectOf(w.kit.screen(w.scene.Place == cocoa.Lower), "visibleFrame")
	below := 0.14
	if w.scene.Place == cocoa.Lower {
		below = 0.22
	}
	f := rectOf(w.win, "frame")
	x := seen.Origin.X + (seen.Size.Width-f.Size.Width)/2
	top := seen.Origin.Y + seen.Size.Height*(1-below)
	y := math.Max(top-f.Size.Height, seen.Origin.Y+16)
	do(w.win, "setFrameOrigin:", point(math.Round(x), math.Round(y)))
}

// fit gives the window its scene's size; the top edge stays.
func (w *window) fit() {
	if w.scene.Style == cocoa.Resizable && len(w.parts) > 0 {
		return // the person's to change
	}
	f := rectOf(w.win, "frame")
	want := foundation.Rect{Size: size(w.scene.W, w.scene.H)}
	outer := rectOf(w.win, "frameRectForContentRect:", want)
	if f.Size == outer.Size {
		return
	}
	f.Origin.Y += f.Size.Height - outer.Size.Height
	f.Size = outer.Size
	w.quiet = true
	do(w.win, "setFrame:display:", f, true)
	w.quiet = false
	do(w.root, "setFrame:", rect(cocoa.Rect{W: w.scene.W, H: w.scene.H}))
	reshaped(w.win)
}

// draw takes over a newer scene.
func (w *window) draw(s *cocoa.Scene) {
	again := w.scene.Epoch != s.Epoch
	w.scene = s
	do(w.win, "setTitle:", str(title(s)))
	if s.Style == cocoa.Resizable && s.MinW > 0 {
		do(w.win, "setContentMinSize:", size(s.MinW, s.MinH))
	}
	w.fit()
	w.reconcile(s, again)
	// What moved or went leaves its picture behind where views have no layers of their own.
	do(w.root, "setNeedsDisplay:", true)
	w.loop(s)
	speakWindow(w.win, s)
}

// reconcile makes the views what the scene says, keeping those whose element stayed.
func (w *window) reconcile(s *cocoa.Scene, again bool) {
	keep := map[string]bool{}
	for i := range s.Elements {
		e := &s.Elements[i]
		keep[e.ID] = w.kinds[e.ID] == e.Kind && w.parts[e.ID] != nil && !again
	}
	for id, p := range w.parts {
		if !keep[id] {
			p.remove()
			delete(w.parts, id)
			delete(w.kinds, id)
		}
	}
	var below objc.Object
	for i := range s.Elements {
		e := &s.Elements[i]
		p := w.parts[e.ID]
		if p == nil {
			p = w.newPart(e)
			w.parts[e.ID], w.kinds[e.ID] = p, e.Kind
			insert(w.root, p.object(), below)
		}
		p.update(e)
		below = p.object()
	}
}

// loop closes the key loop into a ring.
func (w *window) loop(s *cocoa.Scene) {
	for i, id := range s.Loop {
		a, b := w.parts[id], w.parts[s.Loop[(i+1)%len(s.Loop)]]
		if a != nil && b != nil {
			do(keyView(a), "setNextKeyView:", keyView(b))
		}
	}
}

// keyView is the view of a part that takes the keyboard: of a list, the one that scrolls.
func keyView(p part) objc.Object {
	if l, ok := p.(*listView); ok {
		return l.doc
	}
	return p.object()
}

// focusOn gives the keyboard to an element, or to the window itself.
func (w *window) focusOn(id string) {
	p := w.parts[id]
	if p == nil {
		do(w.win, "makeFirstResponder:", objc.Object{})
		return
	}
	do(w.win, "makeFirstResponder:", keyView(p))
}

func (w *window) hear(e event, _ objc.Object) {
	if w.gone {
		return
	}
	s := w.scene
	switch e {
	case gained:
		call(s.Gained)
	case lost:
		call(s.Lost)
	case closing:
		w.kit.Hide(s.ID)
		call(s.Closed)
	case resized:
		f := rectOf(w.back, "frame")
		if !w.quiet && s.Resized != nil && (f.Size.Width != s.W || f.Size.Height != s.H) {
			do(w.root, "setFrame:", rect(cocoa.Rect{W: f.Size.Width, H: f.Size.Height}))
			s.Resized(f.Size.Width, f.Size.Height)
		}
	case over:
		if s.Over != nil {
			s.Over(true)
		}
	case out:
		if s.Over != nil {
			s.Over(false)
		}
	}
}

func call(f func()) {
	if f != nil {
		f()
	}
}

func (w *window) paint(width, height float64) {
	background(w.scene.Style == cocoa.Floating, cocoa.Rect{W: width, H: height})
}

func (w *window) mouse(float64, float64, int, uint) bool {
	if w.scene.Style == cocoa.Floating && !w.gone {
		do(w.win, "makeKeyWindow")
	}
	return false
}

func (w *window) takesKeys() bool { return false }

func (w *window) accepts(paths []string) bool {
	return !w.gone && w.scene.Accepts != nil && w.scene.Accepts(paths)
}

func (w *window) dropped(paths []string) {
	if !w.gone && w.scene.Drop != nil {
		w.scene.Drop(paths)
	}
}

// hide takes the window off the screen for good.
func (w *window) hide() {
	if w.gone {
		return
	}
	w.gone = true
	for _, p := range w.parts {
		p.remove()
	}
	clear(w.parts)
	do(w.win, "setDelegate:", objc.Object{})
	try(w.win, "setFrameAutosaveName:", str("")) // the next window of this name may have it
	do(w.win, "orderOut:", objc.Object{})
	w.hears.drop()
	bury(w.back)
	bury(w.root)
	bury(w.win)
}
