package cocoa

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// gives makes the service answer a copy with value, after before has run.
func (d *desktop) gives(value string, before func() error) {
	d.svc.on(secret.OpGet, func(r *secret.Request) ([]secret.Answer, error) {
		if before != nil {
			if err := before(); err != nil {
				return nil, err
			}
		}
		v, err := secret.NewValue([]byte(value))
		return []secret.Answer{{Value: &secret.Named{Name: secret.Name(r.Targets[0]), Value: v}}}, err
	})
}

// sheet stands for the system's sheet: it is up until the channel that is returned
// gets its answer.
func (d *desktop) sheet() (before func() error, answer chan error) {
	answer = make(chan error, 1)
	return func() error {
		return d.desk.Sheet(context.Background(), secret.Prompt{Reason: "copy acme/api/KEY for you"}, func(context.Context, string) error { return <-answer })
	}, answer
}

func (d *desktop) touching() bool { return d.desk.State().Stage == ui.Touching }
func (d *desktop) closed() bool   { return d.kit.up[panelID] == nil }

// running are how many timers run.
func (d *desktop) running() (n int) {
	for _, t := range d.timers {
		if !t.off {
			n++
		}
	}
	return n
}

func TestReturnCopiesAndCloses(t *testing.T) {
	for _, how := range []string{"Return", "Enter", "double click", "in details"} {
		d := panelWith(t, pictured())
		d.gives("postgres://", nil)
		d.kit.press("Down")
		switch how {
		case "double click":
			d.kit.el(panelID, "list").List.Opened(1)
		case "in details":
			d.kit.press("cmd+Return")
			d.settle()
			d.kit.press("Return")
		default:
			d.kit.press(how)
		}
		d.wait("the panel closes", d.closed)
		got := d.svc.got(secret.OpGet)
		if len(got) != 1 || got[0].Delivery != secret.DeliverCopy || !slices.Equal(got[0].Targets, []secret.Prefix{"acme/api/DATABASE_URL"}) {
			t.Errorf("%s asks %+v", how, got)
		}
		if !slices.Equal(d.clips.put, []string{"postgres://"}) {
			t.Errorf("%s puts %q", how, d.clips.put)
		}
		if !slices.Contains(d.kit.said, "Copied. The clipboard is cleared in 30 s.") {
			t.Errorf("%s says %q", how, d.kit.said)
		}
		if n := d.running(); n != 0 {
			t.Errorf("%s leaves %d timers", how, n)
		}
	}
}

func TestCancelledCopyStaysAndSaysWhy(t *testing.T) {
	d := panelWith(t, pictured())
	d.gives("", func() error { return secret.Errorf(secret.Cancelled, "you cancelled it") })
	d.kit.press("Return")
	const why = "Not copied. It was cancelled. Nothing was released."
	d.wait("the note", func() bool { return d.foot() == why })
	if !slices.Contains(d.kit.said, why) || len(d.clips.put) != 0 {
		t.Errorf("said %q, put %q", d.kit.said, d.clips.put)
	}
	d.pass(3900 * time.Millisecond)
	if d.foot() != why {
		t.Error("the note is gone early")
	}
	d.pass(100 * time.Millisecond)
	if d.foot() != "5 secrets" || d.running() != 0 {
		t.Errorf("footer %q, %d timers", d.foot(), d.running())
	}
}

func TestClipboardThatRefusesIsTold(t *testing.T) {
	d := panelWith(t, pictured())
	d.gives("v", nil)
	d.clips.err = secret.Errorf(secret.Storage, "the clipboard did not take it: it is gone")
	d.kit.press("Return")
	d.wait("the note", func() bool { return strings.HasPrefix(d.foot(), "Not copied. ") })
	if d.keys() != "" && d.kit.el(panelID, "footer left").Frame.W+16 > d.kit.el(panelID, "footer keys").Frame.X-20 {
		t.Error("the note runs into the keys")
	}
}

func TestFocusLossClosesAndForgets(t *testing.T) {
	d := panelWith(t, pictured())
	d.search("data")
	d.kit.up["other"] = &Scene{ID: "other"}
	d.kit.Focus("other")
	if !d.closed() || d.windows[panelID] != nil {
		t.Fatal("the panel is still there")
	}
	d.openPanel()
	d.settle()
	if got := d.kit.el(panelID, searchField).Text; got != "" {
		t.Errorf("it remembers %q", got)
	}
}

