package socket

import "golang.org/x/sys/unix"

// bootClock on macOS counts from boot and goes on while the machine sleeps
// (clock_gettime(3): CLOCK_MONOTONIC). Not yet seen on a Mac.
const bootClock = unix.CLOCK_MONOTONIC
