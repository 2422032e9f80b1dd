//go:build linux && gnustep

package behaviour

import (
	"slices"
	"strings"
	"testing"
)

// panel opens the search and gives it the keyboard.
func (a *app) panel() scene {
	a.t.Helper()
	a.Say("hotkey")
	s := a.shows("panel", "the names", func(s scene) bool { return s.list().Count > 0 })
	a.window(s).Focus()
	return s
}

// found waits until the list has so many rows and names.
func (a *app) found(n int, names ...string) scene {
	a.t.Helper()
	return a.shows("panel", strings.Join(names, ", "), func(s scene) bool {
		l := s.list()
		if l.Count != n {
			return false
		}
		for _, name := range names {
			if !slices.ContainsFunc(l.Rows, func(r []string) bool { return slices.Contains(r, name) }) {
				return false
			}
		}
		return true
	})
}

func TestPanelFiltersAsOneTypes(t *testing.T) {
	a := start(t)
	a.picture(a.panel(), "panel.png")
	a.d.Type("stripe")
	s := a.found(1, "STRIPE_SECRET_KEY")
	if f := a.field(s); f.Text != "stripe" {
		t.Errorf("the field really holds %q", f.Text)
	}
	a.picture(s, "panel-query.png")
	a.d.Key("BackSpace", "BackSpace", "BackSpace", "BackSpace", "BackSpace", "BackSpace")
	a.found(7)
	a.d.Type("zzzz")
	s = a.shows("panel", "no match", func(s scene) bool { return strings.Contains(s.texts(), "No secret matches") })
	a.picture(s, "panel-nomatch.png")
	a.d.Key("Escape") // clears
	s = a.found(7)
	if f := a.field(s); f.Text != "" {
		t.Errorf("after Esc the field still holds %q", f.Text)
	}
	a.d.Key("Escape") // closes
	a.gone("panel", "NoxKey search")
}

// field is the one field of a window, as AppKit has it.
func (a *app) field(s scene) view {
	a.t.Helper()
	for _, v := range a.controls(s.Title) {
		if strings.HasSuffix(v.Class, "TextField") {
			return v
		}
	}
	a.t.Fatalf("%q has no field on the screen", s.Title)
	return view{}
}

func TestPanelKeys(t *testing.T) {
	a := start(t, "-secrets=300")
	a.panel()
	selected := func(want int) scene {
		t.Helper()
		return a.shows("panel", "another selection", func(s scene) bool { return slices.Equal(s.list().Selected, []int{want}) })
	}
	selected(0)
	for _, step := range []struct {
		key  string
		want int
	}{{"Down", 1}, {"Down", 2}, {"Up", 1}, {"Next", 9}, {"Prior", 1}, {"Up", 0}, {"Up", 0}} {
		a.d.Key(step.key)
		selected(step.want)
	}
	a.d.Key("alt+Down")
	s := a.shows("panel", "the last", func(s scene) bool { l := s.list(); return slices.Equal(l.Selected, []int{l.Count - 1}) })
	a.picture(s, "panel-last.png")
	a.d.Key("alt+Up")
	selected(0)
	a.d.Type("region")
	a.found(1, "REGION")
	a.d.Key("alt+Return")
	s = a.shows("panel", "the details", func(s scene) bool { return strings.Contains(s.texts(), "where it runs") })
	a.picture(s, "panel-details.png")
	a.d.Key("Escape")
	a.found(1, "REGION")
	a.d.Key("Return") // easy: no Touch ID
	a.Wait(`^clipboard 19 bytes$`)
	a.gone("panel", "NoxKey search")
	a.noSheet()
}

// noSheet says that Touch ID was never asked for.
func (a *app) noSheet() {
	a.t.Helper()
	a.Say("sheets")
	if m := a.Wait(`^sheets alive \d+ ended \d+ policy (-?\d+) words "(.*)"$`); m[2] != "" {
		a.t.Errorf("Touch ID was asked for: %q", m[2])
	}
}

func TestPanelMouse(t *testing.T) {
	a := start(t)
	s := a.panel()
	a.clickRow(s, 2)
	a.shows("panel", "the third", func(s scene) bool { return slices.Equal(s.list().Selected, []int{2}) })
	a.d.Type("sentry")
	a.found(1, "SENTRY_AUTH_TOKEN") // the click left the keyboard with the field
}

func TestPanelCopyAsksForTouchID(t *testing.T) {
	a := start(t)
	a.panel()
	a.d.Type("sentry")
	s := a.found(1, "SENTRY_AUTH_TOKEN")
	a.Say("touch cancelled")
	a.d.Key("Return")
	s = a.shows("panel", "why not", func(s scene) bool { return strings.Contains(s.el("footer left").Text, "cancelled") })
	a.picture(s, "panel-cancelled.png")
	if n := a.Count(`^clipboard`); n != 0 {
		t.Errorf("something was copied though Touch ID was cancelled")
	}
	a.Say("touch yes")
	a.d.Key("Return")
	a.Wait(`^clipboard 24 bytes$`)
	a.gone("panel", "NoxKey search")
}

func TestPanelClosesWhenItLosesTheKeyboard(t *testing.T) {
	a := start(t)
	a.panel()
	a.d.Type("stripe")
	a.found(1)
	a.chooseMenu("Search…")
	a.found(7) // and the query is forgotten
	if n := a.Count(`^hide panel$`); n != 1 {
		t.Errorf("the search was closed %d times by another window taking the keyboard", n)
	}
	a.Say("hotkey")
	a.gone("panel", "NoxKey search") // a second press closes it
}

// Fifty panels, each with the names asked for and a timer that may run.
func TestFiftyPanelsLeakNothing(t *testing.T) {
	a := start(t)
	round := func() {
		a.Say("hotkey")
		a.shows("panel", "the names", func(s scene) bool { return s.list().Count > 0 })
		a.Say("hotkey")
		a.Until("no panel", func(log []string) bool { return latest(log, "panel").ID == "" })
	}
	round()
	before := a.alive()
	for range 50 {
		round()
	}
	if after := a.alive(); after != before {
		t.Errorf("before: %s; after 50 panels: %s", before, after)
	}
	a.d.Left(1) // the status item's
}

// alive counts goroutines and the toolkit's objects once all has settled.
func (a *app) alive() string {
	a.t.Helper()
	a.sync()
	a.Say("goroutines")
	return a.Wait(`^goroutines .*$`)[0]
}
