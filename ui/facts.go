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

// facts are the labelled lines of a card, in their order: It says, Command or Runs, From,
// As, Manifest, Gives, Codes, Session, Left out, Folder, Program (or Was and Now), Chain.
func facts(a *broker.Ask, t Terms, now time.Time) []Fact {
	var list []Fact
	put := func(label, text string, path bool) {
		if text != "" {
			list = append(list, Fact{label, text, path})
		}
	}
	if a.Who.Class != caller.Human || a.Reason != "" {
		put("It says", Says(a.Reason), false)
	}
	if a.Command != "" {
		put("Command", Visible(a.Command, reasonMax), false)
	}
	list = append(list, runs(a, t, now)...)
	// A session for shell commands is the common case, and says all of it.
	if !lasts(a) || a.Delivery != secret.DeliverShell {
		put("Gives", gives(a), false)
	}
	put("Codes", codes(a), false)
	if lasts(a) {
		put("Session", covers(a), false)
	}
	put("Left out", leftOut(a.LeftOut), false)
	put("Folder", t.Path(folder(a)), true)
	list = append(list, program(a, t, now)...)
	put("Chain", chain(a.Who), false)
	return list
}

// folder is where the asker is, or, when the kernel does not say, where it says that its
// program will run.
func folder(a *broker.Ask) string {
	if a.Who.Dir == "" && a.Run != nil {
		return a.Run.Dir
	}
	return a.Who.Dir
}

// Says quotes an asker's own words. Quotation marks in them are made visible, so
// that they cannot end the quotation and go on as if NoxKey said it.
func Says(words string) string {
	if strings.TrimSpace(words) == "" {
		return "nothing"
	}
	s := Visible(words, reasonMax)
	body, more := s, ""
	if i := strings.LastIndex(s, "… "); i >= 0 && strings.HasSuffix(s, "more characters") || i >= 0 && strings.HasSuffix(s, "more character") {
		if len([]rune(words)) > reasonMax {
			body, more = s[:i], s[i:]
		}
	}
	body = strings.NewReplacer("“", "‹U+201C›", "”", "‹U+201D›").Replace(body)
	if more != "" {
		return "“" + body + "” " + more
	}
	return "“" + body + "”"
}

// gives says by which road the values go, and into what.
func gives(a *broker.Ask) string {
	switch a.Delivery {
	case secret.DeliverShell:
		return "Into one shell command, not into the agent’s answer."
	case secret.DeliverRun:
		if a.Run != nil && a.Run.Plain {
			return "Into this program only. Its output is not redacted."
		}
		return "Into this program only, its output redacted."
	case secret.DeliverEval:
		return "To the shell that asked, through eval."
	case secret.DeliverRaw:
		return "To the program that asked, as the bare value."
	case secret.DeliverCopy:
		return "To the clipboard, which every program can read."
	case secret.DeliverLoad:
		return "To the shell that asked, as export lines."
	case secret.DeliverExport:
		return "To a .env file, in plain text."
	case secret.DeliverBackup:
		return "Into a backup file, or to the program that compares with one, all as it is stored."
	case "":
		return ""
	}
	return "By a road this version does not know: " + Visible(string(a.Delivery), 32)
}

// codes says of which secrets a code goes out instead of what is stored.
func codes(a *broker.Ask) string {
	if a.Op != secret.OpGet || slices.Contains([]secret.Delivery{secret.DeliverRaw, secret.DeliverExport, secret.DeliverBackup}, a.Delivery) {
		return ""
	}
	var now, next []string
	for _, it := range a.Items {
		switch {
		case it.Type == secret.TOTPSeed:
			now = append(now, string(it.Name))
		case it.Kind == secret.KindRecoveryCodes:
			next = append(next, string(it.Name))
		}
	}
	var s string
	if len(now) > 0 {
		s = "Of " + strings.Join(now, ", ") + " the code of the moment, not the seed."
	}
	if len(next) > 0 {
		s += " Of " + strings.Join(next, ", ") + " the next code, which is struck off."
	}
	return strings.TrimSpace(s)
}

