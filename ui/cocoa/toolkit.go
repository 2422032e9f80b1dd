package cocoa

// Toolkit is what the front needs of a window system. But for Post, its methods are
// called on the main thread only, and so is everything that a Scene, an Item or a
// Question carries. Texts are shown as they are: what is foreign went through
// ui.Visible before.
type Toolkit interface {
	// Post runs f on the main thread, soon and in order. Any goroutine may call it.
	Post(f func())
	// Show puts up the window of s.ID, or draws it anew. It does not take the keyboard
	// unless the window is new and s.TakesKeys.
	Show(s *Scene)
	// Hide takes a window away without asking its Closed or Lost; unknown ones are ignored.
	Hide(id string)
	// Focus gives the keyboard to a window and to its First.
	Focus(id string)
	// FocusOn gives the keyboard to one element of a window that has it.
	FocusOn(id, element string)

	// Status draws the icon in the menu bar.
	Status(s Status)
	// PopUp shows a menu below a frame of a window, in the window's coordinates.
	PopUp(window string, at Rect, items []Item)
	// PopUpRow is PopUp below a frame of a list's row, from the row's top left.
	PopUpRow(window, list string, row int, at Rect, items []Item)
	// Ask puts up an alert before the window of that id ("" for none) and calls done once.
	Ask(window string, q Question, done func(yes bool))
	// OpenFiles lets the person choose files; done is called with none when they cancel.
	OpenFiles(window string, done func(paths []string))
	// Reveal shows files in the Finder.
	Reveal(paths []string)
	// CopyText puts text that is no secret on the clipboard, where it stays.
	CopyText(text string)
	// Announce has VoiceOver say text; urgent interrupts what it says.
	Announce(window, text string, urgent bool)
	// About shows the standard panel with the version.
	About(version string)
	// Quit ends the event loop.
	Quit()

	// Measure returns how many lines text takes in font at a width, by cut's way of wrapping.
	Measure(text string, f Font, width float64, c Cut) int
	// Width returns how wide text is in font, in points.
	Width(text string, f Font) float64
	// ScreenHeight is the height of the main screen's visible part, in points.
	ScreenHeight() float64
}

// Icon is the state that the icon in the menu bar shows.
type Icon string

// The icons, the strongest last.
const (
	IconIdle    Icon = "status-idle"
	IconSession Icon = "status-session"
	IconPaused  Icon = "status-paused"
	IconWaiting Icon = "status-waiting"
)

// Status is the icon in the menu bar and what it does.
type Status struct {
	Icon Icon
	Tip  string // tooltip and accessibility label
	// Menu builds the menu, each time it is about to open.
	Menu func() []Item
	// Accepts says whether files may be dropped on the icon, Drop takes them.
	Accepts func(paths []string) bool
	Drop    func(paths []string)
}

// Item is an item of a menu.
type Item struct {
	Text  string
	Right string // secondary, at the right
	// Head is a section's heading, Separator a line; both cannot be chosen.
	Head, Separator bool
	Off             bool
	Glyph           string // "check", "cross", "": left of the text
	Ticked          bool
	Shortcut        string // shown: "⇧⌘1", "⌘,", "⌘Q"
	Tip             string
	Sub             []Item
	Do              func()
}

// Question is an alert with two answers; without a No it only tells something.
type Question struct {
	Title, Text string
	Yes, No     string
	// Safe makes Return and Esc both say no.
	Safe bool
}
