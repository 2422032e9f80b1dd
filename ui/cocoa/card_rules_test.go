package cocoa

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"noxkey/broker"
	"noxkey/secret"
	"noxkey/ui"
)

// buttonsOf are the choices of a card.
func buttonsOf(d *desktop) (list []*Element) {
	for _, id := range []string{"Deny", "Allow for 4 Hours", "Allow Once", "vouch"} {
		if e := d.kit.scene(cardID).Find(id); e != nil {
			list = append(list, e)
		}
	}
	return list
}

func dead(t *testing.T, d *desktop, when string) {
	t.Helper()
	for _, e := range buttonsOf(d) {
		if !e.Off || e.Help != "available in a moment" {
			t.Errorf("%s: %s is off %v and says %q", when, e.ID, e.Off, e.Help)
		}
	}
}

func alive(t *testing.T, d *desktop, when string) {
	t.Helper()
	if len(buttonsOf(d)) == 0 {
		t.Errorf("%s: no buttons", when)
	}
	for _, e := range buttonsOf(d) {
		if e.Off {
			t.Errorf("%s: %s is off", when, e.ID)
		}
	}
}

// TestThreatE3ClickWithin300ms: an answer before the card is armed is none, be it a
// press of a button or of a key, even if the toolkit let it through.
func TestThreatE3ClickWithin300ms(t *testing.T) {
	a := batchAsk()
	a.Vouch = &unknownAsk().Who.Chain[3]
	d := newDesktop(t, nil)
	c, _ := asked(t, d, a)
	d.kit.key = cardID // as if the window had had the keyboard for long
	dead(t, d, "just shown")
	d.pass(300 * time.Millisecond)
	for _, e := range buttonsOf(d) {
		e.Do()
	}
	for _, k := range []string{"Esc", "cmd+.", "cmd+a", "cmd+s"} {
		if !d.kit.press(k) {
			t.Errorf("%s falls through", k)
		}
	}
	if !silent(d, c) {
		t.Fatal("an early answer counts")
	}
	d.pass(200 * time.Millisecond)
	alive(t, d, "after half a second")
	d.kit.click(cardID, "Allow Once")
	if ans := answered(t, d, c); ans.Choice != broker.AllowOnce || ans.Digest != a.Digest() {
		t.Errorf("%+v", ans)
	}
}

// TestThreatE3Return: Return, Enter and held keys answer nothing.
func TestThreatE3Return(t *testing.T) {
	d := newDesktop(t, nil)
	c, _ := asked(t, d, batchAsk())
	d.kit.Focus(cardID)
	d.pass(time.Second)
	for _, k := range []string{"Return", "Enter", "cmd+Return", "repeat+Esc", "repeat+cmd+a", "repeat+cmd+s", "a", "s", "d", "v", "y", "cmd+v", "cmd+shift+a", "cmd+option+s", "option+."} {
		d.kit.press(k)
		if !silent(d, c) {
			t.Fatalf("%s answers", k)
		}
	}
	for _, k := range []string{"Return", "Enter", "repeat+a", "a"} {
		if !d.kit.press(k) {
			t.Errorf("%s is not swallowed and beeps", k)
		}
	}
	for i := range d.kit.scene(cardID).Elements {
		if d.kit.scene(cardID).Elements[i].Default {
			t.Error("a card has a default button")
		}
	}
}

func TestCardKeys(t *testing.T) {
	for key, want := range map[string]broker.Choice{"Esc": broker.Deny, "cmd+.": broker.Deny, "cmd+a": broker.AllowOnce, "cmd+s": broker.AllowSession} {
		d := newDesktop(t, nil)
		a := batchAsk()
		c, _ := asked(t, d, a)
		d.kit.Focus(cardID)
		d.pass(time.Second)
		if !d.kit.press(key) {
			t.Errorf("%s falls through", key)
		}
		if ans := answered(t, d, c); ans.Choice != want || ans.Digest != a.Digest() {
			t.Errorf("%s: %+v", key, ans)
		}
	}
}

// TestCardKeyOfNoOffer: Cmd+S is nothing where no session is offered.
func TestCardKeyOfNoOffer(t *testing.T) {
	d := newDesktop(t, nil)
	c, _ := asked(t, d, oneAsk())
	d.kit.Focus(cardID)
	d.pass(time.Second)
	if d.kit.press("cmd+s"); !silent(d, c) {
		t.Error("it answers")
	}
}

