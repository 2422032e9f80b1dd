package ui

import (
	"slices"
	"strings"
	"testing"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// TestChangedManifestWarns, beside whatever else there is to warn of.
func TestChangedManifestWarns(t *testing.T) {
	a := fullAsk()
	a.Who.Class, a.Vouch = caller.Agent, nil
	const title, body = "This project asks for other secrets than before", "/w/.noxkey.toml changed after you allowed it on 20 Nov: what it asks for was cdcd-cdcd and is abab-abab now. Look at the list."
	if s := Card(a, Terminal(""), noon).Strip; s == nil || s.Title != title || s.Body != body {
		t.Errorf("%+v", s)
	}
	a.Known.Changed = true
	if s := Card(a, Terminal(""), noon).Strip; s == nil || s.Title != "This is not the program you allowed" || !strings.HasSuffix(s.Body, " "+title+": "+body) {
		t.Errorf("%+v", s)
	}
	a.Known.Changed = false
	for name, f := range map[string]func(){
		"the same": func() { a.Manifest = &broker.Manifest{Last: a.Run.Manifest.Digest, Seen: noon} }, "never seen": func() { a.Manifest = &broker.Manifest{} },
		"nothing known": func() { a.Manifest = nil }, "none": func() { a.Run.Manifest = nil }, "no run": func() { a.Run = nil },
	} {
		a = fullAsk()
		a.Who.Class, a.Vouch = caller.Agent, nil
		f()
		if s := Card(a, Terminal(""), noon).Strip; s != nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestBindingsStandBelowTheirSecrets, and those of a secret that is not on the card in a
// line of their own.
func TestBindingsStandBelowTheirSecrets(t *testing.T) {
	a := fullAsk()
	a.Run.As = append(a.Run.As, secret.Binding{Env: "OTHER", Name: "acme/api/URL"}, secret.Binding{Env: "LOST", Name: "acme/web/GONE"})
	v := Card(a, Terminal(""), noon)
	if got := v.Groups[0].Rows[1].Under; !slices.Equal(got, []string{"as a file, its path in DB", "as OTHER"}) {
		t.Errorf("%q", got)
	}
	if len(v.Groups[0].Rows[0].Under) > 0 {
		t.Errorf("%q", v.Groups[0].Rows[0].Under)
	}
	if i := slices.IndexFunc(v.Facts, func(f Fact) bool { return f.Label == "As" }); i < 0 || v.Facts[i].Text != "LOST from acme/web/GONE" {
		t.Errorf("%+v", v.Facts)
	}
	a.Run.As = []secret.Binding{{Env: "KEY", Name: "acme/api/KEY"}, {Env: "URL", Name: "acme/api/URL", AsFile: true}}
	if got := Card(a, Terminal(""), noon).Groups[0].Rows; len(got[0].Under) > 0 || !slices.Equal(got[1].Under, []string{"as a file, its path in URL"}) {
		t.Errorf("%+v", got)
	}
	a.Run.As = []secret.Binding{{Env: "DB", Name: "acme/api/URL"}, {Env: "URL", Name: "acme/api/URL"}}
	a.Items = []broker.Item{{Name: "acme/api/URL"}, {Name: "globex/URL"}} // no path is common
	if got := Card(a, Terminal(""), noon).Groups[0].Rows; len(got[0].Under) != 2 || len(got[1].Under) != 0 {
		t.Errorf("%+v", got)
	}
}
