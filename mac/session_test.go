package mac

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// screen is the window server's word, and the later work of a Session.
type screen struct {
	mu            sync.Mutex
	locked, known bool
	at            time.Time
	jobs          []func()
	events        chan Event
}

func newScreen() (*screen, *Session) {
	sc := &screen{known: true, events: make(chan Event, 100)}
	s := newSession(func(e Event) { sc.events <- e }, sc.state, func(_ time.Duration, f func()) {
		sc.mu.Lock()
		defer sc.mu.Unlock()
		sc.jobs = append(sc.jobs, f)
	})
	s.now = func() time.Time { sc.mu.Lock(); defer sc.mu.Unlock(); return sc.at }
	return sc, s
}

func (s *screen) state() (bool, bool) { s.mu.Lock(); defer s.mu.Unlock(); return s.locked, s.known }

// is changes it, a while after what was before.
func (s *screen) is(locked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.locked, s.at = locked, s.at.Add(settle)
}

// later runs what was put off, once.
func (s *screen) later() int {
	s.mu.Lock()
	jobs := s.jobs
	s.jobs = nil
	s.mu.Unlock()
	for _, f := range jobs {
		f()
	}
	return len(jobs)
}

// told makes sure that these events came, and no other.
func (s *screen) told(t *testing.T, se *Session, want ...Event) {
	t.Helper()
	<-se.pass(-1) // whatever came before has been handled then
	var got []Event
	for e := range s.events {
		if e == -1 {
			break
		}
		got = append(got, e)
	}
	if !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestSleepWaitsForTheHandler(t *testing.T) {
	t.Parallel()
	handled := false
	s := newSession(func(e Event) { time.Sleep(time.Millisecond); handled = e == Sleeping }, func() (bool, bool) { return false, true }, nil)
	s.heard("NSWorkspaceWillSleepNotification")
	if !handled {
		t.Error("asleep before the handler returned")
	}
}

func TestLockAndUnlock(t *testing.T) {
	t.Parallel()
	sc, s := newScreen()
	sc.told(t, s)
	if s.Locked() {
		t.Error("locked at the start")
	}
	sc.is(true)
	s.heard("com.apple.screenIsLocked")
	s.heard("com.apple.screenIsLocked")
	sc.told(t, s, ScreenLocked)
	if !s.Locked() {
		t.Error("not locked")
	}
	sc.is(false)
	s.heard("com.apple.screenIsUnlocked")
	s.heard("com.apple.screenIsUnlocked")
	sc.told(t, s, ScreenUnlocked)
	sc.later()
	sc.told(t, s)
	if s.Locked() {
		t.Error("locked at the end")
	}
}

// TestThreatD1ForgedUnlockOpensNothing: any program of the user can post that notification.
func TestThreatD1ForgedUnlockOpensNothing(t *testing.T) {
	t.Parallel()
	sc, s := newScreen()
	sc.is(true)
	s.heard("com.apple.screenIsLocked")
	s.heard("com.apple.screenIsUnlocked")
	s.heard("NSWorkspaceSessionDidBecomeActiveNotification")
	rounds := 0
	for sc.later() > 0 {
		if rounds++; rounds > 2*unlockTries {
			t.Fatal("it asks for ever")
		}
	}
	sc.told(t, s, ScreenLocked)
	if !s.Locked() {
		t.Error("not locked")
	}
	// Posted while the window server's word is still that of before.
	sc, s = newScreen()
	s.heard("com.apple.screenIsLocked")
	s.heard("com.apple.screenIsUnlocked")
	sc.told(t, s, ScreenLocked)
	sc.is(true)
	for sc.later() > 0 {
	}
	sc.told(t, s)
	// Its word was wrong for longer: taken back as soon as that is to be seen.
	sc, s = newScreen()
	s.heard("com.apple.screenIsLocked")
	sc.is(false)
	s.heard("com.apple.screenIsUnlocked")
	sc.is(true)
	sc.later()
	sc.told(t, s, ScreenLocked, ScreenUnlocked, ScreenLocked)
	// A session that nobody knows of is locked.
	sc.known = false
	if !s.Locked() {
		t.Error("unknown is not locked")
	}
}

// TestWindowServerIsLate: the notice of the unlocking comes before the fact.
func TestWindowServerIsLate(t *testing.T) {
	t.Parallel()
	sc, s := newScreen()
	sc.is(true)
	s.heard("com.apple.screenIsLocked")
	s.heard("com.apple.screenIsUnlocked")
	sc.later()
	sc.is(false)
	sc.later()
	sc.told(t, s, ScreenLocked, ScreenUnlocked)
}

// TestLostNoticesAreMadeUpFor: the distributed center promises nothing.
func TestLostNoticesAreMadeUpFor(t *testing.T) {
	t.Parallel()
	sc, s := newScreen()
	sc.is(true)
	s.heard("NSWorkspaceScreensDidSleepNotification")
	sc.told(t, s, ScreenLocked)
	sc.is(false)
	s.heard("NSWorkspaceScreensDidWakeNotification")
	sc.told(t, s, ScreenLit, ScreenUnlocked)
	sc.is(true)
	s.heard("NSWorkspaceDidWakeNotification")
	sc.told(t, s, Woke, ScreenLocked)
}

func TestAnotherUsersScreenIsLocked(t *testing.T) {
	t.Parallel()
	sc, s := newScreen()
	s.heard("NSWorkspaceSessionDidResignActiveNotification")
	s.heard("something else")
	sc.told(t, s, ScreenLocked)
	sc.is(false)
	s.heard("NSWorkspaceSessionDidBecomeActiveNotification")
	sc.told(t, s, ScreenUnlocked)
}