// TestSheetMayTakeTheKeyboard: our own Touch ID sheet does not close the panel, and the
// panel has the keyboard again after it.
func TestSheetMayTakeTheKeyboard(t *testing.T) {
	d := panelWith(t, pictured())
	before, answer := d.sheet()
	d.gives("v", before)
	d.kit.press("Return")
	d.wait("the sheet", d.touching)
	d.kit.scene(panelID).Lost()
	d.kit.key = ""
	if d.closed() {
		t.Fatal("the sheet closed the panel")
	}
	if d.kit.up[cardID] != nil {
		t.Error("a card covers the panel")
	}
	answer <- secret.Errorf(secret.Cancelled, "Touch ID was cancelled")
	d.wait("the note", func() bool { return strings.HasPrefix(d.foot(), "Not copied.") })
	if d.kit.key != panelID {
		t.Error("the panel has not the keyboard")
	}
	d.kit.scene(panelID).Lost()
	if !d.closed() {
		t.Error("the panel outlives its focus after the sheet")
	}
}

// TestThreatE3SheetOfAnotherKeepsNoPanel: Touch ID that an agent's request asks for is
// none of the panel's, so losing the keyboard to it closes the panel.
func TestThreatE3SheetOfAnotherKeepsNoPanel(t *testing.T) {
	d := panelWith(t, pictured())
	before, answer := d.sheet()
	done := make(chan error, 1)
	d.desk.Busy(false)
	go func() { done <- before() }() // outside of any action of the person's
	d.wait("the sheet", d.touching)
	d.kit.scene(panelID).Lost()
	if !d.closed() {
		t.Error("the panel stays without the keyboard")
	}
	answer <- nil
	<-done
}

// TestSheetFromTheMenuLeavesThePanel: unlocking by the menu brings up a sheet of ours, too.
func TestSheetFromTheMenuLeavesThePanel(t *testing.T) {
	d := lockedDesktop(t, nil)
	d.openPanel()
	before, answer := d.sheet()
	d.svc.on(secret.OpUnlock, func(*secret.Request) ([]secret.Answer, error) { return nil, before() })
	d.item(ui.MenuUnlock).Do()
	d.wait("the sheet", d.touching)
	d.kit.scene(panelID).Lost()
	d.kit.key = ""
	if d.closed() {
		t.Fatal("the sheet closed the panel")
	}
	answer <- secret.Errorf(secret.Cancelled, "no")
	d.wait("the keyboard is back", func() bool { return d.kit.key == panelID })
}

// ctxService tells what becomes of a request's context.
type ctxService struct {
	*fakeService
	ended chan error
}

func (s *ctxService) Do(ctx context.Context, req *secret.Request, out func(secret.Answer) error) error {
	if req.Op != secret.OpGet {
		return s.fakeService.Do(ctx, req, out)
	}
	<-ctx.Done()
	s.ended <- ctx.Err()
	return ctx.Err()
}

func TestClosingWithdrawsTheCopy(t *testing.T) {
	for _, how := range []string{"hot key", "lock", "focus", "Esc"} {
		s := &ctxService{ended: make(chan error, 1)}
		d := newDesktop(t, func(o *Options) { s.fakeService = o.Service.(*fakeService); o.Service = s })
		d.holds(pictured())
		d.openPanel()
		d.wait("the names", func() bool { return d.windows[panelID].(*panel).index != nil })
		d.kit.press("Return")
		switch how {
		case "hot key":
			d.HotKey()
		case "lock":
			d.ScreenLocked()
		case "focus":
			d.kit.scene(panelID).Lost()
		default:
			d.kit.press("Esc")
		}
		if err := <-s.ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", how, err)
		}
		d.settle()
		if len(d.clips.put) != 0 || d.closed() == (how == "Esc") {
			t.Errorf("%s: put %q, closed %v", how, d.clips.put, d.closed())
		}
	}
}

