package ui

import (
	"fmt"
	"strings"
	"time"

	"noxkey/secret"
)

// The menu's fixed words.
const (
	MenuSessions   = "Sessions"
	MenuRecent     = "Recent requests"
	MenuNoSession  = "No session is open"
	MenuEnd        = "End Session"
	MenuEndAll     = "End All Sessions"
	MenuLetAsk     = "Let It Ask Again"
	MenuSearch     = "Search…"
	MenuNew        = "New Secret…"
	MenuImport     = "Import .env Files…"
	MenuPause      = "Pause Agent Requests"
	MenuResume     = "Resume Agent Requests"
	MenuLock       = "Lock Now"
	MenuUnlock     = "Unlock…"
	MenuSettings   = "Settings…"
	MenuAbout      = "About NoxKey"
	MenuQuit       = "Quit NoxKey"
	MenuFailed     = "NoxKey could not do that"
	MenuOK         = "OK"
	QuitTitle      = "Quit NoxKey?"
	QuitYes        = "Quit"
	QuitNo         = "Cancel"
	menuNameLength = 28
)

// MenuClear is the item that empties the clipboard, with how long a value stays there.
func MenuClear(left time.Duration) string { return "Clear Clipboard Now (" + Clock(left) + ")" }

// MenuMore is the item below which the sessions stand that have no place.
func MenuMore(n int) string { return Number(n) + " More" }

// MenuShow is the item that leads to the requests that wait.
func MenuShow(n int) string {
	if n == 1 {
		return "Show Waiting Request"
	}
	return "Show " + Number(n) + " Waiting Requests"
}

// StatusTip says what the icon in the menu bar shows: the strongest of what waits,
// a pause, and open sessions.
func StatusTip(waiting int, paused bool, sessions int) string {
	switch {
	case waiting == 1:
		return "NoxKey, 1 request waits"
	case waiting > 1:
		return "NoxKey, " + Number(waiting) + " requests wait"
	case paused:
		return "NoxKey, agent requests paused"
	case sessions > 0:
		return "NoxKey, " + Count(sessions, "session") + " open"
	}
	return "NoxKey"
}

// QuitText is what a question before quitting says.
func QuitText(sessions int) string {
	s := "Agents get no secrets until it runs again. "
	if sessions == 1 {
		return s + "1 session ends."
	}
	return s + Number(sessions) + " sessions end."
}

// SessionItem is an open session in the menu.
type SessionItem struct {
	ID                     uint64
	Text                   string // at most 28 characters
	Full                   string // what Text is, in full
	Right                  string // "Claude Code · 3 h 12 min left"
	Covers, Granted, Usage string
}

// OpenSessions drops the sessions that ended since they were asked for.
func OpenSessions(list []secret.Session, now time.Time) []secret.Session {
	var open []secret.Session
	for _, s := range list {
		if s.Until.IsZero() || s.Until.After(now) {
			open = append(open, s)
		}
	}
	return open
}

// SessionItems returns the sessions that are open at now, in the order of SessionLines.
func SessionItems(list []secret.Session, now time.Time) []SessionItem {
	list = OpenSessions(list, now)
	byID := map[uint64]secret.Session{}
	for _, s := range list {
		byID[s.ID] = s
	}
	var items []SessionItem
	for _, l := range SessionLines(list, now) {
		s := byID[l.ID]
		it := SessionItem{
			ID: l.ID, Full: sessionReach(s, l.What), Right: l.Who + " · " + l.Right,
			Granted: "Granted at " + Until(s.Granted, now) + " to " + l.Who, Usage: "Used " + Count(s.Used, "time"),
		}
		it.Text, it.Covers = Middle(it.Full, menuNameLength), sessionCovers(s, it.Full)
		items = append(items, it)
	}
	return items
}

// sessionReach is what a session is called: the prefix that it was asked for, if it
// has one.
func sessionReach(s secret.Session, line string) string {
	if s.Prefix != "" && len(s.Names) != 1 && !s.Vouched {
		return string(s.Prefix)
	}
	return line
}

func sessionCovers(s secret.Session, reach string) string {
	switch {
	case s.Vouched:
		return "Shells in it are treated as you"
	case s.Prefix != "" && len(s.Names) != 1:
		return "Covers " + string(s.Prefix) + " and below"
	}
	return "Covers " + reach
}

// RecentItem is a request that ended, in the menu.
type RecentItem struct {
	Text    string // at most 28 characters
	Right   string // "Codex · 14 min ago"
	Tip     string // what it was about in full, and how it ended
	Allowed bool
	Name    secret.Name // of the one secret that it was about, "" for none or several
}

// RecentItems returns the newest n requests that were about something that has a name.
func RecentItems(list []Recent, n int, now time.Time) []RecentItem {
	var items []RecentItem
	for _, r := range list {
		if r.What == "" || len(items) == n {
			continue
		}
		it := RecentItem{Right: r.Who + " · " + Ago(now.Sub(r.At)), Tip: r.What + ", " + r.Outcome, Allowed: r.Allowed(), Name: r.Name}
		if r.Told != "" {
			it.Tip = r.Told
		}
		it.Text = Middle(r.What, menuNameLength)
		if r.Name != "" {
			it.Text = Middle(r.Name.Key(), menuNameLength)
		}
		items = append(items, it)
	}
	return items
}

// Allowed reports whether the request got what it asked for. A word that is not known
// means no.
func (r Recent) Allowed() bool {
	if strings.HasPrefix(r.Outcome, "allowed") || r.Outcome == handedOut {
		return true
	}
	switch secret.Outcome(r.Outcome) {
	case secret.InSession, secret.Released, secret.OutVouched, secret.OutDone:
		return true
	}
	return false
}

// RestItem says in the menu that an agent rests, and for how long.
func RestItem(r Resting, now time.Time) (text, right string) {
	return fmt.Sprintf("%s rests", Visible(r.Agent, 40)), "asks again in " + Left(r.Until.Sub(now))
}
