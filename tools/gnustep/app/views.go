//go:build gnustep && cgo

package main

// #include <stdlib.h>
// #include "views.h"
import "C"

import (
	"strings"
	"unsafe"
)

// views says what every window on the screen really holds.
func views() { C.nxtest_views() }

// drop lets files fall on a window, by the methods a drag calls.
func drop(title string, paths []string) {
	t, p := C.CString(title), C.CString(strings.Join(paths, "\x00")+"\x00")
	defer C.free(unsafe.Pointer(t))
	defer C.free(unsafe.Pointer(p))
	switch C.nxtest_drop(t, p, C.int(len(paths))) {
	case 1:
		say("dropped")
	case 0:
		say("drop refused")
	case -1:
		say("drop: no window %q", title)
	default:
		say("drop: %q takes no files", title)
	}
}
