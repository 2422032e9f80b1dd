package cocoa

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/ui"
)

// entryAsk is picture e1.
func entryAsk() *broker.Ask {
	a := oneAsk()
	a.Kind, a.Op, a.Items, a.Delivery = broker.AskEntry, secret.OpWrite, nil, ""
	a.Reason, a.Deadline = "Needed to upload source maps.", noon().Add(5*time.Minute)
	a.Writes = []broker.Write{{Action: secret.ActionSet, Name: "acme/web/SENTRY_AUTH_TOKEN", Enter: true, New: secret.Metadata{FieldType: secret.Token, Level: secret.Normal}}}
	return a
}

type typedIn struct {
	value string
	err   error
}

// entering puts a on the desk and waits for its field.
func entering(t *testing.T, d *desktop, a *broker.Ask) (<-chan typedIn, func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	c := make(chan typedIn, 1)
	go func() {
		v, err := d.desk.Enter(ctx, a)
		got := typedIn{err: err}
		_ = v.Use(func(b []byte) error { got.value = string(b); return nil })
		c <- got
	}()
	d.wait("the field is up", func() bool { return d.kit.up[entryID] != nil })
	d.settle()
	return c, cancel
}

func got(t *testing.T, d *desktop, c <-chan typedIn) (in typedIn) {
	t.Helper()
	d.wait("an answer", func() bool {
		select {
		case in = <-c:
			return true
		default:
			return false
		}
	})
	d.settle()
	return in
}

// open reports whether an entry is unanswered.
func open(d *desktop, c <-chan typedIn) bool {
	d.settle()
	return len(c) == 0 && d.desk.State().Stage == ui.Entering
}

// inputs are the elements whose style the list of frames words otherwise: "field" for
// secure fields and "pop-up" for popups. Their places are compared by placed.
var inputs = []string{"value", "name", "type", "level", "desc", "about"}

// placed compares places only.
func placed(t *testing.T, picture string, s *Scene, pairs ...string) {
	t.Helper()
	want := lookFrames(t, picture)
	for i := 0; i < len(pairs); i += 2 {
		var rest string
		for l := range strings.Lines(s.Frames()) {
			if id, r := cutFrame(l); id == pairs[i] {
				rest = r
			}
		}
		w := strings.Join(strings.Fields(want[pairs[i+1]])[:4], " ")
		if g := strings.Fields(rest); len(g) < 4 || strings.Join(g[:4], " ") != w {
			t.Errorf("%s: %s at %q and not %q", picture, pairs[i], rest, w)
		}
	}
}

func TestEntryLikeE1(t *testing.T) {
	d := newDesktop(t, nil)
	d.kit.letter = design
	entering(t, d, entryAsk())
	d.pass(ui.ArmDelay)
	d.kit.typed(entryID, "value", strings.Repeat("x", 27)+" ")
	s := d.kit.scene(entryID)
	likeLook(t, "e1-entry-agent", s, "value")
	placed(t, "e1-entry-agent", s, "value", "value")
	for id, want := range map[string]string{"who wants": "Claude Code asks you for a value", "what next": "NoxKey stores it. The agent gets only its name.", "key": "SENTRY_AUTH_TOKEN",
		"path": "acme/web", "level word": "token, normal", "value It says": "“Needed to upload source maps.”", "count": "28 characters. Spaces at the ends are kept.", "Cancel": "Deny", "Save": "Save"} {
		if e := s.Find(id); e == nil || e.Text != want {
			t.Errorf("%s: %+v", id, e)
		}
	}
	if s.TakesKeys || d.kit.key != "" || s.First != "value" {
		t.Error("it takes the keyboard unasked, or gives it to another than the field")
	}
}

func TestEntrySaves(t *testing.T) {
	for _, by := range []string{"Return", "Enter", "button"} {
		d := newDesktop(t, nil)
		c, _ := entering(t, d, entryAsk())
		d.kit.Focus(entryID)
		d.pass(time.Second)
		d.kit.typed(entryID, "value", "line one\nline two ")
		if got := d.kit.el(entryID, "count").Text; got != "18 characters, 2 lines. Spaces at the ends are kept." {
			t.Error(got)
		}
		if by == "button" {
			d.kit.click(entryID, "Save")
		} else {
			d.kit.press(by)
		}
		if in := got(t, d, c); in.err != nil || in.value != "line one\nline two " {
			t.Errorf("%s: %+v", by, in)
		}
		if d.kit.up[entryID] != nil {
			t.Error("it stays")
		}
	}
}

