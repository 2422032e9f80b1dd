package broker

import (
	"noxkey/caller"
	"noxkey/secret"
)

// burn voids a ticket of the process that asked, because what opened its pipe may
// not have the values, or was found out only after they had been fetched. The
// audit names the reader, whom only that process has seen.
func (b *Broker) burn(who caller.Caller, req *secret.Request) error {
	b.tickets.drop(req.Ticket)
	t := b.tickets.forget(req.Ticket)
	if t == nil {
		return nil // over, told already, or never was
	}
	r := b.entry(t.who, req, t.names(), secret.OutRefused)
	r.Detail = "not handed over: " + req.Reader
	if len(who.Chain) == 0 || who.Chain[0].ID != t.peer {
		r.Detail = "voided by another process: " + nameOf(who)
	}
	return b.audit.append(r)
}
