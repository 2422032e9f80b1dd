package broker

import (
	"fmt"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// Bounds of one part of a backup. A reply holds at most 512 KiB of values (package
// socket), sealed, so a part stays well below; its names stand in one line of the audit.
const (
	partBytes = 384 << 10
	partNames = 512
)

// startBackup records that a backup was allowed and hands out the ticket for its first
// part. Its values are fetched in parts because a reply has a bound and a vault has none;
// the approval is one, and for the versions of that moment. It takes ownership of key.
func (b *Broker) startBackup(who caller.Caller, req *secret.Request, p *plan, key secret.Key, r secret.Record, out func(secret.Answer) error) error {
	if !b.tickets.room(who.Chain[0].ID) {
		wipeKey(key)
		return b.refuse(who, req, nil, secret.Errorf(secret.Busy, "too many handoffs wait to be fetched already"))
	}
	r.Names = nil // each part is recorded with its own
	r.Detail = fmt.Sprintf("%s%d secrets", secret.BackupPrefix, len(p.entries))
	if err := b.audit.append(r); err != nil {
		wipeKey(key)
		return err
	}
	id := b.tickets.add(&ticket{peer: who.Chain[0].ID, entries: p.entries, key: key, who: who, backup: true})
	err := out(secret.Answer{Ticket: &secret.Ticket{ID: id, LeftOut: p.broken, Seconds: int(ticketTime / time.Second)}})
	if err != nil { // nobody knows its id
		b.tickets.drop(id)
	}
	return err
}

// nextPart gives out the next values of a backup and, before them, the ticket for those
// that remain. t was taken, and its caller wipes it.
func (b *Broker) nextPart(req *secret.Request, t *ticket, out func(secret.Answer) error) error {
	values, err := b.openPart(t)
	if err != nil {
		return b.refuse(t.who, req, nil, err)
	}
	b.prints.seen(t.entries[:len(values)], values)
	part := *t
	part.entries = t.entries[:len(values)]
	defer func() {
		for _, v := range values {
			v.Wipe()
		}
	}()
	r := b.entry(t.who, req, part.names(), secret.Released)
	r.Detail = "into a backup"
	if err := b.audit.append(r); err != nil {
		return err
	}
	answer := &secret.Ticket{Seconds: int(ticketTime / time.Second)}
	if len(values) < len(t.entries) {
		rest := &ticket{peer: t.peer, entries: t.entries[len(values):], key: t.key, who: t.who, backup: true}
		t.key = nil // it is rest's now
		answer.ID = b.tickets.add(rest)
	}
	if err = out(secret.Answer{Ticket: answer}); err == nil {
		err = handEntries(part.entries, values, out)
	}
	if err != nil {
		b.tickets.drop(answer.ID)
	}
	return err
}

// openPart opens values from the start of t's until a part is full: at least one.
func (b *Broker) openPart(t *ticket) ([]secret.Value, error) {
	var values []secret.Value
	size := 0
	for _, e := range t.entries {
		if len(values) == partNames || size > partBytes-secret.MaxValue {
			break
		}
		one, err := b.cfg.Store.Open(unshare(t.key), []secret.Ref{{Name: e.Name, Version: e.Version}})
		if err != nil {
			for _, v := range values {
				v.Wipe()
			}
			return nil, err
		}
		_ = one[0].Use(func(v []byte) error { size += len(v); return nil })
		values = append(values, one[0])
	}
	return values, nil
}

// handEntries gives out what is known of each secret, and its value after it.
func handEntries(entries []secret.Entry, values []secret.Value, out func(secret.Answer) error) error {
	for i, e := range entries {
		e.Peek = ""
		if err := out(secret.Answer{Entry: &e}); err != nil {
			return err
		}
		if err := out(secret.Answer{Value: &secret.Named{Name: e.Name, Value: values[i].Clone()}}); err != nil {
			return err
		}
	}
	return nil
}