// TestEntryBehindTouchID: after the value comes the system's sheet, with our window
// behind it that says what will be stored.
func TestEntryBehindTouchID(t *testing.T) {
	d := newDesktop(t, nil)
	a := entryAsk()
	c, _ := entering(t, d, a)
	d.pass(time.Second)
	d.kit.typed(entryID, "value", "hunter2")
	d.kit.click(entryID, "Save")
	got(t, d, c)
	if got := d.kit.el(cardID, "body").Text; got != "NoxKey is about to store acme/web/SENTRY_AUTH_TOKEN. Nothing is written before Touch ID answers." {
		t.Error(got)
	}
	sheet(d, t.Context(), secret.Prompt{ID: a.ID})
	d.wait("the sheet", func() bool { return d.desk.State().Stage == ui.Touching })
	d.settle()
	if e := d.kit.el(cardID, "Deny"); e.Off {
		t.Error("it cannot be denied")
	}
}

// TestThreatE3EntryWaitsToo: neither Save nor Deny answers before the field is armed,
// and Return not before it has had the keyboard for a moment.
func TestThreatE3EntryWaitsToo(t *testing.T) {
	d := newDesktop(t, nil)
	c, _ := entering(t, d, entryAsk())
	d.kit.typed(entryID, "value", "hunter2")
	for _, id := range []string{"Save", "Cancel"} {
		e := d.kit.el(entryID, id)
		if !e.Off || e.Help != "available in a moment" {
			t.Errorf("%s: %+v", id, e)
		}
		e.Do()
	}
	d.pass(time.Minute)
	d.kit.Focus(entryID)
	for _, k := range []string{"Return", "Enter", "Esc", "cmd+."} {
		if !d.kit.press(k) {
			t.Errorf("%s falls through", k)
		}
	}
	d.pass(time.Second)
	d.kit.press("repeat+Return")
	if !open(d, c) {
		t.Fatal("it answers")
	}
	d.kit.press("Return")
	if in := got(t, d, c); in.value != "hunter2" {
		t.Errorf("%+v", in)
	}
}

func TestEntryDenies(t *testing.T) {
	for _, by := range []string{"Esc", "cmd+.", "button"} {
		d := newDesktop(t, nil)
		c, _ := entering(t, d, entryAsk())
		d.kit.Focus(entryID)
		d.pass(time.Second)
		if by == "button" {
			d.kit.click(entryID, "Cancel")
		} else {
			d.kit.press(by)
		}
		if in := got(t, d, c); secret.CodeOf(in.err) != secret.Denied {
			t.Errorf("%s: %+v", by, in)
		}
	}
}

// TestEntryFaults: Save is off, and the line below says why.
func TestEntryFaults(t *testing.T) {
	d := newDesktop(t, nil)
	c, _ := entering(t, d, entryAsk())
	d.kit.Focus(entryID)
	d.pass(time.Second)
	for text, want := range map[string]string{
		strings.Repeat("x", 71<<10): "71 KiB is too long; the most is 64 KiB.",
		"a\x00b":                    "The value holds a zero byte, which no variable can carry.",
	} {
		d.kit.typed(entryID, "value", text)
		if got := d.kit.el(entryID, "count").Text; got != want {
			t.Error(got)
		}
		if !d.kit.el(entryID, "Save").Off {
			t.Errorf("saves where %s", want)
		}
		d.kit.press("Return")
	}
	d.kit.typed(entryID, "value", "")
	d.kit.press("Return")
	if !d.kit.el(entryID, "Save").Off || !open(d, c) {
		t.Error("an empty value is saved")
	}
}

