//go:build cgo && (darwin || gnustep)

package appkit

import (
	"runtime"

	"github.com/progrium/darwinkit/objc"
)

// CopyText implements cocoa.Toolkit.
func (k *Kit) CopyText(s string) {
	kind := "public.utf8-plain-text" // NSPasteboardTypeString
	if runtime.GOOS != "darwin" {
		kind = "NSStringPboardType" // GNUstep's
	}
	board := get(class("NSPasteboard"), "generalPasteboard")
	get(board, "declareTypes:owner:", get(class("NSArray"), "arrayWithObject:", str(kind)), objc.Object{})
	get(board, "setString:forType:", str(s), str(kind))
}
