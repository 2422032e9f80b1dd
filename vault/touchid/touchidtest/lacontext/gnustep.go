//go:build cgo && gnustep

package lacontext

/*
#include "lacontext.h"
*/
import "C"

// Behave says what evaluatePolicy does from now on.
func Behave(how int) { C.la_behave(C.int(how)) }

// State tells how many contexts live, how many were invalidated so far, and which
// policy was evaluated last with which words.
func State() (alive, ended int, policy int, reason string) {
	var a, e C.int
	var p C.long
	var words [4096]C.char
	C.la_state(&a, &e, &p, &words[0], 4096)
	return int(a), int(e), int(p), C.GoString(&words[0])
}
