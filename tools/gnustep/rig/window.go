//go:build linux

package rig

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Window is a mapped window: where it was when it was looked at, in pixels from the top left.
type Window struct {
	d          *Display
	ID         string
	Name       string
	X, Y, W, H int
}

// Windows are all mapped windows but the root, in the order X made them.
func (d *Display) Windows() []Window {
	d.t.Helper()
	out, err := d.tool("xdotool", "search", "--onlyvisible", "--maxdepth", "1", "--name", ".*")
	if err != nil {
		return nil // xdotool exits with 1 when there is none
	}
	var all []Window
	for id := range strings.FieldsSeq(out) {
		if w, ok := d.look(id); ok && w.W*w.H < 1280*900 {
			all = append(all, w)
		}
	}
	return all
}

// look is false for a window that went away meanwhile.
func (d *Display) look(id string) (Window, bool) {
	name, err := d.tool("xdotool", "getwindowname", id)
	if err != nil {
		return Window{}, false
	}
	shape, err := d.tool("xdotool", "getwindowgeometry", "--shell", id)
	if err != nil {
		return Window{}, false
	}
	w := Window{d: d, ID: id, Name: strings.TrimSuffix(name, "\n")}
	for line := range strings.Lines(shape) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		n, _ := strconv.Atoi(value)
		switch key {
		case "X":
			w.X = n
		case "Y":
			w.Y = n
		case "WIDTH":
			w.W = n
		case "HEIGHT":
			w.H = n
		}
	}
	return w, w.W > 0
}

// Window waits until a window of that name is mapped.
func (d *Display) Window(name string) Window {
	d.t.Helper()
	var found Window
	if !until(func() bool {
		all := d.Windows()
		i := slices.IndexFunc(all, func(w Window) bool { return w.Name == name })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	}) {
		d.t.Fatalf("no window %q appeared; there are %v%s", name, d.names(), d.tails())
	}
	return found
}

// WindowOf waits until a window of that name is mapped and has that size: a window is resized after
// the program has said so.
func (d *Display) WindowOf(name string, w, h int) Window {
	d.t.Helper()
	var found Window
	if !until(func() bool {
		for _, x := range d.Windows() {
			if x.Name == name && x.W == w && x.H == h {
				found = x
				return true
			}
			if x.Name == name {
				found = x
			}
		}
		return false
	}) {
		d.t.Fatalf("no window %q of %dx%d: %dx%d; there are %v%s", name, w, h, found.W, found.H, d.names(), d.tails())
	}
	return found
}

// NoWindow waits until no window of that name is mapped.
func (d *Display) NoWindow(name string) {
	d.t.Helper()
	if !until(func() bool { return !slices.Contains(d.names(), name) }) {
		d.t.Fatalf("the window %q is still there%s", name, d.tails())
	}
}

// Opened runs do and waits for a window that was not there before, a menu for example.
func (d *Display) Opened(do func()) Window {
	d.t.Helper()
	before := d.Windows()
	do()
	var found Window
	if !until(func() bool {
		for _, w := range d.Windows() {
			if !slices.ContainsFunc(before, func(b Window) bool { return b.ID == w.ID }) {
				found = w
				return true
			}
		}
		return false
	}) {
		d.t.Fatalf("no new window appeared; there are %v%s", d.names(), d.tails())
	}
	return found
}

// tails are the last lines of every program, for the words of a failure.
func (d *Display) tails() string {
	var all strings.Builder
	for _, p := range d.programs {
		all.WriteString("\n" + p.tail())
	}
	return all.String()
}

func (d *Display) names() []string {
	var all []string
	for _, w := range d.Windows() {
		all = append(all, w.Name)
	}
	return all
}

// MoveTo moves the window's top left to a point of the screen.
func (w Window) MoveTo(x, y int) Window {
	w.d.t.Helper()
	w.d.must("xdotool", "windowmove", w.ID, strconv.Itoa(x), strconv.Itoa(y))
	if !until(func() bool {
		now, ok := w.d.look(w.ID)
		if ok {
			w = now
		}
		return ok && now.X == x && now.Y == y
	}) {
		w.d.t.Fatalf("%q did not move to %d,%d%s", w.Name, x, y, w.d.tails())
	}
	return w
}

// Focus gives the window X's keyboard focus and waits until it has it.
func (w Window) Focus() Window {
	w.d.t.Helper()
	w.d.must("xdotool", "windowfocus", "--sync", w.ID)
	return w
}