// covers says what a session would cover, and what it never does.
func covers(a *broker.Ask) string {
	var s string
	switch {
	case a.Prefix != "" && len(a.Covered) > 1:
		s = fmt.Sprintf("Covers %s", a.Prefix)
	case len(a.Covered) == 1:
		s = fmt.Sprintf("Covers %s", a.Covered[0])
	case a.Prefix != "":
		s = fmt.Sprintf("Covers %s", a.Prefix)
	default:
		s = "Covers " + Count(len(a.Covered), "secret")
	}
	if a.Who.Class == caller.Agent {
		s += " while this agent runs"
	}
	s += "."
	if a.Run != nil { // the grant for once is for this program; a session is not
		s += " By any command, and into its shell."
	}
	var strict, lists []string
	for _, it := range a.Items {
		switch {
		case it.Level.Rank() >= secret.Strict.Rank():
			strict = append(strict, it.Name.Key())
		case it.Kind == secret.KindRecoveryCodes:
			lists = append(lists, it.Name.Key())
		}
	}
	switch {
	case len(strict) == 1:
		s += fmt.Sprintf(" %s is strict and asks at every read.", strict[0])
	case len(strict) > 1:
		s += fmt.Sprintf(" %d of them are strict and ask at every read.", len(strict))
	}
	if len(lists) > 0 {
		s += " Not covered, since each code that goes out is a write: " + strings.Join(lists, ", ") + "."
	}
	return s
}

func leftOut(list []secret.Name) string {
	const most = 3
	switch {
	case len(list) == 0:
		return ""
	case len(list) == 1:
		return string(list[0]) + " is off limits."
	}
	var words []string
	for _, n := range list[:min(len(list), most)] {
		words = append(words, string(n))
	}
	s := strings.Join(words, ", ")
	if len(list) > most {
		s += fmt.Sprintf(" and %d more", len(list)-most)
	}
	return s + " are off limits."
}

func program(a *broker.Ask, t Terms, now time.Time) []Fact {
	k := a.Known
	if k.Path == "" {
		return nil
	}
	path := t.Path(k.Path)
	signed := ""
	if k.Signed != "" {
		signed = ", " + Visible(k.Signed, 120)
	}
	switch {
	case k.Changed:
		return []Fact{
			{"Was", fmt.Sprintf("%s, known since %s, last seen %s", path, Date(k.First, now), Date(k.Seen, now)), true},
			{"Now", "Another file at that path, first seen now" + signed, false},
		}
	case k.First.IsZero():
		return []Fact{{"Program", path + ", first seen now" + signed, true}}
	}
	return []Fact{{"Program", path + ", known since " + Date(k.First, now) + signed, true}}
}

// chain lists the processes, the eldest first.
func chain(c caller.Caller) string {
	list := make([]string, 0, len(c.Chain)+1)
	if !c.Whole && len(c.Chain) > 0 {
		list = append(list, "…")
	}
	for i, p := range slices.Backward(c.Chain) {
		name := Visible(p.Name(), 64)
		if name == "" {
			name = "?"
		}
		if c.Vouchable != nil && p.ID == c.Vouchable.ID || i == len(c.Chain)-1 && c.Class == caller.Unknown {
			name += " (" + p.ID.String() + ")"
		}
		list = append(list, name)
	}
	return strings.Join(list, " › ")
}

// itemGroups puts secrets that share whole segments into one box, in their order.
func itemGroups(items []broker.Item) []Group {
	if len(items) == 0 {
		return nil
	}
	list := make([]secret.Name, len(items))
	for i, it := range items {
		list[i] = it.Name
	}
	g := Group{Path: shared(list)}
	for _, it := range items {
		g.Rows = append(g.Rows, Row{
			Name: below(it.Name, g.Path), Right: LevelWord(it.Level), Heavy: it.Level.Rank() >= secret.Strict.Rank(), Level: it.Level,
		})
	}
	return []Group{g}
}

func below(n secret.Name, path string) string {
	if path == "" {
		return string(n)
	}
	return strings.TrimPrefix(string(n), path+"/")
}

// coveredGroup names what a session would cover beyond the secrets that are given now.
func coveredGroup(a *broker.Ask) []Group {
	given := map[secret.Name]bool{}
	for _, it := range a.Items {
		given[it.Name] = true
	}
	var more []secret.Name
	for _, n := range a.Covered {
		if !given[n] {
			more = append(more, n)
		}
	}
	if len(more) == 0 {
		return nil
	}
	g := Group{Path: shared(more)}
	for _, n := range more {
		g.Rows = append(g.Rows, Row{Name: below(n, g.Path), Right: "in the session"})
	}
	return []Group{g}
}
