// Package cocoa is the desktop front: windows, menu and status item of the Mac app,
// without the Mac. It lays out what package ui decided as Scenes and answers clicks,
// keys and clocks, in plain Go that runs and is tested anywhere; a Toolkit puts the
// Scenes on the screen. cocoa/appkit is the one for macOS (and for GNUstep, where the
// same code is tested in real windows).
//
// Everything here but Post runs on the main thread.
package cocoa

import (
	"context"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// Options are what the front is given by the program around it.
type Options struct {
	Desk    *ui.Desk
	Service secret.Service // the broker, bound to caller.Front
	Kit     Toolkit
	Version string
	Home    string // the person's home folder, shown as ~
	Clip    Clipboard
	// Settings keeps what the settings window shows.
	Settings Settings
	// First is what the first run needs; nil once a vault is there.
	First *FirstRun
	// TouchID says whether a finger can be asked for now, and if not why, in a
	// sentence ("The lid is closed.").
	TouchID func() (ok bool, why string)
	// Now is the clock; Later runs f on the main thread after d unless stop is called
	// before. Nil for the real ones.
	Now   func() time.Time
	Later func(d time.Duration, f func()) (stop func())
}

// Clipboard holds a value for a short time.
type Clipboard interface {
	// Put writes v, marked as concealed, to be cleared in a while. It does not keep v.
	Put(ctx context.Context, v secret.Value) error
	// ClearAfter is how long a value stays; Left how long the present one still does, 0
	// if the clipboard is not ours.
	ClearAfter() time.Duration
	Left() time.Duration
	// Clear empties the clipboard if it is still ours.
	Clear()
}

// Front is the desktop front.
type Front struct {
	ctx   context.Context
	opt   Options
	kit   Toolkit
	desk  *ui.Desk
	clip  Clipboard
	terms ui.Terms
	now   func() time.Time

	windows map[string]window // those that are up, by Scene.ID

	status   secret.Status
	sessions []secret.Session
	recent   []ui.Recent
	loading  bool // status, sessions and recent are being asked for
	again    bool // something changed while loading
	// screenEnded is when the screen's lock ended open sessions, zero for never.
	screenEnded time.Time

	asked ui.State             // the question of the desk that is drawn
	noted map[string]time.Time // rests that were told, by agent
}

// window is what one window is made of.
type window interface {
	// scene lays out what the window shows now.
	scene() *Scene
	// closed wipes what was typed; the window is gone already.
	closed()
}

// New returns a front that is not on the screen yet. Its toolkit calls Start when the
// event loop runs.
func New(ctx context.Context, opt Options) *Front {
	f := &Front{ctx: ctx, opt: opt, kit: opt.Kit, desk: opt.Desk, clip: opt.Clip, now: opt.Now,
		windows: map[string]window{}, noted: map[string]time.Time{}}
	if f.now == nil {
		f.now = time.Now
	}
	return f
}

// Start draws the status item, opens the first run if there is no vault, and follows
// the desk until the context ends.
func (f *Front) Start() {
	f.setTerms()
	f.drawStatus()
	if f.opt.First != nil {
		f.show(newFirst(f))
	}
	f.look()
	go func() {
		for {
			select {
			case <-f.desk.Changed():
				f.kit.Post(f.look)
			case <-f.ctx.Done():
				return
			}
		}
	}()
}

// setTerms learns what the system will ask for.
func (f *Front) setTerms() {
	proof := "Touch ID"
	if ok, _ := f.touchID(); !ok {
		proof = "Your Mac password"
	}
	f.terms = ui.Desktop(f.opt.Home, proof)
}

func (f *Front) touchID() (bool, string) {
	if f.opt.TouchID == nil {
		return true, ""
	}
	return f.opt.TouchID()
}

// later runs fn on the main thread after d.
func (f *Front) later(d time.Duration, fn func()) (stop func()) {
	if f.opt.Later != nil {
		return f.opt.Later(d, fn)
	}
	t := time.AfterFunc(d, func() { f.kit.Post(fn) })
	return func() { t.Stop() }
}

// show puts a window up, or draws it anew. A window of the same name that is another
// one is closed first.
func (f *Front) show(w window) {
	s := w.scene()
	if old, ok := f.windows[s.ID]; ok && old != w {
		old.closed()
	}
	f.windows[s.ID] = w
	if s.Style == Floating {
		f.endRest(w)
	}
	f.kit.Show(s)
	f.busy()
}

// redraw draws a window anew if it is still up.
func (f *Front) redraw(w window) {
	if f.up(w) {
		f.kit.Show(w.scene())
	}
}

// up reports whether w is on the screen.
func (f *Front) up(w window) bool {
	for _, x := range f.windows {
		if x == w {
			return true
		}
	}
	return false
}

// close takes a window away, also one that the person closed and that is gone already.
func (f *Front) close(w window) {
	for id, x := range f.windows {
		if x == w {
			delete(f.windows, id)
			f.kit.Hide(id)
			w.closed()
		}
	}
	f.busy()
}

// busy tells the desk whether the person is in a floating window of their own, which
// nothing unasked may cover.
func (f *Front) busy() {
	_, panel := f.windows[panelID]
	_, entry := f.windows[newSecretID]
	f.desk.Busy(panel || entry)
}
