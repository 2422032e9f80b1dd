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

// close takes a window away.
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

// gone is for windows that the person closed: the toolkit took them away already.
func (f *Front) gone(w window) { f.close(w) }

// busy tells the desk whether the person is in a floating window of their own, which
// nothing unasked may cover.
func (f *Front) busy() {
	_, panel := f.windows[panelID]
	_, entry := f.windows[newSecretID]
	f.desk.Busy(panel || entry)
}

// call asks the service in the background and hands what it said to then, on the main
// thread. Values in the answers belong to then.
func (f *Front) call(req *secret.Request, then func([]secret.Answer, error)) {
	f.callCtx(f.ctx, req, then)
}

// callCtx is call with a context of its own: ending it withdraws the request.
func (f *Front) callCtx(ctx context.Context, req *secret.Request, then func([]secret.Answer, error)) {
	done := f.desk.Acting()
	go func() {
		defer done()
		var list []secret.Answer
		err := f.opt.Service.Do(ctx, req, func(a secret.Answer) error {
			list = append(list, a)
			return nil
		})
		if err != nil {
			wipe(list)
			list = nil
		}
		f.kit.Post(func() { then(list, err) })
	}()
}

func wipe(list []secret.Answer) {
	for _, a := range list {
		if a.Value != nil {
			a.Value.Value.Wipe()
		}
	}
}

// entriesOf are the entries among answers.
func entriesOf(list []secret.Answer) []secret.Entry {
	var entries []secret.Entry
	for _, a := range list {
		if a.Entry != nil {
			entries = append(entries, *a.Entry)
		}
	}
	return entries
}

// look takes over what changed on the desk: the question that is shown, who rests,
// the sessions, the lock.
func (f *Front) look() {
	f.takeQuestion(f.desk.State())
	f.tellRests()
	f.load()
	f.drawStatus()
}

// load asks for the state, the sessions and the recent requests.
func (f *Front) load() {
	if f.loading {
		f.again = true
		return
	}
	f.loading = true
	f.call(&secret.Request{Op: secret.OpStatus}, func(list []secret.Answer, err error) {
		was := f.status.Locked
		for _, a := range list {
			if a.Status != nil {
				f.status = *a.Status
			}
		}
		if err != nil || f.status.Locked {
			f.sessions, f.recent = nil, f.desk.Recent()
			if f.status.Locked && !was {
				f.lockedNow()
			}
			f.loaded()
			return
		}
		f.call(&secret.Request{Op: secret.OpSessions}, func(list []secret.Answer, _ error) {
			f.sessions = nil
			for _, a := range list {
				if a.Session != nil {
					f.sessions = append(f.sessions, *a.Session)
				}
			}
			f.recent = f.desk.Recent()
			f.loaded()
		})
	})
}

func (f *Front) loaded() {
	f.loading = false
	f.drawStatus()
	if p, ok := f.windows[panelID].(*panel); ok {
		p.lookAgain()
	}
	if f.again {
		f.again = false
		f.load()
	}
}

// lockedNow closes what shows names.
func (f *Front) lockedNow() {
	for _, id := range []string{panelID, newSecretID, importID, importedID} {
		if w, ok := f.windows[id]; ok {
			f.close(w)
		}
	}
}

// takeQuestion draws what the desk shows now, in the window that is for it.
func (f *Front) takeQuestion(s ui.State) {
	before := f.asked
	f.asked = s
	if s.Stage == ui.Proving { // no passphrase opens a Keychain: nothing here may ask for one
		_ = f.desk.Cancel(s)
		return
	}
	entry := s.Stage == ui.Entering
	if w, ok := f.windows[cardID]; ok && (s.Stage == ui.Idle || entry || s.Own) {
		f.close(w)
	}
	if w, ok := f.windows[entryID]; ok && (!entry || !before.Same(s)) {
		f.close(w)
	}
	switch {
	case s.Stage == ui.Idle || s.Own:
	case entry:
		if w, ok := f.windows[entryID].(*entryCard); ok {
			w.take(s)
		} else {
			f.show(newEntryCard(f, s))
		}
	default:
		if w, ok := f.windows[cardID].(*card); ok {
			w.take(s)
		} else {
			f.show(newCard(f, s))
		}
	}
}

// tellRests shows a notice for an agent that began to rest.
func (f *Front) tellRests() {
	now := f.now()
	for _, r := range f.desk.Resting(now) {
		if r.Until.After(f.noted[r.Agent]) {
			f.noted[r.Agent] = r.Until
			f.showRest(r)
		}
	}
}

// HotKey is the chord that opens the search: it shows the card that waits if there is
// one, and closes the search that is open.
func (f *Front) HotKey() {
	if w, ok := f.windows[panelID]; ok {
		f.close(w) // a card that waited takes its place
		return
	}
	for _, id := range []string{cardID, entryID, newSecretID} {
		if _, ok := f.windows[id]; ok {
			f.kit.Focus(id)
			return
		}
	}
	f.openPanel()
}

// Reopen is the person's, or any program's, opening the app again. It shows the settings,
// and never gives a card the keyboard nor opens the search: neither was asked for here.
func (f *Front) Reopen() {
	if f.opt.First != nil {
		f.show(newFirst(f))
		return
	}
	f.openSettings()
}

// ScreenWoke makes what is shown dead for a moment: nobody has read it yet.
func (f *Front) ScreenWoke() {
	f.setTerms()
	f.desk.Rearm()
}

// ScreenLocked closes every window of ours but the titled ones that show no name.
func (f *Front) ScreenLocked() {
	if len(f.open()) > 0 {
		f.screenEnded = f.now()
	}
	f.sessions, f.recent = nil, nil // until they are asked for again
	f.lockedNow()
}

// openPanel shows the search.
func (f *Front) openPanel() {
	if f.opt.First != nil {
		f.show(newFirst(f)) // resumes where it was left
		return
	}
	f.show(newPanel(f))
}
