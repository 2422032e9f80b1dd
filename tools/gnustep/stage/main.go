//go:build gnustep && cgo

// Command stage shows one window with every kind of element by the real toolkit and says what the
// toolkit says: it is the test of ui/cocoa/appkit by itself. Lines on standard input change what is
// shown.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"

	"noxkey/ui/cocoa"
	"noxkey/ui/cocoa/appkit"
)

func init() { runtime.LockOSThread() }

type stage struct {
	kit    *appkit.Kit
	style  cocoa.Style
	tall   float64
	typed  string
	dead   bool
	tick   cocoa.Tick
	at     int
	sel    []int
	dirty  int
	edit   *cocoa.CellEdit
	eats   string // keys that the scene takes, each between blanks
	count  int
	second bool
}

func say(format string, a ...any) { fmt.Printf(format+"\n", a...) }

func main() {
	s := &stage{kit: appkit.New(), style: cocoa.Floating, count: 1000, sel: []int{0}}
	s.kit.Run(appkit.Handlers{Start: func() {
		s.show()
		go s.read()
		say("ready")
	}, Quit: s.kit.Quit})
	say("ended")
}

func (s *stage) read() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		verb, rest, _ := strings.Cut(in.Text(), " ")
		s.kit.Post(func() { s.do(verb, rest) })
	}
}

func (s *stage) do(verb, rest string) {
	switch verb {
	case "focus":
		s.kit.Focus("stage")
	case "on":
		s.kit.FocusOn("stage", rest)
	case "dead":
		s.dead = !s.dead
	case "tall":
		s.tall += 40
	case "eat":
		s.eats = " " + rest + " "
	case "edit":
		s.edit = &cocoa.CellEdit{Row: 1, Frame: cocoa.Rect{X: 10, Y: 2, W: 120, H: 20}, Text: "row", Edited: func(b []byte) { say("cell %q", b) }}
	case "unedit":
		s.edit = nil
	case "text":
		s.typed = rest
	case "select":
		_, _ = fmt.Sscan(rest, &s.dirty)
		s.sel = []int{s.dirty}
	case "hide":
		s.kit.Hide("stage")
		say("done %s", verb)
		return
	case "titled":
		s.kit.Hide("stage")
		s.style = cocoa.Resizable
	case "alert":
		s.kit.Ask("stage", cocoa.Question{Title: "Discard the changes?", Text: "All of them.", Yes: "Discard", No: "Keep", Safe: true}, func(yes bool) { say("alert %v", yes) })
	case "popup":
		s.kit.PopUp("stage", cocoa.Rect{X: 100, Y: 100, W: 60, H: 20}, []cocoa.Item{{Text: "First", Do: func() { say("popup first") }}, {Text: "Second", Do: func() { say("popup second") }}})
	case "cycle": // opens and closes a window so many times
		n := 0
		_, _ = fmt.Sscan(rest, &n)
		for range n {
			s.kit.Hide("stage")
			s.show()
		}
	case "measure":
		f := cocoa.Font{Size: 12}
		say("width %.1f lines %d height %.0f", s.kit.Width(rest, f), s.kit.Measure(rest, f, 100, cocoa.Words), s.kit.ScreenHeight())
	}
	s.show()
	say("done %s", verb)
}

func (s *stage) show() {
	s.kit.Show(s.scene())
	s.kit.Status(cocoa.Status{Icon: cocoa.IconIdle, Tip: "stage", Menu: s.menu,
		Accepts: func(p []string) bool { return strings.HasSuffix(p[0], ".env") }, Drop: func(p []string) { say("status drop %q", p) }})
}

func (s *stage) menu() []cocoa.Item {
	return []cocoa.Item{
		{Text: "Sessions", Head: true},
		{Text: "acme/api", Right: "3 h left", Sub: []cocoa.Item{{Text: "Used 6 times", Off: true}, {Separator: true}, {Text: "End Session", Do: func() { say("menu end") }}}},
		{Separator: true},
		{Text: "Search…", Shortcut: "⇧⌘1", Do: func() { say("menu search") }},
		{Text: "Off", Off: true, Do: func() { say("menu off") }},
	}
}

func (s *stage) scene() *cocoa.Scene {
	return &cocoa.Scene{
		ID: "stage", Style: s.style, Title: "stage", W: 500, H: 420 + s.tall, MinW: 400, MinH: 300, Place: cocoa.Lower, TakesKeys: true, First: "field", Loop: []string{"field", "secret", "list"},
		Key: func(k cocoa.Key) bool {
			say("key %s repeat=%v", k, k.Repeat)
			return strings.Contains(s.eats, " "+k.Name+" ")
		},
		Gained: func() { say("gained") }, Lost: func() { say("lost") }, Closed: func() { say("closed") },
		Resized: func(w, h float64) { say("resized %.0f %.0f", w, h) },
		Accepts: func(p []string) bool { return strings.HasSuffix(p[0], ".env") },
		Drop:    func(p []string) { say("drop %q", p) }, Over: func(b bool) { say("over %v", b) },
		Elements: s.elements(),
	}
}

