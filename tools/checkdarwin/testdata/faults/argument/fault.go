//go:build cgo

// Package main is a fixture: Go passes C the wrong type.
package main

/*
#include <stdint.h>
static void call(uintptr_t number) {}
*/
import "C"

// want "cannot use .*one.* as .*_Ctype_.* value"

func main() { C.call("one") }
