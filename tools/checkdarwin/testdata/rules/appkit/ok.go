// Package appkit is a fixture: faults with a want comment, and what must pass.
package appkit

import (
	"github.com/progrium/darwinkit/dispatch"
	"github.com/progrium/darwinkit/helper/action"
	"github.com/progrium/darwinkit/macos/appkit"
	"github.com/progrium/darwinkit/macos/foundation"
	"github.com/progrium/darwinkit/objc"
)

// is is the way round a small result: 8 bytes of room, of which the low one counts.
func is(o objc.Handle, sel string, args ...any) bool {
	return objc.Call[uintptr](o, objc.Sel(sel), args...)&0xff != 0
}

func allowed() string {
	panel := appkit.NewPanelWithContentRectStyleMaskBackingDefer(foundation.Rect{}, appkit.WindowStyleMaskTitled, appkit.BackingStoreBuffered, false)
	button := appkit.NewButton()
	action.Set(button, func(objc.Object) {})
	panel.ContentView().AddSubview(button)
	panel.SetDelegateObject(button)
	dispatch.MainQueue().DispatchAsync(func() { panel.OrderOut(nil) })
	objc.WithAutoreleasePool(func() {})
	kept := panel.Retain()
	defer kept.Release()
	if panel.IsNil() || panel.RespondsToSelector(objc.Sel("isVisible")) && is(panel, "isVisible") || is(panel, "isEqual:", button) {
		return ""
	}
	return objc.Call[string](panel, objc.Sel("title")) + panel.Title()
}
