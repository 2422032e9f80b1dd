package cocoa

import (
	"slices"
	"testing"

	"noxkey/secret"
	"noxkey/ui"
)

// TestPanelTellsExpiryAndCodes: what has expired or soon will is marked, and where a code is
// copied and no value, the keys and the details say so.
func TestPanelTellsExpiryAndCodes(t *testing.T) {
	old := secretOf(0, "acme/api/OLD", "deploys", secret.Token, secret.Normal)
	old.Expires, old.RotateURL = noon().AddDate(0, 0, -3), "https://example.com/keys"
	seed := secretOf(1, "login/github.com/TOTP", "", secret.TOTPSeed, secret.Normal)
	soon := secretOf(2, "acme/api/SOON", "", secret.Token, secret.Normal)
	soon.Expires = noon().Add(secret.Soon)
	far := secretOf(3, "acme/api/FAR", "", secret.Token, secret.Normal)
	far.Expires = noon().Add(secret.Soon + 1)
	d := panelWith(t, []secret.Entry{old, seed, soon, far})
	for i, want := range []struct {
		kind   string
		weight Weight
	}{{"Expired", Semibold}, {"TOTP seed", Regular}, {"14 days left", Semibold}, {"token", Regular}} {
		for _, x := range d.kit.el(panelID, "list").List.Row(i, false) {
			if x.ID == "kind" && (x.Text != want.kind || x.Font.Weight != want.weight) {
				t.Errorf("row %d: %q, %v", i, x.Text, x.Font)
			}
		}
	}
	if got := d.kit.el(panelID, "list").List.Spoken(0); got != "OLD, acme/api, token, normal, expired" {
		t.Error(got)
	}
	d.kit.press("cmd+Return")
	d.settle()
	s := d.kit.scene(panelID)
	if e := s.Find("warn 2"); e == nil || e.Color != Orange || e.Frame != (Rect{20, 141, 16, 16}) || s.Find("value 2").Text != "Expired on 19 November 2026" || s.Find("value 3").Text != old.RotateURL {
		t.Errorf("%+v\n%s", e, s.Frames())
	}
	apart(t, "details", s.Elements, s.W, s.H)
	d.kit.press("Esc")
	d.kit.press("Down")
	if d.keys() != "↩ copy current code     ⌘↩ details     esc close" {
		t.Error(d.keys())
	}
	d.kit.press("cmd+Return")
	d.settle()
	s = d.kit.scene(panelID)
	if s.Find("value 1").Text != "Copies the current code, not the seed." || s.Find("warn 1") != nil {
		t.Error(s.Frames())
	}
	d.svc.on(secret.OpGet, func(r *secret.Request) ([]secret.Answer, error) {
		v, err := secret.NewValue([]byte("123456"))
		return []secret.Answer{{Ticket: &secret.Ticket{Warnings: []string{"this code is good for 12 s"}}}, {Value: &secret.Named{Value: v}}}, err
	})
	d.clips.err = secret.Errorf(secret.Storage, "no clipboard")
	d.kit.press("Return")
	d.wait("it says why", func() bool { return d.foot() != "" })
	if d.foot() != "Not copied. No clipboard. this code is good for 12 s." {
		t.Error(d.foot())
	}
	d.clips.err = nil
	d.kit.press("Return")
	d.wait("the panel closes", d.closed)
	if got := d.svc.got(secret.OpGet); len(got) != 2 || got[0].Delivery != secret.DeliverCopy || !slices.Equal(d.clips.put, []string{"123456", "123456"}) {
		t.Errorf("%+v, %q", got, d.clips.put)
	}
	if want := ui.Copied(d.clips.after) + " this code is good for 12 s."; !slices.Contains(d.kit.said, want) {
		t.Errorf("said %q", d.kit.said)
	}
}