// TestEntryCountsDown while nothing was typed; the last seconds are said in any case.
func TestEntryCountsDown(t *testing.T) {
	d := newDesktop(t, nil)
	_, withdraw := entering(t, d, entryAsk())
	d.pass(time.Second)
	if got := d.kit.el(entryID, "count").Text; got != "Without an answer, denied in 4:59." {
		t.Error(got)
	}
	d.kit.typed(entryID, "value", "hunter2")
	running := 0
	for _, tm := range d.timers {
		if !tm.off {
			running++
			if at := noon().Add(290 * time.Second); !tm.at.Equal(at) {
				t.Errorf("a timer at %v", tm.at)
			}
		}
	}
	if running != 1 {
		t.Errorf("%d timers", running)
	}
	d.kit.said = nil
	d.pass(295 * time.Second)
	if want := []string{"Denied in 10 seconds."}; !slices.Equal(d.kit.said, want) {
		t.Errorf("said %q", d.kit.said)
	}
	withdraw()
	d.wait("it is gone", func() bool { return d.kit.up[entryID] == nil })
}

// TestEye shows the value in the same place, and hides it when the keyboard goes.
func TestEye(t *testing.T) {
	d := newDesktop(t, nil)
	entering(t, d, entryAsk())
	d.kit.Focus(entryID)
	before := *d.kit.el(entryID, "value")
	d.kit.typed(entryID, "value", "hunter2")
	if got := d.kit.el(entryID, "value").Text; got != "" {
		t.Errorf("the value is in the scene before anybody looked: %q", got)
	}
	d.kit.click(entryID, "show")
	after := d.kit.el(entryID, "value")
	if before.Kind != Secret || after.Kind != Field || before.Frame != after.Frame || after.Text != "hunter2" || d.kit.el(entryID, "show").Help != "Hide the value" {
		t.Errorf("%+v", after)
	}
	d.kit.typed(entryID, "value", "hunter23")
	if got := d.kit.el(entryID, "value").Text; got != "hunter2" {
		t.Errorf("the text of the field changes under the caret: %q", got)
	}
	d.kit.scene(entryID).Lost()
	if e := d.kit.el(entryID, "value"); e.Kind != Secret || e.Text != "hunter23" || d.kit.el(entryID, "show").Help != "Show the value" {
		t.Errorf("%+v", e)
	}
}

// TestThreatD4EntryWipes: what was typed is wiped when the window goes, and what a newer
// text replaced at once.
func TestThreatD4EntryWipes(t *testing.T) {
	d := newDesktop(t, nil)
	_, withdraw := entering(t, d, entryAsk())
	first, second := []byte("hunter2"), []byte("hunter23")
	d.kit.el(entryID, "value").Edited(first)
	d.kit.el(entryID, "value").Edited(second)
	if !bytes.Equal(first, make([]byte, 7)) {
		t.Errorf("%q is left", first)
	}
	withdraw()
	d.wait("it is gone", func() bool { return d.kit.up[entryID] == nil })
	if !bytes.Equal(second, make([]byte, 8)) {
		t.Errorf("%q is left", second)
	}
}

