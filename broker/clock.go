package broker

import (
	"sync"
	"time"
)

// Clock tells the time twice over: as the wall shows it, and as it has elapsed
// since boot, sleep included. What must end is checked against both, so that
// neither a clock set back nor a machine put to sleep makes it last longer.
type Clock interface {
	Wall() time.Time
	Elapsed() time.Duration
}

// systemClock also notices that the machine slept: the clock that goes on during
// sleep then runs ahead of the one that stands still.
type systemClock struct {
	mu    sync.Mutex
	ahead time.Duration // guarded by mu
}

// sleepSlack is how far the two clocks may drift apart between two looks without
// its being taken for sleep: they are read one after the other.
const sleepSlack = time.Second

func newSystemClock() *systemClock { return &systemClock{ahead: sinceBoot() - awake()} }

func (*systemClock) Wall() time.Time { return time.Now().Round(0) }

func (*systemClock) Elapsed() time.Duration { return sinceBoot() }

// Slept reports whether the machine slept since the last call.
func (c *systemClock) Slept() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	ahead := sinceBoot() - awake()
	slept := ahead-c.ahead > sleepSlack
	c.ahead = ahead
	return slept
}

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
