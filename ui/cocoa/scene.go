package cocoa

import (
	"fmt"
	"strings"
)

// Rect is a frame in points, from the top left of whatever holds it.
type Rect struct{ X, Y, W, H float64 }

// Scene is everything that a window shows at one moment, and what it does when it is
// touched. A window is drawn by showing its newest Scene; the toolkit keeps the views
// of elements whose ID and Kind stayed, so that a field keeps its caret.
type Scene struct {
	ID    string // of the window: "panel", "card"
	Style Style
	// Title is in the title bar of a titled window, and what VoiceOver calls any.
	Title      string
	W, H       float64
	MinW, MinH float64 // of a Resizable one
	Place      Place
	// TakesKeys makes the window key when it is first shown. A card never is.
	TakesKeys bool
	Elements  []Element
	// Epoch is another number when the window asks something else: then nothing is kept of
	// the scene before, so that a button that is held down meanwhile answers nothing.
	Epoch int
	// First has the keyboard when the window becomes key; "" is the window itself, in
	// which letters and Space do nothing.
	First string
	// Loop is the order of Tab, closed into a ring; empty makes Tab do nothing.
	Loop []string

	// Key is asked first about every key that goes down in the window, and says whether
	// it is done with it. It is not asked while an input method composes. Nil passes all.
	Key func(Key) bool
	// Gained and Lost follow the keyboard. Closed follows the red button and Cmd+W of a
	// titled window, which is gone then. Resized follows the person's dragging. Any may be nil.
	Gained, Lost, Closed func()
	Resized              func(w, h float64)
	// Accepts says whether files may be dropped on the window, Drop takes them; Over
	// follows them while they hang over it. Nil for none.
	Accepts func(paths []string) bool
	Drop    func(paths []string)
	Over    func(bool)
}

// Style is what kind of window a Scene is.
type Style int

// The styles.
const (
	// Floating has no title bar, floats above full-screen apps and never activates us.
	Floating Style = iota
	// Titled is an ordinary window that can be closed.
	Titled
	// Resizable is a Titled one whose size the person may change.
	Resizable
)

// Place is where a window appears. Its top edge stays when its height changes.
type Place int

// The places.
const (
	High   Place = iota // 14 % below the top of the main screen: cards
	Lower               // 22 % below the top of the screen with the pointer: the panel
	Middle              // centred at first, then where the person left it
)

// Element is one thing in a window. Which fields count is said at its Kind.
type Element struct {
	ID    string // unique in its window
	Kind  Kind
	Frame Rect

	// Text is that of labels, buttons and fields, and the name of a Glyph. In a field a
	// change against the scene before is taken over; so the front either gives back what
	// was typed or always the same.
	Text   string
	Font   Font
	Color  Color
	Align  Align
	Cut    Cut
	Lines  int     // most lines of a label that wraps; 0 is one line
	Marks  []int   // runes of Text that are semibold label colour, ascending
	Radius float64 // of a Box

	// Tip is the tooltip, set only where something was cut. Spoken replaces Text for
	// VoiceOver, Help is its help text.
	Tip, Spoken, Help string
	// Silent hides the element from VoiceOver: another one speaks for it.
	Silent bool

	Off     bool   // cannot be used now
	On      Tick   // Check, Radio
	Default bool   // a Button that Return presses
	Hint    string // placeholder of a Field
	Bare    bool   // a Field without border, background and focus ring
	Items   []string
	At      int // selected item of a Popup

	// Do follows a click or a press of Space: Button, Check, Radio, Glyph, Box.
	Do func()
	// Pick follows a choice in a Popup.
	Pick func(i int)
	// Edited follows every change of a Field or Secret. The bytes are the callee's, who
	// wipes them if they are secret.
	Edited func(text []byte)

	List *List
}

// Kind is what an element is.
type Kind int

// The kinds.
const (
	Label  Kind = iota // text that is read: Text Font Color Align Cut Lines Marks
	Box                // a filled rounded rectangle: Color Radius Do
	Line               // a line of 1 point: Color
	Dashes             // the dashed edge of a drop zone: Color Radius On (solid)
	Glyph              // a drawn sign: Text names it, Color, Do
	Button             // Text Default Do
	Field              // one line of text: Text (as long as it was not edited), Hint Font Bare Edited
	Secret             // the same, shown as dots
	Popup              // Items At Pick
	Check              // a tick box: Text On Do
	Radio              // Text On Do
	Rows               // a List
)

// Tick is the state of a tick box.
type Tick int

// The states.
const (
	No Tick = iota
	Yes
	Some
)

// Font is a size in points and a weight of the system's font.
type Font struct {
	Size   float64
	Weight Weight
	Mono   bool // of fixed width
	Digits bool // whose digits have one width, for what counts down
}

// Weight is how heavy a font is.
type Weight int

// The weights.
const (
	Regular Weight = iota
	Medium
	Semibold
)

// Color is a role; the toolkit knows the system's colour for it.
type Color int

// The roles of look, each the system colour of that meaning.
const (
	Primary Color = iota // label
	Secondary
	Tertiary
	Separator
	Fill
	Fill2
	Selection
	White // text on Selection
	Accent
	Orange
)

// Align is where a text stands in its frame.
type Align int

// The alignments.
const (
	Left Align = iota
	Right
	Center
)

// Cut says what happens to text that does not fit.
type Cut int

