//go:build linux && gnustep

package behaviour

import (
	"math"
	"strings"
	"testing"
)

// armed is the card of the request with that reason, once it is armed.
func (a *app) armed(reason string) scene {
	a.t.Helper()
	return a.shows("card", "an armed card", func(s scene) bool {
		deny, allow := s.by("button", "Deny"), s.by("button", "Allow Once") // behind the sheet there is only Deny
		return deny.ID != "" && !deny.Off && allow.ID != "" && strings.Contains(s.texts(), reason)
	})
}

func TestCardShowsEachField(t *testing.T) {
	a := start(t)
	a.Say("ask 1 session run_the_payment_tests acme/api/STRIPE_SECRET_KEY acme/api/SENTRY_AUTH_TOKEN acme/api/DATABASE_URL")
	s := a.armed("run the payment tests")
	all := s.texts()
	for _, want := range []string{"Claude Code wants 3 secrets", "STRIPE_SECRET_KEY", "SENTRY_AUTH_TOKEN", "DATABASE_URL", "strict", "acme/api",
		"It says", "run the payment tests", "Session", "Folder", "src/acme/api", "Program", "Chain", "Deny", "Allow Once", "Allow for 4 Hours", "Touch ID follows"} {
		if !strings.Contains(all, want) {
			t.Errorf("the card does not say %q:\n%s", want, all)
		}
	}
	a.really(s)
	a.picture(s, "card-three.png")
	a.Say("hangup 1")
	a.gone("card", s.Title)
}

