package broker

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

func (s *scene) auditFindings() (bad []string) {
	s.Helper()
	bad, _, err := s.b.audit.verify()
	if err != nil {
		bad = append(bad, err.Error())
	}
	return bad
}

// TestEveryRecordCanBeReadBack: what is written about a request without secrets is
// no damage in the eyes of verify.
func TestEveryRecordCanBeReadBack(t *testing.T) {
	s := newScene(t)
	s.who.will(Deny)
	remove := &secret.Request{Op: secret.OpPlaces, Places: []secret.Place{{Prefix: "initech", Remove: true}}}
	s.wantCode(s.do(agent("Codex", 70, 71), remove), secret.Denied)
	if bad := s.auditFindings(); bad != nil {
		t.Errorf("verify says %v", bad)
	}
	if r := s.do(human(9), remove); r.err != nil || s.lastRecord().Prefix != "initech" {
		t.Errorf("the record names no place: %+v, %v", s.lastRecord(), r.err)
	}
}

// TestThreatF7OverlongLine: what a client says cannot make a line that the log is
// not read past, and neither can a line that somebody put there.
func TestThreatF7OverlongLine(t *testing.T) {
	s := newScene(t)
	long := strings.Repeat("\x7f", 1000<<10)
	for _, req := range []*secret.Request{
		{Op: secret.OpList, Client: long},
		{Op: secret.OpRedeem, Ticket: long, Reader: long},
		{Op: secret.OpGet, Bundle: long, Delivery: secret.DeliverShell},
		{Op: secret.OpRest, Agent: long},
	} {
		s.wantCode(s.do(agent("Codex", 70, 71), req), secret.Invalid)
	}
	s.b.Close()
	log, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Count(log, []byte("\n"))
	log = append(append(log, bytes.Repeat([]byte("x"), 5<<20)...), '\n')
	if err := os.WriteFile(s.path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	s.b = s.broker()
	if err := s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock}).err; err != nil {
		t.Fatalf("the log cannot be opened any more: %v", err)
	}
	if bad := s.auditFindings(); len(bad) != 1 || len(s.records()) != lines+1 {
		t.Errorf("%d of %d records; verify says %v", len(s.records()), lines+1, bad)
	}
}

// TestAuditIsReadWhileItGrows: reading takes a moment's view and holds up nobody,
// quit included (run with -race).
func TestAuditIsReadWhileItGrows(t *testing.T) {
	s := newScene(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				s.do(human(9), take(secret.DeliverRaw, "acme/api/REGION"))
			}
		})
		wg.Go(func() {
			for range 10 {
				if bad := s.auditFindings(); bad != nil {
					t.Errorf("verify says %v", bad)
				}
				s.records()
			}
		})
	}
	wg.Wait()
	wg.Go(func() { // whatever it answers, it must not read the key while quit clears it
		_ = s.b.audit.tail(0, func(secret.Record) error { return nil })
	})
	s.b.Close()
	wg.Wait()
}

// TestAuditTailKeepsTheNewest: a limit is of the newest records, oldest first.
func TestAuditTailKeepsTheNewest(t *testing.T) {
	s := newScene(t)
	all := s.records()
	var got []secret.Record
	err := s.b.Do(context.Background(), human(9), &secret.Request{Op: secret.OpAudit, Limit: 3}, func(a secret.Answer) error {
		got = append(got, *a.Record)
		return nil
	})
	if err != nil || len(got) != 3 || got[2].Seq != all[len(all)-1].Seq || got[0].Seq != got[2].Seq-2 {
		t.Errorf("%v %+v", err, got)
	}
}

// TestLastUsedIsOfReads: storing a value is not using it.
func TestLastUsedIsOfReads(t *testing.T) {
	s := newScene(t)
	for n := range s.b.audit.lastUsed() {
		t.Errorf("%s was only written", n)
	}
}
