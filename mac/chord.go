package mac

import (
	"strings"

	"noxkey/secret"
)

// Modifiers of a Chord, as Carbon's <HIToolbox/Events.h> counts them.
const (
	Command uint32 = 0x100
	Shift   uint32 = 0x200
	Option  uint32 = 0x800
	Control uint32 = 0x1000
)

// Chord is a key with its modifiers. The zero value is none.
type Chord struct {
	Modifiers uint32
	Key       uint8 // Carbon's virtual key code: a place on the keyboard, named as on an American one
}

// DefaultChord opens the search panel unless the person chose another: ⇧⌘1.
var DefaultChord = Chord{Shift | Command, 18}

var signs = []struct {
	sign string
	bit  uint32
}{{"⌃", Control}, {"⌥", Option}, {"⇧", Shift}, {"⌘", Command}} // in the order that menus write them

// codes are the virtual key codes of <HIToolbox/Events.h>.
var codes = map[string]uint8{
	"A": 0, "S": 1, "D": 2, "F": 3, "H": 4, "G": 5, "Z": 6, "X": 7, "C": 8, "V": 9, "B": 11, "Q": 12, "W": 13, "E": 14, "R": 15,
	"Y": 16, "T": 17, "1": 18, "2": 19, "3": 20, "4": 21, "6": 22, "5": 23, "=": 24, "9": 25, "7": 26, "-": 27, "8": 28, "0": 29,
	"]": 30, "O": 31, "U": 32, "[": 33, "I": 34, "P": 35, "L": 37, "J": 38, "'": 39, "K": 40, ";": 41, "\\": 42, ",": 43, "/": 44,
	"N": 45, "M": 46, ".": 47, "Space": 49, "`": 50,
	"F1": 122, "F2": 120, "F3": 99, "F4": 118, "F5": 96, "F6": 97, "F7": 98, "F8": 100, "F9": 101, "F10": 109, "F11": 103, "F12": 111,
}

var names = func() map[uint8]string {
	m := make(map[uint8]string, len(codes))
	for n, c := range codes {
		m[c] = n
	}
	return m
}()

// ParseChord reads "⇧⌘1", its modifiers in any order, each once. The error has code
// Invalid.
func ParseChord(s string) (Chord, error) {
	var c Chord
	rest := s
	for {
		i := 0
		for ; i < len(signs) && !strings.HasPrefix(rest, signs[i].sign); i++ {
		}
		if i == len(signs) {
			break
		}
		if c.Modifiers&signs[i].bit != 0 {
			return Chord{}, badChord(s)
		}
		c.Modifiers |= signs[i].bit
		rest = strings.TrimPrefix(rest, signs[i].sign)
	}
	code, ok := codes[rest]
	if !ok {
		return Chord{}, badChord(s)
	}
	c.Key = code
	return c, c.check()
}

func badChord(s string) error {
	return secret.Errorf(secret.Invalid, "%.40q is no key with modifiers, such as ⇧⌘1", s)
}

// check refuses chords that would take something away from every other program: a bare
// key, one that types a character (Shift and Option alone do), and Command or Control
// with one key, which are the shortcuts of menus and of shells. A function key needs one
// modifier of any kind.
func (c Chord) check() error {
	name, ok := names[c.Key]
	known := Command | Shift | Option | Control
	if !ok || c.Modifiers&^known != 0 {
		return secret.Errorf(secret.Invalid, "this is no key with modifiers")
	}
	function := len(name) > 1 && name[0] == 'F'
	n := 0
	for _, s := range signs {
		if c.Modifiers&s.bit != 0 {
			n++
		}
	}
	switch {
	case n == 0:
		return secret.Errorf(secret.Invalid, "%s needs a modifier, such as ⇧⌘", c)
	case function, name == "Space" && c.Modifiers != Shift: // ⌥Space and ⌃Space are launchers' usual ones
		return nil
	case n == 1, c.Modifiers&(Command|Control) == 0:
		return secret.Errorf(secret.Invalid, "other programs need %s; add a modifier", c)
	}
	return nil
}

// String writes it as menus do: ⌃⌥⇧⌘, then the key.
func (c Chord) String() string {
	var b strings.Builder
	for _, s := range signs {
		if c.Modifiers&s.bit != 0 {
			b.WriteString(s.sign)
		}
	}
	b.WriteString(names[c.Key])
	return b.String()
}

// ChordOf is a key code with the modifiers that are down.
func ChordOf(command, shift, option, control bool, key uint8) Chord {
	c := Chord{Key: key}
	for _, m := range []struct {
		down bool
		bit  uint32
	}{{command, Command}, {shift, Shift}, {option, Option}, {control, Control}} {
		if m.down {
			c.Modifiers |= m.bit
		}
	}
	return c
}
