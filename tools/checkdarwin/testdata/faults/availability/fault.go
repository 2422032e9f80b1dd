//go:build cgo

// Package main is a fixture: it uses a class that the oldest macOS does not have.
package main

/*
#cgo CFLAGS: -x objective-c
#cgo LDFLAGS: -framework ServiceManagement
#import <ServiceManagement/ServiceManagement.h>
static void call(void) { [SMAppService.mainAppService unregisterAndReturnError:NULL]; }
*/
import "C"

// want "'SMAppService' is only available on macOS 13.0 or newer"

func main() { C.call() }
