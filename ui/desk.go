package ui

import (
	"context"
	"slices"
	"sync"
	"time"

	"noxkey/broker"
	"noxkey/secret"
)

// Stage is what the person is asked to do now.
type Stage int

// The stages. Idle is the zero value: no question is before the person.
const (
	Idle Stage = iota
	// Choosing shows a card; Choose answers it.
	Choosing
	// Proving asks for a passphrase; Submit or Cancel answers it.
	Proving
	// Entering asks for a value; Submit or Cancel answers it.
	Entering
	// Checking waits for the broker after an answer: nothing can be done but to read.
	Checking
	// Touching stands behind the system's own sheet, which asks for Touch ID; Cancel
	// takes the sheet away.
	Touching
)

// State is what is before the person at one moment. A front draws it, and hands
// back the very State it drew with an answer, so that an answer can only be about
// what was seen.
type State struct {
	Stage Stage
	// ID is the request's; 0 for a passphrase that belongs to none.
	ID uint64
	// Ask is the question; nil for a passphrase that belongs to none. It must not
	// be changed.
	Ask *broker.Ask
	// Digest is that of Ask when it was put up.
	Digest broker.Digest
	// Prompt is set while Proving.
	Prompt secret.Prompt
	// Choice is what the person chose on the card before, while Proving.
	Choice broker.Choice
	// Own says that the person's own action in this front caused the question.
	Own bool
	// Arms is when answers begin to count; zero: they count at once.
	Arms time.Time
	// Waiting is how many further questions wait on the desk, those held back by
	// Busy too; Queue how many requests wait at the broker, this one among them.
	Waiting, Queue int
	// Next is the first question held back by Busy, for the line that says so; nil if none.
	Next *broker.Ask

	serial uint64 // of the showing; grows with every one
}

// Mine reports whether the question is about the person's own doing, so that
// backing out cancels it and denies nobody.
func (s State) Mine() bool { return s.Ask == nil || s.Ask.Kind == broker.AskHuman }

// Bare reports whether the question is a passphrase and nothing more: there is no
// secret to name, as when the vault is opened for browsing.
func (s State) Bare() bool {
	return s.Ask == nil || s.Mine() && s.Ask.Who.Front && len(s.Ask.Items)+len(s.Ask.Covered)+len(s.Ask.Writes) == 0 && s.Ask.Prefix == ""
}

// Deadline is when silence counts as a denial, zero for never.
func (s State) Deadline() time.Time {
	if s.Ask == nil {
		return time.Time{}
	}
	return s.Ask.Deadline
}

// Armed reports whether answers count at that time.
func (s State) Armed(now time.Time) bool { return !now.Before(s.Arms) }

// Desk stands between the broker, whose calls block until the person has
// answered, and a front, which has an event loop. It shows one question at a
// time: in the order in which they came, except that what the person's own action
// asks comes before the rest. It implements broker.Approver. Its methods may be
// called from any goroutine.
type Desk struct {
	now     func() time.Time
	changed chan struct{} // capacity 1: something changed since the front last looked

	mu      sync.Mutex // guards the fields below
	waiting []*question
	shown   *question
	leaving *question // Touching, taken back: its sheet is still up
	arms    time.Time
	serial  uint64
	held    uint64          // request whose answer is being worked on, 0 none
	open    map[uint64]seen // requests that Close has not been called for
	busy    bool
	acting  int // own actions of the person that run
	queue   int // as the broker last said
	rest    []Resting
	recent  []Recent
}

// question is one blocked call of the broker.
type question struct {
	stage  Stage
	ask    *broker.Ask
	digest broker.Digest
	prompt secret.Prompt
	reply  chan reply    // capacity 1; whoever takes the question off the desk sends
	shown  chan struct{} // closed when it is put up; nil where nobody waits for that
}

type reply struct {
	answer broker.Answer
	value  secret.Value
	err    error
}

type seen struct {
	ask    *broker.Ask
	choice broker.Choice
}

// NewDesk returns an empty desk. now is the clock, time.Now in programs.
func NewDesk(now func() time.Time) *Desk {
	return &Desk{now: now, changed: make(chan struct{}, 1), open: map[uint64]seen{}}
}

// Changed receives after something changed that a front draws: the State, who
// rests, the recent requests. Several changes may be one receive. One front only.
func (d *Desk) Changed() <-chan struct{} { return d.changed }

// Refresh makes Changed receive: whoever knows that sessions or the lock changed
// by another road than the front calls it.
func (d *Desk) Refresh() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// Ask implements broker.Approver.
func (d *Desk) Ask(ctx context.Context, a *broker.Ask) (broker.Answer, error) {
	if a.Kind == broker.AskHuman {
		return d.human(a), ctx.Err()
	}
	r, err := d.put(ctx, &question{stage: Choosing, ask: a, digest: a.Digest()})
	if err != nil {
		return broker.Answer{}, err
	}
	return r.answer, r.err
}

