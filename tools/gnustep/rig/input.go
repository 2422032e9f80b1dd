//go:build linux

package rig

import "strconv"

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
