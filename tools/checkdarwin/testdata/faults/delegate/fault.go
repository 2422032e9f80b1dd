//go:build cgo

// Package main is a fixture: a delegate's method has another result than the protocol's.
package main

/*
#cgo CFLAGS: -x objective-c
#cgo LDFLAGS: -framework AppKit
#import <AppKit/AppKit.h>
static void call(void) {}
*/
import "C"

// want "conflicting return type in implementation of 'tableView:heightOfRow:'"

func main() { C.call() }