// TestEntryTellsWhatIsReplaced, and warns of who cannot be told.
func TestEntryTellsWhatIsReplaced(t *testing.T) {
	a := entryAsk()
	a.Who.Class, a.Who.Agent = caller.Unknown, ""
	a.Writes[0].Exists = true
	a.Writes[0].Old = secret.Metadata{FieldType: secret.Token, Level: secret.Strict}
	d := newDesktop(t, nil)
	entering(t, d, a)
	for id, want := range map[string]string{"level word": "replaced", "under 0": "level strict → normal", "strip title": "NoxKey cannot tell who is asking", "what next": "NoxKey stores it. Whoever asked gets only its name."} {
		if got := d.kit.el(entryID, id).Text; got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	if d.kit.el(entryID, "tile glyph").Text != "q" {
		t.Error("the tile knows who asks")
	}
}

func newForm(t *testing.T, name string) *desktop {
	d := newDesktop(t, nil)
	d.kit.letter = design
	d.newSecret(name)
	d.settle()
	return d
}

func TestEntryLikeE2(t *testing.T) {
	d := newForm(t, "acme/web/SENTRY_AUTH_TOKEN")
	d.kit.typed(newSecretID, "value", strings.Repeat("x", 27)+" ")
	s := d.kit.scene(newSecretID)
	likeLook(t, "e2-entry-new", s, append([]string{"l", "label Name", "label Type", "label Level", "label About"}, inputs...)...)
	placed(t, "e2-entry-new", s, "value", "value", "name", "name", "type", "type", "level", "level", "about", "desc", "label About", "l")
	for _, l := range []struct {
		id string
		at Rect
	}{{"label Name", Rect{24, 88, 48, 14}}, {"label Type", Rect{24, 124, 48, 14}}, {"label Level", Rect{220, 124, 40, 14}}} {
		if got := s.Find(l.id).Frame; got != l.at {
			t.Errorf("%s at %v", l.id, got)
		}
	}
	if !s.TakesKeys || d.kit.key != newSecretID || d.kit.focus[newSecretID] != "value" {
		t.Error("the keyboard is not with the value")
	}
	if newForm(t, "").kit.focus[newSecretID] != "name" {
		t.Error("the keyboard is not with the name")
	}
}

func filled(t *testing.T) *desktop {
	d := newForm(t, "")
	d.kit.typed(newSecretID, "name", "acme/web/SENTRY_AUTH_TOKEN")
	d.kit.el(newSecretID, "type").Pick(slices.Index(secret.FieldTypes, secret.Token))
	d.kit.el(newSecretID, "level").Pick(slices.Index(secret.Levels, secret.Strict))
	d.kit.typed(newSecretID, "about", "uploads source maps")
	d.kit.typed(newSecretID, "value", "hunter2")
	return d
}

func TestNewSecretSaves(t *testing.T) {
	d := filled(t)
	var value string
	d.svc.on(secret.OpWrite, func(r *secret.Request) ([]secret.Answer, error) {
		_ = r.Changes[0].Value.Use(func(b []byte) error { value = string(b); return nil })
		return nil, nil
	})
	if !d.kit.press("Return") {
		t.Fatal("Return does not save")
	}
	d.wait("it is stored", func() bool { return d.kit.up[newSecretID] == nil })
	reqs := d.svc.got(secret.OpWrite)
	c := reqs[0].Changes[0]
	if len(reqs) != 1 || c.Action != secret.ActionSet || c.Name != "acme/web/SENTRY_AUTH_TOKEN" || c.Replace || *c.Meta.FieldType != secret.Token || *c.Meta.Level != secret.Strict || *c.Meta.Desc != "uploads source maps" || value != "hunter2" {
		t.Errorf("%+v, %q", c, value)
	}
	if err := c.Value.Use(func(b []byte) error {
		if bytes.Contains(b, []byte("hunter2")) {
			return errors.New("the value is not wiped")
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if !slices.Contains(d.kit.said, "acme/web/SENTRY_AUTH_TOKEN is in the Keychain.") {
		t.Errorf("said %q", d.kit.said)
	}
}

// TestNewSecretAsksBeforeItReplaces: the value stays typed, and No writes nothing more.
func TestNewSecretAsksBeforeItReplaces(t *testing.T) {
	for _, yes := range []bool{false, true} {
		d := filled(t)
		d.kit.answer = yes
		d.svc.on(secret.OpWrite, func(r *secret.Request) ([]secret.Answer, error) {
			if !r.Changes[0].Replace {
				return nil, secret.Errorf(secret.Exists, "it exists")
			}
			return nil, nil
		})
		d.kit.click(newSecretID, "Save")
		d.wait("the question", func() bool { return len(d.kit.asked) == 1 })
		if q := d.kit.asked[0]; q.Title+" "+q.Text != "acme/web/SENTRY_AUTH_TOKEN exists. Save replaces its value." || !q.Safe {
			t.Errorf("%+v", q)
		}
		if yes {
			d.wait("it is replaced", func() bool { return d.kit.up[newSecretID] == nil })
		}
		d.settle()
		if n := len(d.svc.got(secret.OpWrite)); yes != (n == 2) {
			t.Errorf("yes %v, but %d writes", yes, n)
		}
		if !yes && d.kit.el(newSecretID, "Save").Off {
			t.Error("it cannot be tried again")
		}
	}
}

func TestNewSecretSaysWhatIsWrong(t *testing.T) {
	d := newForm(t, "")
	if got := d.kit.el(newSecretID, "count").Text; got != "" || !d.kit.el(newSecretID, "Save").Off {
		t.Errorf("an empty form says %q", got)
	}
	d.kit.typed(newSecretID, "value", "hunter2")
	d.kit.typed(newSecretID, "name", "KEY")
	if e := d.kit.el(newSecretID, "count"); !strings.HasPrefix(e.Text, "A name is 2 to 6 parts") || e.Lines < 2 || d.kit.el(newSecretID, "Cancel").Frame.Y < e.Frame.Y+e.Frame.H {
		t.Errorf("%+v", e)
	}
	d.kit.press("Return")
	d.kit.typed(newSecretID, "name", "acme/api/KEY")
	if e := d.kit.el(newSecretID, "count"); e.Text != "7 characters." || d.kit.el(newSecretID, "Save").Off {
		t.Errorf("%+v", e)
	}
	d.kit.typed(newSecretID, "value", "")
	if e := d.kit.el(newSecretID, "count"); e.Text != "The value is empty." || !d.kit.el(newSecretID, "Save").Off {
		t.Errorf("%+v", e)
	}
	if n := len(d.svc.got(secret.OpWrite)); n != 0 {
		t.Errorf("%d writes", n)
	}
}

// TestNewSecretFailed: what happened is told, and what was typed is kept.
func TestNewSecretFailed(t *testing.T) {
	d := filled(t)
	d.svc.on(secret.OpWrite, func(*secret.Request) ([]secret.Answer, error) {
		return nil, secret.Errorf(secret.Storage, "the disk is full")
	})
	d.kit.click(newSecretID, "Save")
	d.wait("the error", func() bool { return d.kit.el(newSecretID, "count").Text == "Nothing was written: the disk is full." })
	if d.kit.el(newSecretID, "Save").Off {
		t.Error("it cannot be tried again")
	}
}

// TestNewSecretCloses on Esc, on the lock, and withdraws what it had begun.
func TestNewSecretCloses(t *testing.T) {
	for _, by := range []string{"Esc", "cmd+.", "cmd+w", "lock"} {
		d := filled(t)
		value := []byte("hunter2")
		d.kit.el(newSecretID, "value").Edited(value)
		if by == "lock" {
			d.ScreenLocked()
		} else {
			d.kit.press(by)
		}
		if d.kit.up[newSecretID] != nil || !bytes.Equal(value, make([]byte, 7)) {
			t.Errorf("%s: it stays, or %q is left", by, value)
		}
	}
}

// TestNewSecretTakesThePanelsPlace, and cards wait for it.
func TestNewSecretTakesThePanelsPlace(t *testing.T) {
	d := newDesktop(t, nil)
	d.openPanel()
	d.settle()
	d.newSecret("acme/api/NEW")
	if d.kit.up[panelID] != nil || d.kit.up[newSecretID] == nil {
		t.Error("two floating windows, or none")
	}
	go func() { _, _ = d.desk.Ask(t.Context(), oneAsk()) }()
	d.wait("the card waits", func() bool { return d.desk.State().Next != nil })
	if d.kit.up[cardID] != nil {
		t.Error("the card covers the form")
	}
	d.kit.press("Esc")
	d.wait("the card is up", func() bool { return d.kit.up[cardID] != nil })
}

// TestNewSecretTypeFollowsTheName until one was chosen.
func TestNewSecretTypeFollowsTheName(t *testing.T) {
	d := newForm(t, "")
	kind := func() secret.FieldType { return secret.FieldTypes[d.kit.el(newSecretID, "type").At] }
	d.kit.typed(newSecretID, "name", "login/example.com/PASSWORD")
	if kind() != secret.Password {
		t.Error(kind())
	}
	d.kit.el(newSecretID, "type").Pick(slices.Index(secret.FieldTypes, secret.Text))
	d.kit.typed(newSecretID, "name", "login/example.com/USERNAME")
	if kind() != secret.Text {
		t.Error(kind())
	}
}
