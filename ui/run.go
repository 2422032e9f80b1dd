package ui

import (
	"fmt"
	"strings"
	"time"

	"noxkey/broker"
)

// argvMax is how many characters of a command a card shows. Whatever is behind them
// changes the request's mark.
const argvMax = 600

// runs says which program gets the values, from which file, as what, and which
// manifest chose them.
func runs(a *broker.Ask, t Terms, now time.Time) []Fact {
	r := a.Run
	if r == nil {
		return nil
	}
	list := []Fact{{"Runs", Visible(ShellWords(r.Argv), argvMax), false}, {"From", t.Path(r.Path), true}}
	if s := renamed(a); s != "" {
		list = append(list, Fact{"As", s, false})
	}
	if r.Manifest != nil {
		list = append(list, Fact{"Manifest", manifest(a, t, now), false})
	}
	return list
}

// renamed says which secrets come under another name than their own, or as a file.
func renamed(a *broker.Ask) string {
	var parts []string
	for _, b := range a.Run.As {
		from := string(b.Name)
		if b.AsFile {
			from = "a file with " + from
		}
		parts = append(parts, Visible(b.Env, 128)+" from "+from)
	}
	return strings.Join(parts, ", ")
}

func manifest(a *broker.Ask, t Terms, now time.Time) string {
	m := a.Run.Manifest
	s := t.Path(m.Path) + " " + shortDigest(m.Digest)
	if m.Profile != "" {
		s += ", profile " + Visible(m.Profile, 64)
	}
	k := a.Manifest
	switch {
	case k == nil || k.Last == "":
		return s + ", first seen now"
	case k.Last != m.Digest:
		return s + fmt.Sprintf(", changed: it was %s when you allowed it, %s", shortDigest(k.Last), Date(k.Seen, now))
	}
	return s + ", as you allowed it, " + Date(k.Seen, now)
}

// shortDigest is the start of a digest in hex, as marks are written.
func shortDigest(hex string) string {
	if len(hex) < 8 {
		return Visible(hex, 16)
	}
	return Visible(hex[:4]+"-"+hex[4:8], 16)
}

// ShellWords joins the arguments of a command as a shell would take them: those with
// anything but letters, digits and a few signs in single quotes.
func ShellWords(argv []string) string {
	words := make([]string, len(argv))
	for i, a := range argv {
		words[i] = shellWord(a)
	}
	return strings.Join(words, " ")
}

func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_@%+=:,./-", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
