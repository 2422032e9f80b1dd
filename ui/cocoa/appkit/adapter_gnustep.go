//go:build cgo && gnustep && !darwin

package appkit

import (
	"fmt"
	"os"
	"strconv"

	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// GNUstep draws like NeXT: this adapter serves behaviour, not beauty.

// rgb are the stand-ins for the system's colours.
var rgb = [...][3]float64{
	cocoa.Primary:   {0.12, 0.12, 0.12},
	cocoa.Secondary: {0.40, 0.40, 0.40},
	cocoa.Tertiary:  {0.58, 0.58, 0.58},
	cocoa.Separator: {0.85, 0.85, 0.85},
	cocoa.Fill:      {0.95, 0.95, 0.95},
	cocoa.Fill2:     {0.90, 0.90, 0.90},
	cocoa.Selection: {0.04, 0.39, 0.91},
	cocoa.White:     {1, 1, 1},
	cocoa.Accent:    {0.04, 0.42, 1},
	cocoa.Orange:    {0.88, 0.48, 0},
}

func color(c cocoa.Color) objc.Object {
	v := rgb[c]
	return get(class("NSColor"), "colorWithCalibratedRed:green:blue:alpha:", v[0], v[1], v[2], 1.0)
}

func font(f cocoa.Font) objc.Object {
	sel := "systemFontOfSize:"
	switch {
	case f.Mono:
		sel = "userFixedPitchFontOfSize:"
	case f.Weight == cocoa.Semibold:
		sel = "boldSystemFontOfSize:"
	}
	return get(class("NSFont"), sel, f.Size)
}

// roundedPath: the corners are square under GNUstep, whose rounded paths differ.
func roundedPath(r cocoa.Rect, _ float64) objc.Object {
	return get(class("NSBezierPath"), "bezierPathWithRect:", rect(r))
}

func float(w objc.Object) {
	do(w, "setLevel:", 25)
	do(w, "setHidesOnDeactivate:", false)
	do(w, "setMovableByWindowBackground:", true)
}

func backdrop(root objc.Object, _, _ float64) objc.Object {
	root.Retain()
	return root
}

// bare has a background, or the editor of the field would have its own.
func bare(field objc.Object) {
	do(field, "setDrawsBackground:", true)
	do(field, "setBackgroundColor:", get(class("NSColor"), "colorWithCalibratedWhite:alpha:", 0.97, 1.0))
}

// background stands for the glass and the window's own.
func background(_ bool, r cocoa.Rect) {
	do(get(class("NSColor"), "colorWithCalibratedWhite:alpha:", 0.97, 1.0), "set")
	do(get(class("NSBezierPath"), "bezierPathWithRect:", rect(r)), "fill")
}

func scroller(objc.Object, bool)                     {}
func plain(objc.Object)                              {}
func reshaped(objc.Object)                           {}
func setPlaceholder(objc.Object, string, cocoa.Font) {}
func speak(objc.Object, *cocoa.Element)              {}
func speakWindow(objc.Object, *cocoa.Scene)          {}
func speakRow(objc.Object, string)                   {}

// Announce implements cocoa.Toolkit: the test's log hears it.
func (k *Kit) Announce(window, words string, urgent bool) {
	fmt.Fprintln(os.Stderr, "announce", window, strconv.Quote(words), urgent)
}

func (k *Kit) activate()    { do(k.app, "activateIgnoringOtherApps:", true) }
func (k *Kit) deactivate()  {}
func (k *Kit) asAccessory() {}

func fileTypes() objc.Object {
	return get(class("NSArray"), "arrayWithObject:", str("NSFilenamesPboardType"))
}
