//go:build cgo && (darwin || gnustep)

package appkit

import (
	"slices"
	"strings"

	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// The modifiers of NSEvent.
const (
	shiftKey  = 1 << 17
	ctlKey    = 1 << 18
	optionKey = 1 << 19
	cmdKey    = 1 << 20
)

// named are the keys that type no letter: AppKit's function-key characters.
var named = map[rune]string{
	0xF700: "Up", 0xF701: "Down", 0xF702: "Left", 0xF703: "Right", 0xF72C: "PageUp", 0xF72D: "PageDown",
	0xF729: "Home", 0xF72B: "End", 0xF705: "F2", 0xF728: "Delete", 0x7F: "Delete", 0x08: "Delete",
	0x0D: "Return", 0x0A: "Return", 0x03: "Enter", 0x1B: "Esc", 0x09: "Tab", 0x19: "Tab", ' ': "Space",
}

// key hands a key to the scene, then to the default button.
func (w *window) key(char rune, flags uint, repeat bool, code int) bool {
	if w.gone || char == 0 {
		return false
	}
	k := cocoa.Key{Name: named[char], Cmd: flags&cmdKey != 0, Shift: flags&shiftKey != 0, Option: flags&optionKey != 0, Ctl: flags&ctlKey != 0, Repeat: repeat, Code: code, In: w.focused()}
	if k.Name == "" {
		if char >= 0xF700 && char <= 0xF8FF {
			return false
		}
		k.Name = strings.ToLower(string(char))
	}
	if w.scene.Key != nil && w.scene.Key(k) {
		return true
	}
	if w.gone || k.Cmd {
		return false
	}
	if k.Name == "Tab" && len(w.scene.Loop) > 0 {
		w.tab(k.In, k.Shift)
		return true
	}
	if k.Name != "Return" && k.Name != "Enter" {
		return false
	}
	for i := range w.scene.Elements {
		if e := &w.scene.Elements[i]; e.Kind == cocoa.Button && e.Default && !e.Off && e.Do != nil {
			e.Do()
			return true
		}
	}
	return false
}

// focused is the element that has the keyboard, "" for none. While a field is typed in,
// the keyboard is with the window's field editor, whose delegate the field is.
func (w *window) focused() string {
	r := get(w.win, "firstResponder")
	var d objc.Object
	if can(r, "delegate") {
		d = get(r, "delegate")
	}
	is := func(v objc.Object) bool { return !none(v) && (v.Ptr() == r.Ptr() || v.Ptr() == d.Ptr()) }
	for id, p := range w.parts {
		l, ok := p.(*listView)
		switch {
		case ok && l.field != nil && is(l.field.view):
			return l.field.e.ID
		case ok && is(l.doc), is(p.object()):
			return id
		}
	}
	return ""
}

// tab moves the keyboard along the loop. AppKit would leave out buttons and boxes unless
// keyboard navigation is on in System Settings.
func (w *window) tab(from string, back bool) {
	loop := w.scene.Loop
	step := 1
	if back {
		step = len(loop) - 1
	}
	at := slices.Index(loop, from)
	if at < 0 && back {
		at = 0
	}
	for range loop {
		at = (at + step) % len(loop)
		if e := w.scene.Find(loop[at]); e != nil && !e.Off {
			w.focusOn(loop[at])
			return
		}
	}
}
