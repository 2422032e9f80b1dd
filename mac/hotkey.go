package mac

import (
	"sync"

	"noxkey/secret"
)

// HotKey is the one chord of the app that works everywhere. Its methods may be called
// from any goroutine, the main thread's too: what must not run there runs elsewhere.
type HotKey struct {
	register registrar
	pressed  func()

	order sync.Mutex // one Set after the other
	mu    sync.Mutex
	chord Chord        // guarded by mu; zero for none
	drop  func() error // gives the registered one up; guarded by mu
}

// registrar registers one chord and calls pressed, on a goroutine, at each press, until
// drop. It blocks until the main queue has run, so it must not be called on the main
// thread, nor before the app's run loop runs.
type registrar func(c Chord, pressed func()) (drop func() error, err error)

// NewHotKey returns the hot key of this system, not registered yet. pressed is called on
// a goroutine of its own.
func NewHotKey(pressed func()) *HotKey { return &HotKey{register: carbon, pressed: pressed} }

// Set makes c the chord, and calls done, if it is not nil, on another goroutine when that
// is so or was refused. Then the chord before it still works. Call it after the run loop
// has begun to run. The error has code Invalid for a chord that no program should take,
// Conflict for one that another program has.
func (h *HotKey) Set(c Chord, done func(error)) {
	go func() {
		err := h.set(c)
		if done != nil {
			done(err)
		}
	}()
}

func (h *HotKey) set(c Chord) error {
	h.order.Lock()
	defer h.order.Unlock()
	if c == h.Chord() {
		return nil
	}
	if err := c.check(); err != nil {
		return err
	}
	if h.register == nil {
		return errNoLeaf("hot key")
	}
	drop, err := h.register(c, h.pressed)
	if err != nil {
		return secret.Errorf(secret.Conflict, "another program uses %s. Search stays in the menu; choose other keys in Settings", c)
	}
	h.mu.Lock()
	old := h.drop
	h.chord, h.drop = c, drop
	h.mu.Unlock()
	if old != nil {
		_ = old() // what stays registered would only open the panel
	}
	return nil
}

// Chord is the one that works now, zero for none.
func (h *HotKey) Chord() Chord {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.chord
}

// Drop gives the chord up. It blocks like a registrar: not on the main thread.
func (h *HotKey) Drop() error {
	h.order.Lock()
	defer h.order.Unlock()
	h.mu.Lock()
	drop := h.drop
	h.chord, h.drop = Chord{}, nil
	h.mu.Unlock()
	if drop == nil {
		return nil
	}
	return drop()
}
