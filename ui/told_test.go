package ui

import (
	"testing"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// TestRecentTells what was run, found and handed out, in a list and in a menu's tooltip.
func TestRecentTells(t *testing.T) {
	one, list := []secret.Name{"acme/api/KEY"}, []secret.Name{"acme/api/KEY", "acme/api/URL"}
	const codes = "acme/api/KEY: recovery code 3 of 10 handed out"
	for name, c := range map[string]struct {
		r                  secret.Record
		outcome, what, tip string
		allowed            bool
	}{
		"a run": {secret.Record{Op: secret.OpGet, Outcome: secret.AllowedOnce, Detail: "run: make test", Names: one}, "allowed once", "ran make test with acme/api/KEY", "ran make test with acme/api/KEY, allowed once", true},
		"in a session": {secret.Record{Op: secret.OpGet, Outcome: secret.InSession, Detail: "run: sh -c 'a; b' x; " + codes, Prefix: "acme/api", Names: list}, "in session",
			"ran sh -c 'a; b' x with acme/api, 2 secrets", "ran sh -c 'a; b' x with acme/api, 2 secrets, in session", true},
		"a quote in it": {secret.Record{Op: secret.OpGet, Outcome: secret.AllowedOnce, Detail: `run: echo 'it'\''s; so' ok; more`, Names: one}, "allowed once",
			`ran echo 'it'\''s; so' ok with acme/api/KEY`, `ran echo 'it'\''s; so' ok with acme/api/KEY, allowed once`, true},
		"denied": {secret.Record{Op: secret.OpGet, Outcome: secret.OutDenied, Detail: "run: make test; the person said no", Names: one}, "denied", "make test with acme/api/KEY", "make test with acme/api/KEY, denied", false},
		"escapes": {secret.Record{Op: secret.OpGet, Outcome: secret.AllowedOnce, Detail: "run: 'a\x1b[2J\u202e'", Names: one}, "allowed once", "ran 'a‹U+001B›[2J‹U+202E›' with acme/api/KEY",
			"ran 'a‹U+001B›[2J‹U+202E›' with acme/api/KEY, allowed once", true},
		"a backup":   {secret.Record{Op: secret.OpGet, Outcome: secret.AllowedOnce, Detail: "a backup of 6 secrets"}, "allowed once", "a backup of 6 secrets", "a backup of 6 secrets, allowed once", true},
		"of a part":  {secret.Record{Op: secret.OpGet, Outcome: secret.AllowedOnce, Detail: "a backup of 3 secrets", Prefix: "acme/x"}, "allowed once", "acme/x, a backup of 3 secrets", "acme/x, a backup of 3 secrets, allowed once", true},
		"not a part": {secret.Record{Op: secret.OpGet, Outcome: secret.OutDenied, Detail: "the person said no", Prefix: "acme/x"}, "denied", "acme/x", "acme/x, denied", false},
		"found": {secret.Record{Op: secret.OpGuard, Outcome: secret.OutDone, Class: "agent", Who: "Claude Code", Detail: "found in text", Names: one}, "found in output", "acme/api/KEY",
			"acme/api/KEY, found in what Claude Code printed", false},
		"found by a person":  {secret.Record{Op: secret.OpGuard, Outcome: secret.OutDone, Class: "human", Who: "zsh", Detail: "found in text", Names: list}, "found in text", "2 secrets", "2 secrets, found in a text of zsh", false},
		"not looked through": {secret.Record{Op: secret.OpGuard, Outcome: secret.OutRefused, Class: "agent", Who: "Codex", Names: one}, "refused", "acme/api/KEY", "acme/api/KEY, refused", false},
		"a code":             {secret.Record{Op: secret.OpGet, Outcome: secret.AllowedOnce, Detail: codes, Names: one}, "handed out", "acme/api/KEY, code 3 of 10", "acme/api/KEY, code 3 of 10 handed out", true},
		"a code, fetched":    {secret.Record{Op: secret.OpRedeem, Outcome: secret.Released, Detail: "bash 99; " + codes, Names: one}, "handed out", "acme/api/KEY, code 3 of 10", "acme/api/KEY, code 3 of 10 handed out", true},
		"a setting":          {secret.Record{Op: secret.OpSettings, Outcome: secret.OutDone, Detail: "clipboard: 45s, was 30s"}, "done", "clipboard: 45s, was 30s", "clipboard: 45s, was 30s, done", true},
		"a batch":            {secret.Record{Op: secret.OpWrite, Outcome: secret.AllowedOnce, Names: list}, "allowed once", "acme/api, 2 secrets", "acme/api, 2 secrets, allowed once", true},
		"deleted":            {secret.Record{Op: secret.OpWrite, Outcome: secret.AllowedOnce, Detail: "remove acme/api/KEY", Names: one}, "allowed once", "deleted acme/api/KEY", "deleted acme/api/KEY, allowed once", true},
		"moved":              {secret.Record{Op: secret.OpWrite, Outcome: secret.AllowedOnce, Detail: "move acme/api/KEY to acme/web/KEY", Names: one}, "allowed once", "moved acme/api/KEY", "moved acme/api/KEY, allowed once", true},
		"changed":            {secret.Record{Op: secret.OpWrite, Outcome: secret.AllowedOnce, Detail: "edit acme/api/KEY: level normal to strict", Names: one}, "allowed once", "changed acme/api/KEY", "changed acme/api/KEY, allowed once", true},
		"locked by an agent": {secret.Record{Op: secret.OpLock, Outcome: secret.OutDone, Class: "agent", Who: "Codex"}, "done", "lock", "lock, done", true},
	} {
		got := RecentOf([]secret.Record{c.r}, 5)
		if len(got) != 1 || got[0].Outcome != c.outcome || got[0].What != c.what {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		if it := RecentItems(got, 1, noon)[0]; it.Tip != c.tip || it.Allowed != c.allowed {
			t.Errorf("%s: %+v", name, it)
		}
	}
	for name, r := range map[string]secret.Record{
		"fetched":      {Op: secret.OpRedeem, Outcome: secret.Released, Detail: "bash 99", Names: one},
		"our own lock": {Op: secret.OpLock, Outcome: secret.OutDone, Class: "human", Who: "NoxKey"},
		"our pause":    {Op: secret.OpPause, Outcome: secret.OutDone, Class: "human", Who: "NoxKey"},
		"our unlock":   {Op: secret.OpUnlock, Outcome: secret.OutDone, Class: "human", Who: "NoxKey"},
		"our own look": {Op: secret.OpGuard, Outcome: secret.OutDone, Class: "human", Who: "NoxKey", Names: one},
	} {
		if got := RecentOf([]secret.Record{r}, 5); len(got) != 0 {
			t.Errorf("%s is listed: %+v", name, got)
		}
	}
	d := NewDesk(func() time.Time { return noon })
	a := &broker.Ask{Kind: broker.AskCard, Op: secret.OpGet, Who: caller.Caller{Class: caller.Agent, Agent: "Codex"}, Items: []broker.Item{{Name: "acme/api/KEY"}}, Run: &secret.Run{Argv: []string{"make", "a b"}}}
	d.note(a, secret.OutDenied)
	d.note(a, secret.AllowedOnce)
	if r := d.Recent(); r[0].What != "ran make 'a b' with acme/api/KEY" || r[1].What != "make 'a b' with acme/api/KEY" {
		t.Errorf("%+v", r)
	}
}