func TestCardMouse(t *testing.T) {
	for id, want := range map[string]broker.Choice{"Deny": broker.Deny, "Allow Once": broker.AllowOnce, "Allow for 4 Hours": broker.AllowSession, "vouch": broker.Vouch} {
		d := newDesktop(t, nil)
		a := unknownAsk()
		a.Session, a.Prefix = 4*time.Hour, "acme/api"
		c, _ := asked(t, d, a)
		d.pass(time.Second)
		d.kit.click(cardID, id)
		if ans := answered(t, d, c); ans.Choice != want || ans.Digest != a.Digest() {
			t.Errorf("%s: %+v", id, ans)
		}
	}
}

// TestCardNeverTakesTheKeyboard, not when shown, not when the next takes its place.
func TestCardNeverTakesTheKeyboard(t *testing.T) {
	d := newDesktop(t, nil)
	asked(t, d, oneAsk())
	s := d.kit.scene(cardID)
	if s.TakesKeys || s.First != "" || d.kit.key != "" || s.Style != Floating || s.Place != High {
		t.Errorf("%+v, keys with %q", s, d.kit.key)
	}
	if want := []string{"Deny", "Allow Once"}; !slices.Equal(s.Loop, want) {
		t.Errorf("key loop %v", s.Loop)
	}
}

func TestCardKeyLoop(t *testing.T) {
	a := manyAsk()
	a.Session, a.Prefix, a.Vouch = 4*time.Hour, "acme", &unknownAsk().Who.Chain[3]
	a.Who = unknownAsk().Who
	if got, want := cardOf(t, a).kit.scene(cardID).Loop, []string{"Deny", "Allow for 4 Hours", "Allow Once", "vouch", "list"}; !slices.Equal(got, want) {
		t.Errorf("key loop %v", got)
	}
}

// TestKeysWaitAfterGaining: what was typed for another window answers nothing when the
// card gets the keyboard. The mouse is not held up: the click that gave the keyboard
// counts.
func TestKeysWaitAfterGaining(t *testing.T) {
	d := newDesktop(t, nil)
	c, _ := asked(t, d, oneAsk())
	d.pass(5 * time.Second)
	d.kit.Focus(cardID)
	for _, k := range []string{"Esc", "cmd+a", "Space", "Tab", "cmd+."} {
		if !d.kit.press(k) {
			t.Errorf("%s is not swallowed", k)
		}
	}
	if !silent(d, c) {
		t.Fatal("a key counts at once")
	}
	alive(t, d, "after gaining the keyboard")
	d.pass(ui.ArmDelay)
	d.kit.press("Esc")
	if ans := answered(t, d, c); ans.Choice != broker.Deny {
		t.Errorf("%+v", ans)
	}
}

// TestThreatE3SwapUnderTheCursor: the next card is dead again, and a press meant for the
// one before answers nothing.
func TestThreatE3SwapUnderTheCursor(t *testing.T) {
	d := newDesktop(t, nil)
	first, withdraw := asked(t, d, oneAsk())
	d.pass(time.Second)
	old := *d.kit.el(cardID, "Allow Once")
	b := oneAsk()
	b.ID, b.Items[0].Name = 2, "acme/api/ROOT_KEY"
	second := make(chan broker.Answer, 1)
	go func() {
		ans, _ := d.desk.Ask(t.Context(), b)
		second <- ans
	}()
	d.wait("the second waits", func() bool { return d.desk.State().Waiting == 1 })
	if got := d.kit.el(cardID, "key").Text; got != "STRIPE_SECRET_KEY" {
		t.Fatalf("the newest replaces the one shown: %s", got)
	}
	withdraw()
	<-first
	d.wait("the second is up", func() bool { return d.kit.el(cardID, "key").Text == "ROOT_KEY" })
	dead(t, d, "the next card")
	d.pass(time.Second)
	old.Do()
	d.settle()
	select {
	case ans := <-second:
		t.Fatalf("a press on the first card answers the second: %+v", ans)
	default:
	}
	d.kit.click(cardID, "Deny")
	if ans := answered(t, d, second); ans.Choice != broker.Deny {
		t.Errorf("%+v", ans)
	}
}

func TestScreenWakeArmsAnew(t *testing.T) {
	d := newDesktop(t, nil)
	asked(t, d, oneAsk())
	d.pass(10 * time.Second)
	alive(t, d, "before")
	d.ScreenWoke()
	d.settle()
	dead(t, d, "just awake")
	d.pass(ui.ArmDelay)
	alive(t, d, "a moment later")
}

// TestThreatE4ChangedAfterDrawn: what was drawn and what would be granted are one, or
// the answer is a denial.
func TestThreatE4ChangedAfterDrawn(t *testing.T) {
	d := newDesktop(t, nil)
	a := oneAsk()
	c, _ := asked(t, d, a)
	d.pass(time.Second)
	a.Items[0].Name = "acme/api/ROOT_KEY"
	d.kit.click(cardID, "Allow Once")
	if ans := answered(t, d, c); ans.Choice != broker.Deny {
		t.Errorf("%+v", ans)
	}
}

