//go:build cgo && (darwin || gnustep)

package appkit

import (
	"runtime"

	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// Kit is the toolkit of AppKit. Make one, give it to the front, and call Run on the
// main thread.
type Kit struct {
	app     objc.Object // borrowed: lives as long as the process
	hears   target
	start   func()
	quit    func() // asks the front, when the system wants us to end
	reopen  func()
	end     func()
	windows map[string]*window
	status  *statusItem
	before  objc.Object // owned: the app that was in front before a titled window of ours
	menus   []target    // of the menu that was built last
}

// New returns the toolkit.
func New() *Kit { return &Kit{windows: map[string]*window{}} }

// Handlers are what the application itself may be asked by the system.
type Handlers struct {
	Start  func() // the event loop runs
	Quit   func() // the system or the menu wants us to end: Kit.Quit does it
	Reopen func() // the person opened the app again
	End    func() // the person logs out: the process ends when this returns
}

// Run runs the event loop until Quit. It must be called from the main goroutine, locked
// to the main thread since init.
func (k *Kit) Run(h Handlers) {
	runtime.LockOSThread()
	k.start, k.quit, k.reopen, k.end = h.Start, h.Quit, h.Reopen, h.End
	k.app = get(class("NSApplication"), "sharedApplication")
	k.asAccessory()
	k.hears = newTarget(k)
	run(k.hears)
}

func (k *Kit) hear(e event, _ objc.Object) {
	switch e {
	case launched:
		k.mainMenu()
		call(k.start)
	case quitting:
		call(k.quit)
	case reopened:
		call(k.reopen)
	case ending:
		call(k.end)
	}
}

// Quit implements cocoa.Toolkit.
func (k *Kit) Quit() { stop() }

// Show implements cocoa.Toolkit.
func (k *Kit) Show(s *cocoa.Scene) {
	w, ok := k.windows[s.ID]
	if ok {
		w.draw(s)
		return
	}
	w = newWindowOf(k, s)
	k.windows[s.ID] = w
	w.draw(s)
	w.place()
	if s.Style == cocoa.Floating {
		do(w.win, "orderFrontRegardless")
	} else {
		k.activate()
		do(w.win, "makeKeyAndOrderFront:", objc.Object{})
		w.focusOn(s.First)
	}
	if s.Style == cocoa.Floating && s.TakesKeys {
		k.Focus(s.ID)
	}
}

// Hide implements cocoa.Toolkit.
func (k *Kit) Hide(id string) {
	w, ok := k.windows[id]
	if !ok {
		return
	}
	delete(k.windows, id)
	w.hide()
	if w.scene.Style == cocoa.Floating {
		return
	}
	if !k.titled() {
		k.deactivate()
	}
}

// Focus implements cocoa.Toolkit.
func (k *Kit) Focus(id string) {
	w, ok := k.windows[id]
	if !ok {
		return
	}
	if w.scene.Style == cocoa.Floating {
		do(w.win, "orderFrontRegardless")
		do(w.win, "makeKeyWindow")
	} else {
		k.activate()
		do(w.win, "makeKeyAndOrderFront:", objc.Object{})
	}
	w.focusOn(w.scene.First)
}

// FocusOn implements cocoa.Toolkit.
func (k *Kit) FocusOn(id, element string) {
	if w, ok := k.windows[id]; ok {
		w.focusOn(element)
	}
}

// screen is the one with the pointer, or the main one. Borrowed.
func (k *Kit) screen(pointer bool) objc.Object {
	main := get(class("NSScreen"), "mainScreen")
	if !pointer {
		return main
	}
	at := pointOf(class("NSEvent"), "mouseLocation")
	all := get(class("NSScreen"), "screens")
	for i := range integer(all, "count") {
		s := get(all, "objectAtIndex:", uint(i))
		f := rectOf(s, "frame")
		if at.X >= f.Origin.X && at.X < f.Origin.X+f.Size.Width && at.Y >= f.Origin.Y && at.Y < f.Origin.Y+f.Size.Height {
			return s
		}
	}
	return main
}

// ScreenHeight implements cocoa.Toolkit.
func (k *Kit) ScreenHeight() float64 {
	return rectOf(k.screen(false), "visibleFrame").Size.Height
}

// Measure implements cocoa.Toolkit.
func (k *Kit) Measure(s string, f cocoa.Font, width float64, c cocoa.Cut) int {
	lines, _ := cocoa.Break(s, c, -1, width, wide(f))
	return len(lines)
}

// Width implements cocoa.Toolkit.
func (k *Kit) Width(s string, f cocoa.Font) float64 { return wide(f)(s) }

// Ask implements cocoa.Toolkit. The alert stands above our floating windows, and what
// had the keyboard gets it back. In a safe question Return says no and Esc nothing.
func (k *Kit) Ask(window string, q cocoa.Question, done func(bool)) {
	a := create("NSAlert", "init")
	do(a, "setMessageText:", str(q.Title))
	do(a, "setInformativeText:", str(q.Text))
	first, second, yes := q.Yes, q.No, 1000 // NSAlertFirstButtonReturn
	if q.Safe {
		first, second, yes = q.No, q.Yes, 1001
	}
	do(get(a, "addButtonWithTitle:", str(first)), "setKeyEquivalent:", str("\r"))
	if second != "" {
		key := "\x1b"
		if q.Safe {
			key = ""
		}
		do(get(a, "addButtonWithTitle:", str(second)), "setKeyEquivalent:", str(key))
	}
	do(get(a, "window"), "setLevel:", alertLevel)
	k.activate()
	answer := integer(a, "runModal")
	drop(a)
	k.restore(window)
	done(answer == yes)
}

// alertLevel is above the floating windows.
const alertLevel = 26

// restore gives the keyboard back after an alert.
func (k *Kit) restore(window string) {
	if !k.titled() {
		k.deactivate()
	}
	if w, ok := k.windows[window]; ok && w.scene.Style == cocoa.Floating {
		do(w.win, "makeKeyWindow")
	}
}

// titled reports whether an ordinary window is up.
func (k *Kit) titled() bool {
	for _, w := range k.windows {
		if w.scene.Style != cocoa.Floating {
			return true
		}
	}
	return false
}

// OpenFiles implements cocoa.Toolkit.
func (k *Kit) OpenFiles(_ string, done func([]string)) {
	p := get(class("NSOpenPanel"), "openPanel")
	do(p, "setAllowsMultipleSelection:", true)
	do(p, "setCanChooseDirectories:", false)
	try(p, "setShowsHiddenFiles:", true) // .env files are hidden
	var paths []string
	k.activate()
	if integer(p, "runModal") == 1 {
		urls := get(p, "URLs")
		for i := range integer(urls, "count") {
			paths = append(paths, text(get(get(urls, "objectAtIndex:", uint(i)), "path")))
		}
	}
	done(paths)
}

// Reveal implements cocoa.Toolkit.
func (k *Kit) Reveal(paths []string) {
	ws := get(class("NSWorkspace"), "sharedWorkspace")
	for _, p := range paths {
		do(ws, "selectFile:inFileViewerRootedAtPath:", str(p), str(""))
	}
}

// About implements cocoa.Toolkit.
func (k *Kit) About(version string) {
	do(k.app, "activateIgnoringOtherApps:", true)
	try(k.app, "orderFrontStandardAboutPanelWithOptions:", dict("ApplicationVersion", str(version), "ApplicationName", str("NoxKey")))
}

// Alert shows a message before there is an event loop, and waits until it was read.
func Alert(title, words string) {
	k := New()
	k.app = get(class("NSApplication"), "sharedApplication")
	k.asAccessory()
	k.Ask("", cocoa.Question{Title: title, Text: words, Yes: "OK"}, func(bool) {})
}
