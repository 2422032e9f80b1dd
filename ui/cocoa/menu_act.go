package cocoa

import (
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// alone opens the panel unless another floating window is up, which gets the keyboard
// instead: a card that waits comes first, and a form holds what was typed.
func (f *Front) alone(open func()) {
	for _, id := range []string{cardID, entryID, newSecretID} {
		if _, ok := f.windows[id]; ok {
			f.kit.Focus(id)
			return
		}
	}
	open()
}

// search shows the search; it does not close it, as the chord does.
func (f *Front) search() {
	if _, ok := f.windows[panelID]; ok {
		f.kit.Focus(panelID)
		return
	}
	f.alone(f.openPanel)
}

// showWaiting leads to the request that waits.
func (f *Front) showWaiting() {
	if w, ok := f.windows[panelID]; ok {
		f.close(w)
		f.takeQuestion(f.desk.State())
	}
	for _, id := range []string{cardID, entryID, newSecretID} {
		if _, ok := f.windows[id]; ok {
			f.kit.Focus(id)
			return
		}
	}
}

// act asks the broker for something that needs no answer, and says if it failed.
func (f *Front) act(req *secret.Request) {
	f.call(req, func(_ []secret.Answer, err error) {
		f.load()
		f.failed(err)
	})
}

// failed shows why something that was chosen in the menu was not done.
func (f *Front) failed(err error) {
	if err == nil || secret.CodeOf(err) == secret.Cancelled {
		return
	}
	f.kit.Ask("", Question{Title: ui.MenuFailed, Text: ui.Words(err), Yes: ui.MenuOK}, func(bool) {})
}

func (f *Front) lock() {
	f.screenEnded = time.Time{}
	f.act(&secret.Request{Op: secret.OpLock})
}

// unlock asks the broker to unlock, which asks for Touch ID.
func (f *Front) unlock() {
	f.call(&secret.Request{Op: secret.OpUnlock}, func(_ []secret.Answer, err error) {
		if err != nil {
			f.load()
			f.failed(err)
			return
		}
		f.unlocked()
	})
}

// letAsk ends an agent's rest.
func (f *Front) letAsk(agent string) {
	f.call(&secret.Request{Op: secret.OpRest, Agent: agent}, func(_ []secret.Answer, err error) {
		if err == nil {
			f.desk.Awake(agent)
		}
		f.load()
		f.failed(err)
	})
}

// Quit ends the app; with sessions open it asks before.
func (f *Front) Quit() {
	n := len(f.open())
	if n == 0 {
		f.kit.Quit()
		return
	}
	f.kit.Ask("", Question{Title: ui.QuitTitle, Text: ui.QuitText(n), Yes: ui.QuitYes, No: ui.QuitNo}, func(yes bool) {
		if yes {
			f.kit.Quit()
		}
	})
}
