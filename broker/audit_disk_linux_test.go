package broker

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"noxkey/caller"
	"noxkey/secret"
	"noxkey/vault/vaulttest/sysfault"
)

const noNotify = "cannot be done here: the kernel offers no seccomp user notification:"

// failing lets call number at to the log meet with a, and a write after a short one fail as
// on a full disk. It tells what was met.
func (s *scene) failing(at int, a sysfault.Answer, met *string) func(sysfault.Call) sysfault.Answer {
	n, full := 0, false
	return func(c sysfault.Call) sysfault.Answer {
		if c.Path != s.path {
			return sysfault.Answer{}
		}
		n++
		if full && c.Name == "write" {
			full = false
			return sysfault.Answer{Errno: unix.ENOSPC}
		}
		if n != at {
			return sysfault.Answer{}
		}
		*met = c.Name
		full = a.Short && c.Name == "write"
		return sysfault.Answer{Errno: a.Errno, Done: a.Done, Short: full}
	}
}

var faults = []sysfault.Answer{{Errno: unix.ENOSPC}, {Errno: unix.EIO}, {Errno: unix.EDQUOT}, {Errno: unix.EROFS},
	{Errno: unix.EIO, Done: true}, {Short: true}}

// TestThreatF7EveryCallFailingOnce: whatever call of a record fails, the request is refused
// and nothing is released; the log is as it was, and the next record goes in.
func TestThreatF7EveryCallFailingOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.who.will(AllowOnce)
	for name, req := range map[string]func() result{
		"easy":   s.read,
		"prompt": func() result { return s.do(human(9), take(secret.DeliverRaw, "acme/api/DB")) },
		"card":   func() result { return s.do(agent("Codex", 70, 71), get("acme/api/DB")) },
		"write": func() result {
			desc := "words"
			return s.do(human(9), &secret.Request{Op: secret.OpWrite, Changes: []secret.Change{{Action: secret.ActionEdit, Name: "acme/api/DB", Meta: secret.Patch{Desc: &desc}}}})
		},
	} {
		calls := map[string]int{}
		for _, a := range faults {
			for at := 1; ; at++ {
				lines := len(s.records())
				var r result
				met := ""
				if err := sysfault.Run(s.failing(at, a, &met), func() { r = req() }); err != nil {
					t.Skip(noNotify, err)
				}
				if met == "" || a.Short && met != "write" {
					if r.err != nil {
						t.Fatal(name, r.err)
					}
					break
				}
				calls[met]++
				if met == "truncate" { // this call follows one that failed
					t.Fatal("nothing had failed")
				}
				s.wantCode(r, secret.NotRecorded)
				if got := len(s.records()); got != lines {
					t.Fatalf("%s, %s, %+v: %d records, want %d", name, met, a, got, lines)
				}
				if r := req(); r.err != nil || len(s.records()) != lines+1 {
					t.Fatalf("%s, %s, %+v: trying again: %v, %d records", name, met, a, r.err, len(s.records()))
				}
			}
		}
		if calls["write"] < len(faults) || calls["sync"] < len(faults)-1 {
			t.Errorf("%s: these were failed: %v", name, calls)
		}
	}
	if bad := s.auditFindings(); bad != nil {
		t.Errorf("verify says %q", bad)
	}
}

// TestThreatF7HalfALineThatCannotBeTakenBack: a record is cut short by a full disk, and
// taking the half back fails, too. It is one line for verify to name, and the next record
// stands on its own.
func TestThreatF7HalfALineThatCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lines := len(s.records())
	writes := 0
	var r result
	err := sysfault.Run(func(c sysfault.Call) sysfault.Answer {
		switch {
		case c.Path != s.path:
		case c.Name == "truncate":
			return sysfault.Answer{Errno: unix.EIO}
		case c.Name == "write":
			if writes++; writes == 1 {
				return sysfault.Answer{Short: true}
			}
			return sysfault.Answer{Errno: unix.ENOSPC}
		}
		return sysfault.Answer{}
	}, func() { r = s.read() })
	if err != nil {
		t.Skip(noNotify, err)
	}
	s.wantCode(r, secret.NotRecorded)
	if r := s.read(); r.err != nil || len(s.records()) != lines+1 {
		t.Errorf("the next one: %v, %d records", r.err, len(s.records()))
	}
	if bad := s.auditFindings(); len(bad) != 1 || bad[0] != fmt.Sprintf("line %d is not whole", lines+1) {
		t.Errorf("verify says %q", bad)
	}
}

