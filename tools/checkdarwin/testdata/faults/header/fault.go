//go:build cgo

// Package main is a fixture: it includes a header that is not in the SDK.
package main

/*
#include <Security/Nowhere.h>
static void call(void) {}
*/
import "C"

// want "Nowhere.h' file not found"

func main() { C.call() }
