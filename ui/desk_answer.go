package ui

import (
	"slices"
	"time"

	"noxkey/broker"
	"noxkey/secret"
)

// errors of the front's own calls: an answer that does not count.
var (
	errGone  = secret.Errorf(secret.Cancelled, "the request is no longer there")
	errLate  = secret.Errorf(secret.TimedOut, "the time is over")
	errEarly = secret.Errorf(secret.Busy, "available in a moment")
)

// take returns the question that s shows if an answer to it counts at now, and
// takes it off the desk. Callers hold mu.
func (d *Desk) take(s State, now time.Time, answers bool) (*question, error) {
	q := d.shown
	if q == nil || s.serial != d.serial || s.Stage != q.stage || s.ID != q.id() {
		return nil, errGone
	}
	if answers && now.Before(d.arms) {
		return nil, errEarly
	}
	// A passphrase may be given its own time: there the broker's context decides.
	if answers && q.stage != Proving && !q.ask.Deadline.IsZero() && !now.Before(q.ask.Deadline) {
		return nil, errLate
	}
	d.shown = nil
	d.Refresh()
	return q, nil
}

// Choose answers the card that s shows. An error means that the answer does not
// count: the card is not armed yet, is gone, is not the one drawn, its time is
// over, or it does not offer that choice. Denying needs no arming by law, but has
// it too, so that a key meant for something else answers nothing.
func (d *Desk) Choose(s State, c broker.Choice, now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.Stage != Choosing {
		return errGone
	}
	if s.Ask != nil && !Offers(s.Ask, c) {
		return secret.Errorf(secret.Invalid, "this card does not offer that")
	}
	q, err := d.take(s, now, true)
	if err != nil {
		return err
	}
	// What was drawn, what is on the desk and what the Ask says now must be one.
	if q.digest != s.Digest || q.ask.Digest() != s.Digest {
		c = broker.Deny
	}
	ans := broker.Answer{Choice: c, Digest: s.Digest}
	if c != broker.Deny {
		ans.Prompt = secret.Prompt{ID: q.ask.ID, Reason: Reason(q.ask, c)}
		d.held = q.ask.ID
		d.open[q.ask.ID] = seen{q.ask, c}
	}
	q.reply <- reply{answer: ans}
	d.arrange()
	return nil
}

// Submit answers the passphrase or value field that s shows with v, which then
// belongs to whoever asked. On an error v is wiped.
func (d *Desk) Submit(s State, v secret.Value, now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	q, err := d.submitted(s, now)
	if err != nil {
		v.Wipe()
		return err
	}
	d.held = q.id()
	q.reply <- reply{value: v}
	d.arrange()
	return nil
}

func (d *Desk) submitted(s State, now time.Time) (*question, error) {
	if s.Stage != Proving && s.Stage != Entering {
		return nil, errGone
	}
	q, err := d.take(s, now, true)
	if err != nil {
		return nil, err
	}
	if q.ask != nil && q.ask.Digest() != s.Digest {
		q.reply <- reply{err: secret.Errorf(secret.Denied, "the request changed after it was shown")}
		d.arrange()
		return nil, errGone
	}
	return q, nil
}

// Cancel takes back what s shows: a card or an entry is denied, a passphrase for
// an agent denies the request, one for the person's own doing is cancelled. It
// does not wait for arming; it can only take away.
func (d *Desk) Cancel(s State) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	q, err := d.take(s, d.now(), false)
	if err != nil {
		return err
	}
	if q.stage == Touching {
		d.leaving = q
	}
	switch {
	case q.stage == Choosing:
		q.reply <- reply{answer: broker.Answer{Choice: broker.Deny, Digest: q.digest}}
	case (q.stage == Proving || q.stage == Touching) && (q.ask == nil || q.ask.Kind == broker.AskHuman):
		q.reply <- reply{err: secret.Errorf(secret.Cancelled, "you cancelled it")}
	default:
		q.reply <- reply{err: secret.Errorf(secret.Denied, "the person said no")}
	}
	d.arrange()
	return nil
}

// Rearm makes the choices of what is shown dead for ArmDelay again: the front
// got the keyboard, or the screen woke.
func (d *Desk) Rearm() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shown == nil || d.shown.stage == Touching || d.shown.stage == Proving && d.arms.IsZero() {
		return
	}
	d.arms = d.now().Add(ArmDelay)
	d.Refresh()
}

// Busy says whether the person is in a search or a form, which nothing unasked
// may cover. A card that is shown stays.
func (d *Desk) Busy(b bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy != b {
		d.busy = b
		d.arrange()
	}
}

// Acting brackets an action of the person's own in this front: while one runs, a
// passphrase that belongs to no request is theirs and may be shown over a form.
// Call the returned function once, when the action has ended.
func (d *Desk) Acting() (done func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.acting++
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.acting--
		d.arrange()
	}
}

// Close implements broker.Approver.
func (d *Desk) Close(id uint64, end secret.Outcome) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.open[id]; ok {
		d.note(s.ask, end)
		delete(d.open, id)
	}
	for _, q := range slices.Clone(d.waiting) {
		if q.id() == id && q.ask != nil {
			d.waiting = slices.DeleteFunc(d.waiting, func(w *question) bool { return w == q })
			q.reply <- reply{err: errGone}
		}
	}
	if q := d.shown; q != nil && q.ask != nil && q.id() == id {
		d.shown = nil
		if q.stage == Touching {
			d.leaving = q
		}
		q.reply <- reply{err: errGone}
	}
	if d.held == id {
		d.held = 0
	}
	d.arrange()
	d.Refresh()
}

// Queue is told by the broker how many requests wait for the person, the one
// shown among them.
func (d *Desk) Queue(waiting int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.queue != waiting {
		d.queue = waiting
		d.Refresh()
	}
}

// Rest implements broker.Approver.
func (d *Desk) Rest(agent string, until time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rest = slices.DeleteFunc(d.rest, func(r Resting) bool { return r.Agent == agent })
	if until.After(d.now()) {
		d.rest = append(d.rest, Resting{agent, until})
	}
	d.Refresh()
}

// Resting is an agent whose requests are refused without a card for a while.
type Resting struct {
	Agent string // as the broker names it; show it through Visible
	Until time.Time
}

// Resting returns who rests at that time, the newest last.
func (d *Desk) Resting(now time.Time) []Resting {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rest = slices.DeleteFunc(d.rest, func(r Resting) bool { return !r.Until.After(now) })
	return slices.Clone(d.rest)
}

// Awake forgets that agent rests, after the person let it ask again.
func (d *Desk) Awake(agent string) { d.Rest(agent, time.Time{}) }