// really holds the buttons and fields of a scene against the controls on the screen: the same
// words, places and deadness.
func (a *app) really(s scene) {
	a.t.Helper()
	there := a.controls(a.window(s).Name)
	for _, e := range s.Elements {
		if e.Kind != "button" && e.Kind != "field" && e.Kind != "check" && e.Kind != "radio" {
			continue
		}
		found := false
		for _, v := range there {
			found = found || v.Text == e.Text && v.Enabled == !e.Off && (v.X == e.X && v.Y == e.Y && v.W == e.W && v.H == e.H ||
				(e.Kind == "check" || e.Kind == "radio") && near(v.X+v.W/2, e.X+e.W/2) && near(v.Y+v.H/2, e.Y+e.H/2)) // a tick box has the system's size
		}
		if !found {
			a.t.Errorf("%s %q at %v %v %v %v off=%v is not on the screen so; there are %+v", e.Kind, e.Text, e.X, e.Y, e.W, e.H, e.Off, there)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 2 }

func TestCardIgnoresReturn(t *testing.T) {
	a := start(t)
	a.Say("touch yes")
	a.Say("ask 1 once run_test_1 acme/api/STRIPE_SECRET_KEY")
	s := a.armed("run test 1")
	a.picture(s, "card.png")
	a.Say("hotkey") // gives the card the keyboard
	a.Wait(`^focus card$`)
	a.window(s).Focus()
	a.rested(s)
	a.d.Key("Return", "KP_Enter", "space", "a", "y")
	a.sync()
	if n := a.Count(`^answer`); n != 0 {
		t.Fatalf("a key answered the card: %q", a.Log()[len(a.Log())-3:])
	}
	a.d.Key("alt+a")
	a.Wait(`^ticket 1 \[acme/api/STRIPE_SECRET_KEY\]$`)
	a.Wait(`^answer 1 tickets=1 code="" err=<nil>$`)
}

// rested waits until a card that has just become key listens to keys: it is dead for half a second,
// and redraws itself each second with the time that is left.
func (a *app) rested(s scene) {
	a.t.Helper()
	left := a.shows("card", "a card", func(scene) bool { return true }).el("note").Text
	for range 2 {
		now := left
		a.shows("card", "the clock going on", func(s scene) bool { now = s.el("note").Text; return now != left })
		left = now
	}
}

func TestCardArmsLate(t *testing.T) {
	a := start(t)
	a.Say("ask 1 once run_test_1 acme/api/STRIPE_SECRET_KEY")
	s := a.shows("card", "a card", func(scene) bool { return true })
	if d := s.by("button", "Deny"); d.ID == "" {
		t.Fatal(s.texts())
	}
	first := firstScene(a.Log(), "card")
	for _, name := range []string{"Deny", "Allow Once"} {
		if b := first.by("button", name); !b.Off {
			t.Errorf("%s could be pressed at once", name)
		}
	}
	a.armed("run test 1")
	a.Say("woke") // dead again when the screen woke
	a.shows("card", "a dead card", func(s scene) bool { return s.by("button", "Deny").Off })
	s = a.armed("run test 1")
	a.really(s)
	a.click(s, s.by("button", "Deny"))
	a.Wait(`^answer 1 tickets=0 code="denied"`)
	a.gone("card", s.Title)
}

func TestCardAnswersOnceAndGivesItsPlaceToTheNext(t *testing.T) {
	a := start(t)
	a.Say("touch yes")
	a.Say("ask 1 once first_request acme/api/STRIPE_SECRET_KEY")
	a.armed("first request")
	a.Say("ask 2 once second_request acme/api/SENTRY_AUTH_TOKEN")
	s := a.shows("card", "a queue", func(s scene) bool {
		return strings.Contains(s.texts(), "1 of 2") && strings.Contains(s.texts(), "first request") && !s.by("button", "Allow Once").Off
	})
	a.picture(s, "card-queue.png")
	b := s.by("button", "Allow Once")
	w := a.window(s)
	w.Click(int(b.X+b.W/2), int(b.Y+b.H/2))
	w.ClickBlind(int(b.X+b.W/2), int(b.Y+b.H/2)) // falls on what comes next, which is not armed
	a.Wait(`^answer 1 tickets=1`)
	s = a.shows("card", "the second", func(s scene) bool {
		return strings.Contains(s.texts(), "second request") && !s.by("button", "Deny").Off
	})
	if n := a.Count(`^answer 2`); n != 0 {
		t.Error("the second click of a double click answered the next card")
	}
	a.click(s, s.by("button", "Deny"))
	a.Wait(`^answer 2 tickets=0 code="denied"`)
}

func TestCardGoesWhenTheAskerHangsUp(t *testing.T) {
	a := start(t)
	a.Say("ask 1 once run_test_1 acme/api/STRIPE_SECRET_KEY")
	s := a.armed("run test 1")
	a.Say("hangup 1")
	a.Wait(`^answer 1 tickets=0`)
	a.gone("card", s.Title)
}

func TestCardGoesWhenItsTimeIsOver(t *testing.T) {
	a := start(t, "-cards=2s")
	a.Say("ask 1 once run_test_1 acme/api/STRIPE_SECRET_KEY")
	s := a.armed("run test 1")
	a.Wait(`^answer 1 tickets=0 code="timed_out"`)
	a.gone("card", s.Title)
}

func TestTouchIDSaysNoCancelledAndNever(t *testing.T) {
	a := start(t)
	allow := func(reason string) scene {
		s := a.armed(reason)
		a.click(s, s.by("button", "Allow Once"))
		return s
	}
	a.Say("touch cancelled")
	a.Say("ask 1 once run_test_1 acme/api/STRIPE_SECRET_KEY")
	allow("run test 1")
	s := a.shows("card", "the card again, saying why", func(s scene) bool {
		return strings.Contains(s.texts(), "cancelled") && s.by("button", "Allow Once").ID != "" && !s.by("button", "Allow Once").Off
	})
	a.picture(s, "card-cancelled.png")
	a.Say("touch no")
	allow("run test 1")
	a.Wait(`^answer 1 tickets=0 code="`)
	a.Say("touch never")
	a.Say("ask 2 once run_test_2 acme/api/STRIPE_SECRET_KEY")
	allow("run test 2")
	s = a.shows("card", "what waits for Touch ID", func(s scene) bool {
		return strings.Contains(s.texts(), "Waiting for Touch ID") && !s.by("button", "Deny").Off
	})
	a.picture(s, "card-waiting.png")
	a.Say("hangup 2")
	a.Wait(`^answer 2 tickets=0`)
	a.gone("card", s.Title)
	a.Say("sheets")
	if m := a.Wait(`^sheets alive (\d+) ended \d+ policy (\d) words "(.*)"$`); m[2] != "2" || !strings.Contains(m[3], "STRIPE_SECRET_KEY to Claude Code once") {
		t.Errorf("the sheet: %q", m)
	}
}

// The asker is denied behind the sheet, and again on a card: it rests, and is told so.
func TestDenyBehindTouchIDAndRest(t *testing.T) {
	a := start(t)
	a.Say("touch never")
	a.Say("ask 1 once run_test_1 acme/api/STRIPE_SECRET_KEY")
	s := a.armed("run test 1")
	a.click(s, s.by("button", "Allow Once"))
	s = a.shows("card", "what waits for Touch ID", func(s scene) bool {
		return strings.Contains(s.texts(), "Waiting for Touch ID") && !s.by("button", "Deny").Off
	})
	a.click(s, s.by("button", "Deny"))
	a.Wait(`^answer 1 tickets=0 code="denied"`)
	a.Say("ask 2 once run_test_2 acme/api/STRIPE_SECRET_KEY")
	s = a.armed("run test 2")
	a.click(s, s.by("button", "Deny"))
	a.Wait(`^answer 2 tickets=0 code="denied"`)
	s = a.shows("rest", "who rests", func(s scene) bool { return !s.by("button", "Let It Ask Again").Off })
	a.picture(s, "rest.png")
	a.Say("ask 3 once run_test_3 acme/api/STRIPE_SECRET_KEY")
	a.Wait(`^answer 3 tickets=0 code="resting"`)
	a.click(s, s.by("button", "Let It Ask Again"))
	a.Wait(`^did rest err=<nil>$`)
	a.Say("ask 4 once run_test_4 acme/api/STRIPE_SECRET_KEY")
	a.armed("run test 4")
	a.Say("hangup 4")
	a.Wait(`^answer 4 `)
}

// firstScene is the first scene of a window in a log.
func firstScene(log []string, id string) scene {
	for i := range log {
		if strings.HasPrefix(log[i], "scene "+id+" ") {
			return latest(log[:i+1], id)
		}
	}
	return scene{}
}
