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
	// xdotool exits with 1 and says nothing when there is none; it says BadWindow when one
	// went away while it looked, and then its list is worth nothing.
	var out string
	if !until(func() bool {
		var err error
		out, err = d.tool("xdotool", "search", "--onlyvisible", "--maxdepth", "1", "--name", ".*")
		return err == nil || !strings.Contains(err.Error(), "BadWindow") && !strings.Contains(err.Error(), "X Error")
	}) {
		d.t.Fatalf("xdotool cannot list the windows%s", d.tails())
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

// Left waits until just n windows are mapped.
func (d *Display) Left(n int) {
	d.t.Helper()
	if !until(func() bool { return len(d.Windows()) == n }) {
		d.t.Fatalf("there are %d windows and not %d: %v%s", len(d.Windows()), n, d.names(), d.tails())
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
