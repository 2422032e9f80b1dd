package appkit

import (
	"github.com/keybase/go-keychain"
	"github.com/progrium/darwinkit/dispatch"
	"github.com/progrium/darwinkit/macos"
	"github.com/progrium/darwinkit/macos/appkit"
	"github.com/progrium/darwinkit/objc"
)

type row struct{ objc.Object }

func closures(w appkit.Window, f func(appkit.ModalResponse), o appkit.PWindowDelegate, all []any) { // want "appkit.PWindowDelegate is a Go delegate or protocol"
	w.BeginSheetCompletionHandler(w, func(appkit.ModalResponse) {}) // want "Window.BeginSheetCompletionHandler takes a function, nil included"
	w.BeginSheetCompletionHandler(w, nil)                           // want "Window.BeginSheetCompletionHandler takes a function, nil included"
	g := w.BeginSheetCompletionHandler                              // want "Window.BeginSheetCompletionHandler takes a function, nil included"
	g(w, f)
	objc.Call[objc.Void](w, objc.Sel("beginSheet:completionHandler:"), w, f)                   // want "a Go function is passed to Objective-C"
	objc.Call[objc.Void](w, objc.Sel("beginSheet:completionHandler:"), w, any(f))              // want "a value of type any is passed to Objective-C"
	is(w, "setTitle:", func(a, b objc.Object) int { return 0 })                                // want "a Go function is passed to Objective-C"
	twice(w, func() {})                                                                        // want "a Go function is passed to Objective-C"
	_ = appkit.AccessibilityCustomAction{}.Handler()                                           // want "AccessibilityCustomAction.Handler returns a block"
	_ = appkit.Event_AddLocalMonitorForEventsMatchingMaskHandler(appkit.EventMaskKeyDown, nil) // want "takes a function, nil included"
	macos.RunApp(nil)                                                                          // want "macos.RunApp takes a function, nil included"
	w.SetDelegate(&appkit.WindowDelegate{})                                                    // want "Window.SetDelegate takes a Go delegate" "appkit.WindowDelegate is a Go delegate"
	d := &appkit.ApplicationDelegate{}                                                         // want "appkit.ApplicationDelegate is a Go delegate"
	d.SetApplicationDidBecomeActive(nil)                                                       // want "ApplicationDelegate.SetApplicationDidBecomeActive takes a function"
	_ = objc.NewClass[row](objc.Sel("init"))                                                   // want "objc.NewClass: its methods are libffi closures"
	objc.AddMethod(objc.GetClass("X"), objc.Sel("close"), func(row) {})                        // want "objc.AddMethod: a Go method"
	objc.ReplaceMethod(objc.GetClass("X"), objc.Sel("close"), func(row) {})                    // want "objc.ReplaceMethod: a Go method"
	objc.AddClassMethod(objc.GetClass("X"), objc.Sel("close"), func(row) {})                   // want "objc.AddClassMethod: a Go method"
	objc.ReplaceClassMethod(objc.GetClass("X"), objc.Sel("close"), func(row) {})               // want "objc.ReplaceClassMethod: a Go method"
	_ = objc.WrapAsProtocol("NSWindowDelegate", 1)                                             // want "objc.WrapAsProtocol: a Go delegate"
	b := objc.CreateMallocBlock(func() {})                                                     // want "objc.CreateMallocBlock: a Go block"
	_ = objc.CreateGlobalBlock(func() {})                                                      // want "objc.CreateGlobalBlock: a Go block"
	_ = objc.CallBlock[int](b)                                                                 // want "objc.CallBlock: blocks are called"
	_ = objc.IMPWithBlock(b)                                                                   // want "objc.IMPWithBlock: a Go block"
	objc.Retain(&w)                                                                            // want "objc.Retain: a finalizer releases"
	dispatch.MainQueue().DispatchSync(func() {})                                               // want "Queue.DispatchSync: from the main thread"
	_ = keychain.AccessibleWhenPasscodeSetThisDeviceOnly                                       // want "hands on a NULL"
}

// twice hands on to a function that hands on.
func twice(o objc.Handle, args ...any) bool { return is(o, "close", args...) }
