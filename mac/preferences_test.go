package mac

import (
	"errors"
	"testing"
	"time"

	"noxkey/secret"
)

// ledger is a vault's, in memory.
type ledger struct {
	data map[string][]byte
	err  error
}

func (l *ledger) recall(k string) ([]byte, error) { return l.data[k], l.err }

func (l *ledger) remember(k string, b []byte) error {
	if l.err == nil {
		l.data[k] = b
	}
	return l.err
}

func TestPreferencesAreKept(t *testing.T) {
	l := &ledger{data: map[string][]byte{}}
	p := NewPreferences(l.recall, l.remember)
	if p.Chord() != DefaultChord || p.Session() != secret.DefaultSession || p.Clipboard() != 30*time.Second {
		t.Errorf("at first %v %v %v", p.Chord(), p.Session(), p.Clipboard())
	}
	c, err := ParseChord("⌥⌘K")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.SetChord(c), p.SetSession(time.Hour), p.SetClipboard(time.Minute)); err != nil {
		t.Fatal(err)
	}
	p = NewPreferences(l.recall, l.remember)
	if p.Chord() != c || p.Session() != time.Hour || p.Clipboard() != time.Minute {
		t.Errorf("after a restart %v %v %v", p.Chord(), p.Session(), p.Clipboard())
	}
}

// TestPreferencesLoosenNothing: what is not on offer is refused, also when it is in
// the ledger.
func TestPreferencesLoosenNothing(t *testing.T) {
	l := &ledger{data: map[string][]byte{preferencesKey: []byte(`{"hot_key":"a","session":9999999,"clipboard":86400}`)}}
	p := NewPreferences(l.recall, l.remember)
	if p.Chord() != DefaultChord || p.Session() != secret.DefaultSession || p.Clipboard() != 30*time.Second {
		t.Errorf("%v %v %v", p.Chord(), p.Session(), p.Clipboard())
	}
	if p.SetSession(48*time.Hour) == nil || p.SetClipboard(0) == nil || p.SetClipboard(time.Hour) == nil {
		t.Error("taken")
	}
}

// TestPreferencesWhileLocked: what was known stays known; nothing is lost by a write
// that did not work.
func TestPreferencesWhileLocked(t *testing.T) {
	l := &ledger{data: map[string][]byte{}, err: secret.Err(secret.Locked)}
	p := NewPreferences(l.recall, l.remember)
	if p.Session() != secret.DefaultSession {
		t.Error(p.Session())
	}
	if err := p.SetSession(time.Hour); secret.CodeOf(err) != secret.Locked || p.Session() != secret.DefaultSession {
		t.Error(err, p.Session())
	}
	l.err = nil
	if err := p.SetSession(time.Hour); err != nil {
		t.Fatal(err)
	}
	l.err = secret.Err(secret.Locked)
	if p.Session() != time.Hour {
		t.Error("forgotten by a lock")
	}
}

func TestChordOf(t *testing.T) {
	for want, c := range map[string]Chord{
		"⇧⌘1":   ChordOf(true, true, false, false, 18),
		"⌃⌥K":   ChordOf(false, false, true, true, 40),
		"⌃⌥⇧⌘K": ChordOf(true, true, true, true, 40),
	} {
		if c.String() != want {
			t.Errorf("%s, want %s", c, want)
		}
	}
}
