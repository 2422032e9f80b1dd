package cocoa

import (
	"testing"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// TestLikeLookCanFail: the comparison with the design sees another frame.
func TestLikeLookCanFail(t *testing.T) {
	if got := lookFrames(t, "b5-panel-locked")["search field"]; got != "52 14 608 28 22/regular label, no border" {
		t.Errorf("read %q", got)
	}
	if id, rest := cutFrame("  row 0 level                  20   105    16    16  glyph level-strict white"); id != "row 0 level" || rest != "20 105 16 16 glyph level-strict white" {
		t.Errorf("%q %q", id, rest)
	}
}

func TestFrontFollowsTheLock(t *testing.T) {
	d := newDesktop(t, nil)
	d.openPanel()
	d.settle()
	d.svc.on(secret.OpStatus, func(*secret.Request) ([]secret.Answer, error) {
		return []secret.Answer{{Status: &secret.Status{Locked: true}}}, nil
	})
	d.desk.Refresh()
	d.wait("the panel closes when the vault is locked", func() bool { return d.kit.up[panelID] == nil })
}

// TestNoPassphraseOnThisFront: a question for a passphrase has no window here and is
// taken back at once, not left hanging.
func TestNoPassphraseOnThisFront(t *testing.T) {
	d := newDesktop(t, nil)
	got := make(chan error, 1)
	go func() {
		_, err := d.desk.Passphrase(t.Context(), secret.Prompt{Reason: "unlock your secrets"})
		got <- err
	}()
	var err error
	d.wait("an answer", func() bool {
		select {
		case err = <-got:
			return true
		default:
			return false
		}
	})
	if secret.CodeOf(err) != secret.Cancelled {
		t.Error(err)
	}
}

func TestPanelHoldsCardsBack(t *testing.T) {
	d := newDesktop(t, nil)
	d.openPanel()
	d.kit.Focus(panelID)
	go func() { _, _ = d.desk.Ask(t.Context(), agentAsk(1)) }()
	d.wait("the card waits", func() bool { return d.desk.State().Next != nil })
	if d.kit.up[cardID] != nil {
		t.Fatal("the card covers the panel")
	}
	d.HotKey()
	d.wait("the card is up", func() bool { return d.kit.up[cardID] != nil })
	if d.kit.up[panelID] != nil {
		t.Error("two floating windows at once")
	}
	if d.kit.key != "" {
		t.Errorf("the keyboard is with %q", d.kit.key)
	}
	d.HotKey()
	if d.kit.key != cardID {
		t.Error("the chord does not lead to the card")
	}
	s := d.desk.State()
	if s.Stage != ui.Choosing {
		t.Fatalf("stage %d", s.Stage)
	}
	d.pass(time.Second)
}

// TestChordFindsTheForm: two floating windows never stand side by side.
func TestChordFindsTheForm(t *testing.T) {
	d := newDesktop(t, nil)
	d.newSecret("")
	d.settle()
	if d.kit.up[newSecretID] == nil {
		t.Fatal("the form is not up")
	}
	d.HotKey()
	if d.kit.up[panelID] != nil || d.kit.key != newSecretID {
		t.Errorf("panel %v, keyboard with %q", d.kit.up[panelID] != nil, d.kit.key)
	}
}
