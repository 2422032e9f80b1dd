//go:build cgo && darwin

package appkit

import "github.com/progrium/darwinkit/objc"

// #cgo darwin LDFLAGS: -framework AppKit
// void nx_announce(void *window, void *words, long priority);
import "C"

// announce posts NSAccessibilityAnnouncementRequestedNotification.
func announce(window objc.Object, words string, priority int) {
	C.nx_announce(window.Ptr(), objc.ToNSString(words), C.long(priority))
}