// TestThreatE5AllowAfterHangUp: the card goes at once, and its button is nobody's.
func TestThreatE5AllowAfterHangUp(t *testing.T) {
	d := newDesktop(t, nil)
	c, withdraw := asked(t, d, oneAsk())
	d.pass(time.Second)
	allow := *d.kit.el(cardID, "Allow Once")
	withdraw()
	<-c
	d.wait("the card is gone", func() bool { return d.kit.up[cardID] == nil })
	allow.Do()
	d.settle()
	if s := d.desk.State(); s.Stage != ui.Idle || d.kit.up[cardID] != nil {
		t.Errorf("stage %d", s.Stage)
	}
}

// TestThreatE5AllowAfterTimeout: a press after the time is over counts nothing and says so.
func TestThreatE5AllowAfterTimeout(t *testing.T) {
	d := newDesktop(t, nil)
	c, _ := asked(t, d, oneAsk())
	d.pass(39 * time.Second)
	d.kit.click(cardID, "Allow Once")
	if !silent(d, c) {
		t.Fatal("it is answered")
	}
	if got := d.kit.el(cardID, "note").Text; got != "The time is over. Nothing was released. Denied in 0:00." {
		t.Error(got)
	}
}

// TestCardCountsDown: once a second, said once when little is left, and no timer is
// left when the card is gone.
func TestCardCountsDown(t *testing.T) {
	d := newDesktop(t, nil)
	_, withdraw := asked(t, d, oneAsk())
	note := func() string { return d.kit.el(cardID, "note").Text }
	if got := note(); got != "Touch ID follows. Without an answer, denied in 0:38." {
		t.Error(got)
	}
	d.pass(time.Second)
	if got := note(); got != "Touch ID follows. Without an answer, denied in 0:37." {
		t.Error(got)
	}
	d.kit.said = nil
	d.pass(26 * time.Second)
	if len(d.kit.said) != 0 {
		t.Errorf("said %q", d.kit.said)
	}
	d.pass(10 * time.Second)
	if want := []string{"Denied in 10 seconds."}; !slices.Equal(d.kit.said, want) {
		t.Errorf("said %q", d.kit.said)
	}
	withdraw()
	d.wait("it is gone", func() bool { return d.kit.up[cardID] == nil })
	for _, tm := range d.timers {
		if !tm.off {
			t.Errorf("a timer still runs, at %v", tm.at)
		}
	}
}

