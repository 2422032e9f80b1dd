package mac

import (
	"sync"
	"time"
)

// Event is something that happened to the Mac or to the person's session at it.
type Event int

// The events.
const (
	// Sleeping: the Mac is about to sleep, and waits, two seconds at most, until the
	// handler has returned.
	Sleeping Event = iota + 1
	Woke
	// ScreenLocked: the screen is locked, or another user's. ScreenUnlocked is its end.
	ScreenLocked
	ScreenUnlocked
	// ScreenLit: the screen woke, so that a key or a click may have been meant for that.
	ScreenLit
)

// patience is how long the Mac's sleep waits for a handler; macOS allows 30 s.
const patience = 2 * time.Second

// unlockTries and unlockPause: macOS may say that the screen is unlocked before its own
// session says the same.
const (
	unlockTries = 20
	unlockPause = 250 * time.Millisecond
	// settle is how long after a lock the window server's word that there is none is not
	// believed: it may be the word of before.
	settle = 2 * time.Second
	// confirmAfter is when an unlocking is looked at again.
	confirmAfter = time.Second
)

// Session watches the person's session. Locking is believed from any side; unlocking only
// when the window server says so: notifications of the distributed center can be posted
// by any program of the user.
type Session struct {
	on    func(Event)
	lit   func()
	state func() (locked, known bool)
	later func(time.Duration, func())
	now   func() time.Time
	wake  chan struct{} // capacity 1: the queue is not empty

	mu     sync.Mutex
	locked bool      // guarded by mu: as it was told to on
	since  time.Time // of the lock; guarded by mu
	queue  []event   // guarded by mu
}

type event struct {
	what Event
	done chan struct{}
}

// Watch begins to watch and calls on, one event after the other, from a goroutine of its
// own. It must be called on the main thread. If the screen is locked already, the first
// event says so. lit is called at once, on the main thread, when the screen wakes, and may
// not wait: a click may be on its way. It ends with the process.
func Watch(on func(Event), lit func()) (*Session, error) {
	if watch == nil {
		return nil, errNoLeaf("notifications of sleep and screen lock")
	}
	s := newSession(on, screenState, func(d time.Duration, f func()) { time.AfterFunc(d, f) })
	s.lit = lit
	if err := watch(s.heard); err != nil {
		return nil, err
	}
	s.missed()
	return s, nil
}

func newSession(on func(Event), state func() (bool, bool), later func(time.Duration, func())) *Session {
	s := &Session{on: on, state: state, later: later, now: time.Now, wake: make(chan struct{}, 1)}
	go s.run()
	return s
}

func (s *Session) run() {
	for range s.wake {
		for {
			s.mu.Lock()
			if len(s.queue) == 0 {
				s.mu.Unlock()
				break
			}
			e := s.queue[0]
			s.queue = s.queue[1:]
			s.mu.Unlock()
			s.on(e.what)
			close(e.done)
		}
	}
}

// Locked reports whether the screen is locked or another user's now, or nobody can say.
func (s *Session) Locked() bool {
	locked, known := s.state()
	if locked || !known {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.locked
}

// notices are the names of what is watched: NSWorkspace's own, and two that no header of
// Apple's has, com.apple.screenIsLocked and its end. Those must be seen on a Mac; if they
// never come, a lock is found when the screen goes dark or wakes.
var notices = map[string]func(*Session){
	"NSWorkspaceWillSleepNotification":              (*Session).sleep,
	"NSWorkspaceDidWakeNotification":                func(s *Session) { s.back(Woke) },
	screensDidWake:                                  func(s *Session) { s.back(ScreenLit) },
	"NSWorkspaceScreensDidSleepNotification":        (*Session).missed,
	"NSWorkspaceSessionDidResignActiveNotification": (*Session).lock,
	"NSWorkspaceSessionDidBecomeActiveNotification": func(s *Session) { s.unlock(unlockTries) },
	"com.apple.screenIsLocked":                      (*Session).lock,
	"com.apple.screenIsUnlocked":                    func(s *Session) { s.unlock(unlockTries) },
}

const screensDidWake = "NSWorkspaceScreensDidWakeNotification"

// heard is called on the main thread.
func (s *Session) heard(name string) {
	if name == screensDidWake && s.lit != nil {
		s.lit()
	}
	if f := notices[name]; f != nil {
		f(s)
	}
}

// tell queues an event. Callers hold mu.
func (s *Session) tell(what Event) chan struct{} {
	e := event{what, make(chan struct{})}
	s.queue = append(s.queue, e)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return e.done
}

// pass tells what needs no thought.
func (s *Session) pass(what Event) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tell(what)
}

// sleep keeps the Mac awake until the handler has returned.
func (s *Session) sleep() {
	select {
	case <-s.pass(Sleeping):
	case <-time.After(patience):
	}
}

// back asks the window server for what was missed while the screen was dark.
func (s *Session) back(what Event) {
	s.pass(what)
	s.missed()
	s.unlock(unlockTries)
}

// missed finds a lock that nobody told of.
func (s *Session) missed() {
	if locked, known := s.state(); known && locked {
		s.lock()
	}
}

func (s *Session) lock() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.locked {
		s.locked, s.since = true, s.now()
		s.tell(ScreenLocked)
	}
}

// unlock believes the window server, and asks it a few times: it may be late. So it asks
// once more afterwards, for a notice that came before a lock was to be seen.
func (s *Session) unlock(tries int) {
	locked, known := s.state()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.locked || tries == 0:
	case locked || !known || s.now().Sub(s.since) < settle:
		s.later(unlockPause, func() { s.unlock(tries - 1) })
	default:
		s.locked = false
		s.tell(ScreenUnlocked)
		s.later(confirmAfter, s.missed)
	}
}
