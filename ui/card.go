package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// CardView is an Ask in words. Nothing in it needs escaping any more.
type CardView struct {
	Title string // who wants what
	Long  string // for how long
	Mark  string // changes with every field of the grant, also with those no line tells: "3f9a-12bc-77d0-01ab"
	Queue string // "1 of 3"
	Strip *Strip
	// Groups are the secrets (or names of a write), in boxes of one path each.
	Groups  []Group
	Facts   []Fact
	Buttons []Button
	Note    string // why the card is back; empty at first
}

// Strip is a warning.
type Strip struct{ Title, Body string }

// Group is a box of secrets below one path.
type Group struct {
	Path string // "acme/api", or "" when they share none and rows are full names
	Rows []Row
}

// Row is one secret of a Group.
type Row struct {
	Name  string // the rest of the name below Path, never cut
	Right string // the level, in words
	Heavy bool   // strict or off limits
	// Level is the secret's, "" where a row is not about one: fronts that draw levels
	// as signs need more than the word.
	Level secret.Level
	Under []string
}

// Fact is a labelled line.
type Fact struct {
	Label, Text string
	Path        bool // may be cut in the middle
}

// Button is a choice that the card offers.
type Button struct {
	Choice broker.Choice
	Label  string
}

// Choice is what the person chose; a front needs no word of the broker's.
type Choice = broker.Choice

// The choices.
const (
	Deny         = broker.Deny
	AllowOnce    = broker.AllowOnce
	AllowSession = broker.AllowSession
	Vouch        = broker.Vouch
)

// reasonMax is how many characters of an asker's words a card shows.
const reasonMax = 240

// Card says a in words. Two Asks that grant different things differ in the text:
// in a line of their own where a person can judge it, and always in Mark.
func Card(a *broker.Ask, t Terms, now time.Time) CardView {
	v := CardView{
		Title: title(a), Long: howLong(a, now), Mark: mark(a.Digest()), Strip: strip(a, t, now),
		Buttons: buttons(a), Note: Sentence(Visible(a.Note, reasonMax)),
	}
	if a.Waiting > 0 {
		v.Queue = fmt.Sprintf("%d of %d", max(a.Position, 1), max(a.Waiting, a.Position))
	}
	v.Groups = append(itemGroups(a.Items), writeGroups(a.Writes, now)...)
	bindUnder(v.Groups, a)
	if a.Op == secret.OpPlaces {
		v.Groups = placeGroup(a)
	}
	v.Groups = append(v.Groups, settingGroup(a)...)
	v.Groups = append(v.Groups, coveredGroup(a)...)
	v.Facts = facts(a, t, now)
	return v
}

// mark is the first 64 bits of a digest in groups of four digits.
func mark(d broker.Digest) string {
	h := fmt.Sprintf("%x", d[:8])
	return h[:4] + "-" + h[4:8] + "-" + h[8:12] + "-" + h[12:]
}

// Offers reports whether the card of a offers c. Deny is always offered.
func Offers(a *broker.Ask, c broker.Choice) bool {
	switch c {
	case broker.Deny:
		return true
	case broker.AllowOnce:
		return a.Op != secret.OpUnlock
	case broker.AllowSession:
		return a.Session > 0
	case broker.Vouch:
		return a.Vouch != nil
	}
	return false
}

func buttons(a *broker.Ask) []Button {
	all := []Button{
		{broker.AllowOnce, "allow once"},
		{broker.AllowSession, "allow for " + Long(a.Session)},
		{broker.Vouch, ""},
		{broker.Deny, "deny"},
	}
	if a.Vouch != nil {
		all[2].Label = "vouch for " + process(a.Vouch)
	}
	return slices.DeleteFunc(all, func(b Button) bool { return !Offers(a, b.Choice) })
}

func title(a *broker.Ask) string {
	who := whoName(a.Who)
	if a.Kind == broker.AskEntry && a.Who.Class != caller.Human {
		return Capital(who) + " asks you for a value"
	}
	if a.Who.Class == caller.Human && who != "you" {
		return Capital(who) + " " + verb(a, "reads", "opens", "changes")
	}
	if a.Who.Class == caller.Human || a.Who.Front {
		return "You " + verb(a, "read", "open", "change")
	}
	return Capital(who) + " wants " + verb(a, "", "to open", "to change")
}