func (s *stage) elements() []cocoa.Element {
	f := cocoa.Font{Size: 13}
	return []cocoa.Element{
		{ID: "box", Kind: cocoa.Box, Frame: cocoa.Rect{X: 10, Y: 10, W: 480, H: 60}, Color: cocoa.Fill, Radius: 10},
		{ID: "title", Kind: cocoa.Label, Frame: cocoa.Rect{X: 20, Y: 14, W: 300, H: 22}, Text: "Claude Code wants a secret", Font: cocoa.Font{Size: 17, Weight: cocoa.Semibold}},
		{ID: "marks", Kind: cocoa.Label, Frame: cocoa.Rect{X: 20, Y: 40, W: 200, H: 18}, Text: "STRIPE_SECRET_KEY", Marks: []int{0, 1, 2}, Color: cocoa.Secondary, Font: f},
		{ID: "cut", Kind: cocoa.Label, Frame: cocoa.Rect{X: 240, Y: 40, W: 120, H: 18}, Text: "/a/very/long/path/to/something", Cut: cocoa.MiddleCut, Font: f},
		{ID: "right", Kind: cocoa.Label, Frame: cocoa.Rect{X: 380, Y: 40, W: 100, H: 18}, Text: "strict", Align: cocoa.Right, Font: f},
		{ID: "glyph", Kind: cocoa.Glyph, Frame: cocoa.Rect{X: 440, Y: 14, W: 20, H: 20}, Text: "eye", Do: func() { say("glyph") }},
		{ID: "line", Kind: cocoa.Line, Frame: cocoa.Rect{X: 0, Y: 80, W: 500, H: 1}, Color: cocoa.Separator},
		{ID: "field", Kind: cocoa.Field, Frame: cocoa.Rect{X: 20, Y: 90, W: 200, H: 24}, Text: s.typed, Hint: "hint", Font: f, Edited: s.edited},
		{ID: "secret", Kind: cocoa.Secret, Frame: cocoa.Rect{X: 240, Y: 90, W: 200, H: 24}, Font: f, Edited: func(b []byte) { say("secret %d", len(b)) }},
		{ID: "popup", Kind: cocoa.Popup, Frame: cocoa.Rect{X: 20, Y: 124, W: 120, H: 24}, Items: []string{"easy", "normal", "strict"}, At: s.at, Pick: func(i int) { s.at = i; say("pick %d", i); s.show() }},
		{ID: "check", Kind: cocoa.Check, Frame: cocoa.Rect{X: 160, Y: 124, W: 100, H: 24}, Text: "Check", On: s.tick, Do: func() { s.tick = 1 - s.tick; say("check %d", s.tick); s.show() }},
		{ID: "stubborn", Kind: cocoa.Check, Frame: cocoa.Rect{X: 270, Y: 124, W: 100, H: 24}, Text: "Stubborn", Do: func() { say("stubborn") }},
		{ID: "radio", Kind: cocoa.Radio, Frame: cocoa.Rect{X: 380, Y: 124, W: 100, H: 24}, Text: "Radio", On: cocoa.Yes, Do: func() { say("radio") }},
		{ID: "list", Kind: cocoa.Rows, Frame: cocoa.Rect{X: 20, Y: 160, W: 460, H: 192}, List: s.list()},
		{ID: "button", Kind: cocoa.Button, Frame: cocoa.Rect{X: 20, Y: 370, W: 100, H: 28}, Text: "Button", Off: s.dead, Do: func() { say("button") }},
		{ID: "closer", Kind: cocoa.Button, Frame: cocoa.Rect{X: 130, Y: 370, W: 100, H: 28}, Text: "Closer", Do: func() { say("closer"); s.kit.Hide("stage") }},
		{ID: "default", Kind: cocoa.Button, Frame: cocoa.Rect{X: 240, Y: 370, W: 100, H: 28}, Text: "Default", Default: true, Off: s.dead, Do: func() { say("default") }},
		{ID: "dashes", Kind: cocoa.Dashes, Frame: cocoa.Rect{X: 360, Y: 364, W: 120, H: 40}, Color: cocoa.Tertiary, Radius: 12},
	}
}

// edited shows the window again at every letter, as the search does: the caret must stay.
func (s *stage) edited(b []byte) {
	s.typed = string(b)
	say("field %q", b)
	s.show()
}

func (s *stage) list() *cocoa.List {
	return &cocoa.List{
		Count: s.count, Height: 24, Selected: s.sel, Many: true, Dirty: s.dirty, Edit: s.edit,
		Row: func(i int, selected bool) []cocoa.Element {
			color := cocoa.Primary
			row := []cocoa.Element{}
			if selected {
				color = cocoa.White
				row = append(row, cocoa.Element{ID: "sel", Kind: cocoa.Box, Frame: cocoa.Rect{X: 4, W: 452, H: 24}, Color: cocoa.Selection, Radius: 6})
			}
			return append(row, cocoa.Element{ID: "t", Kind: cocoa.Label, Frame: cocoa.Rect{X: 12, Y: 4, W: 300, H: 16}, Text: fmt.Sprintf("row %d", i), Color: color, Font: cocoa.Font{Size: 13}})
		},
		Select:  func(rows []int) { s.sel = rows; s.dirty++; say("select %v", rows); s.show() },
		Clicked: func(i int, x, y float64) { say("clicked %d %.0f %.0f", i, x, y) },
		Opened:  func(i int) { say("opened %d", i) },
	}
}
