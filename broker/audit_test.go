package broker

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"noxkey/caller"
	"noxkey/secret"
)

// lines rewrites the log of a closed scene and reports what verify says of it.
func (s *scene) tampered(change func(lines [][]byte) [][]byte) []string {
	s.Helper()
	if err := s.b.Close(); err != nil {
		s.Fatal(err)
	}
	b, err := os.ReadFile(s.path)
	if err != nil {
		s.Fatal(err)
	}
	lines := change(bytes.SplitAfter(bytes.TrimSuffix(b, []byte("\n")), []byte("\n")))
	if err := os.WriteFile(s.path, bytes.Join(lines, nil), 0o600); err != nil {
		s.Fatal(err)
	}
	s.b = s.broker()
	if r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock}); r.err != nil {
		s.Fatal(r.err)
	}
	var bad []string
	r := s.do(human(9), &secret.Request{Op: secret.OpVerify})
	if r.err != nil {
		s.Fatal(r.err)
	}
	for _, a := range r.all {
		if a.Finding != nil && !a.Finding.OK {
			bad = append(bad, a.Finding.Text)
		}
	}
	return bad
}

// TestThreatF7TamperedLog: every edit, removal and reordering of lines is found
// and its place named.
func TestThreatF7TamperedLog(t *testing.T) {
	for name, c := range map[string]struct {
		change func([][]byte) [][]byte
		want   string // in the first finding; "" for none
	}{
		"nothing":      {func(l [][]byte) [][]byte { return l }, ""},
		"edited":       {func(l [][]byte) [][]byte { l[2] = bytes.Replace(l[2], l[2][10:14], []byte("AAAA"), 1); return l }, "line 3 "},
		"deleted":      {func(l [][]byte) [][]byte { return slices.Delete(l, 1, 2) }, "line 2 "},
		"swapped":      {func(l [][]byte) [][]byte { l[1], l[2] = l[2], l[1]; return l }, "line 2 "},
		"doubled":      {func(l [][]byte) [][]byte { return slices.Insert(l, 2, l[1]) }, "line 3 "},
		"cut":          {func(l [][]byte) [][]byte { return l[:len(l)-1] }, "line"},
		"cut to none":  {func([][]byte) [][]byte { return nil }, "line 1 "},
		"first gone":   {func(l [][]byte) [][]byte { return l[1:] }, "line 1 "},
		"half a line":  {func(l [][]byte) [][]byte { l[len(l)-1] = l[len(l)-1][:20]; return l }, "is not whole"},
		"foreign line": {func(l [][]byte) [][]byte { return append(l, []byte("\nhello\n")) }, "is not whole"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.do(human(9), take(secret.DeliverEval, "acme/api/REGION"))
			s.do(human(9), take(secret.DeliverEval, "acme/api/DB"))
			bad := s.tampered(c.change)
			switch {
			case c.want == "" && len(bad) > 0:
				t.Errorf("found %q", bad)
			case c.want != "" && (len(bad) == 0 || !strings.Contains(strings.Join(bad, "; "), c.want)):
				t.Errorf("found %q, want %q", bad, c.want)
			}
		})
	}
}

// TestThreatF7RecordsGoOnAfterDamage: a damaged log is no reason to stop keeping one.
func TestThreatF7RecordsGoOnAfterDamage(t *testing.T) {
	s := newScene(t)
	s.tampered(func(l [][]byte) [][]byte { return l[:3] })
	if r := s.do(human(9), take(secret.DeliverEval, "acme/api/REGION")); r.err != nil {
		t.Fatal(r.err)
	}
	if err := s.b.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestThreatF7SymlinkedLog: a log that is not a private file of ours is refused,
// and with it every release.
func TestThreatF7SymlinkedLog(t *testing.T) {
	for name, prepare := range map[string]func(path string){
		"symlink":   func(p string) { os.Rename(p, p+".real"); os.Symlink(p+".real", p) },
		"hard link": func(p string) { os.Link(p, p+".other") },
		"loose":     func(p string) { os.Chmod(p, 0o644) },
		"folder":    func(p string) { os.Remove(p); os.Mkdir(p, 0o700) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.b.Close()
			prepare(s.path)
			s.b = s.broker()
			r := s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock})
			if secret.CodeOf(r.err) != secret.NotRecorded {
				t.Errorf("unlock: %v", r.err)
			}
			if r := s.do(human(9), take(secret.DeliverEval, "acme/api/REGION")); r.err == nil {
				t.Error("released without a record")
			}
		})
	}
}

func TestAuditHoldsNoValues(t *testing.T) {
	s := newScene(t)
	for _, n := range []secret.Prefix{"acme/api/DB", "acme/api/STRIPE"} {
		s.do(human(9), take(secret.DeliverEval, n))
	}
	for _, r := range s.records() {
		for _, v := range []string{"db-canary", "stripe-canary", pass} {
			if strings.Contains(r.Detail+r.Who, v) {
				t.Errorf("%+v", r)
			}
		}
	}
	b, _ := os.ReadFile(s.path)
	if bytes.Contains(b, []byte("acme")) {
		t.Error("the log shows names to whoever opens it")
	}
}

func TestLastUsedComesFromTheAudit(t *testing.T) {
	s := newScene(t)
	s.do(human(9), take(secret.DeliverEval, "acme/api/DB"))
	s.b.Close()
	s.b = s.broker()
	s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock})
	r := s.do(human(9), &secret.Request{Op: secret.OpList, Targets: []secret.Prefix{"acme/api/DB"}})
	if r.err != nil || !r.all[0].Entry.LastUsed.Equal(s.clock.Wall()) {
		t.Errorf("%+v %v", r.all, r.err)
	}
}

func TestHeadEveryHundredLines(t *testing.T) {
	s := newScene(t)
	for range headEvery {
		s.do(human(9), take(secret.DeliverEval, "acme/api/REGION"))
	}
	h, err := s.b.audit.recallHead()
	if err != nil || h.Seq < headEvery {
		t.Errorf("the vault remembers record %d, %v", h.Seq, err)
	}
}

func TestRefusalsBeforeTheFirstUnlockAreCounted(t *testing.T) {
	s := newScene(t)
	s.b.Close()
	s.b = s.broker()
	for range 3 {
		s.wantCode(s.do(agent("Codex", 70, 71), get("acme/api/DB")), secret.Locked)
	}
	s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock})
	found := false
	for _, r := range s.records() {
		found = found || strings.Contains(r.Detail, "3 requests were refused")
	}
	if !found {
		t.Error("not recorded")
	}
}
