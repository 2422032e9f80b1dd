//go:build linux && gnustep

package behaviour

import "testing"

func TestStart(t *testing.T) {
	a := start(t)
	w := a.d.Window("NoxKey status")
	a.Say("hotkey")
	s := a.shows("panel", "the search", func(s scene) bool { return true })
	a.window(s).Focus()
	a.picture(s, "panel.png")
	a.Say("ask 1 once run_the_tests acme/api/STRIPE_SECRET_KEY")
	a.Say("hotkey")
	a.gone("panel", "NoxKey search")
	c := a.shows("card", "a card", func(s scene) bool { return true })
	a.picture(c, "card.png")
	_ = w
}
