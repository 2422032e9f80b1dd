package broker

import (
	"testing"

	"noxkey/secret"
)

// TestThreatA8AuditNamesWhoGotNothing: a pipe that was opened by something that may
// not have the value is in the audit, and its ticket is void.
func TestThreatA8AuditNamesWhoGotNothing(t *testing.T) {
	s := newScene(t)
	s.who.will(AllowOnce)
	a := agent("Codex", 70, 71)
	r := s.do(a, get("acme/api/DB"))
	burn := &secret.Request{Op: secret.OpBurn, Ticket: r.ticket.ID, Reader: "cat 4711 opened it"}
	if b := s.do(a, burn); b.err != nil {
		t.Fatal(b.err)
	}
	last := s.lastRecord()
	if last.Outcome != secret.OutRefused || last.Detail != "not handed over: cat 4711 opened it" || last.Who != "Codex" || last.Names[0] != "acme/api/DB" {
		t.Errorf("recorded %+v", last)
	}
	s.wantCode(s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: r.ticket.ID}), secret.Denied)
	if b := s.do(a, burn); b.err != nil {
		t.Errorf("a second time: %v", b.err)
	}
	if n := len(s.records()); n == 0 || s.lastRecord().Op != secret.OpRedeem {
		t.Errorf("the second time was recorded: %+v", s.lastRecord())
	}
	fetched := s.do(a, get("acme/api/DB"))
	if got := s.do(a, &secret.Request{Op: secret.OpRedeem, Ticket: fetched.ticket.ID, Reader: "bash 99"}); got.err != nil {
		t.Fatal(got.err)
	}
	burn = &secret.Request{Op: secret.OpBurn, Ticket: fetched.ticket.ID, Reader: "bash 99 became cat"}
	if b := s.do(a, burn); b.err != nil || s.lastRecord().Detail != "not handed over: bash 99 became cat" {
		t.Errorf("after it was fetched: %+v, %v", s.lastRecord(), b.err)
	}
}