func TestKeysMoveTheSelection(t *testing.T) {
	d := panelWith(t, strips())
	at := func() int { return d.kit.el(panelID, "list").List.Selected[0] }
	for _, c := range []struct {
		key  string
		want int
	}{{"Up", 0}, {"Down", 1}, {"repeat+Down", 2}, {"Up", 1}, {"cmd+Down", 5}, {"Down", 5}, {"cmd+Up", 0}, {"PageDown", 5}, {"PageUp", 0}} {
		if !d.kit.press(c.key) || at() != c.want {
			t.Errorf("%s leads to %d and not %d", c.key, at(), c.want)
		}
	}
	d.kit.el(panelID, "list").List.Select([]int{3})
	if at() != 3 {
		t.Error("a click does not select")
	}
	d.search("s")
	if at() != 0 {
		t.Error("typing does not select the first")
	}
	for _, k := range []string{"a", "Left", "Right", "Home", "Delete", "cmd+c", "cmd+v", "cmd+a", "shift+Up", "option+Left", "cmd+q"} {
		if d.kit.press(k) {
			t.Errorf("%s does not reach the field", k)
		}
	}
	if !d.kit.press("Tab") || !d.kit.press("shift+Tab") || d.kit.focus[panelID] != searchField {
		t.Error("Tab does something")
	}
}

func TestEscClearsThenCloses(t *testing.T) {
	for _, esc := range []string{"Esc", "cmd+."} {
		d := panelWith(t, pictured())
		d.search("data")
		d.kit.press(esc)
		if d.closed() || d.kit.el(panelID, searchField).Text != "" || len(d.rows()) != 5 {
			t.Fatalf("%s does not clear", esc)
		}
		d.kit.press("repeat+" + esc)
		if d.closed() {
			t.Fatalf("%s that is held closes", esc)
		}
		d.kit.press(esc)
		if !d.closed() {
			t.Errorf("%s does not close", esc)
		}
		d.pass(time.Second)
	}
	d := panelWith(t, pictured())
	d.search("data")
	d.kit.press("cmd+w")
	if !d.closed() {
		t.Error("cmd+w does not close")
	}
	d = panelWith(t, pictured())
	d.kit.press("cmd+,")
	if !d.closed() {
		t.Error("the panel stays beside the settings")
	}
}

func TestDetailsKeys(t *testing.T) {
	d := panelWith(t, pictured())
	d.svc.on(secret.OpPeek, func(r *secret.Request) ([]secret.Answer, error) {
		e := pictured()[0]
		e.Peek = "sk_live_"
		return []secret.Answer{{Entry: &e}}, nil
	})
	d.search("stripe")
	d.kit.press("cmd+Return")
	d.wait("the peek", func() bool { return d.kit.el(panelID, "value 2").Text == "sk_live_…" })
	if d.kit.scene(panelID).First != "" {
		t.Error("a field has the keyboard")
	}
	if d.kit.press("a"); d.kit.press("cmd+q") {
		t.Error("cmd+q is swallowed")
	}
	d.kit.press("cmd+c")
	if !slices.Equal(d.kit.copies, []string{"acme/api/STRIPE_SECRET_KEY"}) || len(d.clips.put) != 0 {
		t.Errorf("copied %q, put %q", d.kit.copies, d.clips.put)
	}
	d.kit.press("Esc")
	if got := d.kit.el(panelID, searchField).Text; got != "stripe" || d.kit.focus[panelID] != searchField {
		t.Errorf("back at %q with %q", got, d.kit.focus[panelID])
	}
	d.kit.press("cmd+Return")
	d.kit.click(panelID, "back")
	if d.kit.el(panelID, searchField); d.closed() {
		t.Error("the sign does not lead back")
	}
}

// TestThreatE3HeldReturnCopiesNothing: a key that is held from before does nothing.
func TestThreatE3HeldReturnCopiesNothing(t *testing.T) {
	d := panelWith(t, pictured())
	for _, k := range []string{"repeat+Return", "repeat+Enter", "shift+Return", "option+Return"} {
		if !d.kit.press(k) {
			t.Errorf("%s reaches the field", k)
		}
	}
	d.settle()
	if len(d.svc.got(secret.OpGet)) != 0 {
		t.Error("it copies")
	}
	d = lockedDesktop(t, nil)
	d.openPanel()
	d.kit.press("repeat+Return")
	d.settle()
	if len(d.svc.got(secret.OpUnlock)) != 0 {
		t.Error("it unlocks")
	}
}

