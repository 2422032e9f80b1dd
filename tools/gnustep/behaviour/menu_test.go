//go:build linux && gnustep

package behaviour

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"noxkey/tools/gnustep/rig"
)

// item is an item of the menu in the log.
type item struct {
	Text, Right          string
	Head, Separator, Off bool
	Sub                  []item
}

// menuRow is the height of an item in a menu of GNUstep's.
const menuRow = 20

// openMenu presses the icon: the menu is open, with the button held down.
func (a *app) openMenu() (rig.Window, []item) {
	a.t.Helper()
	bar := a.d.Window("NoxKey status").MoveTo(200, 2) // at its place a submenu would leave the screen
	menu := a.d.Opened(func() { bar.Press(11, 11) })
	log := a.Log()
	for i := len(log) - 1; i >= 0; i-- {
		if text, ok := strings.CutPrefix(log[i], "menu "); ok {
			var items []item
			if err := json.Unmarshal([]byte(text), &items); err != nil {
				a.t.Fatalf("%v", err)
			}
			return menu, items
		}
	}
	a.t.Fatalf("the menu opened and nobody filled it")
	return menu, nil
}

// at is where an item that starts so is, -1 if it is not there.
func at(items []item, text string) int {
	for i, it := range items {
		if strings.HasPrefix(it.Text, text) {
			return i
		}
	}
	return -1
}

// chooseMenu chooses an item of the icon's menu, and below it, and returns the whole menu.
func (a *app) chooseMenu(path ...string) []item {
	a.t.Helper()
	menu, items := a.openMenu()
	all := items
	for n, text := range path {
		i := at(items, text)
		if i < 0 {
			a.t.Fatalf("no item %q in %+v", text, items)
		}
		y := i*menuRow + menuRow/2
		if n < len(path)-1 {
			menu = a.d.Opened(func() { menu.Hover(20, y) })
			items = items[i].Sub
			continue
		}
		menu.Hover(20, y)
	}
	a.d.Shot(filepath.Join(pictures, "menu-"+strings.Fields(path[len(path)-1])[0]+".png"))
	a.d.Release()
	return all
}

func TestMenuShowsAndEndsASession(t *testing.T) {
	a := start(t)
	a.Say("touch yes")
	a.Say("ask 1 session run_test acme/api/STRIPE_SECRET_KEY")
	s := a.armed("run test")
	a.click(s, s.by("button", "Allow for 4 Hours"))
	a.Wait(`^answer 1 tickets=1`)
	a.Wait(`^status status-session `)
	items := a.chooseMenu("acme/api", "End Session")
	i := at(items, "acme/api")
	if it := items[i]; !strings.Contains(it.Right, "Claude Code") || !strings.Contains(it.Right, "left") || at(it.Sub, "Granted at") < 0 || at(it.Sub, "Used ") < 0 {
		t.Errorf("the session's item: %+v", it)
	}
	a.Wait(`^status status-idle `)
	a.Say("ask 2 once run_test acme/api/STRIPE_SECRET_KEY")
	a.armed("run test") // and the next request asks again
	a.Say("hangup 2")
	a.Wait(`^answer 2 `)
	if items = a.chooseMenu("Search…"); at(items, "No session is open") < 0 || at(items, "Recent requests") < 0 {
		t.Errorf("%+v", items)
	}
}

func TestMenuPausesAndLocks(t *testing.T) {
	a := start(t)
	a.chooseMenu("Pause Agent Requests")
	a.Wait(`^status status-paused `)
	a.Say("ask 1 once run_test acme/api/STRIPE_SECRET_KEY")
	a.Wait(`^answer 1 tickets=0`)
	a.chooseMenu("Resume Agent Requests")
	a.Wait(`^status status-idle `)
	a.chooseMenu("Lock Now")
	a.Wait(`^did lock `)
	a.Wait(`^did status `)
	a.sync()
	a.Say("hotkey")
	s := a.shows("panel", "the lock", func(s scene) bool { return strings.Contains(s.texts(), "NoxKey is locked") })
	a.window(s).Focus()
	a.picture(s, "panel-locked.png")
	a.Say("touch yes")
	a.d.Key("Return")
	a.shows("panel", "the names", func(s scene) bool { return s.list().Count > 0 })
}
