// Package lacontext is a class LAContext for systems that have none: under GNUstep the
// Objective-C of package touchid runs against it, as against macOS's own on a Mac. It
// is empty but with cgo and the tag gnustep. No program that is shipped imports it.
package lacontext

// What evaluatePolicy does. The answers come on a thread of their own.
const (
	Never      = 0  // until it is invalidated
	Yes        = 1  //
	Failed     = -1 // LAErrorAuthenticationFailed
	UserCancel = -2 // LAErrorUserCancel
	Twice      = 2  // yes, and then no
	Throws     = 3  // an exception instead
	Foreign    = 4  // an error of another domain
)
