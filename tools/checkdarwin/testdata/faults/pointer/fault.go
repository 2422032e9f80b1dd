//go:build cgo

// Package main is a fixture: it takes a number for a string.
package main

/*
#cgo CFLAGS: -x objective-c
#cgo LDFLAGS: -framework Foundation
#import <Foundation/Foundation.h>
static void call(void) { NSString *s = [NSNumber numberWithInt:1]; (void)s; }
*/
import "C"

// want "incompatible pointer types initializing 'NSString"

func main() { C.call() }
