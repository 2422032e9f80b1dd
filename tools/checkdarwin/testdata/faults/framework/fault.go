//go:build cgo

// Package main is a fixture: it links a framework that is not in the SDK.
package main

/*
#cgo LDFLAGS: -framework Nowhere
static void call(void) {}
*/
import "C"

// want "framework not found for -framework Nowhere"

func main() { C.call() }
