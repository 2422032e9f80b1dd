//go:build cgo

// Package main is a fixture: it sends a message that the class does not know.
package main

/*
#cgo CFLAGS: -x objective-c
#cgo LDFLAGS: -framework AppKit
#import <AppKit/AppKit.h>
static void call(void) { [[NSPasteboard generalPasteboard] frobnicate]; }
*/
import "C"

// want "instance method '-frobnicate' not found"

func main() { C.call() }