// human answers at once: the passphrase that follows is the choice, and its
// screen shows the same facts as a card would.
func (d *Desk) human(a *broker.Ask) broker.Answer {
	c := broker.AllowOnce
	if lasts(a) {
		c = broker.AllowSession
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[a.ID] = seen{a, c}
	return broker.Answer{Choice: c, Digest: a.Digest(), Prompt: secret.Prompt{ID: a.ID, Reason: Reason(a, c)}}
}

// Enter implements broker.Approver.
func (d *Desk) Enter(ctx context.Context, a *broker.Ask) (secret.Value, error) {
	r, err := d.put(ctx, &question{stage: Entering, ask: a, digest: a.Digest()})
	if err != nil {
		return secret.Value{}, err
	}
	return r.value, r.err
}

// Passphrase asks the person for a passphrase and gives it to the caller, who
// wipes it. It returns ctx's error when ctx ends first, an error of code Denied
// when the person refused an agent or unknown caller, of code Cancelled when they
// thought better of what they had asked for themselves.
func (d *Desk) Passphrase(ctx context.Context, p secret.Prompt) (secret.Value, error) {
	r, err := d.put(ctx, &question{stage: Proving, prompt: p})
	if err != nil {
		return secret.Value{}, err
	}
	return r.value, r.err
}

// put lays q on the desk and waits for what comes of it.
func (d *Desk) put(ctx context.Context, q *question) (reply, error) {
	if err := ctx.Err(); err != nil {
		return reply{}, err
	}
	d.lay(q)
	select {
	case r := <-q.reply:
		return r, nil
	case <-ctx.Done():
		d.remove(q)
		select {
		case r := <-q.reply: // answered in the same moment: the time is over all the same
			r.value.Wipe()
		default:
		}
		return reply{}, ctx.Err()
	}
}

// lay puts q among those that wait, or up.
func (d *Desk) lay(q *question) {
	q.reply = make(chan reply, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	if q.ask != nil {
		d.open[q.ask.ID] = seen{ask: q.ask}
	} else if s, ok := d.open[q.prompt.ID]; ok {
		q.ask, q.digest = s.ask, s.ask.Digest()
		if q.prompt.Reason == "" {
			q.prompt.Reason = Reason(s.ask, s.choice)
		}
	}
	d.waiting = append(d.waiting, q)
	d.arrange()
	d.Refresh() // the number that waits
}

func (d *Desk) remove(q *question) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = slices.DeleteFunc(d.waiting, func(w *question) bool { return w == q })
	if d.shown == q {
		d.shown = nil
	}
	if d.leaving == q {
		d.leaving = nil
	}
	if d.held == q.id() {
		d.held = 0
	}
	d.arrange()
	d.Refresh()
}

// id is the request that q belongs to, 0 for none.
func (q *question) id() uint64 {
	if q.ask != nil {
		return q.ask.ID
	}
	return q.prompt.ID
}

// own reports whether q comes from the person's own action in this front.
func (d *Desk) own(q *question) bool {
	if q.ask != nil {
		return q.ask.Who.Front
	}
	return d.acting > 0
}

// arrange puts the next question up if none is shown, and tells the front if
// that changed what there is to see. Callers hold mu.
func (d *Desk) arrange() {
	if d.shown != nil || d.leaving != nil {
		return
	}
	i := d.next()
	if i < 0 {
		return
	}
	q := d.waiting[i]
	d.waiting = slices.Delete(d.waiting, i, i+1)
	d.shown = q
	d.serial++
	d.Refresh()
	// A passphrase that continues what the person just chose, or what they did in
	// this front, is expected; anything else takes its place unasked and is armed.
	if q.shown != nil {
		close(q.shown)
	}
	if q.stage == Touching || q.stage == Proving && (d.own(q) || d.held != 0 && d.held == q.id()) {
		d.arms = time.Time{}
	} else {
		d.arms = d.now().Add(ArmDelay)
	}
	if d.held == q.id() {
		d.held = 0
	}
}

// next returns the index of the question to show, -1 for none.
func (d *Desk) next() int {
	if d.held != 0 { // the rest of a request comes before any other request
		for i, q := range d.waiting {
			if q.id() == d.held {
				return i
			}
		}
	}
	for i, q := range d.waiting {
		if d.own(q) {
			return i
		}
	}
	if d.held != 0 || d.busy || len(d.waiting) == 0 {
		return -1
	}
	return 0
}

// State returns what is before the person now.
func (d *Desk) State() State {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := State{Waiting: len(d.waiting), Queue: d.queue, serial: d.serial}
	q := d.shown
	switch {
	case q != nil:
		s.Stage, s.ID, s.Ask, s.Digest, s.Prompt = q.stage, q.id(), q.ask, q.digest, q.prompt
		s.Own, s.Arms, s.Choice = d.own(q), d.arms, d.open[q.id()].choice
	case d.held != 0:
		h := d.open[d.held]
		s.Stage, s.ID, s.Ask, s.Choice = Checking, d.held, h.ask, h.choice
	}
	if q == nil && d.busy && len(d.waiting) > 0 {
		s.Next = d.waiting[0].ask
	}
	return s
}

// Same reports whether both show the same question, put up in the same moment.
func (s State) Same(o State) bool {
	return s.Stage == o.Stage && s.ID == o.ID && s.serial == o.serial
}
