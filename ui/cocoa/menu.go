package cocoa

import (
	"slices"

	"noxkey/secret"
	"noxkey/ui"
)

// drawStatus draws the icon in the menu bar: the strongest of what waits, a pause, open
// sessions, nothing.
func (f *Front) drawStatus() {
	waiting, sessions := f.waiting(), len(f.open())
	icon := IconIdle
	switch {
	case waiting > 0:
		icon = IconWaiting
	case f.status.Paused:
		icon = IconPaused
	case sessions > 0:
		icon = IconSession
	}
	f.kit.Status(Status{
		Icon: icon, Tip: ui.StatusTip(waiting, f.status.Paused, sessions), Menu: f.menu,
		Accepts: func(paths []string) bool { return f.ready() && slices.ContainsFunc(paths, isEnvFile) },
		Drop:    f.openImport,
	})
}

// waiting is how many requests of others wait for the person.
func (f *Front) waiting() int {
	s := f.desk.State()
	n := 0
	switch {
	case s.Stage != ui.Idle && !s.Own:
		n = 1 + s.Waiting
	case s.Next != nil:
		n = s.Waiting
	}
	return max(n, s.Queue)
}

// open are the sessions that are open now.
func (f *Front) open() []secret.Session { return ui.OpenSessions(f.sessions, f.now()) }

// ready reports whether there is a vault that is open.
func (f *Front) ready() bool { return f.opt.First == nil && !f.status.Locked }

// chord is how the chord of the search is written.
func (f *Front) chord() string {
	if f.opt.Settings == nil {
		return "⇧⌘1"
	}
	return f.opt.Settings.Chord()
}

var separator = Item{Separator: true}

// menu builds the menu of the icon, anew each time it opens.
func (f *Front) menu() []Item {
	var list []Item
	if n := f.waiting(); n > 0 {
		list = append(list, Item{Text: ui.MenuShow(n), Shortcut: f.chord(), Do: f.showWaiting}, separator)
	}
	list = append(append(list, f.sessionItems()...), separator)
	if recent := f.recentItems(); len(recent) > 0 {
		list = append(append(list, Item{Text: ui.MenuRecent, Head: true}), recent...)
		list = append(list, separator)
	}
	off := !f.ready()
	list = append(list, Item{Text: ui.MenuSearch, Shortcut: f.chord(), Do: f.search},
		Item{Text: ui.MenuNew, Off: off, Do: func() { f.newSecret("") }},
		Item{Text: ui.MenuImport, Off: off, Do: func() { f.openImport(nil) }}, separator)
	list = append(append(list, f.stateItems()...), separator)
	return append(list, Item{Text: ui.MenuSettings, Shortcut: "⌘,", Do: f.openSettings},
		Item{Text: ui.MenuAbout, Do: func() { f.kit.About(f.opt.Version) }},
		Item{Text: ui.MenuQuit, Shortcut: "⌘Q", Do: f.Quit})
}

// stateItems are the pause, the lock and the clipboard.
func (f *Front) stateItems() []Item {
	pause := Item{Text: ui.MenuPause, Off: f.opt.First != nil, Do: func() { f.act(&secret.Request{Op: secret.OpPause, On: true}) }}
	if f.status.Paused {
		pause.Text, pause.Do = ui.MenuResume, func() { f.act(&secret.Request{Op: secret.OpPause}) }
	}
	lock := Item{Text: ui.MenuLock, Off: f.opt.First != nil, Do: f.lock}
	if f.status.Locked {
		lock.Text, lock.Do = ui.MenuUnlock, f.unlock
	}
	list := []Item{pause, lock}
	if left := f.clip.Left(); left > 0 {
		list = append(list, Item{Text: ui.MenuClear(left), Do: f.clip.Clear})
	}
	return list
}

// menuSessions and menuRecent are how many of each the menu holds.
const menuSessions, menuRecent = 5, 5

func (f *Front) sessionItems() []Item {
	list := []Item{{Text: ui.MenuSessions, Head: true}}
	lines := ui.SessionItems(f.sessions, f.now())
	if len(lines) == 0 {
		return append(list, Item{Text: ui.MenuNoSession, Off: true})
	}
	var items []Item
	for _, l := range lines {
		it := Item{Text: l.Text, Right: l.Right, Sub: []Item{
			{Text: l.Covers, Off: true}, {Text: l.Granted, Off: true}, {Text: l.Usage, Off: true}, separator,
			{Text: ui.MenuEnd, Do: func() { f.act(&secret.Request{Op: secret.OpEnd, ID: l.ID}) }},
		}}
		if l.Full != l.Text {
			it.Tip = l.Full
		}
		items = append(items, it)
	}
	if n := len(items) - menuSessions; n > 0 {
		items = append(items[:menuSessions:menuSessions], Item{Text: ui.MenuMore(n), Sub: items[menuSessions:]})
	}
	list = append(list, items...)
	return append(list, Item{Text: ui.MenuEndAll, Do: func() { f.act(&secret.Request{Op: secret.OpEnd}) }})
}

// recentItems are who rests and the requests that ended. While the vault is locked no
// name is shown.
func (f *Front) recentItems() []Item {
	var list []Item
	for _, r := range f.desk.Resting(f.now()) {
		text, right := ui.RestItem(r, f.now())
		list = append(list, Item{Text: text, Right: right, Sub: []Item{{Text: ui.MenuLetAsk, Do: func() { f.letAsk(r.Agent) }}}})
	}
	if !f.ready() {
		return list
	}
	for _, r := range ui.RecentItems(f.recent, menuRecent, f.now()) {
		it := Item{Text: r.Text, Right: r.Right, Tip: r.Tip, Glyph: "cross"}
		if r.Allowed {
			it.Glyph = "check"
		}
		if r.Name != "" {
			it.Do = func() { f.alone(func() { f.openDetails(r.Name) }) }
		}
		list = append(list, it)
	}
	return list
}
