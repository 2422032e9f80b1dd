//go:build gnustep && cgo

package main

import (
	"encoding/json"

	"noxkey/ui/cocoa"
	"noxkey/ui/cocoa/appkit"
)

// spy is the real toolkit; it logs what it was given after it has shown it.
type spy struct {
	*appkit.Kit
}

// seen is a scene in the log: what tests need to find and to hold against the screen.
type seen struct {
	ID, Title string
	W, H      float64
	Elements  []element
}

type element struct {
	ID, Kind, Text, Hint string
	X, Y, W, H           float64
	Off, Default         bool
	On                   cocoa.Tick
	Color                cocoa.Color
	Items                []string   `json:",omitempty"`
	At                   int        `json:",omitempty"`
	Count                int        `json:",omitempty"` // of rows
	Selected             []int      `json:",omitempty"`
	Rows                 [][]string `json:",omitempty"` // texts of the first ones
	RowY                 []float64  `json:",omitempty"` // their tops
}

var kinds = map[cocoa.Kind]string{cocoa.Label: "label", cocoa.Box: "box", cocoa.Line: "line", cocoa.Dashes: "dashes", cocoa.Glyph: "glyph", cocoa.Button: "button",
	cocoa.Field: "field", cocoa.Secret: "secret", cocoa.Popup: "popup", cocoa.Check: "check", cocoa.Radio: "radio", cocoa.Rows: "rows"}

func (s *spy) Show(sc *cocoa.Scene) {
	s.Kit.Show(sc)
	out := seen{ID: sc.ID, Title: sc.Title, W: sc.W, H: sc.H}
	for i := range sc.Elements {
		out.Elements = append(out.Elements, look(&sc.Elements[i]))
	}
	sayJSON("scene "+sc.ID, out)
}

func look(e *cocoa.Element) element {
	out := element{ID: e.ID, Kind: kinds[e.Kind], Text: e.Text, Hint: e.Hint, X: e.Frame.X, Y: e.Frame.Y, W: e.Frame.W, H: e.Frame.H,
		Off: e.Off, Default: e.Default, On: e.On, Color: e.Color, Items: e.Items, At: e.At}
	l := e.List
	if l == nil {
		return out
	}
	out.Count, out.Selected = l.Count, l.Selected
	y := 0.0
	for i := range min(l.Count, 12) {
		var texts []string
		for _, x := range l.Row(i, false) {
			if x.Kind == cocoa.Label {
				texts = append(texts, x.Text)
			}
		}
		out.Rows, out.RowY = append(out.Rows, texts), append(out.RowY, y)
		if l.HeightOf != nil {
			y += l.HeightOf(i)
		} else {
			y += l.Height
		}
	}
	return out
}

func (s *spy) Hide(id string) {
	s.Kit.Hide(id)
	say("hide %s", id)
}

func (s *spy) Focus(id string) {
	s.Kit.Focus(id)
	say("focus %s", id)
}

func (s *spy) Status(st cocoa.Status) {
	if menu := st.Menu; menu != nil {
		st.Menu = func() []cocoa.Item {
			items := menu()
			sayJSON("menu", lines(items))
			return items
		}
	}
	s.Kit.Status(st)
	say("status %s %s", st.Icon, st.Tip)
}

// line is an item of a menu in the log.
type line struct {
	Text, Right          string
	Head, Separator, Off bool
	Sub                  []line `json:",omitempty"`
}

func lines(items []cocoa.Item) []line {
	var out []line
	for _, it := range items {
		out = append(out, line{it.Text, it.Right, it.Head, it.Separator, it.Off, lines(it.Sub)})
	}
	return out
}

func (s *spy) PopUp(window string, at cocoa.Rect, items []cocoa.Item) {
	sayJSON("popup "+window, lines(items))
	s.Kit.PopUp(window, at, items)
}

func (s *spy) PopUpRow(window, list string, row int, at cocoa.Rect, items []cocoa.Item) {
	sayJSON("popup "+window, lines(items))
	s.Kit.PopUpRow(window, list, row, at, items)
}

func (s *spy) Ask(window string, q cocoa.Question, done func(bool)) {
	say("alert %q %q %q", q.Title, q.Yes, q.No)
	s.Kit.Ask(window, q, func(yes bool) {
		say("alert answered %v", yes)
		done(yes)
	})
}

func sayJSON(what string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	say("%s %s", what, b)
}
