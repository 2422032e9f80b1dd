package broker

import (
	"time"

	"golang.org/x/sys/unix"
)

// sinceBoot is CLOCK_MONOTONIC, which on macOS goes on while the machine sleeps
// (clock_gettime(3)). Not yet seen on a Mac.
func sinceBoot() time.Duration { return read(unix.CLOCK_MONOTONIC) }

// awake is the clock that stands still while the machine sleeps.
func awake() time.Duration { return read(unix.CLOCK_UPTIME_RAW) }

func read(clock int32) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(clock, &ts); err != nil {
		return 1 << 62 // everything is over
	}
	return time.Duration(ts.Nano())
}
