//go:build cgo && darwin

package appkit

import (
	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// colors are the system's, by the selector that gives them. They are looked up at every
// drawing: the appearance may have changed.
var colors = [...][]string{
	cocoa.Primary:   {"labelColor"},
	cocoa.Secondary: {"secondaryLabelColor"},
	cocoa.Tertiary:  {"tertiaryLabelColor"},
	cocoa.Separator: {"separatorColor"},
	cocoa.Fill:      {"quaternarySystemFillColor", "quaternaryLabelColor"},
	cocoa.Fill2:     {"tertiarySystemFillColor", "quaternaryLabelColor"},
	cocoa.Selection: {"selectedContentBackgroundColor"},
	cocoa.White:     {"alternateSelectedControlTextColor"},
	cocoa.Accent:    {"controlAccentColor"},
	cocoa.Orange:    {"systemOrangeColor"},
}

func color(c cocoa.Color) objc.Object {
	k := objc.ObjectFrom(class("NSColor").Ptr())
	for _, sel := range colors[c] {
		if can(k, sel) {
			return get(k, sel)
		}
	}
	return get(k, "labelColor")
}

// weights are NSFontWeight's values.
var weights = [...]float64{cocoa.Regular: 0, cocoa.Medium: 0.23, cocoa.Semibold: 0.3}

func font(f cocoa.Font) objc.Object {
	sel := "systemFontOfSize:weight:"
	switch {
	case f.Mono:
		sel = "monospacedSystemFontOfSize:weight:"
	case f.Digits:
		sel = "monospacedDigitSystemFontOfSize:weight:"
	}
	return get(class("NSFont"), sel, f.Size, weights[f.Weight])
}

func roundedPath(r cocoa.Rect, radius float64) objc.Object {
	return get(class("NSBezierPath"), "bezierPathWithRoundedRect:xRadius:yRadius:", rect(r), radius, radius)
}

// float makes a panel float above everything, full-screen apps included, on glass.
func float(w objc.Object) {
	do(w, "setLevel:", 25)                            // NSStatusWindowLevel
	do(w, "setCollectionBehavior:", uint(1|8|64|256)) // all spaces, transient, ignores cycle, beside full screen
	do(w, "setHidesOnDeactivate:", false)
	do(w, "setOpaque:", false)
	do(w, "setBackgroundColor:", get(class("NSColor"), "clearColor"))
	do(w, "setHasShadow:", true)
	do(w, "setAnimationBehavior:", 2)
	do(w, "setWorksWhenModal:", true) // a card beside an alert can be denied
	do(w, "setAllowsToolTipsWhenApplicationIsInactive:", true)
	do(w, "setSharingType:", uint(0)) // a courtesy: newer capture passes it by
}

// backdrop is the view behind a floating window's own, with the root in it. The
// caller owns it.
func backdrop(root objc.Object, w, h float64) objc.Object {
	glass := create("NSVisualEffectView", "initWithFrame:", rect(cocoa.Rect{W: w, H: h}))
	do(glass, "setMaterial:", 6)     // popover
	do(glass, "setBlendingMode:", 0) // behind the window
	do(glass, "setState:", 1)        // active though we never are
	mask := maskImage(16)
	do(glass, "setMaskImage:", mask)
	drop(mask)
	do(root, "setAutoresizingMask:", uint(2|16))
	do(glass, "addSubview:", root)
	return glass
}

// maskImage is a rounded square that stretches in its middle; the caller owns it.
func maskImage(radius float64) objc.Object {
	side := 2*radius + 1
	img := create("NSImage", "initWithSize:", size(side, side))
	do(img, "lockFocus")
	do(get(class("NSColor"), "blackColor"), "set")
	do(roundedPath(cocoa.Rect{W: side, H: side}, radius), "fill")
	do(img, "unlockFocus")
	do(img, "setCapInsets:", edges{radius, radius, radius, radius})
	do(img, "setResizingMode:", 1) // stretch
	return img
}

// edges is NSEdgeInsets.
type edges struct{ Top, Left, Bottom, Right float64 }

// plain keeps a titled window out of the pictures that macOS saves of windows, and its
// place: they may show the starts of values.
func plain(w objc.Object) {
	do(w, "setRestorable:", false)
	try(w, "disableSnapshotRestoration")
	do(w, "setSharingType:", uint(0))
}

// reshaped has the shadow follow the window's new height.
func reshaped(w objc.Object) { do(w, "invalidateShadow") }

// background is drawn below the elements: nothing on glass, the system does windows.
func background(bool, cocoa.Rect) {}

// scroller lies over the rows, whatever kind of mouse there is: they are drawn for the
// whole width. One that always shows has a place of its own.
func scroller(scroll objc.Object, always bool) {
	style := 1 // overlay
	if always {
		style = 0
	}
	do(scroll, "setScrollerStyle:", style)
}

// bare is a field that looks like text on the window.
func bare(field objc.Object) {
	do(field, "setDrawsBackground:", false)
	do(field, "setFocusRingType:", uint(1)) // none
}

func setPlaceholder(field objc.Object, s string, f cocoa.Font) {
	a := create("NSAttributedString", "initWithString:attributes:", str(s), attributes(f, cocoa.Tertiary))
	do(field, "setPlaceholderAttributedString:", a)
	drop(a)
}

// speak tells VoiceOver what an element is.
func speak(v objc.Object, e *cocoa.Element) {
	label := e.Spoken
	if e.Silent {
		do(v, "setAccessibilityElement:", false)
		return
	}
	if label == "" && (e.Kind == cocoa.Label || e.Kind == cocoa.Box && e.Do != nil) {
		label = e.Text
	}
	switch e.Kind {
	case cocoa.Label:
		do(v, "setAccessibilityElement:", label != "")
		do(v, "setAccessibilityRole:", str("AXStaticText"))
		do(v, "setAccessibilityValue:", str(label))
	case cocoa.Glyph, cocoa.Box, cocoa.Line, cocoa.Dashes:
		do(v, "setAccessibilityElement:", label != "")
		role := "AXImage"
		if e.Do != nil {
			role = "AXButton"
		}
		do(v, "setAccessibilityRole:", str(role))
		do(v, "setAccessibilityLabel:", str(label))
	default:
		if e.Spoken != "" {
			do(v, "setAccessibilityLabel:", str(e.Spoken))
		}
	}
	do(v, "setAccessibilityHelp:", str(e.Help))
}

func speakWindow(w objc.Object, s *cocoa.Scene) {
	do(w, "setAccessibilityLabel:", str(s.Title))
	if s.Style == cocoa.Floating {
		do(w, "setAccessibilitySubrole:", str("AXSystemFloatingWindow"))
	}
}

func speakRow(v objc.Object, label string) {
	do(v, "setAccessibilityElement:", true)
	do(v, "setAccessibilityRole:", str("AXStaticText"))
	do(v, "setAccessibilityValue:", str(label))
}

// Announce implements cocoa.Toolkit. The names are NSAccessibility's constants as the
// headers document them; that VoiceOver says it must be heard on a Mac.
func (k *Kit) Announce(window, words string, urgent bool) {
	w, ok := k.windows[window]
	if !ok {
		return
	}
	priority := 50
	if urgent {
		priority = 90
	}
	announce(w.win, words, priority)
}

// activate brings the app to the front for a titled window or an alert.
func (k *Kit) activate() {
	if k.before.IsNil() && !k.active() {
		k.before = get(get(class("NSWorkspace"), "sharedWorkspace"), "frontmostApplication")
		if !k.before.IsNil() {
			k.before.Retain()
		}
	}
	do(k.app, "activateIgnoringOtherApps:", true)
}

// active reports whether we are the front app. isActive is a BOOL: see integer.
func (k *Kit) active() bool { return integer(k.app, "isActive")&0xff != 0 }

// deactivate gives the front back to whoever had it before the first titled window.
func (k *Kit) deactivate() {
	if !k.before.IsNil() {
		if k.active() { // a screen lock that closed the window may have left another in front
			yield(k.app, k.before)
			do(k.before, "activateWithOptions:", uint(0))
		}
		k.before.Release()
		k.before = objc.Object{}
	}
}

// fileTypes are what a drop may hold.
func fileTypes() objc.Object {
	return get(class("NSArray"), "arrayWithObject:", str("public.file-url"))
}

// asAccessory keeps us out of the Dock and the application switcher.
func (k *Kit) asAccessory() { do(k.app, "setActivationPolicy:", 1) }
