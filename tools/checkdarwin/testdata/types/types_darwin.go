//go:build cgo

// Package types is a fixture: type errors where CGO_ENABLED=0 go vet cannot look.
package types

// #include <stdlib.h>
import "C"

import "unsafe"

// free shows that what comes from C is taken on trust.
func free(p unsafe.Pointer) { C.free(p) }

func number() int { return "seven" } // want "cannot use \"seven\""
