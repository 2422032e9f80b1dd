package socket

import "golang.org/x/sys/unix"

// bootClock counts from boot and goes on while the machine sleeps.
const bootClock = unix.CLOCK_BOOTTIME
