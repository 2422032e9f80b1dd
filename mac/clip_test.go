package mac

import (
	"errors"
	"slices"
	"testing"
	"time"

	"noxkey/secret"
)

// board is a clipboard that counts.
type board struct {
	holds          string
	count          int
	putErr, emptyE error
}

func (b *board) Put(text []byte) (int, error) {
	if b.putErr != nil {
		return 0, b.putErr
	}
	b.holds = string(text)
	b.count++
	return b.count, nil
}
func (b *board) Count() int { return b.count }
func (b *board) Empty() error {
	if b.emptyE != nil {
		return b.emptyE
	}
	b.holds = ""
	b.count++
	return nil
}

// copied is what another program puts there.
func (b *board) copied(s string) { b.holds = s; b.count++ }

// clock is one with timers that run when it is told to.
type clock struct {
	at     time.Time
	timers []*timer
}

type timer struct {
	when    time.Time
	f       func()
	stopped bool
}

func (c *clock) now() time.Time { return c.at }
func (c *clock) after(d time.Duration, f func()) func() bool {
	t := &timer{when: c.at.Add(d), f: f}
	c.timers = append(c.timers, t)
	return func() bool { t.stopped = true; return true }
}
func (c *clock) pass(d time.Duration) {
	c.at = c.at.Add(d)
	for _, t := range slices.Clone(c.timers) {
		if !t.stopped && !t.when.After(c.at) {
			t.stopped = true
			t.f()
		}
	}
}

func newTestClip() (*Clip, *board, *clock) {
	b, k := &board{}, &clock{at: time.Unix(1000, 0)}
	c := NewClip(b)
	c.now, c.after = k.now, k.after
	return c, b, k
}

func value(t *testing.T, s string) secret.Value {
	t.Helper()
	v, err := secret.NewValue([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestClipboardIsClearedOnlyIfOurs: at the end of its time, and never what somebody
// copied since.
func TestClipboardIsClearedOnlyIfOurs(t *testing.T) {
	t.Parallel()
	c, b, k := newTestClip()
	if err := c.Clear(); err != nil || b.count != 0 { // nothing was copied yet
		t.Fatal(err, b.count)
	}
	v := value(t, "canary-clip")
	if err := c.Put(t.Context(), v, 30*time.Second); err != nil || b.holds != "canary-clip" {
		t.Fatal(err)
	}
	k.pass(29 * time.Second)
	if left, ok := c.Left(); b.holds == "" || !ok || left != time.Second {
		t.Fatalf("%q, %v left", b.holds, left)
	}
	k.pass(time.Second)
	if _, ok := c.Left(); b.holds != "" || ok {
		t.Fatalf("still %q", b.holds)
	}
	b.copied("canary-clip") // by hand, later: the same text is not ours
	k.pass(time.Hour)
	if err := c.Clear(); err != nil || b.holds != "canary-clip" {
		t.Fatal("cleared twice")
	}

	if err := c.Put(t.Context(), v, 30*time.Second); err != nil {
		t.Fatal(err)
	}
	b.copied("somebody's")
	if _, ok := c.Left(); ok {
		t.Error("counts down for what is not there any more")
	}
	k.pass(time.Minute)
	if b.holds != "somebody's" {
		t.Errorf("it holds %q", b.holds)
	}
}

func TestSecondCopyHasItsOwnTime(t *testing.T) {
	t.Parallel()
	c, b, k := newTestClip()
	if err := c.Put(t.Context(), value(t, "one"), 30*time.Second); err != nil {
		t.Fatal(err)
	}
	first := k.timers[0].f
	k.pass(20 * time.Second)
	if err := c.Put(t.Context(), value(t, "two"), 30*time.Second); err != nil {
		t.Fatal(err)
	}
	k.pass(10 * time.Second)
	first() // its timer had run out in the moment when it was stopped
	if b.holds != "two" {
		t.Fatalf("it holds %q", b.holds)
	}
	k.pass(20 * time.Second)
	if b.holds != "" {
		t.Fatalf("it holds %q", b.holds)
	}
}

func TestClipboardThatRefuses(t *testing.T) {
	t.Parallel()
	c, b, _ := newTestClip()
	b.putErr = errors.New("no")
	if err := c.Put(t.Context(), value(t, "one"), time.Second); secret.CodeOf(err) != secret.Storage {
		t.Error(err)
	}
	if _, ok := c.Left(); ok {
		t.Error("counts down for nothing")
	}
	b.putErr = nil
	if err := c.Put(t.Context(), value(t, "one"), time.Second); err != nil {
		t.Fatal(err)
	}
	b.emptyE = errors.New("no")
	if err := c.Clear(); secret.CodeOf(err) != secret.Storage {
		t.Error(err)
	}
	b.emptyE = nil // and is tried again
	if err := c.Clear(); err != nil || b.holds != "" {
		t.Error(err, b.holds)
	}
}
