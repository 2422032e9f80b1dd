package broker

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// Bounds of the queue.
const (
	maxCards         = 16              // waiting in all; as many again of the person's own
	maxCardsPerAgent = 4               // waiting for one asker
	restAfter        = 2               // denials ...
	restWithin       = time.Minute     // ... within this ...
	restFor          = 5 * time.Minute // ... rest the agent for so long
	progressEvery    = 5 * time.Second
)

var errLockedNow = secret.Errorf(secret.Locked, "NoxKey was locked before an answer came")

// queue lines up what waits for the person: one card at a time, the person's own before
// agents', then oldest first, the same pending request once, and none at all for an
// agent that rests.
type queue struct {
	approver Approver
	clock    Clock

	mu      sync.Mutex
	aside   map[*flight]struct{}       // the front's own, which wait for no turn; guarded by mu
	line    []*flight                  // guarded by mu; line[0] has its turn
	denials map[string][]time.Duration // by asker, on the elapsed clock; guarded by mu
	rests   map[string]lease           // by asker; guarded by mu
}

// flight is one card and everybody who waits for its answer.
type flight struct {
	digest Digest
	asker  string
	person bool
	turn   chan struct{} // closed when it is this flight's turn
	done   chan struct{} // closed when grant and err are set
	cancel context.CancelCauseFunc
	grant  *grant
	err    error

	waiters  int           // guarded by queue.mu
	finished bool          // guarded by queue.mu
	began    time.Duration // of its turn, on the elapsed clock; guarded by queue.mu
}

func newQueue(a Approver, c Clock) *queue {
	return &queue{approver: a, clock: c, aside: map[*flight]struct{}{}, denials: map[string][]time.Duration{}, rests: map[string]lease{}}
}

// submit waits for a's turn, runs run, which has long for it, and returns its grant,
// which the caller drops. While it waits it reports progress. The person's own
// requests from the app's front do not queue: they are in front of it.
func (q *queue) submit(ctx context.Context, a *Ask, long time.Duration, run func(context.Context) (*grant, error), out func(secret.Answer) error) (*grant, error) {
	if a.Who.Front {
		return q.beside(ctx, run)
	}
	f, err := q.join(a, run)
	if err != nil {
		return nil, err
	}
	return q.wait(ctx, f, long, func(p secret.Progress) error { return out(secret.Answer{Progress: &p}) })
}

// beside runs what waits for no turn; a lock ends it like everything else.
func (q *queue) beside(ctx context.Context, run func(context.Context) (*grant, error)) (*grant, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f := &flight{cancel: cancel}
	q.mu.Lock()
	q.aside[f] = struct{}{}
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		delete(q.aside, f)
	}()
	return run(ctx)
}

// askerOf is whose cards are counted together. Unknown callers are one asker: what
// they are called is their own choice.
func askerOf(who caller.Caller) string {
	if who.Class == caller.Unknown {
		return "an unknown caller"
	}
	return nameOf(who)
}

