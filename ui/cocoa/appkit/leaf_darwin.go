//go:build cgo && darwin

package appkit

import "github.com/progrium/darwinkit/objc"

// #include <stdint.h>
// void nx_announce(void *window, void *words, long priority);
// void *nx_image(uintptr_t nx, double side);
// void nx_yield(void *app, void *to);
import "C"

// announce posts NSAccessibilityAnnouncementRequestedNotification.
func announce(window objc.Object, words string, priority int) {
	C.nx_announce(window.Ptr(), str(words).Ptr(), C.long(priority))
}

// drawnImage is a square image that p draws whenever it is needed in another scale. The
// caller owns it, and p lives as long as the process.
func drawnImage(p painter, side float64) objc.Object {
	return objc.ObjectFrom(C.nx_image(C.uintptr_t(register(p)), C.double(side)))
}

// yield lets another app become the active one.
func yield(app, to objc.Object) { C.nx_yield(app.Ptr(), to.Ptr()) }
