package ui

import (
	"fmt"
	"time"
	"unicode/utf8"

	"noxkey/broker"
	"noxkey/secret"
)

// PanelRow is one match in the search panel, ready to be shown.
type PanelRow struct {
	Key  string // the name's last part
	Path string // "acme/api — live payments"
	// KeyMarks and PathMarks are the runes of each that the query found, ascending.
	KeyMarks, PathMarks []int
	Type, Level         string
	Heavy               bool   // strict, off limits, or a level nobody knows
	Expiring            string // "12 days left", "expired"; "" if that is far
	Spoken              string // "STRIPE_SECRET_KEY, acme/api, API key, strict"
}

// Row returns what the search panel shows of m.
func (m *Match) Row(now time.Time) PanelRow {
	e := m.Entry
	key, path := Visible(e.Name.Key(), 0), Visible(string(e.Name.Parent()), 0)
	r := PanelRow{
		Key: key, Path: path, Type: TypeWord(e.FieldType), Level: LevelWord(e.Level), Heavy: e.Level.Rank() >= secret.Strict.Rank(),
		Spoken: key + ", " + path + ", " + TypeWord(e.FieldType) + ", " + LevelWord(e.Level), Expiring: Expiring(e, now),
	}
	if r.Expiring != "" {
		r.Spoken += ", " + r.Expiring
	}
	split := utf8.RuneCountInString(path) // names are ASCII, so that marks in them stay where they are
	for _, i := range m.Name {
		switch {
		case i < split:
			r.PathMarks = append(r.PathMarks, i)
		case i > split:
			r.KeyMarks = append(r.KeyMarks, i-split-1)
		}
	}
	desc := Visible(e.Desc, reasonMax)
	if desc == "" {
		return r
	}
	const dash = " — "
	r.Path += dash + desc
	if desc != e.Desc { // characters were replaced: the marks would be on others
		return r
	}
	for _, i := range m.Desc {
		r.PathMarks = append(r.PathMarks, split+utf8.RuneCountInString(dash)+i)
	}
	return r
}

// PanelCount says how many secrets there are, or how many of all match a query and
// how many of those are listed.
func PanelCount(listed, matches, all int, query bool) string {
	switch {
	case !query:
		return Count(all, "secret")
	case matches > listed:
		return fmt.Sprintf("%s of %s matches", Number(listed), Number(matches))
	}
	return fmt.Sprintf("%s of %s", Number(matches), Number(all))
}

// Message stands in the panel where there is nothing to list.
type Message struct {
	Title, Body string
	Info        bool // beside the sign for information
}

// NoMatch is shown when a query finds nothing.
func NoMatch(query string) Message {
	return Message{Title: "No secret matches “" + Visible(query, 60) + "”", Body: "Search looks at names and descriptions, letter by letter in order."}
}

// EmptyVault is shown while there is no secret at all.
func EmptyVault() Message {
	return Message{Title: "No secrets yet", Body: "Drop a .env file on the key in the menu bar, or choose New Secret from its menu."}
}

// LockedPanel is shown while NoxKey is locked. touch and why say whether Touch ID can
// be asked for; ended is when sessions ended with the screen's lock, zero for never.
func LockedPanel(touch bool, why string, ended, now time.Time) Message {
	if !touch {
		m := Message{Title: "Touch ID is not available", Body: "Return unlocks NoxKey with your Apple Watch or your Mac password.", Info: true}
		if why != "" {
			m.Body = Sentence(Visible(why, reasonMax)) + " " + m.Body
		}
		return m
	}
	m := Message{Title: "NoxKey is locked", Body: "Return unlocks it with Touch ID.", Info: true}
	if !ended.IsZero() {
		m.Body += " Sessions ended when the screen locked at " + Until(ended, now) + "."
	}
	return m
}

// KeyHint says what a key does in the panel.
type KeyHint struct{ Key, Does string }

// The hints of the panel's footer.
var (
	HintDetails  = KeyHint{"⌘↩", "details"}
	HintClose    = KeyHint{"esc", "close"}
	HintClear    = KeyHint{"esc", "clear"}
	HintBack     = KeyHint{"esc", "back"}
	HintCopyName = KeyHint{"⌘C", "copy name"}
	HintNew      = KeyHint{"↩", "new secret"}
	HintUnlock   = KeyHint{"↩", "unlock"}
	HintPassword = KeyHint{"↩", "unlock with password"}
)

// HintCopy is the hint of the key that copies e.
func HintCopy(e *secret.Entry) KeyHint { return KeyHint{"↩", CopyWord(e)} }

// Hints writes hints in one line, and which runes of it are keys.
func Hints(list ...KeyHint) (line string, keys []int) {
	n := 0
	for i, h := range list {
		if i > 0 {
			line += "     "
			n += 5
		}
		for range utf8.RuneCountInString(h.Key) {
			keys = append(keys, n)
			n++
		}
		line += h.Key + " " + h.Does
		n += 1 + utf8.RuneCountInString(h.Does)
	}
	return line, keys
}

// The panel's other words.
const (
	PanelTitle  = "NoxKey search"
	PanelHint   = "Search secrets"
	PanelRecent = "Recently used"
	PanelLocked = "Locked"
	PanelBack   = "Back"
	PanelList   = "Secrets"
	NameCopied  = "The name is copied."
)

// Waits says that the request of a waits behind the panel; chord shows its card.
func Waits(a *broker.Ask, chord string, now time.Time) string {
	s := Capital(whoName(a.Who)) + " waits for an answer"
	if a.Deadline.After(now) {
		s += ", " + Clock(a.Deadline.Sub(now))
	}
	return s + ". " + chord + " shows it."
}

// Copied says that a value is on the clipboard, and for how long; 0 is until it is
// replaced.
func Copied(after time.Duration) string {
	if after <= 0 {
		return "Copied."
	}
	return fmt.Sprintf("Copied. The clipboard is cleared in %d s.", int(after/time.Second))
}

// NotCopied says why a value is not on the clipboard.
func NotCopied(err error) string {
	if secret.CodeOf(err) == secret.Storage { // the clipboard is meant, not the vault
		return "Not copied. " + Sentence(Visible(err.Error(), 300))
	}
	return "Not copied. " + Words(err)
}

// Detail is a labelled line about a secret.
type Detail struct {
	Label, Text string
	Path        bool // is cut in its middle
	Mono        bool // the start of the value
	Warn        bool // it has expired or will soon
}

// PanelDetails are the lines about an entry in the panel.
func PanelDetails(e *secret.Entry, t Terms, now time.Time) []Detail {
	var list []Detail
	for _, f := range Details(e, t, now) {
		d := Detail{Label: f.Label, Text: f.Text, Path: f.Path}
		if f.Label == "Starts with" {
			d.Text, d.Mono = f.Text+"…", true
		}
		d.Warn = f.Label == "Expires" && Expiring(e, now) != ""
		list = append(list, d)
	}
	return list
}