// verb says what a does: to secrets with read, to a prefix with open, to the vault with change.
func verb(a *broker.Ask, read, open, change string) string {
	secrets := Count(len(a.Items), "secret")
	if len(a.Items) == 1 {
		secrets = "a secret"
	}
	switch a.Op {
	case secret.OpGet, secret.OpRedeem:
		return strings.TrimSpace(read + " " + secrets)
	case secret.OpPeek, secret.OpList:
		if read == "" {
			return "to see the start of " + secrets
		}
		return "see the start of " + secrets
	case secret.OpUnlock:
		if a.Prefix != "" {
			return open + " " + string(a.Prefix)
		}
		if len(a.Covered) == 0 {
			return open + " NoxKey"
		}
		return open + " " + Count(len(a.Covered), "secret")
	case secret.OpWrite:
		return change + " " + writeObject(a.Writes)
	case secret.OpPlaces:
		return change + " the list of projects"
	case secret.OpPasswd:
		return change + " the passphrase"
	case secret.OpRekey:
		return change + " the root key"
	case secret.OpSettings:
		return change + " a setting"
	}
	return strings.TrimSpace(change + " the vault: " + Visible(string(a.Op), 24))
}

func writeObject(w []broker.Write) string {
	if len(w) == 1 {
		return "a secret"
	}
	return Count(len(w), "secret")
}

// howLong says how long the grant lasts, and when it ends.
func howLong(a *broker.Ask, now time.Time) string {
	if lasts(a) {
		return fmt.Sprintf("For %s, until %s", Long(a.Session), Until(now.Add(a.Session), now))
	}
	return once(a)
}

// Chosen says how long the grant lasts now that c was chosen on the card.
func Chosen(a *broker.Ask, c broker.Choice, now time.Time) string {
	if c == broker.AllowSession {
		return howLong(a, now)
	}
	return once(a)
}

func once(a *broker.Ask) string {
	switch {
	case a.Op == secret.OpWrite:
		return "Once, all of it or nothing"
	case a.Delivery == secret.DeliverRun:
		return "Once, for one program"
	case a.Delivery == secret.DeliverShell, a.Delivery == secret.DeliverEval:
		return "Once, for one shell command"
	}
	return "Once"
}

// CardNote is the line below a card: what follows an Allow, and when silence
// counts as a denial.
func CardNote(a *broker.Ask, t Terms, now time.Time) string {
	s := t.Proof + " follows."
	if !a.Touch {
		s = "No " + t.proof() + " for an easy secret."
	}
	if !a.Deadline.IsZero() {
		s += " Without an answer, denied in " + Clock(a.Deadline.Sub(now)) + "."
	}
	return s
}

// lasts reports whether what a grants may last. What a person asks for
// themselves is once, unless they unlock a session.
func lasts(a *broker.Ask) bool {
	return a.Session > 0 && (a.Kind != broker.AskHuman || a.Op == secret.OpUnlock)
}

// Text is the whole card as one text, for tests and for readers of screens.
func (v CardView) Text() string {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.TrimSpace(strings.Join(parts, "  ")) + "\n") }
	line(v.Title, v.Queue)
	line(v.Long)
	if v.Strip != nil {
		line("!", v.Strip.Title)
		line(v.Strip.Body)
	}
	for _, g := range v.Groups {
		line(g.Path)
		for _, r := range g.Rows {
			line(r.Name, r.Right)
			for _, u := range r.Under {
				line(u)
			}
		}
	}
	for _, f := range v.Facts {
		line(f.Label, f.Text)
	}
	for _, x := range v.Buttons {
		line(x.Label)
	}
	line("Request", v.Mark)
	line(v.Note)
	return b.String()
}

// Sentence makes a sentence of an error's message: a capital and a full stop.
func Sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return opening(s)
	}
	return opening(s) + "."
}

// opening is Capital for a text that may begin with a name or a path, which stays as it is.
func opening(s string) string {
	if first, _, _ := strings.Cut(s, " "); strings.Contains(first, "/") {
		return s
	}
	return Capital(s)
}

// Capital puts the first letter of s in upper case.
func Capital(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}