// The cuts.
const (
	Tail       Cut = iota // cut at its end
	MiddleCut             // in its middle, for paths
	Words                 // wraps between words, up to Lines, then cut at its end
	Characters            // wraps anywhere: names, which are never cut
)

// List is a table of rows that are drawn when they are seen, so that many cost
// little. It scrolls.
type List struct {
	Count  int
	Height float64
	// HeightOf gives rows heights of their own; nil: all have Height.
	HeightOf func(i int) float64
	// Row returns what row i shows, with frames from its own top left: Labels, Boxes,
	// Lines, Glyphs, and Checks that are drawn and clicked by way of Clicked. selected
	// says whether it is drawn as selected: the row draws that itself.
	Row func(i int, selected bool) []Element
	// Spoken is what VoiceOver says of row i.
	Spoken func(i int) string
	// Selected are the selected rows, ascending. Many lets there be more than one.
	Selected []int
	Many     bool
	// Select follows the person's selecting; Clicked a click in row i at x, y of the
	// row, after Select; Opened a double click. Any may be nil.
	Select  func(rows []int)
	Clicked func(i int, x, y float64)
	Opened  func(i int)
	// Bar keeps the scroller in sight: that there is more must be seen.
	Bar bool
	// Edit is a field over one row, nil for none.
	Edit *CellEdit
	// Dirty is raised by the front whenever rows must be drawn again though Count
	// stayed; the toolkit redraws when it differs from the one before.
	Dirty int
}

// CellEdit is a field that lies over a row of a list.
type CellEdit struct {
	Row    int
	Frame  Rect // from the row's top left
	Text   string
	Edited func(text []byte)
}

// Key is a key that went down.
type Key struct {
	// Name is what the key types without modifiers, in lower case ("a", ",", "."), or
	// one of Up Down Left Right PageUp PageDown Home End Return Enter Esc Tab Space
	// Delete F2.
	Name                    string
	Cmd, Shift, Option, Ctl bool
	Repeat                  bool
	// Code is the place on the keyboard, as Carbon counts virtual key codes.
	Code int
	// In is the element that has the keyboard; "" is the window itself.
	In string
}

func (k Key) String() string {
	s := ""
	for _, m := range []struct {
		on bool
		c  string
	}{{k.Ctl, "ctrl+"}, {k.Option, "option+"}, {k.Shift, "shift+"}, {k.Cmd, "cmd+"}} {
		if m.on {
			s += m.c
		}
	}
	return s + k.Name
}

// Find returns the element of that ID, nil if there is none.
func (s *Scene) Find(id string) *Element {
	for i := range s.Elements {
		if s.Elements[i].ID == id {
			return &s.Elements[i]
		}
	}
	return nil
}

// Frames writes the scene as the design's list of frames does: id x y w h style, a
// line an element, and the rows of a list that are seen.
func (s *Scene) Frames() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %.0fx%.0f\n", s.ID, s.W, s.H)
	for i := range s.Elements {
		s.Elements[i].frames(&b, "", 0, 0)
	}
	return b.String()
}

func (e *Element) frames(b *strings.Builder, prefix string, dx, dy float64) {
	if e.Kind == Rows && e.List != nil {
		y := 0.0
		for i := 0; i < e.List.Count && y < e.Frame.H; i++ {
			selected := false
			for _, n := range e.List.Selected {
				selected = selected || n == i
			}
			for _, x := range e.List.Row(i, selected) {
				x.frames(b, fmt.Sprintf("row %d ", i), e.Frame.X, e.Frame.Y+y)
			}
			y += e.List.heightOf(i)
		}
		return
	}
	fmt.Fprintf(b, "  %-28s %s  %s\n", prefix+e.ID,
		fmt.Sprintf("%.0f %.0f %.0f %.0f", e.Frame.X+dx, e.Frame.Y+dy, e.Frame.W, e.Frame.H), e.style())
}

func (l *List) heightOf(i int) float64 {
	if l.HeightOf != nil {
		return l.HeightOf(i)
	}
	return l.Height
}

// style is the element's look in the notation of the list of frames.
func (e *Element) style() string {
	color := [...]string{"label", "secondary", "tertiary", "sep", "fill", "fill2", "sel", "white", "accent", "orange"}[e.Color]
	switch e.Kind {
	case Box:
		if e.Radius > 0 {
			return fmt.Sprintf("%s radius %.0f", color, e.Radius)
		}
		return color
	case Dashes:
		return fmt.Sprintf("dashes %s radius %.0f", color, e.Radius)
	case Line:
		return color
	case Glyph:
		return "glyph " + e.Text + " " + color
	case Button:
		s := "button"
		if e.Default {
			s += " default"
		}
		if e.Off {
			s += " disabled"
		}
		return s
	case Secret:
		return "secure field"
	case Popup:
		return "popup"
	case Check:
		return "check"
	case Radio:
		return "radio"
	}
	s := fmt.Sprintf("%.0f/%s", e.Font.Size, [...]string{"regular", "medium", "semibold"}[e.Font.Weight])
	if e.Font.Mono {
		s = fmt.Sprintf("mono %.0f/%s", e.Font.Size, [...]string{"regular", "medium", "semibold"}[e.Font.Weight])
	}
	s += " " + color
	s += [...]string{"", " right", " center"}[e.Align]
	if e.Kind == Field && e.Bare {
		s += ", no border"
	} else if e.Kind == Field {
		s += ", field"
	} else if e.Lines > 1 {
		s += fmt.Sprintf(" lines<=%d", e.Lines)
	}
	return s
}