func TestReturnUnlocks(t *testing.T) {
	d := lockedDesktop(t, nil)
	d.holds(pictured())
	d.openPanel()
	d.settle()
	if len(d.svc.got(secret.OpList)) != 0 || !d.kit.el(panelID, searchField).Off {
		t.Fatal("a locked panel looks for names")
	}
	fail := true
	d.svc.on(secret.OpUnlock, func(r *secret.Request) ([]secret.Answer, error) {
		if len(r.Targets) != 0 {
			t.Errorf("it unlocks %q", r.Targets)
		}
		if fail {
			return nil, secret.Errorf(secret.Cancelled, "no")
		}
		return nil, nil
	})
	d.kit.press("Return")
	d.wait("the note", func() bool { return d.foot() == "It was cancelled. Nothing was released." })
	fail = false
	d.svc.on(secret.OpStatus, func(*secret.Request) ([]secret.Answer, error) {
		return []secret.Answer{{Status: &secret.Status{}}}, nil
	})
	d.kit.press("Return")
	d.wait("the names", func() bool { return d.kit.up[panelID].Find("list") != nil })
	if d.kit.focus[panelID] != searchField || d.kit.el(panelID, searchField).Off {
		t.Error("the field has not the keyboard")
	}
}

func TestPanelOpensWhenUnlockedElsewhere(t *testing.T) {
	d := lockedDesktop(t, nil)
	d.holds(pictured())
	d.openPanel()
	d.setLocked(false)
	d.wait("the names", func() bool { return d.kit.up[panelID].Find("list") != nil })
}

// TestLockedListIsNoFault: the front has not heard of the lock yet.
func TestLockedListIsNoFault(t *testing.T) {
	d := newDesktop(t, nil)
	d.svc.on(secret.OpList, func(*secret.Request) ([]secret.Answer, error) { return nil, secret.Errorf(secret.Locked, "locked") })
	d.openPanel()
	d.wait("the lock", func() bool { return d.kit.up[panelID].Find("title") != nil })
	if got := d.kit.el(panelID, "title").Text; got != "NoxKey is locked" {
		t.Error(got)
	}
	d = newDesktop(t, nil)
	d.svc.on(secret.OpList, func(*secret.Request) ([]secret.Answer, error) {
		return nil, secret.Errorf(secret.Damaged, "not a vault")
	})
	d.openPanel()
	d.wait("the fault", func() bool { return strings.HasPrefix(d.foot(), "The vault was changed or damaged") })
	d.kit.press("Return")
	if d.closed() {
		t.Error("a fault is an empty vault")
	}
}

func TestScreenLockSaysWhenSessionsEnded(t *testing.T) {
	d := newDesktop(t, nil)
	d.openSession()
	d.openPanel()
	d.ScreenLocked()
	if !d.closed() {
		t.Fatal("the panel outlives the screen's lock")
	}
	d.pass(10 * time.Minute)
	d.setLocked(true)
	d.openPanel()
	if got := d.kit.el(panelID, "body").Text; got != "Return unlocks it with Touch ID. Sessions ended when the screen locked at 14:32." {
		t.Error(got)
	}
}

func TestReturnMakesASecret(t *testing.T) {
	for _, list := range [][]secret.Entry{nil, pictured()} {
		d := panelWith(t, list)
		d.search("acme/api/NEWKEY")
		d.kit.press("Return")
		d.settle()
		if !d.closed() || len(d.svc.got(secret.OpGet)) != 0 {
			t.Error("the panel stays beside the form")
		}
		if got := d.kit.el(newSecretID, "name").Text; got != "acme/api/NEWKEY" {
			t.Errorf("the form names %q", got)
		}
	}
}

func TestWaitingCardIsCountedDown(t *testing.T) {
	d := panelWith(t, pictured())
	if d.running() != 0 {
		t.Fatal("an idle panel has a timer")
	}
	a := agentAsk(1)
	a.Deadline = d.at.Add(41 * time.Second)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _, _ = d.desk.Ask(ctx, a) }()
	d.wait("the line", func() bool { return d.foot() == "Claude Code waits for an answer, 0:41. ⇧⌘1 shows it." })
	if d.kit.el(panelID, "footer left").Color != Primary {
		t.Error("the line is not in label colour")
	}
	d.pass(time.Second)
	if d.foot() != "Claude Code waits for an answer, 0:40. ⇧⌘1 shows it." {
		t.Error(d.foot())
	}
	d.kit.press("cmd+Return")
	if !strings.HasPrefix(d.foot(), "Claude Code waits") {
		t.Error("details hide that a card waits")
	}
	cancel()
	d.wait("the card is gone", func() bool { return d.foot() == "" })
	d.pass(2 * time.Second)
	if d.running() != 0 {
		t.Error("a timer runs for nothing")
	}
	d.HotKey()
	if !d.closed() {
		t.Error("the hot key does not close")
	}
}
