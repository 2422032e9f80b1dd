package ui

import (
	"slices"
	"time"

	"noxkey/broker"
	"noxkey/caller"
	"noxkey/secret"
)

// maxRecent is how many ended requests a desk remembers.
const maxRecent = 20

// Recent is a request that ended, ready to be shown.
type Recent struct {
	At      time.Time
	Outcome string // "allowed 4 h", "denied", "timed out"
	What    string // "acme/api/KEY", "acme/web, 4 secrets", "ran make test with acme/api/KEY"
	Who     string // "Claude Code", with what made it special: "Codex, off limits"
	// Name is that of the one secret that it was about, "" if there were none or several.
	Name secret.Name
	// Told says all of it where that is more: "acme/api/KEY, found in what Claude Code
	// printed"; else "".
	Told string
}

// only returns the name in list if it is the only one.
func only(list []secret.Name) secret.Name {
	if len(list) == 1 {
		return list[0]
	}
	return ""
}

// note remembers how a request ended. Callers hold mu.
func (d *Desk) note(a *broker.Ask, end secret.Outcome) {
	r := Recent{At: d.now(), Outcome: outcomeWord(end), What: what(names(a), a.Prefix), Who: whoName(a.Who), Name: only(names(a))}
	if end == secret.AllowedSession && a.Session > 0 {
		r.Outcome = "allowed " + Left(a.Session)
	}
	if c := commandOf(a); c != "" {
		r.ran(c)
	}
	d.recent = slices.Insert(d.recent, 0, r)
	d.recent = d.recent[:min(len(d.recent), maxRecent)]
}

// Recent returns the requests that ended, newest first: what a front shows while
// the audit cannot be read.
func (d *Desk) Recent() []Recent {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.recent)
}

func names(a *broker.Ask) []secret.Name {
	var list []secret.Name
	for _, it := range a.Items {
		list = append(list, it.Name)
	}
	for _, w := range a.Writes {
		if w.Name != "" {
			list = append(list, w.Name)
		}
	}
	return list
}

// what names what a request was about, in a few words.
func what(list []secret.Name, p secret.Prefix) string {
	switch {
	case len(list) == 1:
		return string(list[0])
	case p != "" && len(list) > 1:
		return string(p) + ", " + Count(len(list), "secret")
	case p != "":
		return string(p)
	case len(list) > 1:
		return Count(len(list), "secret")
	}
	return ""
}

func outcomeWord(o secret.Outcome) string {
	if o == secret.AllowedSession {
		return "allowed"
	}
	return Visible(string(o), 24)
}

// RecentOf turns records of the audit, in any order, into the newest n that are worth a
// line: decisions, stored values that were found in texts, recovery codes that went out.
func RecentOf(records []secret.Record, n int) []Recent {
	records = slices.Clone(records)
	slices.SortFunc(records, func(a, b secret.Record) int { return compare(b.Seq, a.Seq) })
	var list []Recent
	for _, r := range records {
		line := Recent{At: r.Time, Outcome: outcomeWord(r.Outcome), What: recordWhat(r), Who: recordWho(r), Name: only(r.Names)}
		if len(list) < n && line.tell(r) {
			list = append(list, line)
		}
	}
	return list
}

func recordWhat(r secret.Record) string {
	if w := what(r.Names, r.Prefix); w != "" {
		return w
	}
	return Visible(string(r.Op), 24)
}

func recordWho(r secret.Record) string {
	who := Visible(r.Who, 40)
	if who == "" {
		who = Visible(r.Class, 16)
	}
	return who
}

func compare(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// SessionLine is an open session, ready to be shown.
type SessionLine struct {
	ID    uint64
	What  string // "acme/api"
	Who   string // "Claude Code", "zsh in tmux 4121 (vouched)"
	Right string // "3 h 12 min left"
}

// SessionLines returns the open sessions, the one that ends first last.
func SessionLines(list []secret.Session, now time.Time) []SessionLine {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b secret.Session) int { return until(b).Compare(until(a)) })
	lines := make([]SessionLine, 0, len(list))
	for _, s := range list {
		l := SessionLine{ID: s.ID, What: what(s.Names, s.Prefix), Who: Visible(s.Who, 60), Right: "while it runs"}
		if s.Vouched {
			l.What = "shells are you"
		}
		if s.Prefix == "" && l.What == "" {
			l.What = "everything"
		}
		if !s.Until.IsZero() {
			l.Right = Left(s.Until.Sub(now)) + " left"
		}
		lines = append(lines, l)
	}
	return lines
}

// until sorts what has no end after everything that has one.
func until(s secret.Session) time.Time {
	if s.Until.IsZero() {
		return time.Unix(1<<40, 0)
	}
	return s.Until
}

// whoName names a caller in a few words: "Claude Code", "an unknown program",
// "zsh in gnome-terminal".
func whoName(c caller.Caller) string {
	switch {
	case c.Front:
		return "you"
	case c.Class == caller.Agent && c.Agent != "":
		return Visible(c.Agent, 40)
	case c.Class == caller.Human:
		return humanName(c)
	}
	return "an unknown program"
}

// humanName is the shell that asked and the terminal it is in.
func humanName(c caller.Caller) string {
	name := "you"
	for _, p := range c.Chain {
		if p.ID == c.Anchor {
			name = Visible(p.Name(), 40)
		}
	}
	if c.Terminal == "" {
		return name
	}
	return name + " in " + Visible(c.Terminal, 60)
}
