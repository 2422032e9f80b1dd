package ui

import (
	"fmt"
	"strings"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// The words below are those of cards and entries on a desktop; the terminal has its own.

// buttonMost is how many characters fit on the button that allows for a while.
const buttonMost = 19

// ButtonTitle is what a button of a's card says: "Allow for 4 Hours".
func ButtonTitle(a *broker.Ask, c Choice) string {
	switch c {
	case AllowOnce:
		return "Allow Once"
	case AllowSession:
		var words []string
		for w := range strings.FieldsSeq(Long(a.Session)) {
			words = append(words, Capital(w))
		}
		s := "Allow for " + strings.Join(words, " ")
		if len(s) > buttonMost && a.Session%time.Minute == 0 {
			s = "Allow for " + Left(a.Session)
		}
		return s
	case Vouch:
		if a.Vouch != nil {
			return "Vouch for " + process(a.Vouch)
		}
	}
	return "Deny"
}

// SheetFollows reports whether the system's sheet is what comes after the choice.
func (s State) SheetFollows() bool {
	return s.Ask == nil || s.Ask.Touch || s.Ask.Kind != broker.AskCard || s.Choice != AllowOnce
}

// Unknown reports whether nobody can tell who asks.
func (s State) Unknown() bool { return s.Ask != nil && s.Ask.Who.Class == caller.Unknown }

// ArmHelp is the help of a button that is dead for a moment, DenyHelp that of Deny.
const (
	ArmHelp  = "available in a moment"
	DenyHelp = "Denies the request. Escape does the same."
)

// Request names a card's Mark, which no line of a card shows.
func Request(v CardView) string { return "Request " + v.Mark }

// DesktopNote is the line below a card. why is the reason for which the card is back,
// or "".
func DesktopNote(a *broker.Ask, t Terms, now time.Time, why string) string {
	if why == "" {
		return CardNote(a, t, now)
	}
	if !a.Deadline.IsZero() {
		why += " Denied in " + Clock(a.Deadline.Sub(now)) + "."
	}
	return why
}

// announced is how many names an announcement says.
const announced = 3

// Announce is what VoiceOver says when a's card is shown; chord is the hot key in words.
func Announce(a *broker.Ask, chord string) string {
	s := title(a)
	if list := names(a); len(list) > 0 {
		var keys []string
		for _, n := range list[:min(len(list), announced)] {
			keys = append(keys, n.Key())
		}
		s += ": " + strings.Join(keys, ", ")
		if more := len(list) - announced; more > 0 {
			s += fmt.Sprintf(" and %d more", more)
		}
	}
	return s + ". " + chord + " goes to the request."
}

// SpokenChord is how VoiceOver says a chord that is written "⇧⌘1".
func SpokenChord(chord string) string {
	var words []string
	for _, m := range []struct{ sign, word string }{{"⌃", "Control"}, {"⌥", "Option"}, {"⌘", "Command"}, {"⇧", "Shift"}} {
		if strings.Contains(chord, m.sign) {
			words = append(words, m.word)
			chord = strings.ReplaceAll(chord, m.sign, "")
		}
	}
	return strings.Join(append(words, chord), " ")
}

// Urgent is what VoiceOver says once when little time is left.
func Urgent(left time.Duration) string {
	return "Denied in " + Count(int((left+time.Second-1)/time.Second), "second") + "."
}

// Spoken is what VoiceOver says of a row: "STRIPE_SECRET_KEY in acme/api, strict".
func (r Row) Spoken(path string) string {
	s := r.Name
	if path != "" {
		s += " in " + path
	}
	if r.Right != "" {
		s += ", " + r.Right
	}
	for _, u := range r.Under {
		s += ", " + u
	}
	return s
}

// Waiting says that the system's sheet is up, and what happens when it answers.
func Waiting(s State, t Terms) (title, body string) {
	proof := strings.Replace(t.Proof, "Your ", "your ", 1)
	title = "Waiting for " + proof
	before := "before " + proof + " answers."
	if proof != t.Proof {
		before = "before " + proof + " is right."
	}
	if s.Ask == nil {
		return title, Sentence(Visible(s.Prompt.Reason, 0))
	}
	done := "Nothing is released "
	if len(s.Ask.Writes) > 0 {
		done = "Nothing is written "
	}
	return title, willDo(s.Ask, s.Choice) + " " + done + before
}

// willDo says in a sentence what a chosen grant does.
func willDo(a *broker.Ask, c Choice) string {
	get := a.Op == secret.OpGet || a.Op == secret.OpRedeem
	switch {
	case get && c == AllowOnce:
		what := things(a)
		if list := names(a); len(list) == 1 {
			what = list[0].Key()
		}
		return Capital(whoName(a.Who)) + " gets " + what + " once."
	case get && c == AllowSession:
		return fmt.Sprintf("%s may read %s for %s.", Capital(whoName(a.Who)), reach(a), Long(a.Session))
	}
	return "NoxKey is about to " + Reason(a, c) + "."
}

// HumanTitle says who asks for themselves, and for what. The name of a shell is not
// capitalised.
func HumanTitle(a *broker.Ask) string {
	s, who := title(a), whoName(a.Who)
	if who == "you" {
		return s
	}
	if rest, ok := strings.CutPrefix(s, Capital(who)); ok {
		return who + rest
	}
	return s
}

// HumanWhat says below the title what a person's own request is about, and for how long.
func HumanWhat(a *broker.Ask, now time.Time) string {
	switch a.Op {
	case secret.OpGet, secret.OpRedeem, secret.OpPeek, secret.OpList:
		return things(a) + ", once"
	case secret.OpUnlock:
		if a.Session > 0 && (a.Prefix != "" || len(a.Covered) > 0) {
			how := howLong(a, now)
			return reach(a) + ", " + strings.ToLower(how[:1]) + how[1:]
		}
	}
	return Capital(Reason(a, AllowOnce))
}

// RestWords tells that an agent's requests are refused for a while.
func RestWords(r Resting, now time.Time) (title, body string) {
	left := max(r.Until.Sub(now).Round(time.Minute), time.Minute)
	return fmt.Sprintf("%s rests for %s", Capital(Visible(r.Agent, 40)), Long(left)),
		fmt.Sprintf("You denied it twice within a minute. Until %s its requests are refused without a card.", Hour(r.Until.In(now.Location())))
}

// EntryView is a request for a value in words.
type EntryView struct {
	Title, Next string
	Mark        string
	Strip       *Strip
	Group       Group
	Says        Fact // no Label: it says nothing and is not asked to
	No          string
}

// EntryCard says in words what value a asks for.
func EntryCard(a *broker.Ask, t Terms, now time.Time) EntryView {
	v := EntryView{Title: title(a), Mark: mark(a.Digest()), Strip: strip(a, t, now), No: "Deny"}
	switch a.Who.Class {
	case caller.Human:
		v.Next, v.No = "NoxKey stores it.", "Cancel"
	case caller.Agent:
		v.Next = "NoxKey stores it. The agent gets only its name."
	default:
		v.Next = "NoxKey stores it. Whoever asked gets only its name."
	}
	if groups := writeGroups(a.Writes, now); len(groups) > 0 {
		v.Group = groups[0]
		for i, w := range a.Writes {
			v.Group.Rows[i] = entryRow(v.Group.Rows[i], w)
		}
	}
	if a.Who.Class != caller.Human || a.Reason != "" {
		v.Says = Fact{"It says", Says(a.Reason), false}
	}
	return v
}

// entryRow is a write's row without what the entry says by itself.
func entryRow(r Row, w broker.Write) Row {
	if !w.Exists {
		r.Right, r.Heavy = TypeWord(w.New.FieldType)+", "+LevelWord(w.New.Level), false
	}
	var under []string
	for _, u := range r.Under {
		if u != "you type the value" {
			under = append(under, u)
		}
	}
	r.Under = under
	return r
}

// EntryTime says when a request for a value ends by itself, "" if it does not.
func EntryTime(a *broker.Ask, now time.Time) string {
	if a.Deadline.IsZero() {
		return ""
	}
	return "Without an answer, denied in " + Clock(a.Deadline.Sub(now)) + "."
}

// ShowValue is the help of the sign that shows or hides a value.
func ShowValue(shown bool) string {
	if shown {
		return "Hide the value"
	}
	return "Show the value"
}

// ReplaceWords ask whether a secret that exists is to be replaced.
func ReplaceWords(name string) (title, text, yes, no string) {
	return name + " exists.", "Save replaces its value.", "Save", "Cancel"
}

// QueueWords are "1 of 3", "" if nothing else waits.
func QueueWords(s State) string {
	most := s.Queue
	if s.Ask != nil {
		most = max(most, s.Ask.Waiting)
	}
	if s.Ask == nil || most < 2 {
		return ""
	}
	return fmt.Sprintf("%d of %d", max(s.Ask.Position, 1), max(most, s.Ask.Position))
}

// NewSecretWords head the form for a secret of the person's own.
func NewSecretWords() (title, below string) {
	return "New secret", "Stored in the Keychain of this Mac"
}

// Stored says that a secret was written.
func Stored(name string, t Terms) string { return name + " is in " + t.Store + "." }
