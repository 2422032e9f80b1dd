//go:build linux && gnustep

package behaviour

import (
	"strings"
	"testing"
)

func TestNewSecretIsTypedAndStored(t *testing.T) {
	a := start(t)
	a.chooseMenu("New Secret…")
	s := a.shows("new", "the form", func(s scene) bool { return true })
	a.window(s).Focus()
	a.really(s)
	a.d.Type("acme/web/NEW")
	a.shows("new", "the name", func(s scene) bool { return s.el("name").Text == "acme/web/NEW" })
	a.d.Key("Return") // no value yet: nothing happens
	a.sync()
	s = a.shows("new", "the form", func(s scene) bool { return s.el("Save").Off })
	a.click(s, s.el("value"))
	a.d.Type("canary-typed")
	s = a.shows("new", "the count", func(s scene) bool { return strings.HasPrefix(s.el("count").Text, "12 characters") && !s.el("Save").Off })
	a.picture(s, "new-secret.png")
	for _, v := range a.controls(s.Title) {
		if v.Class == "NSSecureTextField" && v.Text != "12 characters" {
			t.Errorf("the field holds %s", v.Text)
		}
	}
	a.Say("touch yes")
	a.d.Key("Return")
	a.Wait(`^did write err=<nil>$`)
	a.gone("new", s.Title)
	a.Say("list")
	if m := a.Wait(`^listed \[(.*)\]`); !strings.Contains(m[1], "acme/web/NEW") {
		t.Errorf("the vault holds %s", m[1])
	}
	if strings.Contains(strings.Join(a.Log(), "\n"), "canary-typed") {
		t.Error("the value is in a scene")
	}
}

func TestAgentAsksForAValue(t *testing.T) {
	a := start(t)
	a.Say("touch yes")
	a.Say("enter 1 acme/api/NEW_KEY")
	s := a.shows("entry", "the field", func(s scene) bool { return !s.by("button", "Deny").Off && s.el("value").ID != "" })
	for _, want := range []string{"Claude Code", "NEW_KEY", "the new key"} {
		if !strings.Contains(s.texts(), want) {
			t.Errorf("it does not say %q:\n%s", want, s.texts())
		}
	}
	a.Say("hotkey")
	a.Wait(`^focus entry$`)
	a.window(s).Focus()
	a.d.Type("canary-typed")
	s = a.shows("entry", "the count", func(s scene) bool { return strings.HasPrefix(s.el("count").Text, "12 characters") && !s.el("Save").Off })
	a.picture(s, "entry.png")
	a.really(s)
	a.click(s, s.el("Save"))
	a.Wait(`^entered 1 code="" err=<nil>$`)
	a.gone("entry", s.Title)
	a.Say("enter 2 acme/api/OTHER_KEY")
	s = a.shows("entry", "the field", func(s scene) bool { return s.el("value").ID != "" })
	a.Say("hangup 2")
	a.Wait(`^entered 2 `)
	a.gone("entry", s.Title)
}
