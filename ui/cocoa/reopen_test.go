package cocoa

import (
	"testing"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
	"noxkey/ui"
)

// TestThreatE3ReopenGivesNoCardTheKeyboard: any program of the user may run open -a NoxKey.
func TestThreatE3ReopenGivesNoCardTheKeyboard(t *testing.T) {
	d := newDesktop(t, nil)
	a := easyAsk()
	asked(t, d, a)
	d.pass(ui.ArmDelay)
	d.Reopen()
	d.settle()
	d.pass(ui.ArmDelay)
	if d.kit.key == cardID {
		t.Error("the card has the keyboard")
	}
	d.kit.press("cmd+a") // meant for the editor
	d.settle()
	if s := d.desk.State(); s.Stage != ui.Choosing {
		t.Errorf("an agent's open -a NoxKey and the person's Cmd+A in their editor answered the card: stage %d", s.Stage)
	}
}

func easyAsk() *broker.Ask {
	return &broker.Ask{ID: 7, Kind: broker.AskCard, Op: secret.OpGet, Who: caller.Caller{Class: caller.Agent, Agent: "Codex"},
		Items: []broker.Item{{Name: "acme/api/KEY", Level: secret.Easy}}, Deadline: noon().Add(45e9)}
}

// After a lock no name is shown: the window that tells of an import names a prefix.
func TestLockClosesTheImportedWindow(t *testing.T) {
	d := newDesktop(t, nil)
	r := ui.NewReview(nil)
	r.Files = append(r.Files, ui.ReviewFile{Path: "/Users/x/.env"})
	d.show(&imported{f: d.Front, review: r, result: ui.Result{Title: "2 secrets are in the Keychain", Body: "Under acme/api, at level normal."}})
	d.ScreenLocked()
	d.settle()
	if d.kit.up[importedID] != nil {
		t.Error("still there")
	}
}

// TestReopenOpensNoSearch: whoever opens the app again does not put the search under
// what the person types elsewhere.
func TestReopenOpensNoSearch(t *testing.T) {
	d := newDesktop(t, nil)
	d.Reopen()
	d.settle()
	if d.kit.up[panelID] != nil {
		t.Error("the search is open")
	}
	d.openPanel()
	d.Reopen()
	if d.kit.up[panelID] == nil {
		t.Error("the search that was open is closed")
	}
}

// TestAnotherQuestionAnotherButton: a button that is held while another card takes the
// place is none of the new card's.
func TestAnotherQuestionAnotherButton(t *testing.T) {
	d := newDesktop(t, nil)
	_, drop := asked(t, d, easyAsk())
	first := d.kit.scene(cardID).Epoch
	d.desk.Rearm()
	d.settle()
	if d.kit.scene(cardID).Epoch != first {
		t.Error("the same question has new buttons")
	}
	second := easyAsk()
	second.ID = 8
	go func() { _, _ = d.desk.Ask(t.Context(), second) }()
	d.wait("the second waits", func() bool { return d.desk.State().Waiting == 1 })
	drop()
	d.wait("the second is up", func() bool { return d.desk.State().ID == 8 })
	d.settle()
	if d.kit.scene(cardID).Epoch == first {
		t.Error("another question has the buttons of the one before")
	}
}
