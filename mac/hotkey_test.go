package mac

import (
	"errors"
	"slices"
	"testing"

	"noxkey/secret"
)

func TestParseChord(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"⇧⌘1": "⇧⌘1", "⌘⇧1": "⇧⌘1", "⌘⌥⌃⇧K": "⌃⌥⇧⌘K", "⌥Space": "⌥Space", "⌘F5": "⌘F5", "⇧F12": "⇧F12", "⌃⌥`": "⌃⌥`", "⇧⌘=": "⇧⌘=",
	} {
		c, err := ParseChord(in)
		if err != nil || c.String() != want {
			t.Errorf("%q: %v %v", in, c, err)
			continue
		}
		if again, err := ParseChord(c.String()); err != nil || again != c {
			t.Errorf("%q is read as %v %v", c, again, err)
		}
	}
	if c, err := ParseChord("⇧⌘1"); err != nil || c != DefaultChord || c != (Chord{0x300, 18}) {
		t.Errorf("%+v %v", c, err)
	}
}

// TestChordsThatNoProgramShouldTake: the error comes before anything is registered.
func TestChordsThatNoProgramShouldTake(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", "⌘", "1", "⇧A", "⌥A", "⌥⇧A", "⌘C", "⌘Q", "⌃C", "F5", "Space", "⇧Space", "⌘⌘1", "⌘11", "⌘x1", "⇧⌘a", "⇧⌘é", "cmd+1", "⇧⌘Escape"} {
		if c, err := ParseChord(in); secret.CodeOf(err) != secret.Invalid {
			t.Errorf("%q: %v %v", in, c, err)
		}
	}
	for _, c := range []Chord{{}, {1 << 20, 18}, {Shift | Command, 200}, {0, 18}} {
		h := &HotKey{register: func(Chord, func()) (func() error, error) { t.Error("registered"); return nil, nil }}
		if err := h.set(c); c != (Chord{}) && secret.CodeOf(err) != secret.Invalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestEveryKeyHasOneName(t *testing.T) {
	t.Parallel()
	if len(names) != len(codes) {
		t.Errorf("%d names for %d keys", len(codes), len(names))
	}
}

// keyboard gives chords out once.
type keyboard struct {
	taken map[Chord]bool // by other programs
	ours  []Chord
	press map[Chord]func()
	log   []string
}

func (k *keyboard) register(c Chord, pressed func()) (func() error, error) {
	if k.taken[c] {
		return nil, errors.New("eventHotKeyExistsErr")
	}
	k.log = append(k.log, "+"+c.String())
	k.ours = append(k.ours, c)
	k.press[c] = pressed
	return func() error {
		k.log = append(k.log, "-"+c.String())
		k.ours = slices.DeleteFunc(k.ours, func(o Chord) bool { return o == c })
		return nil
	}, nil
}

func TestRefusedChordLeavesTheOldOne(t *testing.T) {
	t.Parallel()
	other, err := ParseChord("⌃⌥K")
	if err != nil {
		t.Fatal(err)
	}
	k := &keyboard{taken: map[Chord]bool{other: true}, press: map[Chord]func(){}}
	pressed := 0
	h := &HotKey{register: k.register, pressed: func() { pressed++ }}
	set := func(c Chord) error {
		done := make(chan error)
		h.Set(c, func(err error) { done <- err })
		return <-done
	}
	if err := set(DefaultChord); err != nil {
		t.Fatal(err)
	}
	err = set(other)
	if secret.CodeOf(err) != secret.Conflict || err.Error() != "another program uses ⌃⌥K. Search stays in the menu; choose other keys in Settings" {
		t.Error(err)
	}
	if h.Chord() != DefaultChord || !slices.Equal(k.ours, []Chord{DefaultChord}) {
		t.Errorf("%v; registered %v", h.Chord(), k.ours)
	}
	k.press[DefaultChord]()
	delete(k.taken, other)
	if err := errors.Join(set(other), set(other)); err != nil { // the second changes nothing
		t.Error(err)
	}
	if err := errors.Join(h.Drop(), h.Drop()); err != nil || h.Chord() != (Chord{}) || len(k.ours) != 0 {
		t.Error(err, h.Chord(), k.ours)
	}
	if want := []string{"+⇧⌘1", "+⌃⌥K", "-⇧⌘1", "-⌃⌥K"}; !slices.Equal(k.log, want) || pressed != 1 {
		t.Errorf("%v, pressed %d times", k.log, pressed)
	}
}

func TestWithoutALeafThereAreWords(t *testing.T) {
	t.Parallel()
	if err := (&HotKey{}).set(DefaultChord); secret.CodeOf(err) != secret.Internal {
		t.Error(err)
	}
	if s := (&Login{}).State(); s != LoginNever {
		t.Error(s)
	}
	if err := (&Login{}).Set(true); secret.CodeOf(err) != secret.Storage {
		t.Error(err)
	}
	if general == nil {
		if _, err := Clipboard(); secret.CodeOf(err) != secret.Internal {
			t.Error(err)
		}
		if _, err := Watch(func(Event) {}, nil); secret.CodeOf(err) != secret.Internal {
			t.Error(err)
		}
	}
}
