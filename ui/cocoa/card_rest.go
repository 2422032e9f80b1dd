package cocoa

import (
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// restID is the window of the notice that an agent rests.
const restID = "rest"

// restShown is how long the notice stays.
const restShown = 8 * time.Second

// rest tells that an agent's requests are refused for a while.
type rest struct {
	f     *Front
	r     ui.Resting
	since time.Time
	stops []func()
}

// showRest tells that an agent rests, once no other floating window is up.
func (f *Front) showRest(r ui.Resting) {
	now := f.now()
	if !f.rests(r.Agent, now) {
		return
	}
	for _, id := range []string{cardID, entryID, panelID, newSecretID} {
		if _, ok := f.windows[id]; ok {
			f.later(time.Second, func() { f.showRest(r) })
			return
		}
	}
	n := &rest{f: f, r: r, since: now}
	f.show(n)
	n.stops = []func(){
		f.later(ui.ArmDelay, func() { f.redraw(n) }),
		f.later(restShown, func() { f.close(n) }),
	}
}

// rests reports whether agent rests still.
func (f *Front) rests(agent string, now time.Time) bool {
	for _, r := range f.desk.Resting(now) {
		if r.Agent == agent {
			return true
		}
	}
	return false
}

// endRest takes the notice away before w is shown: two floating windows are never up
// at once.
func (f *Front) endRest(w window) {
	if n, ok := f.windows[restID]; ok && n != w {
		f.close(n)
	}
}

func (n *rest) closed() {
	for _, stop := range n.stops {
		stop()
	}
}

func (n *rest) scene() *Scene {
	p := &pile{kit: n.f.kit}
	title, body := ui.RestWords(n.r, n.since)
	p.header("moonrest", Element{ID: "title", Text: title}, Element{ID: "body", Text: body, Font: bodyFont, Color: Secondary, Lines: 2}, "")
	p.y += 20
	dead := n.f.now().Before(n.since.Add(ui.ArmDelay))
	p.add(Element{ID: "End Rest", Kind: Button, Frame: Rect{136, p.y, 144, 28}, Text: "Let It Ask Again", Off: dead, Do: n.wake})
	p.add(Element{ID: "OK", Kind: Button, Frame: Rect{288, p.y, 128, 28}, Text: "Close", Off: dead, Do: n.hide})
	if dead {
		for i := len(p.els) - 2; i < len(p.els); i++ {
			p.els[i].Help = ui.ArmHelp
		}
	}
	return &Scene{ID: restID, Title: title, W: cardWidth, H: p.y + 48, Elements: p.els, Loop: []string{"End Rest", "OK"}, Key: n.key}
}

func (n *rest) hide() { n.f.close(n) }

// wake lets the agent ask again.
func (n *rest) wake() {
	if n.f.now().Before(n.since.Add(ui.ArmDelay)) {
		return
	}
	f, agent := n.f, n.r.Agent
	f.close(n)
	f.call(&secret.Request{Op: secret.OpRest, Agent: agent}, func(_ []secret.Answer, err error) {
		if err == nil {
			f.desk.Awake(agent)
		}
	})
}

func (n *rest) key(k Key) bool {
	if k.Name == "Esc" || k.Cmd && k.Name == "." {
		n.hide()
		return true
	}
	return k.Repeat || k.Name == "Return" || k.Name == "Enter"
}
