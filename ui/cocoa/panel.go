package cocoa

import (
	"context"
	"time"

	"noxkey/secret"
	"noxkey/ui"
)

// panelID is the search panel's window.
const panelID = "panel"

// searchField is the element that has the keyboard while the panel lists.
const searchField = "search field"

// How long a note stands in the footer, and how long after the last key the count is
// spoken.
const (
	noteFor    = 4 * time.Second
	speakAfter = time.Second / 2
)

// panel is the search: a query, what it finds, and the details of one secret.
type panel struct {
	f     *Front
	query string
	index *ui.Search // nil until the names came

	found     []ui.Match
	total, at int
	dirty     int // grows with every ranking

	details *secret.Entry
	want    secret.Name // whose details open once the names came

	locked, listing bool
	touch           bool   // a finger can be asked for
	why             string // or not
	fault           string // why there are no names

	note   string
	busy   bool // a copy or an unlocking runs
	cancel context.CancelFunc
	away   bool // the system's sheet has the keyboard
	gone   bool

	unnote, speak, tick func() // stop the timers; nil if none runs
}

func newPanel(f *Front) *panel {
	p := &panel{f: f, touch: true}
	p.see(f.status.Locked)
	p.watch()
	return p
}

// openDetails shows the panel with the details of a secret.
func (f *Front) openDetails(name secret.Name) {
	if f.opt.First != nil {
		f.openPanel()
		return
	}
	p := newPanel(f)
	p.want = name
	f.show(p)
	f.kit.Focus(panelID)
}

// see takes over whether the vault is locked, and asks for the names if it is not.
func (p *panel) see(locked bool) {
	p.locked = locked
	if locked {
		p.index, p.found, p.details = nil, nil, nil
		p.touch, p.why = p.f.touchID()
		return
	}
	p.list()
}

// list asks for the names.
func (p *panel) list() {
	if p.listing {
		return
	}
	p.listing, p.fault = true, ""
	p.f.call(&secret.Request{Op: secret.OpList}, func(list []secret.Answer, err error) {
		p.listing = false
		switch {
		case p.gone:
			return
		case secret.CodeOf(err) == secret.Locked:
			p.see(true)
		case err != nil:
			p.fault = ui.Words(err)
		default:
			p.index = ui.NewSearch(ui.Entries(list))
			p.find()
			p.openWanted(list)
		}
		p.f.redraw(p)
	})
}

func (p *panel) openWanted(list []secret.Answer) {
	if p.want == "" {
		return
	}
	for _, e := range ui.Entries(list) {
		if e.Name == p.want {
			p.open(&e)
		}
	}
	if p.details == nil {
		p.say(ui.Words(secret.Errorf(secret.NotFound, "%s", p.want)))
	}
	p.want = ""
}

// find ranks for the present query and selects the best.
func (p *panel) find() {
	p.at = 0
	p.dirty++
	if p.index != nil {
		p.found, p.total = p.index.Find(p.query)
	}
}

// typed follows the field.
func (p *panel) typed(text []byte) {
	if string(text) == p.query {
		return
	}
	p.query = string(text)
	p.unsay()
	p.find()
	stop(&p.speak)
	p.speak = p.f.later(speakAfter, func() {
		p.speak = nil
		if p.index != nil && p.details == nil {
			p.f.kit.Announce(panelID, p.count(), false)
		}
	})
	p.f.redraw(p)
}

// selected is the entry that a key would act on, nil for none.
func (p *panel) selected() *secret.Entry {
	switch {
	case p.details != nil:
		return p.details
	case p.locked || p.at >= len(p.found):
		return nil
	}
	return p.found[p.at].Entry
}

// open shows the details of an entry, and asks for its peek.
func (p *panel) open(e *secret.Entry) {
	shown := *e
	p.details = &shown
	p.f.call(&secret.Request{Op: secret.OpPeek, Targets: []secret.Prefix{secret.Prefix(shown.Name)}}, func(list []secret.Answer, _ error) {
		for _, x := range ui.Entries(list) {
			if p.details == &shown && x.Name == shown.Name {
				shown = x
				p.f.redraw(p)
			}
		}
	})
	p.f.redraw(p)
}

// back leaves the details, the query, or the panel; or it withdraws what runs.
func (p *panel) back() {
	switch {
	case p.busy:
		p.cancel()
		return
	case p.details != nil:
		p.details = nil
		p.f.redraw(p)
		p.f.kit.FocusOn(panelID, searchField)
		return
	case p.query != "":
		p.typed(nil)
		return
	}
	p.f.close(p)
}

// say puts a note in the footer for a while.
func (p *panel) say(note string) {
	p.unsay()
	p.note = note
	p.unnote = p.f.later(noteFor, func() {
		p.unnote, p.note = nil, ""
		p.f.redraw(p)
	})
	p.f.kit.Announce(panelID, note, true)
	p.f.redraw(p)
}

func (p *panel) unsay() {
	stop(&p.unnote)
	p.note = ""
}

// stop stops a timer, if it runs.
func stop(t *func()) {
	if *t != nil {
		(*t)()
	}
	*t = nil
}

// watch redraws once a second while a request waits whose clock is shown.
func (p *panel) watch() {
	a := p.f.desk.State().Next
	if p.tick != nil || a == nil || !a.Deadline.After(p.f.now()) {
		return
	}
	p.tick = p.f.later(time.Second, func() {
		p.tick = nil
		p.f.redraw(p)
		p.watch()
	})
}

// lookAgain follows a change of the lock, or of what waits.
func (p *panel) lookAgain() {
	if p.f.status.Locked != p.locked && !p.busy {
		p.see(p.f.status.Locked)
	}
	p.watch()
	p.f.redraw(p)
	if !p.busy && !p.sheet() {
		p.backFromSheet()
	}
}

// sheet reports whether the system's sheet is up for what the person did here.
func (p *panel) sheet() bool {
	s := p.f.desk.State()
	return s.Stage == ui.Touching && s.Own
}

// lost closes the panel with the keyboard, except while the system's sheet that the
// person's own doing brought up has it.
func (p *panel) lost() {
	if p.sheet() {
		p.away = true
		return
	}
	p.f.close(p)
}

// closed withdraws what runs and forgets the query.
func (p *panel) closed() {
	p.gone = true
	for _, t := range []*func(){&p.unnote, &p.speak, &p.tick} {
		stop(t)
	}
	if p.cancel != nil {
		p.cancel()
	}
	p.query, p.index, p.found, p.details = "", nil, nil, nil
}
