package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"noxkey/broker"
	"noxkey/secret"
)

// OwnFacts are the labels of the facts that a person's own request is shown with, where
// a proof follows without a card: also what a project's manifest chose is seen before it.
var OwnFacts = []string{"Runs", "From", "As", "Manifest", "Codes", "Folder", "Chain"}

// argvMax is how many characters of a command a card shows. Whatever is behind them
// changes the request's mark.
const argvMax = secret.MaxShown

// runs says which program gets the values, from which file, and which manifest chose
// them. As what it gets them stands below each.
func runs(a *broker.Ask, t Terms, now time.Time) []Fact {
	r := a.Run
	if r == nil {
		return nil
	}
	list := []Fact{{"Runs", Visible(secret.ShellWords(r.Argv, 0), argvMax), false}, {"From", t.Path(r.Path), true}}
	if s := elsewhere(a); s != "" {
		list = append(list, Fact{"As", s, false})
	}
	if r.Manifest != nil {
		list = append(list, Fact{"Manifest", manifest(a, t, now), false})
	}
	return list
}

// binding is what a program gets a secret as.
func binding(b secret.Binding) string {
	env := Visible(b.Env, 128)
	if b.AsFile {
		return "a file, its path in " + env
	}
	return env
}

// bindUnder says below each secret of a run under which other name than its own, or as
// which file, the program gets it.
func bindUnder(groups []Group, a *broker.Ask) {
	if a.Run == nil {
		return
	}
	as := map[secret.Name][]string{}
	for _, b := range a.Run.As {
		as[b.Name] = append(as[b.Name], "as "+binding(b))
	}
	for _, g := range groups {
		for i, r := range g.Rows {
			name := secret.Name(r.Name)
			if g.Path != "" {
				name = secret.Name(g.Path + "/" + r.Name)
			}
			if own, err := name.Env(); err == nil && slices.Equal(as[name], []string{"as " + own}) {
				continue // as without a binding
			}
			g.Rows[i].Under = append(g.Rows[i].Under, as[name]...)
		}
	}
}

// elsewhere tells the bindings that belong to no secret of the card: there should be none.
func elsewhere(a *broker.Ask) string {
	var parts []string
	for _, b := range a.Run.As {
		if !slices.ContainsFunc(a.Items, func(it broker.Item) bool { return it.Name == b.Name }) {
			parts = append(parts, binding(b)+" from "+Visible(string(b.Name), 0))
		}
	}
	return strings.Join(parts, ", ")
}

// manifestPath bounds the path in a card's line about the manifest; what is cut is in
// the request's mark.
const manifestPath = 120

func manifest(a *broker.Ask, t Terms, now time.Time) string {
	m := a.Run.Manifest
	s := Middle(t.Path(m.Path), manifestPath) + " " + shortDigest(m.Digest)
	if m.Profile != "" {
		s += ", profile " + Visible(m.Profile, 64)
	}
	switch {
	case a.Manifest == nil || a.Manifest.Last == "":
		return s + ", first seen now"
	case manifestChanged(a):
		return s + ", changed" // the strip says what it was
	}
	return s + ", as you allowed it, " + Date(a.Manifest.Seen, now)
}

// manifestChanged reports whether the file that chose the secrets is another than the
// one that was allowed before.
func manifestChanged(a *broker.Ask) bool {
	return a.Run != nil && a.Run.Manifest != nil && a.Manifest != nil && a.Manifest.Last != "" && a.Manifest.Last != a.Run.Manifest.Digest
}

// manifestStrip warns of a changed manifest, nil if it is none.
func manifestStrip(a *broker.Ask, t Terms, now time.Time) *Strip {
	if !manifestChanged(a) {
		return nil
	}
	m := a.Run.Manifest
	return &Strip{"This project asks for other secrets than before",
		fmt.Sprintf("%s changed after you allowed it on %s: what it asks for was %s and is %s now. Look at the list.",
			Middle(t.Path(m.Path), manifestPath), Date(a.Manifest.Seen, now), shortDigest(a.Manifest.Last), shortDigest(m.Digest))}
}

// shortDigest is the start of a digest in hex, as marks are written.
func shortDigest(hex string) string {
	if len(hex) < 8 {
		return Visible(hex, 16)
	}
	return Visible(hex[:4]+"-"+hex[4:8], 16)
}