func TestCardIsAnnounced(t *testing.T) {
	d := newDesktop(t, nil)
	asked(t, d, oneAsk())
	if want := []string{"Claude Code wants a secret: STRIPE_SECRET_KEY. Command Shift 1 goes to the request."}; !slices.Equal(d.kit.said, want) {
		t.Errorf("said %q", d.kit.said)
	}
	if s := d.kit.scene(cardID); s.Title != "Claude Code wants a secret. Once, for one shell command" {
		t.Error(s.Title)
	}
	for id, want := range map[string]string{"value Folder": "Folder: ~/src/acme/api", "key": "STRIPE_SECRET_KEY in acme/api, normal"} {
		if got := d.kit.el(cardID, id).Spoken; got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	d.pass(time.Second)
	if got := d.kit.el(cardID, "Deny").Help; got != "Denies the request. Escape does the same." {
		t.Error(got)
	}
}

// TestThreatE1MarkOfTheGrant: what no line tells is told by the mark, which changes.
func TestThreatE1MarkOfTheGrant(t *testing.T) {
	tip := func(version uint64) string {
		a := oneAsk()
		a.Items[0].Version = version
		return cardOf(t, a).kit.el(cardID, "who wants").Tip
	}
	if a, b := tip(1), tip(2); a == b || !strings.HasPrefix(a, "Request ") {
		t.Errorf("%q, %q", a, b)
	}
}

func TestCardQueue(t *testing.T) {
	d := newDesktop(t, nil)
	asked(t, d, oneAsk())
	if d.kit.scene(cardID).Find("queue") != nil {
		t.Error("one of one is told")
	}
	d.desk.Queue(3)
	d.settle()
	if got := d.kit.el(cardID, "queue").Text; got != "1 of 3" {
		t.Error(got)
	}
}

// TestLongNamesAreNotCut: names wrap by characters and rows grow.
func TestLongNamesAreNotCut(t *testing.T) {
	long := strings.Repeat("VERY_LONG_NAME_", 4)
	one := oneAsk()
	one.Items[0].Name = secret.Name("acme/" + strings.Repeat("deep", 15) + "/" + long)
	d := newDesktop(t, nil)
	asked(t, d, one)
	for _, id := range []string{"key", "path"} {
		e := d.kit.el(cardID, id)
		if need := d.kit.Measure(e.Text, e.Font, e.Frame.W, Characters); e.Cut != Characters || need < 2 || e.Lines != need || e.Frame.H != float64(need)*lineHeight(e.Font) {
			t.Errorf("%s: %d lines of %d, %v", id, e.Lines, need, e.Frame)
		}
	}
	many := manyAsk()
	many.Items[1].Name = secret.Name("acme/api/" + long)
	d = newDesktop(t, nil)
	asked(t, d, many)
	l := d.kit.el(cardID, "list").List
	if l.HeightOf(0) != 28 || l.HeightOf(1) != 28+16*float64(l.Row(1, false)[1].Lines-1) || l.Row(1, false)[1].Lines < 2 {
		t.Errorf("rows of %v and %v", l.HeightOf(0), l.HeightOf(1))
	}
}

// TestTitleIsNotCut: whose name is long still has what is wanted in sight.
func TestTitleIsNotCut(t *testing.T) {
	a := oneAsk()
	a.Who.Agent = strings.Repeat("Agent ", 6)
	d := newDesktop(t, nil)
	asked(t, d, a)
	who, how := d.kit.el(cardID, "who wants"), d.kit.el(cardID, "how long")
	if who.Lines < 2 || how.Frame.Y < who.Frame.Y+who.Frame.H {
		t.Errorf("%d lines, %v above %v", who.Lines, who.Frame, how.Frame)
	}
}

// TestBoxShrinksOnALowScreen, but not under three rows.
func TestBoxShrinksOnALowScreen(t *testing.T) {
	for screen, want := range map[float64]float64{900: 168, 478 + 80: 168, 478 + 80 - 40: 128, 300: 84} {
		d := newDesktop(t, nil)
		d.kit.letter, d.kit.screenH = design, screen
		asked(t, d, manyAsk())
		if got := d.kit.el(cardID, "list").Frame.H; got != want {
			t.Errorf("on a screen of %v the rows are seen in %v", screen, got)
		}
	}
	d := newDesktop(t, nil)
	d.kit.letter, d.kit.screenH = design, 506+80-30
	asked(t, d, batchAsk())
	e, s := d.kit.el(cardID, "list"), d.kit.scene(cardID)
	if e.Frame.H != 110 || e.List.Count != 5 || s.H != 476 {
		t.Errorf("five rows in %v, window %v", e.Frame, s.H)
	}
}

// TestForeignTextIsVisible: no control character of an asker's reaches the toolkit.
func TestForeignTextIsVisible(t *testing.T) {
	a := changedAsk()
	bad := "x\u202e\n\x1b[2Jy"
	a.Reason, a.Command, a.Who.Agent, a.Who.Dir, a.Known.Path = bad, bad, bad, "/"+bad, "/"+bad
	a.Who.Chain[0].Exe, a.Who.Chain[0].Comm = "/"+bad, bad
	d := cardOf(t, a)
	for _, e := range d.kit.scene(cardID).Elements {
		for _, s := range []string{e.Text, e.Tip, e.Spoken, e.Help} {
			if strings.ContainsAny(s, "\u202e\n\x1b") {
				t.Errorf("%s: %q", e.ID, s)
			}
		}
	}
}

// TestLongReasonIsCutAtThreeLines, with all of it as tooltip and for VoiceOver.
func TestLongReasonIsCutAtThreeLines(t *testing.T) {
	a := oneAsk()
	a.Reason = strings.Repeat("please ", 60)
	a.Who.Dir = "/Users/me/" + strings.Repeat("deep/", 40)
	d := newDesktop(t, nil)
	asked(t, d, a)
	if e := d.kit.el(cardID, "value It says"); e.Lines != 3 || !strings.Contains(e.Tip, "more characters") || !strings.HasSuffix(e.Spoken, e.Tip) {
		t.Errorf("%+v", e)
	}
	e := d.kit.el(cardID, "value Folder")
	if e.Lines != 2 || !strings.Contains(e.Text, "…") || !strings.HasPrefix(e.Text, "~/deep") || !strings.HasSuffix(e.Text, "deep/") || e.Tip == "" {
		t.Errorf("%+v", e)
	}
}

// sheet stands in for the system's: it answers what is sent.
func sheet(d *desktop, ctx context.Context, p secret.Prompt) (answer chan<- error, came <-chan error) {
	in, out := make(chan error, 1), make(chan error, 1)
	go func() {
		out <- d.desk.Sheet(ctx, p, func(ctx context.Context, _ string) error {
			select {
			case err := <-in:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	return in, out
}

func TestCardLikeC7BehindTouchID(t *testing.T) {
	d := newDesktop(t, nil)
	d.kit.letter = design
	c, _ := asked(t, d, oneAsk())
	d.pass(time.Second)
	d.kit.click(cardID, "Allow Once")
	ans := answered(t, d, c)
	if e := d.kit.el(cardID, "Deny"); d.kit.el(cardID, "title").Text != "Waiting for Touch ID" || !e.Off {
		t.Error("between the answer and the sheet the card looks otherwise")
	}
	_, came := sheet(d, t.Context(), ans.Prompt)
	d.wait("the sheet", func() bool { return d.desk.State().Stage == ui.Touching })
	d.settle()
	likeLook(t, "c7-card-touchid", d.kit.scene(cardID))
	if got := d.kit.el(cardID, "body").Text; got != "Claude Code gets STRIPE_SECRET_KEY once. Nothing is released before Touch ID answers." {
		t.Error(got)
	}
	for _, tm := range d.timers {
		if !tm.off {
			t.Error("the clock runs behind Touch ID")
		}
	}
	d.kit.click(cardID, "Deny")
	if err := answeredErr(t, d, came); secret.CodeOf(err) != secret.Denied {
		t.Error(err)
	}
	d.wait("it is gone", func() bool { return d.kit.up[cardID] == nil })
}

func answeredErr(t *testing.T, d *desktop, came <-chan error) (err error) {
	t.Helper()
	d.wait("the sheet goes", func() bool {
		select {
		case err = <-came:
			return true
		default:
			return false
		}
	})
	d.settle()
	return err
}

// TestEscBehindTouchID takes the sheet away.
func TestEscBehindTouchID(t *testing.T) {
	d := newDesktop(t, nil)
	c, _ := asked(t, d, oneAsk())
	d.pass(time.Second)
	d.kit.Focus(cardID)
	d.kit.click(cardID, "Allow Once")
	_, came := sheet(d, t.Context(), answered(t, d, c).Prompt)
	d.wait("the sheet", func() bool { return d.desk.State().Stage == ui.Touching })
	d.pass(time.Second)
	d.kit.press("cmd+a")
	d.kit.press("Esc")
	if err := answeredErr(t, d, came); secret.CodeOf(err) != secret.Denied {
		t.Error(err)
	}
}

// TestBackFromTouchID: a cancelled sheet brings the card back, dead for a moment, with
// the reason and the clock going on.
func TestBackFromTouchID(t *testing.T) {
	d := newDesktop(t, nil)
	d.kit.letter = design
	c, _ := asked(t, d, oneAsk())
	d.pass(5 * time.Second)
	d.kit.click(cardID, "Allow Once")
	in, came := sheet(d, t.Context(), answered(t, d, c).Prompt)
	d.wait("the sheet", func() bool { return d.desk.State().Stage == ui.Touching })
	in <- errors.New("cancelled")
	answeredErr(t, d, came)
	a := oneAsk()
	a.Note = "Touch ID was cancelled. Nothing was released."
	d.kit.said = nil
	asked(t, d, a)
	dead(t, d, "back")
	e := d.kit.el(cardID, "note")
	if e.Text != "Touch ID was cancelled. Nothing was released. Denied in 0:33." || e.Frame.H != float64(14*e.Lines) {
		t.Errorf("%+v", e)
	}
	if len(d.kit.said) != 1 {
		t.Errorf("said %q", d.kit.said)
	}
	d.pass(ui.ArmDelay)
	alive(t, d, "a moment later")
}

// TestEasyHasNoSheet: between an Allow of an easy secret and its end the card stays, dead.
func TestEasyHasNoSheet(t *testing.T) {
	d := newDesktop(t, nil)
	a := oneAsk()
	a.Touch = false
	c, _ := asked(t, d, a)
	if got := d.kit.el(cardID, "note").Text; got != "No Touch ID for an easy secret. Without an answer, denied in 0:38." {
		t.Error(got)
	}
	d.pass(time.Second)
	d.kit.click(cardID, "Allow Once")
	answered(t, d, c)
	dead(t, d, "answered")
	d.desk.Close(a.ID, secret.AllowedOnce)
	d.wait("it is gone", func() bool { return d.kit.up[cardID] == nil })
}

func TestCardLikeC9OfAPerson(t *testing.T) {
	d := newDesktop(t, nil)
	d.kit.letter = design
	a := humanAsk()
	ans, err := d.desk.Ask(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	_, came := sheet(d, t.Context(), ans.Prompt)
	d.wait("the card", func() bool { return d.kit.up[cardID] != nil })
	d.settle()
	likeLook(t, "c9-human-touchid", d.kit.scene(cardID))
	for id, want := range map[string]string{"who wants": "zsh in Terminal reads a secret", "what": "acme/api/DATABASE_URL, once", "note": "Waiting for Touch ID",
		"value Chain": "Terminal › zsh › make › noxkey"} {
		if got := d.kit.el(cardID, id).Text; got != want {
			t.Errorf("%s: %q", id, got)
		}
	}
	d.kit.click(cardID, "Cancel")
	if err := answeredErr(t, d, came); secret.CodeOf(err) != secret.Cancelled {
		t.Error(err)
	}
}

// TestPersonsBatchNamesAll: what a person is about to read is named one by one.
func TestPersonsBatchNamesAll(t *testing.T) {
	d := newDesktop(t, nil)
	a := humanAsk()
	a.Items = batchAsk().Items
	ans, _ := d.desk.Ask(t.Context(), a)
	sheet(d, t.Context(), ans.Prompt)
	d.wait("the card", func() bool { return d.kit.up[cardID] != nil })
	if got := d.kit.el(cardID, "what").Text; got != "5 secrets of acme/api, once" {
		t.Error(got)
	}
	for i, it := range a.Items {
		if got := d.kit.el(cardID, fmt.Sprintf("key %d", i)).Text; got != it.Name.Key() {
			t.Error(got)
		}
	}
}

func rested(t *testing.T) *desktop {
	d := newDesktop(t, nil)
	d.kit.letter = design
	d.desk.Rest("Codex", d.at.Add(5*time.Minute))
	d.wait("the notice", func() bool { return d.kit.up[restID] != nil })
	return d
}

func TestRestLikeC6(t *testing.T) {
	d := rested(t)
	d.pass(ui.ArmDelay)
	likeLook(t, "c6-card-resting", d.kit.scene(restID))
	if title, body := d.kit.el(restID, "title").Text, d.kit.el(restID, "body").Text; title != "Codex rests for 5 minutes" || body != "You denied it twice within a minute. Until 14:37 its requests are refused without a card." {
		t.Errorf("%q, %q", title, body)
	}
	d.pass(restShown)
	if d.kit.up[restID] != nil {
		t.Error("it stays")
	}
	d.desk.Refresh()
	d.settle()
	if d.kit.up[restID] != nil {
		t.Error("it is shown again during the rest")
	}
}

func TestRestEnds(t *testing.T) {
	d := rested(t)
	d.kit.click(restID, "End Rest")
	if d.kit.up[restID] == nil {
		t.Fatal("it answers before it is armed")
	}
	d.pass(ui.ArmDelay)
	d.kit.click(restID, "End Rest")
	d.wait("the broker is told", func() bool { return len(d.svc.got(secret.OpRest)) == 1 })
	d.wait("the desk forgets", func() bool { return len(d.desk.Resting(d.at)) == 0 })
	if r := d.svc.got(secret.OpRest)[0]; r.Agent != "Codex" || d.kit.up[restID] != nil {
		t.Errorf("%+v", r)
	}
}

// TestRestAndCardAreNeverBothUp: a card takes the notice's place, and a notice waits
// for a card.
func TestRestAndCardAreNeverBothUp(t *testing.T) {
	d := rested(t)
	_, withdraw := asked(t, d, oneAsk())
	if d.kit.up[restID] != nil {
		t.Error("both are up")
	}
	d.desk.Rest("Gemini", d.at.Add(5*time.Minute))
	d.settle()
	if d.kit.up[restID] != nil {
		t.Error("the notice covers the card")
	}
	withdraw()
	d.wait("the card is gone", func() bool { return d.kit.up[cardID] == nil })
	d.pass(time.Second)
	if got := d.kit.el(restID, "title").Text; got != "Gemini rests for 5 minutes" {
		t.Error(got)
	}
}

// writesAsk changes much at once: rows have lines below them, and words too wide for
// the right.
func writesAsk() *broker.Ask {
	a := oneAsk()
	a.Op, a.Items, a.Delivery = secret.OpWrite, nil, ""
	old := secret.Metadata{FieldType: secret.APIKey, Kind: secret.KindAPIKey, Level: secret.Strict, Desc: "charges cards"}
	looser := old
	looser.Level, looser.Desc = secret.Easy, strings.Repeat("a long description ", 12)
	a.Writes = []broker.Write{
		{Action: secret.ActionEdit, Name: "acme/api/KEY", Old: old, New: looser},
		{Action: secret.ActionSet, Name: "acme/api/NEW", New: secret.Metadata{FieldType: secret.TOTPSeed, Level: secret.OffLimits, Bundle: "b"}},
		{Action: secret.ActionMove, Name: "acme/api/OLD", To: "acme/web/OLD", Old: old, New: old, Exists: true},
		{Action: secret.ActionRemove, Name: "acme/api/GONE", Old: old},
	}
	return a
}

// sessionAsk covers more than it gives now.
func sessionAsk() *broker.Ask {
	a := batchAsk()
	a.Covered = append(a.Covered, "acme/web/ONE", "acme/web/TWO")
	a.LeftOut = []secret.Name{"acme/api/ROOT"}
	a.Command = "make deploy"
	return a
}

func everyAsk() map[string]*broker.Ask {
	one := writesAsk()
	one.Writes = one.Writes[:1]
	wide := writesAsk()
	wide.Writes = wide.Writes[1:2]
	place := oneAsk()
	place.Op, place.Items, place.Prefix, place.Delivery = secret.OpPlaces, nil, "acme/new", ""
	bare := oneAsk()
	bare.Op, bare.Items, bare.Delivery = secret.OpRekey, nil, ""
	long := runAsk()
	long.Run.Argv = []string{"python3", "-c", strings.Repeat("print(1) ", 40)}
	long.Run.Manifest.Path = "/Users/me/" + strings.Repeat("deep/", 15) + ".noxkey.toml"
	return map[string]*broker.Ask{"run": runAsk(), "a long run": long, "one": oneAsk(), "batch": batchAsk(), "unknown": unknownAsk(), "changed": changedAsk(), "many": manyAsk(),
		"writes": writesAsk(), "a write": one, "a wide word": wide, "session": sessionAsk(), "place": place, "bare": bare}
}

// runAsk is an agent's that wants a program run with what a changed manifest lists.
func runAsk() *broker.Ask {
	a := batchAsk()
	a.Delivery, a.Session, a.Covered, a.Prefix, a.Items = secret.DeliverRun, 0, nil, "", a.Items[:2]
	a.Run = &secret.Run{Path: "/usr/bin/make", Argv: []string{"make", "migrate", "NOTE=one of two"}, Dir: "/Users/me/src/acme/api",
		As:       []secret.Binding{{Env: "STRIPE_KEY", Name: "acme/api/STRIPE_SECRET_KEY"}, {Env: "DB_FILE", Name: "acme/api/DATABASE_URL", AsFile: true}},
		Manifest: &secret.Manifest{Path: "/Users/me/src/acme/api/.noxkey.toml", Digest: strings.Repeat("5e6f7a8b", 8), Profile: "staging"}}
	a.Manifest = &broker.Manifest{Last: strings.Repeat("1a2b3c4d", 8), Seen: noon().AddDate(0, 0, -19)}
	return a
}

// TestLongRunFitsTheScreen: on a low screen the command is cut in its middle, and all of
// it is in the tooltip and spoken.
func TestLongRunFitsTheScreen(t *testing.T) {
	d := newDesktop(t, nil)
	d.kit.screenH = 760
	a := everyAsk()["a long run"]
	asked(t, d, a)
	s := d.kit.scene(cardID)
	if s.H > 760-margin {
		t.Errorf("%v high", s.H)
	}
	e := s.Find("value Runs")
	full := secret.ShellWords(a.Run.Argv, 0)
	if e.Lines != 4 || !strings.Contains(e.Text, "…") || e.Tip != full || e.Spoken != "Runs: "+full {
		t.Errorf("%d lines: %q, tip %q", e.Lines, e.Text, e.Tip)
	}
}

// TestPersonSeesWhatRuns before the sheet is answered: also a project that was just fetched
// has a manifest.
func TestPersonSeesWhatRuns(t *testing.T) {
	d := newDesktop(t, nil)
	a, run := humanAsk(), runAsk()
	a.Delivery, a.Run, a.Manifest, a.Items = run.Delivery, run.Run, run.Manifest, run.Items
	ans, _ := d.desk.Ask(t.Context(), a)
	sheet(d, t.Context(), ans.Prompt)
	d.wait("the card", func() bool { return d.kit.up[cardID] != nil })
	s := d.kit.scene(cardID)
	texts := drawnTexts(s)
	for _, w := range []string{"make migrate 'NOTE=one of two'", "/usr/bin/make", "~/src/acme/api/.noxkey.toml 5e6f-7a8b, profile staging, changed",
		"as STRIPE_KEY", "as a file, its path in DB_FILE", "This project asks for other secrets than before"} {
		if !texts[w] {
			t.Errorf("%q is not on the card:\n%v", w, texts)
		}
	}
	apart(t, "a person's run", s.Elements, s.W, s.H)
}

// drawnTexts are all texts that a scene shows, those of rows that scroll too.
func drawnTexts(s *Scene) map[string]bool {
	texts := map[string]bool{}
	for _, e := range s.Elements {
		texts[e.Text] = true
		if e.List != nil {
			for i := range e.List.Count {
				for _, r := range e.List.Row(i, false) {
					texts[r.Text] = true
				}
			}
		}
	}
	return texts
}

// TestThreatE1WholeCardIsDrawn: whatever the card says in words, the window shows.
func TestThreatE1WholeCardIsDrawn(t *testing.T) {
	for name, a := range everyAsk() {
		d := newDesktop(t, nil)
		asked(t, d, a)
		texts, v := drawnTexts(d.kit.scene(cardID)), ui.Card(a, d.terms, d.at)
		want := []string{v.Title, v.Long}
		if v.Strip != nil {
			want = append(want, v.Strip.Title, v.Strip.Body)
		}
		for _, g := range v.Groups {
			if g.Path != "" && !texts[g.Path] {
				want = append(want, g.Path+"/")
			}
			for _, r := range g.Rows {
				want = append(append(want, r.Name, r.Right), r.Under...)
			}
		}
		for _, f := range v.Facts {
			want = append(want, f.Label, f.Text)
		}
		for _, b := range v.Buttons {
			want = append(want, ui.ButtonTitle(a, b.Choice))
		}
		for _, w := range want {
			if w != "" && !texts[w] {
				t.Errorf("%s: %q is not on the card", name, w)
			}
		}
	}
}

// TestNothingOverlaps: labels and buttons lie inside the window and beside each other.
func TestNothingOverlaps(t *testing.T) {
	for name, a := range everyAsk() {
		d := newDesktop(t, nil)
		asked(t, d, a)
		s := d.kit.scene(cardID)
		apart(t, name, s.Elements, s.W, s.H)
		if e := s.Find("list"); e != nil {
			for i := range e.List.Count {
				apart(t, fmt.Sprintf("%s, row %d", name, i), e.List.Row(i, false), e.Frame.W, e.List.HeightOf(i))
			}
		}
	}
}

// apart compares the right-hand words by their text: the design's frames of them
// overlap those of names.
func apart(t *testing.T, name string, els []Element, w, h float64) {
	t.Helper()
	var list []Element
	for _, e := range els {
		if e.Frame.X < 0 || e.Frame.Y < 0 || e.Frame.X+e.Frame.W > w || e.Frame.Y+e.Frame.H > h {
			t.Errorf("%s: %s leaves the window: %v", name, e.ID, e.Frame)
		}
		if e.Kind != Label && e.Kind != Button {
			continue
		}
		if e.Align == Right {
			text := float64(len([]rune(e.Text))) * e.Font.Size * 0.54
			e.Frame.X += e.Frame.W - text
			e.Frame.W = text
		}
		list = append(list, e)
	}
	for i, a := range list {
		for _, b := range list[:i] {
			if a.Frame.X < b.Frame.X+b.Frame.W && b.Frame.X < a.Frame.X+a.Frame.W && a.Frame.Y < b.Frame.Y+b.Frame.H && b.Frame.Y < a.Frame.Y+a.Frame.H {
				t.Errorf("%s: %s %v lies over %s %v", name, a.ID, a.Frame, b.ID, b.Frame)
			}
		}
	}
}

func TestRestCloses(t *testing.T) {
	for _, by := range []string{"Esc", "cmd+.", "OK"} {
		d := rested(t)
		d.kit.Focus(restID)
		d.pass(ui.ArmDelay)
		if !d.kit.press("Return") || d.kit.up[restID] == nil {
			t.Error("Return answers")
		}
		if by == "OK" {
			d.kit.click(restID, by)
		} else {
			d.kit.press(by)
		}
		if d.kit.up[restID] != nil || len(d.svc.got(secret.OpRest)) != 0 || len(d.desk.Resting(d.at)) != 1 {
			t.Errorf("%s: it stays, or the rest ends", by)
		}
	}
}

// TestWideWordGoesBelowTheName: the name keeps its width.
func TestWideWordGoesBelowTheName(t *testing.T) {
	d := newDesktop(t, nil)
	asked(t, d, everyAsk()["a wide word"])
	if e, key := d.kit.el(cardID, "under 0"), d.kit.el(cardID, "key"); e.Text != "new, TOTP seed, off limits" || key.Frame.W != 248 || d.kit.scene(cardID).Find("level word") != nil {
		t.Errorf("%+v", e)
	}
}
