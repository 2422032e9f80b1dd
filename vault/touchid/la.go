//go:build cgo && (darwin || gnustep)

package touchid

/*
#cgo darwin CFLAGS: -x objective-c
#cgo darwin LDFLAGS: -framework CoreFoundation -framework Foundation -framework LocalAuthentication
#include <stdlib.h>
#include "la.h"
*/
import "C"

import (
	"unsafe"

	"noxkey/secret"
)

// Not yet seen on a Mac: that evaluatePolicy may be called off the main thread by an app
// without a Dock icon and its sheet gets the keyboard; that invalidate takes the sheet
// away at once; how many wrong fingers end a sheet (three are expected); whether a closed
// lid says LAErrorBiometryNotAvailable with biometryType still Touch ID.

func init() {
	newContext = func() (laContext, error) {
		p := C.nxla_new()
		if p == nil {
			return nil, secret.Errorf(secret.Internal, "this system has no LAContext")
		}
		return apple{p}, nil
	}
}

// waiting holds the Go ends of the replies.
var waiting replies

// apple is one LAContext, retained.
type apple struct{ context unsafe.Pointer }

func (a apple) can(p policy) status     { return status(C.nxla_can(a.context, C.long(p))) }
func (a apple) touchID() bool           { return C.nxla_touch_id(a.context) != 0 }
func (a apple) invalidate()             { C.nxla_invalidate(a.context) }
func (a apple) release()                { C.nxla_release(a.context) }
func (a apple) pointer() unsafe.Pointer { return a.context }

func (a apple) start(p policy, reason string, reply func(bool, status)) (forget func()) {
	n := waiting.add(reply)
	text := C.CString(reason)
	defer C.free(unsafe.Pointer(text))
	C.nxla_start(a.context, C.long(p), text, C.int(len(reason)), C.uint64_t(n))
	return func() { waiting.drop(n) }
}

//export nxlaReply
func nxlaReply(number C.uint64_t, ok C.int, code C.long) {
	waiting.call(uint64(number), ok == 1, status(code))
}
