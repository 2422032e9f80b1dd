package ui

import (
	"testing"

	"noxkey/secret"
)

func TestAuditWords(t *testing.T) {
	for want, list := range map[string][]secret.Finding{
		"1,204 decisions, chain intact":                         {{OK: true, Subject: "vault", Text: "x"}, {OK: true, Subject: "audit", Text: "1204 lines, chain intact"}},
		"1 decision, chain intact":                              {{OK: true, Subject: "audit", Text: "1 lines, chain intact"}},
		"Chain broken at line 812. noxkey verify shows it.":     {{Subject: "audit", Text: "line 812: the chain is broken"}, {Subject: "audit", Text: "line 900"}},
		"Chain broken at line 7. noxkey verify shows it.":       {{Subject: "audit", Text: "cut off after line 7"}},
		"The newest lines are missing. noxkey verify shows it.": {{Subject: "audit", Text: "the newest lines are missing"}},
		"Not known.": nil,
	} {
		if got := AuditWords(list); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestSettingFault(t *testing.T) {
	err := secret.Errorf(secret.Conflict, "another program uses ⇧⌘1. Search stays in the menu; choose other keys in Settings")
	if got := SettingFault(err); got != "Another program uses ⇧⌘1. Search stays in the menu; choose other keys in Settings." {
		t.Error(got)
	}
	if SettingFault(nil) != "" || SettingFault(secret.Errorf(secret.Locked, "locked")) != "NoxKey is locked. Nothing was released." {
		t.Error("others")
	}
}

func TestChoices(t *testing.T) {
	var got []string
	for _, d := range SessionChoices {
		got = append(got, SessionChoice(d))
	}
	for _, d := range ClipboardChoices {
		got = append(got, ClipboardChoice(d))
	}
	want := []string{"15 minutes", "1 hour", "4 hours", "8 hours", "24 hours", "after 15 s", "after 30 s", "after 60 s"}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
}
