package ui

import (
	"testing"
	"time"

	"noxkey/secret"
)

func TestExpiring(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		left         time.Duration
		short, whole string
	}{
		{-day, "expired", "Expired on 21 November 2026"}, {0, "expired", "Expired on 22 November 2026"}, {1, "under 1 day", "22 November 2026, in under a day"},
		{day, "1 day left", "23 November 2026, in 1 day"}, {secret.Soon, "14 days left", "6 December 2026, in 14 days"}, {secret.Soon + 1, "", "6 December 2026, in 14 days"},
	} {
		e := secret.Entry{Name: "acme/api/KEY", Metadata: secret.Metadata{Expires: noon.Add(c.left), FieldType: secret.Token, Level: secret.Normal}}
		if got := Expiring(&e, noon); got != c.short {
			t.Errorf("%v: %q", c.left, got)
		}
		if got := expiry(e.Expires, noon); got != c.whole {
			t.Errorf("%v: %q", c.left, got)
		}
		spoken := "KEY, acme/api, token, normal"
		if c.short != "" {
			spoken += ", " + c.short
		}
		if r := (&Match{Entry: &e}).Row(noon); r.Expiring != c.short || r.Spoken != spoken {
			t.Errorf("%v: %+v", c.left, r)
		}
		for _, d := range PanelDetails(&e, Desktop("", "Touch ID"), noon) {
			if d.Warn != (c.short != "" && d.Label == "Expires") {
				t.Errorf("%v: %+v", c.left, d)
			}
		}
	}
	if e := (secret.Entry{}); Expiring(&e, noon) != "" || expiry(e.Expires, noon) != "" {
		t.Error("what never expires is said to")
	}
}

func TestCopyWord(t *testing.T) {
	of := func(f secret.FieldType, k secret.Kind) *secret.Entry {
		return &secret.Entry{Metadata: secret.Metadata{FieldType: f, Kind: k}}
	}
	for _, c := range []struct {
		e          *secret.Entry
		word, line string
	}{
		{of(secret.TOTPSeed, secret.KindLogin), "copy current code", "Copies the current code, not the seed."},
		{of(secret.Text, secret.KindRecoveryCodes), "copy next code", "Copies the next code; one is struck off each time."},
		{of(secret.TOTPSeed, secret.KindRecoveryCodes), "copy current code", "Copies the current code, not the seed."}, // as the broker has it
		{of(secret.APIKey, secret.KindAPIKey), "copy", ""},
	} {
		if CopyWord(c.e) != c.word || copies(c.e) != c.line {
			t.Errorf("%+v: %q, %q", c.e, CopyWord(c.e), copies(c.e))
		}
	}
	if CopyWord(nil) != "copy" {
		t.Error("of nothing")
	}
}

func TestToldIsASentence(t *testing.T) {
	got := Told([]secret.Answer{{Ticket: &secret.Ticket{Warnings: []string{"a: good for 1 s", "b: renew at https://x\x1b[2J."}}}, {Value: &secret.Named{}}})
	if got != "a: good for 1 s. b: renew at https://x‹U+001B›[2J." {
		t.Errorf("%q", got)
	}
}

// TestNamesKeepTheirCaseInErrors also where a sentence begins with one.
func TestNamesKeepTheirCaseInErrors(t *testing.T) {
	for msg, want := range map[string]string{"acme/api/TOTP: the seed is not base32": "acme/api/TOTP: the seed is not base32.", "the seed is bad": "The seed is bad."} {
		if got := Words(secret.Errorf(secret.Invalid, "%s", msg)); got != want {
			t.Errorf("%q", got)
		}
		if got := Sentence(msg); got != want {
			t.Errorf("%q", got)
		}
	}
}
