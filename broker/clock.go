package broker

import "time"

// Clock tells the time twice over: as the wall shows it, and as it has elapsed
// since boot, sleep included. What must end is checked against both, so that
// neither a clock set back nor a machine put to sleep makes it last longer.
type Clock interface {
	Wall() time.Time
	Elapsed() time.Duration
}

type systemClock struct{}

func (systemClock) Wall() time.Time { return time.Now().Round(0) }

func (systemClock) Elapsed() time.Duration { return sinceBoot() }

// lease is a stretch of time from a start, on both clocks.
type lease struct {
	wall time.Time
	boot time.Duration
	long time.Duration
}

func leaseFrom(c Clock, long time.Duration) lease { return lease{c.Wall(), c.Elapsed(), long} }

// over reports that the time is up on either clock, or that the wall clock was
// set to before the start.
func (l lease) over(c Clock) bool {
	wall := c.Wall()
	return c.Elapsed()-l.boot >= l.long || !wall.Before(l.wall.Add(l.long)) || wall.Before(l.wall.Add(-time.Minute))
}

func (l lease) until() time.Time { return l.wall.Add(l.long) }
