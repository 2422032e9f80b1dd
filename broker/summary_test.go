package broker

import (
	"testing"
	"time"

	"noxkey/secret"
)

// TestSummaryTellsWhatChanges, and nothing that stays; free texts are not repeated.
func TestSummaryTellsWhatChanges(t *testing.T) {
	old := secret.Metadata{FieldType: secret.APIKey, Kind: secret.KindAPIKey, Level: secret.Normal, Desc: "old words"}
	strict, all := old, old
	strict.Level = secret.Strict
	all.FieldType, all.Kind, all.Bundle, all.Desc, all.Expires, all.RotateURL = secret.Token, secret.KindCustom, "b", "new words", time.Unix(1, 0), "https://x.test"
	for want, w := range map[string]Write{
		"edit a/b: level normal to strict":         {Action: secret.ActionEdit, Name: "a/b", Exists: true, Old: old, New: strict},
		"edit a/b: nothing":                        {Action: secret.ActionEdit, Name: "a/b", Exists: true, Old: old, New: old},
		"set a/b: value":                           {Action: secret.ActionSet, Name: "a/b", Exists: true, Old: old, New: old},
		"set a/b: new, level normal, type api_key": {Action: secret.ActionSet, Name: "a/b", New: old},
		"move a/b to a/c":                          {Action: secret.ActionMove, Name: "a/b", To: "a/c"},
		"edit a/b: type api_key to token, kind api_key to custom, bundle, description, expiry, rotate url": {Action: secret.ActionEdit, Name: "a/b", Exists: true, Old: old, New: all},
	} {
		if got := summary([]Write{w}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