// Click presses and releases the left button at a point of the window, counted from its top left.
func (w Window) Click(x, y int) {
	w.d.t.Helper()
	w.Press(x, y)
	w.d.Release()
}

// ClickBlind clicks at a point of the screen where the window was, and does not care whether
// anything is there any more.
func (w Window) ClickBlind(x, y int) {
	w.d.t.Helper()
	w.Move(x, y)
	w.d.must("xdotool", "click", "1")
}

// Double clicks twice at a point of the window, fast enough for one double click.
func (d *Display) Double(w Window, x, y int) {
	d.t.Helper()
	w.Move(x, y)
	d.taken("up", 2, func() { d.must("xdotool", "click", "--repeat", "2", "--delay", "40", "1") })
}

// Press moves to a point of the window and presses the left button.
func (w Window) Press(x, y int) {
	w.d.t.Helper()
	w.Move(x, y)
	w.d.taken("down", 1, func() { w.d.must("xdotool", "mousedown", "1") })
}

// Move moves the pointer to a point of the window.
func (w Window) Move(x, y int) {
	w.d.t.Helper()
	w.d.must("xdotool", "mousemove", strconv.Itoa(w.X+x), strconv.Itoa(w.Y+y))
}

// Hover moves to a point of a menu and waits until the menu shows it: GNUstep tracks a menu by
// the clock, and a release before the highlight chooses nothing.
func (w Window) Hover(x, y int) {
	w.d.t.Helper()
	before := w.pixels()
	w.Move(x, y)
	if !until(func() bool { return w.pixels() != before }) {
		w.d.t.Fatalf("nothing in %q lit up at %d, %d%s", w.Name, x, y, w.d.tails())
	}
}

// pixels is what the window shows, "" if it is gone.
func (w Window) pixels() string {
	out, err := w.d.tool("import", "-window", w.ID, "rgb:-")
	if err != nil {
		return ""
	}
	return out
}

// Release releases the left button where the pointer is.
func (d *Display) Release() {
	d.t.Helper()
	d.taken("up", 1, func() { d.must("xdotool", "mouseup", "1") })
}

// taken does something and waits until a program has dealt with so many more events of a kind; the
// kit's shim logs them.
func (d *Display) taken(kind string, n int, do func()) {
	d.t.Helper()
	before := d.count(kind)
	do()
	polls := 0
	if !until(func() bool {
		if polls++; polls%10 == 0 {
			d.nudge()
		}
		return d.count(kind) >= before+n
	}) {
		d.t.Fatalf("no program took %d more of %q: it took %d%s", n, kind, d.count(kind)-before, d.tails())
	}
}

// nudge moves the pointer by a pixel and back. GNUstep waits on the socket to the server, while
// Xlib may have read an event with the answer to a question: the event lies there until another
// one comes. A hand on a mouse never lets that be seen.
func (d *Display) nudge() {
	d.t.Helper()
	d.must("xdotool", "mousemove_relative", "--", "1", "0")
	d.must("xdotool", "mousemove_relative", "--", "-1", "0")
}

func (d *Display) count(kind string) int {
	n := 0
	for _, p := range d.programs {
		n += p.taken(kind)
	}
	return n
}

// Key presses keys one after another, named as X names them: "Return", "Escape", "alt+a". Alt is
// GNUstep's Command key.
func (d *Display) Key(keys ...string) {
	d.t.Helper()
	d.taken("key", len(keys), func() { d.must("xdotool", append([]string{"key", "--delay", "5"}, keys...)...) })
}

// Type types text.
func (d *Display) Type(text string) {
	d.t.Helper()
	d.taken("key", len([]rune(text)), func() { d.must("xdotool", "type", "--delay", "5", text) })
}

func (d *Display) must(name string, args ...string) {
	d.t.Helper()
	if _, err := d.tool(name, args...); err != nil {
		d.t.Fatalf("%v", err)
	}
}

// Shot keeps a picture of the window as file, a PNG.
func (w Window) Shot(file string) {
	w.d.t.Helper()
	w.d.shot(w.ID, file)
}

// Shot keeps a picture of the whole screen as file, a PNG.
func (d *Display) Shot(file string) {
	d.t.Helper()
	d.shot("root", file)
}

func (d *Display) shot(id, file string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		d.t.Fatalf("%v", err)
	}
	d.must("import", "-window", id, file)
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		d.t.Fatalf("no picture in %s: %v", file, err)
	}
}
