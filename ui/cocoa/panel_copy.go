package cocoa

import (
	"context"
	"strings"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// begin marks that something of the person's runs, which closing withdraws.
func (p *panel) begin() context.Context {
	ctx, cancel := context.WithCancel(p.f.ctx)
	p.busy, p.cancel = true, cancel
	p.unsay()
	p.f.redraw(p)
	return ctx
}

// ended marks that it is over.
func (p *panel) ended() {
	p.busy = false
	p.cancel()
	p.backFromSheet()
}

// backFromSheet takes the keyboard back, if the sheet had it and did not return it.
func (p *panel) backFromSheet() {
	if p.away && p.f.up(p) {
		p.away = false
		p.f.kit.Focus(panelID)
	}
}

// copy asks for a value and hands it to the clipboard.
func (p *panel) copy(e *secret.Entry) {
	if p.busy {
		return
	}
	ctx := p.begin()
	req := &secret.Request{Op: secret.OpGet, Targets: []secret.Prefix{secret.Prefix(e.Name)}, Delivery: secret.DeliverCopy}
	p.f.callCtx(ctx, req, func(list []secret.Answer, err error) {
		if err == nil {
			err = ctx.Err() // closed in the same moment
		}
		if err != nil {
			ui.Wipe(list)
			p.copied(err, "")
			return
		}
		go func() {
			err := p.f.put(list)
			p.f.kit.Post(func() { p.copied(err, ui.Told(list)) })
		}()
	})
}

// put hands the value among answers to the clipboard and wipes them.
func (f *Front) put(list []secret.Answer) error {
	defer ui.Wipe(list)
	for _, a := range list {
		if a.Value != nil {
			return f.clip.Put(f.ctx, a.Value.Value)
		}
	}
	return secret.Errorf(secret.Internal, "no value came")
}

// copied closes the panel, or says why nothing was copied. What was told with the value
// VoiceOver says too; it has no place on the screen once the panel is gone.
func (p *panel) copied(err error, told string) {
	if p.gone {
		return
	}
	if err != nil {
		p.ended()
		p.say(strings.TrimSpace(ui.NotCopied(err) + " " + told)) // a code may be struck off all the same
		return
	}
	p.f.kit.Announce(panelID, strings.TrimSpace(ui.Copied(p.f.clip.ClearAfter())+" "+told), true)
	p.f.close(p)
}

// copyName puts the name on the clipboard: it is no secret, so it stays there.
func (p *panel) copyName() {
	p.f.kit.CopyText(string(p.details.Name))
	p.say(ui.NameCopied)
}

// unlock asks the broker to unlock, which asks for Touch ID.
func (p *panel) unlock() {
	if p.busy {
		return
	}
	p.f.callCtx(p.begin(), &secret.Request{Op: secret.OpUnlock}, func(_ []secret.Answer, err error) {
		if p.gone {
			return
		}
		p.ended()
		if err != nil {
			p.say(ui.Words(err))
			return
		}
		p.f.unlocked()
		p.see(false)
		p.f.redraw(p)
		p.f.kit.FocusOn(panelID, searchField)
	})
}

// unlocked takes over that the vault is open.
func (f *Front) unlocked() {
	f.status.Locked = false
	f.screenEnded = time.Time{}
	f.load()
}
