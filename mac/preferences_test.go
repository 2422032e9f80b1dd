package mac

import (
	"testing"

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
	if p.Chord() != DefaultChord {
		t.Errorf("at first %v", p.Chord())
	}
	c, err := ParseChord("⌥⌘K")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.SetChord(c); err != nil {
		t.Fatal(err)
	}
	p = NewPreferences(l.recall, l.remember)
	if p.Chord() != c {
		t.Errorf("after a restart %v", p.Chord())
	}
}

// TestPreferencesLoosenNothing: what is no chord is none, also when it is in the ledger.
func TestPreferencesLoosenNothing(t *testing.T) {
	l := &ledger{data: map[string][]byte{preferencesKey: []byte(`{"hot_key":"a"}`)}}
	p := NewPreferences(l.recall, l.remember)
	if p.Chord() != DefaultChord {
		t.Errorf("%v", p.Chord())
	}
}

// TestPreferencesWhileLocked: what was known stays known; nothing is lost by a write
// that did not work.
func TestPreferencesWhileLocked(t *testing.T) {
	l := &ledger{data: map[string][]byte{}, err: secret.Err(secret.Locked)}
	p := NewPreferences(l.recall, l.remember)
	c := ChordOf(true, false, true, false, 40)
	if err := p.SetChord(c); secret.CodeOf(err) != secret.Locked || p.Chord() != DefaultChord {
		t.Error(err, p.Chord())
	}
	l.err = nil
	if err := p.SetChord(c); err != nil {
		t.Fatal(err)
	}
	l.err = secret.Err(secret.Locked)
	if p.Chord() != c {
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
