package cocoa

import (
	"context"

	"noxkey/secret"
	"noxkey/ui"
)

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
		list, err := ui.Ask(ctx, f.opt.Service, req)
		f.kit.Post(func() { then(list, err) })
	}()
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
			f.sessions = ui.Sessions(list)
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