// TestThreatF7OpeningFails: without a log that can be opened, mended and read there is no
// release, and nothing is left half open.
func TestThreatF7OpeningFails(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, torn := range []bool{false, true} {
		for at := 1; ; at++ {
			must(t, s.b.Close())
			if torn {
				f, err := os.OpenFile(s.path, os.O_APPEND|os.O_WRONLY, 0)
				must(t, err)
				_, _ = f.WriteString("{")
				must(t, f.Close())
			}
			s.b = s.broker()
			met := ""
			var r result
			if err := sysfault.Run(s.failing(at, sysfault.Answer{Errno: unix.EIO}, &met), func() {
				r = s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock})
			}); err != nil {
				t.Skip(noNotify, err)
			}
			if met == "" {
				must(t, r.err)
				break
			}
			if secret.CodeOf(r.err) != secret.NotRecorded {
				t.Errorf("torn %t, call %d, %s: unlock: %v", torn, at, met, r.err)
			}
			r = s.do(caller.Front("test"), &secret.Request{Op: secret.OpUnlock})
			must(t, r.err)
			must(t, s.read().err)
		}
	}
}

// TestThreatF7HeadThatCannotBeKept: every hundredth record keeps the head in the vault.
// When the vault's disk is full then, the request is refused.
func TestThreatF7HeadThatCannotBeKept(t *testing.T) {
	t.Parallel()
	s, _ := fileScene(t, t.TempDir())
	for len(s.records()) < headEvery-1 {
		must(t, s.read().err)
	}
	vault := filepath.Join(filepath.Dir(s.path), "vault.db")
	for range 2 {
		var r result
		if err := sysfault.Run(func(c sysfault.Call) sysfault.Answer {
			if strings.HasPrefix(c.Path, vault) && c.Name == "write" {
				return sysfault.Answer{Errno: unix.ENOSPC}
			}
			return sysfault.Answer{}
		}, func() { r = s.read() }); err != nil {
			t.Skip(noNotify, err)
		}
		s.wantCode(r, secret.Storage)
	}
	must(t, s.read().err)
	if bad := s.auditFindings(); bad != nil {
		t.Errorf("verify says %q", bad)
	}
	if h, err := s.b.audit.recallHead(); err != nil || h.Seq != uint64(len(s.records())) {
		t.Errorf("the vault remembers %d of %d records, %v", h.Seq, len(s.records()), err)
	}
}

// squeeze asks again and again while room is made by more, one step at a time, until there
// is enough, and wants a refusal and an unharmed log before that.
func squeeze(s *scene, more func(step int)) (refused int) {
	lines := len(s.records())
	for step := 0; ; step++ {
		more(step)
		r := s.read()
		if r.err == nil {
			if got := len(s.records()); got != lines+1 || s.auditFindings() != nil {
				s.Errorf("%d records, want %d; verify says %q", got, lines+1, s.auditFindings())
			}
			return refused
		}
		if refused++; refused > 5000 {
			s.Fatal("there is never enough")
		}
		s.wantCode(r, secret.NotRecorded)
		if got := len(s.records()); got != lines {
			s.Fatalf("%d records, want %d", got, lines)
		}
	}
}

const limitChild = "BROKER_TEST_FSIZE"

// TestThreatF7FileSizeLimit: the kernel takes one byte more of the record each time
// (RLIMIT_FSIZE). A process has one such limit, so a copy of this test does it.
func TestThreatF7FileSizeLimit(t *testing.T) {
	if os.Getenv(limitChild) == "" {
		c := exec.Command(os.Args[0], "-test.run=^TestThreatF7FileSizeLimit$", "-test.v")
		c.Env = append(os.Environ(), limitChild+"=1")
		if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "refused at every byte") {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(unix.SIGXFSZ)
	s := newScene(t)
	var was unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &was))
	st, err := os.Stat(s.path)
	must(t, err)
	start := st.Size()
	n := squeeze(s, func(step int) {
		must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: uint64(start) + uint64(step), Max: was.Max}))
	})
	st, err = os.Stat(s.path)
	must(t, err)
	if int64(n) != st.Size()-start {
		t.Fatalf("refused %d times for a line of %d bytes", n, st.Size()-start)
	}
	t.Logf("refused at every byte of %d", n)
}

// TestThreatF7FullDisk: the log on a real file system that is full, until it is not.
func TestThreatF7FullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	err := sysfault.OnTmpfs(dir, "size=256k,mode=0700", func() {
		s, _ := fileScene(t, dir)
		filler, err := os.Create(filepath.Join(dir, "filler"))
		if err != nil {
			t.Error(err)
			return
		}
		defer filler.Close()
		page := make([]byte, os.Getpagesize())
		for err == nil {
			_, err = filler.Write(page)
		}
		released := 0
		for s.read().err == nil { // the room in the log's last page
			if released++; released > 1000 {
				t.Error("the disk is never full")
				return
			}
		}
		if n := squeeze(s, func(step int) {
			if st, _ := filler.Stat(); step > 2 {
				must(t, filler.Truncate(st.Size()-int64(len(page))))
			}
		}); n < 3 {
			t.Errorf("refused %d times", n)
		}
	})
	if err != nil {
		t.Skip("cannot be done here: mounting a tmpfs takes root and unshare(2):", err)
	}
}
