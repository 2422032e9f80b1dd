package cocoa

import (
	"noxkey/ui"
)

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
