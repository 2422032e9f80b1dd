//go:build unix

package harden

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Quiet takes standard error away from the runtime, which writes to descriptor 2 whatever
// befalls it: stacks with the words of arguments, registers. What it prints goes to
// /dev/null from now on; the file that is returned is the standard error of before, for the
// program's own words (set os.Stderr to it). A crash therefore shows no more than exit
// code 2.
//
// GOTRACEBACK and debug.SetTraceback do not do that: with go 1.26 SetTraceback("none") is
// without effect unless the environment says none as well, and even then a fault of the
// runtime's own (out of memory) or a fatal signal prints everything (runtime.gotraceback).
func Quiet() (*os.File, error) {
	old, err := unix.FcntlInt(2, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("harden: keep standard error: %w", err)
	}
	null, err := unix.Open(os.DevNull, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err == nil {
		err = replace(null, 2)
		unix.Close(null)
	}
	if err != nil {
		unix.Close(old)
		return nil, fmt.Errorf("harden: replace standard error: %w", err)
	}
	return os.NewFile(uintptr(old), "/dev/stderr"), nil
}
