// Package appkit puts the Scenes of package cocoa on the screen: with AppKit on macOS,
// and for tests, under the build tag gnustep, with GNUstep on Linux. It decides
// nothing: what a window shows and does is the Scene's.
//
// Calls into Objective-C go through darwinkit; calls back come through bridge.m, a few
// plain classes that forward to exported Go functions by number. darwinkit's own
// callbacks (closures, delegates, blocks, classes made in Go) are not used: on Go 1.25
// and later they run through memory that is gone, and any of its calls that returns
// less than 8 bytes writes beyond its variable (darwinkit issue 286). tools/checkdarwin
// refuses both.
//
// Everything runs on the main thread, but for Kit.Post. Objective-C objects are named
// by plain pointers and owned by hand: a Go value that keeps one has retained it and
// releases it when it goes. What the platforms lack of each other is in
// adapter_darwin.go and adapter_gnustep.go.
//
// Nothing of this has run on macOS. docs/mac-checklist.md says what must be seen there.
package appkit
