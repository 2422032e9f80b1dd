//go:build cgo

// Package main is a fixture: Go calls a C function that is not declared.
package main

/*
#include <stdint.h>
*/
import "C"

// want "could not determine what C.nowhere refers to"

func main() { C.nowhere() }
