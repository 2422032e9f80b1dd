//go:build cgo && (darwin || gnustep)

package appkit

import (
	"strings"

	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// chosen is a menu item's target.
type chosen struct{ do func() }

func (c *chosen) hear(e event, _ objc.Object) {
	if e == acted {
		call(c.do)
	}
}

// fill builds a menu from items. The targets of what was built before are dropped once
// the loop is idle again: a menu that is rebuilt while it is open still needs them.
func (k *Kit) fill(menu objc.Object, items []cocoa.Item) {
	for _, t := range k.menus {
		t.drop()
	}
	k.menus = nil
	for integer(menu, "numberOfItems") > 0 {
		do(menu, "removeItemAtIndex:", 0)
	}
	do(menu, "setAutoenablesItems:", false)
	k.add(menu, items)
}

func (k *Kit) add(menu objc.Object, items []cocoa.Item) {
	for i := range items {
		it := &items[i]
		if it.Separator {
			do(menu, "addItem:", get(class("NSMenuItem"), "separatorItem"))
			continue
		}
		key, mask := shortcut(it.Shortcut)
		m := create("NSMenuItem", "initWithTitle:action:keyEquivalent:", str(it.Text), objc.Sel("fire:"), str(key))
		if key != "" {
			do(m, "setKeyEquivalentModifierMask:", mask)
		}
		on := !it.Off && !it.Head && (it.Do != nil || len(it.Sub) > 0)
		do(m, "setEnabled:", on)
		if it.Ticked {
			do(m, "setState:", 1)
		}
		if it.Tip != "" {
			try(m, "setToolTip:", str(it.Tip))
		}
		dress(m, it)
		switch {
		case len(it.Sub) > 0:
			sub := create("NSMenu", "initWithTitle:", str(it.Text))
			do(sub, "setAutoenablesItems:", false)
			k.add(sub, it.Sub)
			do(menu, "addItem:", m)
			do(menu, "setSubmenu:forItem:", sub, m)
			drop(sub)
		default:
			if on {
				t := newTarget(&chosen{it.Do})
				k.menus = append(k.menus, t)
				do(m, "setTarget:", t.Object)
			}
			do(menu, "addItem:", m)
		}
		drop(m)
	}
}

// shortcut takes "⇧⌘1" apart: the key equivalent and NSEvent's modifiers.
func shortcut(s string) (key string, mask uint) {
	for _, r := range s {
		switch r {
		case '⌘':
			mask |= cmdKey
		case '⇧':
			mask |= shiftKey
		case '⌥':
			mask |= optionKey
		case '⌃':
			mask |= ctlKey
		default:
			key += string(r)
		}
	}
	return strings.ToLower(key), mask // an upper case letter would mean Shift
}

// statusMenu fills the status item's menu each time it opens.
type statusMenu struct {
	kit  *Kit
	menu objc.Object // owned by the status item
}

func (s *statusMenu) hear(e event, _ objc.Object) {
	if e == menuOpen && s.kit.status.now.Menu != nil {
		s.kit.fill(s.menu, s.kit.status.now.Menu())
	}
}

// PopUp implements cocoa.Toolkit.
func (k *Kit) PopUp(id string, at cocoa.Rect, items []cocoa.Item) {
	w, ok := k.windows[id]
	if !ok {
		return
	}
	m := create("NSMenu", "initWithTitle:", str(""))
	k.fill(m, items)
	k.popUp(m, w, at)
	drop(m)
}

// PopUpRow implements cocoa.Toolkit.
func (k *Kit) PopUpRow(id, list string, row int, at cocoa.Rect, items []cocoa.Item) {
	w, ok := k.windows[id]
	if !ok {
		return
	}
	l, ok := w.parts[list].(*listView)
	if !ok || row < 0 || row >= l.list.Count {
		return
	}
	f, seen := rectOf(l.scroll, "frame"), rectOf(l.scroll, "documentVisibleRect")
	at.X += f.Origin.X
	at.Y += f.Origin.Y + l.top(row) - seen.Origin.Y
	k.PopUp(id, at, items)
}

// mainMenu is never seen, but without it Cmd+C and its like are dead in titled windows.
func (k *Kit) mainMenu() {
	bar := create("NSMenu", "initWithTitle:", str("NoxKey"))
	for _, m := range []struct {
		title string
		items [][3]string
	}{
		{"NoxKey", [][3]string{{"Quit NoxKey", "terminate:", "q"}}},
		{"Edit", [][3]string{{"Undo", "undo:", "z"}, {"Cut", "cut:", "x"}, {"Copy", "copy:", "c"}, {"Paste", "paste:", "v"}, {"Select All", "selectAll:", "a"}, {"Close", "performClose:", "w"}}},
	} {
		item := create("NSMenuItem", "initWithTitle:action:keyEquivalent:", str(m.title), objc.Selector{}, str(""))
		sub := create("NSMenu", "initWithTitle:", str(m.title))
		for _, it := range m.items {
			get(sub, "addItemWithTitle:action:keyEquivalent:", str(it[0]), objc.Sel(it[1]), str(it[2]))
		}
		do(bar, "addItem:", item)
		do(bar, "setSubmenu:forItem:", sub, item)
		drop(item)
		drop(sub)
	}
	k.setMainMenu(bar)
	drop(bar)
}