// join finds the flight of the same request, or starts one.
func (q *queue) join(a *Ask, run func(context.Context) (*grant, error)) (*flight, error) {
	digest, asker := a.Digest(), askerOf(a.Who)
	q.mu.Lock()
	defer q.mu.Unlock()
	if err := q.resting(asker); err != nil && a.Who.Class != caller.Human {
		return nil, err
	}
	person, same, alike := a.Who.Class == caller.Human, 0, 0
	for _, f := range q.line {
		if f.digest == digest && !f.finished && f.waiters > 0 && !usesUp(a) {
			f.waiters++
			return f, nil
		}
		if f.asker == asker {
			same++
		}
		if f.person == person {
			alike++
		}
	}
	if alike >= maxCards || same >= maxCardsPerAgent {
		return nil, secret.Errorf(secret.Busy, "too many requests wait for an answer already")
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	f := &flight{digest: digest, asker: asker, person: person, turn: make(chan struct{}), done: make(chan struct{}), cancel: cancel, waiters: 1}
	q.line = slices.Insert(q.line, q.place(person), f)
	q.giveTurn()
	q.tellLength()
	go q.fly(ctx, f, run)
	return f, nil
}

// usesUp reports whether what is asked for is less afterwards: each approval gives one
// recovery code, so that the same request again is another one.
func usesUp(a *Ask) bool {
	return slices.ContainsFunc(a.Items, func(i Item) bool { return i.Kind == secret.KindRecoveryCodes })
}

// place is where in the line a new card goes: a person's own behind the one that is shown
// and those of their other terminals. q.mu is held.
func (q *queue) place(person bool) int {
	for i, f := range q.line {
		if i > 0 && person && !f.person {
			return i
		}
	}
	return len(q.line)
}

// fly waits for the turn, runs, and lets the next one have it.
func (q *queue) fly(ctx context.Context, f *flight, run func(context.Context) (*grant, error)) {
	defer f.cancel(nil)
	var g *grant
	var err error
	select {
	case <-f.turn:
		g, err = run(ctx)
	case <-ctx.Done():
		err = withdrawn(ctx)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	f.grant, f.err, f.finished = g, err, true
	if g != nil {
		g.hold(f.waiters)
	}
	close(f.done)
	q.leave(f)
}

// leave takes f out of the line and gives the turn on. q.mu is held.
func (q *queue) leave(f *flight) {
	q.line = slices.DeleteFunc(q.line, func(g *flight) bool { return g == f })
	q.giveTurn()
	q.tellLength()
}

// giveTurn lets the first in the line have its turn, once. q.mu is held.
func (q *queue) giveTurn() {
	if len(q.line) == 0 {
		return
	}
	first := q.line[0]
	select {
	case <-first.turn:
	default:
		first.began = q.clock.Elapsed()
		close(first.turn)
	}
}

// wait waits for the answer, and gives up the place when ctx ends.
func (q *queue) wait(ctx context.Context, f *flight, long time.Duration, progress func(secret.Progress) error) (*grant, error) {
	start := q.clock.Elapsed()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for first := true; ; first = false {
		if !first {
			select {
			case <-f.done:
				if ctx.Err() != nil { // the answer came as the asker went
					q.abandon(f)
					return nil, withdrawn(ctx)
				}
				return f.grant, f.err
			case <-ctx.Done():
				q.abandon(f)
				return nil, withdrawn(ctx)
			case <-tick.C:
			}
		}
		if err := progress(q.progress(f, start, long)); err != nil {
			q.abandon(f)
			return nil, err
		}
	}
}

func (q *queue) progress(f *flight, start, long time.Duration) secret.Progress {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.Elapsed()
	p := secret.Progress{Waiting: max(0, slices.Index(q.line, f)), Seconds: int((now - start) / time.Second)}
	if p.Waiting == 0 { // its time runs
		long = max(0, long-(now-f.began))
	}
	p.Deadline = int(long / time.Second)
	return p
}

// abandon takes one waiter off a flight; the last one withdraws the card.
func (q *queue) abandon(f *flight) {
	q.mu.Lock()
	defer q.mu.Unlock()
	f.waiters--
	if f.finished {
		f.grant.drop()
	} else if f.waiters == 0 {
		f.cancel(nil)
	}
}

// withdrawAll ends every card: the app locks or quits.
func (q *queue) withdrawAll() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, f := range q.line {
		f.cancel(errLockedNow)
	}
	for f := range q.aside {
		f.cancel(errLockedNow)
	}
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.line)
}

// tellLength tells a front that counts how many wait. q.mu is held.
func (q *queue) tellLength() {
	if c, ok := q.approver.(interface{ Queue(waiting int) }); ok {
		c.Queue(len(q.line))
	}
}

// withdrawn is the error of a request whose asker has gone, or that a lock ended.
func withdrawn(ctx context.Context) error {
	if err := context.Cause(ctx); secret.CodeOf(err) == secret.Locked {
		return err
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return secret.Errorf(secret.TimedOut, "nobody answered in time, which counts as a denial")
	}
	return secret.Errorf(secret.Cancelled, "the request was withdrawn")
}
