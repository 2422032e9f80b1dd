package broker

import (
	"time"

	"noxkey/secret"
)

// denied counts a denial; the second within a minute rests the asker.
func (q *queue) denied(asker string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.Elapsed()
	recent := []time.Duration{now}
	for _, t := range q.denials[asker] {
		if now-t < restWithin {
			recent = append(recent, t)
		}
	}
	q.denials[asker] = recent
	if len(recent) < restAfter {
		return
	}
	delete(q.denials, asker)
	l := leaseFrom(q.clock, restFor)
	q.rests[asker] = l
	q.approver.Rest(asker, l.until())
}

// resting is the error for an asker that rests. q.mu is held.
func (q *queue) resting(asker string) error {
	l, ok := q.rests[asker]
	if !ok {
		return nil
	}
	if l.over(q.clock) {
		delete(q.rests, asker)
		return nil
	}
	return secret.Errorf(secret.Resting, "%s was denied twice within a minute and rests until %s", asker, l.until().Format("15:04"))
}

// wake ends the rest of one asker, or of all for "".
func (q *queue) wake(asker string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if asker == "" {
		clear(q.rests)
		return
	}
	delete(q.rests, asker)
}
