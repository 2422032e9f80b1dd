package mac

import (
	"context"
	"sync"
	"time"

	"noxkey/secret"
)

// Board is the system's clipboard.
type Board interface {
	// Put replaces what it holds with text, marked so that clipboard managers keep no
	// copy and other devices get none. count tells this content from any later one. On
	// an error nothing of text is left there.
	Put(text []byte) (count int, err error)
	// Count is that of what it holds now. It reads nothing of it.
	Count() int
	// Empty takes away what it holds.
	Empty() error
}

// Clip puts values on a Board and takes them off again, if nobody has put anything else
// there since. It keeps no copy. Its methods may be called from any goroutine.
type Clip struct {
	board Board
	now   func() time.Time
	after func(time.Duration, func()) (stop func() bool)

	mu    sync.Mutex
	holds bool        // guarded by mu: what count was given for may still be there
	count int         // guarded by mu
	until time.Time   // guarded by mu
	stop  func() bool // of the timer; guarded by mu
	turn  uint64      // of the Put that is there; guarded by mu
}

// NewClip returns a Clip over b.
func NewClip(b Board) *Clip {
	return &Clip{board: b, now: time.Now, after: func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }}
}

// Put copies v for that long. The timer stands still while the Mac sleeps, so the app also
// calls Clear when it goes to sleep, locks or quits. The error has code Storage; then the
// clipboard holds nothing of v.
func (c *Clip) Put(_ context.Context, v secret.Value, keep time.Duration) error {
	return v.Use(func(b []byte) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		count, err := c.board.Put(b)
		if err != nil {
			return secret.Errorf(secret.Storage, "the clipboard did not take it: %v", err)
		}
		if c.stop != nil {
			c.stop()
		}
		c.turn++
		turn := c.turn
		c.holds, c.count, c.until = true, count, c.now().Add(keep)
		c.stop = c.after(keep, func() { c.expire(turn) })
		return nil
	})
}

// expire ends the Put of that turn; a later one has its own time.
func (c *Clip) expire(turn uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if turn == c.turn {
		_ = c.clear()
	}
}

// Clear empties the clipboard now if it still holds what was put there last.
func (c *Clip) Clear() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.clear()
}

// clear: callers hold mu. Between Count and Empty somebody may copy something, which is
// then lost; macOS has no call that does both. If Empty fails it is tried again at the
// next Clear.
func (c *Clip) clear() error {
	if c.stop != nil {
		c.stop()
	}
	if !c.holds {
		return nil
	}
	if c.board.Count() == c.count {
		if err := c.board.Empty(); err != nil {
			return secret.Errorf(secret.Storage, "the clipboard could not be cleared: %v", err)
		}
	}
	c.holds = false
	return nil
}

// Left is how long a copied value stays, and whether one is there.
func (c *Clip) Left() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.holds || c.board.Count() != c.count {
		return 0, false
	}
	return max(c.until.Sub(c.now()), 0), true
}
