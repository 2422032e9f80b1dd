package cocoa

import (
	"context"
	"slices"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// settingsID is the settings window.
const settingsID = "settings"

// Settings keeps what the person set. What it returns is called on the main thread and
// must not wait; what changes something is called on a goroutine of its own, may wait for
// the system, and has changed nothing if it returns an error.
type Settings interface {
	// Chord is the search panel's, as menus write it: "⇧⌘1".
	Chord() string
	// SetChord takes k's modifiers and Code. The error says, in words, that another
	// program has the chord (secret.Conflict) or that none should (secret.Invalid).
	SetChord(k Key) error
	// Session is how long a session lasts by default. noxkey settings takes lengths that
	// are none of ui.SessionChoices, too.
	Session() time.Duration
	SetSession(d time.Duration) error
	// Clipboard is how long a copied value stays; the same holds of ui.ClipboardChoices.
	Clipboard() time.Duration
	SetClipboard(d time.Duration) error
	// Login is whether macOS opens the app at login.
	Login() bool
	SetLogin(on bool) error
	// Sealed is whether values rest sealed to a key in the Secure Enclave.
	Sealed() bool
}

// Protector is a Settings that can change how values are protected.
type Protector interface {
	// Protect seals every value again, to the Enclave's key or without, under one
	// Touch ID.
	Protect(ctx context.Context, sealed bool) error
}

// openSettings shows the settings.
func (f *Front) openSettings() {
	if f.opt.Settings == nil {
		return
	}
	if _, ok := f.windows[settingsID]; ok {
		f.kit.Focus(settingsID)
		return
	}
	w := &settings{f: f, keeps: f.opt.Settings}
	f.show(w)
	w.verify()
}

// settings is the window. Changes apply at once; those of the two lengths are the broker's,
// which asks for a proof first. The known callers and the agents' files
// have no row: no operation of the service lists or changes them.
type settings struct {
	f         *Front
	keeps     Settings
	recording bool   // the next chord is the search panel's
	busy      bool   // a change is being made
	audit     string // the line about the audit; "" while it is being checked
	fault     string // what went wrong last
}

func (w *settings) closed() {}

// verify asks what state the audit is in.
func (w *settings) verify() {
	w.f.call(&secret.Request{Op: secret.OpVerify}, func(list []secret.Answer, err error) {
		var found []secret.Finding
		for _, a := range list {
			if a.Finding != nil {
				found = append(found, *a.Finding)
			}
		}
		if w.audit = ui.AuditWords(found); err != nil {
			w.audit = ui.Words(err)
		}
		w.f.redraw(w)
	})
}

// apply makes a change, away from the main thread, and tells if it was refused. What the
// window shows afterwards is what holds.
func (w *settings) apply(change func() error) {
	if w.busy {
		w.f.redraw(w) // shows again what holds
		return
	}
	w.busy, w.fault = true, ""
	w.f.redraw(w)
	done := w.f.desk.Acting()
	go func() {
		err := change()
		done()
		w.f.kit.Post(func() {
			w.busy, w.fault = false, ui.SettingFault(err)
			w.f.redraw(w)
			w.f.drawStatus() // the menu shows the chord
		})
	}()
}

// record begins or ends the listening for a chord.
func (w *settings) record(on bool) {
	w.recording, w.fault = on, ""
	w.f.redraw(w)
	if on {
		w.f.kit.FocusOn(settingsID, "")
		w.f.kit.Announce(settingsID, ui.SetPress, false)
	}
}

// key listens for a chord, or closes the window.
func (w *settings) key(k Key) bool {
	plain := !k.Cmd && !k.Ctl && !k.Option && !k.Shift
	switch {
	case w.recording && k.Name == "Esc" && plain:
		w.record(false)
	case w.recording && (plain || k.Repeat):
	case w.recording:
		w.recording = false
		w.apply(func() error { return w.keeps.SetChord(k) })
	case k.Name == "Esc", k.Cmd && (k.Name == "." || k.Name == "w"):
		w.f.close(w)
	default:
		return false
	}
	return true
}

// askProtect asks before the protection is changed to the other one.
func (w *settings) askProtect(p Protector) {
	sealed := !w.keeps.Sealed()
	title, text, yes, no := ui.ProtectQuestion(sealed)
	w.f.kit.Ask(settingsID, Question{Title: title, Text: text, Yes: yes, No: no, Safe: true}, func(change bool) {
		if change {
			w.apply(func() error { return p.Protect(w.f.ctx, sealed) })
		}
	})
}

// toggleLogin changes whether macOS opens the app at login.
func (w *settings) toggleLogin() {
	on := !w.keeps.Login()
	w.apply(func() error { return w.keeps.SetLogin(on) })
}

// popup is a choice among lengths of time, and the present one if it is another.
func popup(id string, at Rect, spoken string, list []time.Duration, now time.Duration, words func(time.Duration) string, pick func(time.Duration)) Element {
	i, ok := slices.BinarySearch(list, now)
	if !ok {
		list = slices.Insert(slices.Clone(list), i, now)
	}
	e := Element{ID: id, Kind: Popup, Frame: at, Spoken: spoken, At: i}
	for _, d := range list {
		e.Items = append(e.Items, words(d))
	}
	e.Pick = func(i int) { pick(list[i]) }
	return e
}
