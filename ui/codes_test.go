package ui

import (
	"strings"
	"testing"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// TestCardTellsCodesFromWhatIsStored, and a backup from everything else.
func TestCardTellsCodesFromWhatIsStored(t *testing.T) {
	ask := func(d secret.Delivery) string {
		a := &broker.Ask{Kind: broker.AskCard, Op: secret.OpGet, Who: caller.Caller{Class: caller.Agent, Agent: "Codex"}, Delivery: d, Session: 1e9, Prefix: "login",
			Covered: []secret.Name{"login/a.b/TOTP"}, Items: []broker.Item{
				{Name: "login/a.b/TOTP", Level: secret.Normal, Type: secret.TOTPSeed, Kind: secret.KindLogin},
				{Name: "login/a.b/RECOVERY_CODES", Level: secret.Normal, Type: secret.Text, Kind: secret.KindRecoveryCodes}}}
		return strings.Join(strings.Fields(Card(a, Terminal("/home/me"), noon).Text()), " ") + " | " + Reason(a, broker.AllowOnce)
	}
	for d, want := range map[secret.Delivery]string{
		secret.DeliverShell: "Of login/a.b/TOTP the code of the moment, not the seed. Of login/a.b/RECOVERY_CODES the next code, which is struck off.",
		secret.DeliverCopy:  "the code of the moment", secret.DeliverRun: "a write: RECOVERY_CODES.",
		secret.DeliverBackup: "give 2 secrets of login/a.b to Codex, for a backup or to compare with one",
	} {
		if got := ask(d); !strings.Contains(got, want) {
			t.Errorf("%s: %s", d, got)
		}
	}
	for _, d := range []secret.Delivery{secret.DeliverRaw, secret.DeliverExport, secret.DeliverBackup} {
		if got := ask(d); strings.Contains(got, "code of the moment") {
			t.Errorf("%s: %s", d, got)
		}
	}
	if got := ask(secret.DeliverBackup); !strings.Contains(got, "Gives Into a backup file") {
		t.Error(got)
	}
}
