//go:build linux && gnustep

package behaviour

import (
	"strings"
	"testing"
)

func TestFirstRunIsWalkedThrough(t *testing.T) {
	a := start(t, "-first")
	s := a.shows("first", "what can be had", func(s scene) bool { return strings.Contains(s.texts(), "no Secure Enclave") })
	a.window(s).Focus()
	a.picture(s, "first-protect.png")
	a.really(s)
	if !s.el("Continue").Off {
		t.Error("the weaker way was chosen for the person")
	}
	a.click(s, s.el("option 0")) // cannot be had
	a.sync()
	a.click(s, s.el("option 1 title")) // the whole box is clickable
	s = a.shows("first", "a choice", func(s scene) bool { return !s.el("Continue").Off })
	a.d.Key("Return")
	a.Wait(`^created sealed=false$`)
	s = a.shows("first", "the agents", func(s scene) bool {
		return strings.Contains(s.texts(), "Which agents may ask?") && s.el("agent 0").ID != ""
	})
	a.picture(s, "first-agents.png")
	if s.el("agent 0").On == 0 {
		a.click(s, s.el("agent 0"))
		s = a.shows("first", "a tick", func(s scene) bool { return s.el("agent 0").On == 1 })
	}
	a.click(s, s.el("Continue"))
	a.Wait(`^added \[Claude Code\]$`)
	s = a.shows("first", "the end", func(s scene) bool { return strings.Contains(s.texts(), "NoxKey is ready") })
	a.picture(s, "first-ready.png")
	a.d.Key("Return")
	a.gone("first", s.Title)
}

func TestSettingsApplyAtOnce(t *testing.T) {
	a := start(t)
	a.chooseMenu("Settings…")
	s := a.shows("settings", "the audit's state", func(s scene) bool { return strings.Contains(s.el("audit").Text, "decision") })
	a.window(s).Focus()
	a.picture(s, "settings.png")
	a.really(s)
	a.click(s, s.el("login"))
	a.Wait(`^set login true$`)
	s = a.shows("settings", "the tick", func(s scene) bool { return s.el("login").On == 1 && !s.el("login").Off })
	pop := s.el("session")
	menu := a.d.Opened(func() { a.window(s).Press(int(pop.X+20), int(pop.Y+pop.H/2)) })
	menu.Hover(20, 10)
	a.d.Release()
	a.Wait(`^set session 15m0s$`)
	s = a.shows("settings", "the choice", func(s scene) bool { return s.el("session").At == 0 && !s.el("Record").Off })
	a.click(s, s.el("Record"))
	a.shows("settings", "the listening", func(s scene) bool { return s.el("hot key text").Text == "Press the new keys" })
	a.d.Key("alt+k")
	a.Wait(`^set chord cmd\+k$`)
	s = a.shows("settings", "the chord", func(s scene) bool { return s.el("hot key text").Text == "cmd+k" && !s.el("Record").Off })
	a.click(s, s.el("Record"))
	a.shows("settings", "the listening", func(s scene) bool { return s.el("hot key text").Text == "Press the new keys" })
	a.d.Key("alt+q")
	s = a.shows("settings", "why not", func(s scene) bool { return s.el("fault").Text != "" })
	a.picture(s, "settings-taken.png")
	a.d.Key("Escape")
	a.gone("settings", s.Title)
}
