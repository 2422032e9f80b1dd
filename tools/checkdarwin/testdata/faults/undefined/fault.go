//go:build cgo

// Package main is a fixture: it calls a function that no library has.
package main

/*
void nowhere(void);
static void call(void) { nowhere(); }
*/
import "C"

// want "undefined symbol: nowhere"

func main() { C.call() }
