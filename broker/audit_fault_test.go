package broker

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// rounds is how often: few in every run of the tests, many under make attack.
func rounds(few, many int) int {
	if os.Getenv("NOXKEY_ATTACK") == "1" {
		return many
	}
	return few
}

// read is a request that no card and no prompt stands before: what refuses it is the log.
func (s *scene) read() result { return s.do(human(9), take(secret.DeliverEval, "acme/api/REGION")) }

// TestThreatF7ReplacedBetweenTwoRecords: the log's place is taken while NoxKey runs. The
// next request is refused, nothing is released, verify says so, and when the log is back
// it goes on.
func TestThreatF7ReplacedBetweenTwoRecords(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(p string) error{
		"symlink to the log":  func(p string) error { return os.Symlink(p+".away", p) },
		"symlink to nowhere":  func(p string) error { return os.Symlink("/dev/null", p) },
		"fifo":                func(p string) error { return unix.Mkfifo(p, 0o600) },
		"directory":           func(p string) error { return os.Mkdir(p, 0o700) },
		"nothing":             func(string) error { return nil },
		"empty file":          func(p string) error { return os.WriteFile(p, nil, 0o600) },
		"copy":                copyBack,
		"foreign-owned":       func(p string) error { return give(p, 65534) },
		"readable by others":  func(p string) error { return loosen(p, 0o640) },
		"with another's link": func(p string) error { return os.Link(p+".away", p) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "foreign-owned" && os.Getuid() != 0 {
				t.Skip("cannot be done here: giving a file to somebody else takes root and chown(2)")
			}
			s := newScene(t)
			if r := s.read(); r.err != nil {
				t.Fatal(r.err)
			}
			lines := len(s.records())
			must(t, os.Rename(s.path, s.path+".away"))
			must(t, replace(s.path))
			for range 2 {
				s.wantCode(s.read(), secret.NotRecorded)
				s.wantCode(s.do(human(9), take(secret.DeliverRaw, "acme/api/DB")), secret.NotRecorded)
			}
			if bad := strings.Join(s.auditFindings(), "; "); !strings.Contains(bad, "replaced or removed") && !strings.Contains(bad, "not a private file") {
				t.Errorf("verify says %q", bad)
			}
			must(t, os.RemoveAll(s.path))
			must(t, os.Chmod(s.path+".away", 0o600))
			must(t, os.Chown(s.path+".away", os.Getuid(), -1))
			must(t, os.Rename(s.path+".away", s.path))
			if r := s.read(); r.err != nil || len(s.records()) != lines+1 || s.auditFindings() != nil {
				t.Errorf("after it was put back: %v, %d records of %d, %v", r.err, len(s.records()), lines+1, s.auditFindings())
			}
		})
	}
}

// copyBack puts a copy of the log in its place.
func copyBack(p string) error {
	b, err := os.ReadFile(p + ".away")
	if err != nil {
		return err
	}
	return os.WriteFile(p, b, 0o600)
}

// give puts the log itself back, as another's.
func give(p string, uid int) error {
	if err := os.Link(p+".away", p); err != nil {
		return err
	}
	return os.Chown(p, uid, -1)
}

func loosen(p string, mode os.FileMode) error {
	if err := os.Link(p+".away", p); err != nil {
		return err
	}
	return os.Chmod(p, mode)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestThreatF7LoosenedLog: the log stays where it is and is opened to others, or given away.
func TestThreatF7LoosenedLog(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	must(t, os.Chmod(s.path, 0o604))
	s.wantCode(s.read(), secret.NotRecorded)
	must(t, os.Chmod(s.path, 0o600))
	if os.Getuid() == 0 {
		must(t, os.Chown(s.path, 65534, -1))
		s.wantCode(s.read(), secret.NotRecorded)
		must(t, os.Chown(s.path, 0, -1))
	}
	if r := s.read(); r.err != nil {
		t.Error(r.err)
	}
}

// TestThreatF7RecordsCannotBeGlued: half a line that somebody leaves at the log's end does
// not swallow the next record.
func TestThreatF7RecordsCannotBeGlued(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	lines := len(s.records())
	for _, half := range []string{"{", `{"n":`, "x", strings.Repeat("y", 9000)} {
		f, err := os.OpenFile(s.path, os.O_APPEND|os.O_WRONLY, 0)
		must(t, err)
		_, err = f.WriteString(half)
		must(t, err)
		must(t, f.Close())
		if r := s.read(); r.err != nil {
			t.Fatal(r.err)
		}
	}
	if got := len(s.records()); got != lines+4 {
		t.Errorf("%d records can be read, want %d", got, lines+4)
	}
	want := []string{fmt.Sprintf("line %d is not whole", lines+1), fmt.Sprintf("line %d is not whole", lines+3),
		fmt.Sprintf("line %d is not whole", lines+5), fmt.Sprintf("line %d is not whole", lines+7)}
	if bad := s.auditFindings(); !slices.Equal(bad, want) {
		t.Errorf("verify says %q, want %q", bad, want)
	}
}

// TestThreatF7TwoApps: a second app on one log (which the vault's lock keeps from coming to
// be) loses no record, and verify names where it came between.
func TestThreatF7TwoApps(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	other := s.broker()
	t.Cleanup(func() { other.Close() })
	must(t, other.audit.open())
	before := len(s.records())
	first := s.b
	for range 3 {
		for _, s.b = range []*Broker{first, other} {
			if r := s.read(); r.err != nil {
				t.Fatal(r.err)
			}
		}
	}
	s.b = first
	log, err := os.ReadFile(s.path)
	must(t, err)
	if n := bytes.Count(log, []byte("\n")); n != before+6 {
		t.Errorf("%d lines, want %d", n, before+6)
	}
	var want []string
	for n := before + 2; n <= before+6; n++ { // each follows a line of the other's
		want = append(want, fmt.Sprintf("line %d was edited, or lines before it were removed or moved", n))
	}
	if bad := s.auditFindings(); !slices.Equal(bad, want) {
		t.Errorf("verify says %q, want %q", bad, want)
	}
}

// fixed is a ledger whose key every process knows.
type fixed struct{}

func (fixed) Recall(string) ([]byte, error)   { return nil, nil }
func (fixed) Remember(string, []byte) error   { return nil }
func (fixed) AuditKey() (k [32]byte, _ error) { return k, nil }

const appendChild = "BROKER_TEST_APPEND"

// TestThreatF7KilledWhileAppending: kill -9 in the middle of a record. Every record that
// was acknowledged is there, what is half written is named, and the log goes on.
func TestThreatF7KilledWhileAppending(t *testing.T) {
	if path := os.Getenv(appendChild); path != "" {
		appendUntilKilled(t, path)
		return
	}
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	var path string
	torn, last, all, cut := 0, uint64(0), uint64(0), 0
	for life := range rounds(16, 200) {
		if life%8 == 0 { // a short log is read sooner
			path = filepath.Join(t.TempDir(), "audit.log")
			all, cut, torn, last = all+last, cut+torn, 0, 0
		}
		said := killAppender(t, path, 1+r.IntN(2), time.Duration(r.IntN(4_000_000)))
		a := newAudit(path, fixed{}, newSystemClock())
		must(t, a.open())
		seen := map[uint64]int{}
		must(t, a.tail(0, func(r secret.Record) error { seen[r.Seq]++; return nil }))
		for n := uint64(1); n <= said; n++ {
			if seen[n] != 1 {
				t.Fatalf("seed %d, life %d: record %d of %d acknowledged ones is there %d times", seed, life, n, said, seen[n])
			}
		}
		if uint64(len(seen)) > said+1 || said < last {
			t.Fatalf("seed %d, life %d: %d records, %d were acknowledged, %d before", seed, life, len(seen), said, last)
		}
		bad, _, err := a.verify()
		must(t, err)
		for _, b := range bad {
			if !strings.Contains(b, "is not whole") {
				t.Fatalf("seed %d, life %d: verify says %q", seed, life, bad)
			}
		}
		if len(bad) > torn+1 {
			t.Fatalf("seed %d, life %d: one kill tore more than one line: %q", seed, life, bad)
		}
		torn, last = len(bad), uint64(len(seen))
		must(t, a.close())
	}
	t.Logf("%d records, %d torn lines", all+last, cut+torn)
	if all+last < uint64(rounds(16, 200)) {
		t.Errorf("only %d records were written", all+last)
	}
}

// appendUntilKilled writes long records, which a kill can cut, and says the number of each.
func appendUntilKilled(t *testing.T, path string) {
	a := newAudit(path, fixed{}, newSystemClock())
	must(t, a.open())
	r := secret.Record{Op: secret.OpGet, Outcome: secret.OutRefused, Detail: strings.Repeat("x", 300<<10)}
	fmt.Println("at", a.head.Seq)
	for {
		must(t, a.append(r))
		fmt.Println("at", a.head.Seq)
	}
}

// killAppender starts an appender, kills it that long after it said so many numbers, and
// returns the last one.
func killAppender(t *testing.T, path string, atLeast int, after time.Duration) (said uint64) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestThreatF7KilledWhileAppending$")
	c.Env = append(os.Environ(), appendChild+"="+path)
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	r := bufio.NewReader(out)
	var text string
	for range atLeast + 1 {
		line, _ := r.ReadString('\n')
		text += line
	}
	time.AfterFunc(after, func() { _ = c.Process.Kill() })
	rest, _ := io.ReadAll(r)
	_ = c.Wait()
	for line := range strings.Lines(text + string(rest)) {
		word, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "at ")
		if !ok || !strings.HasSuffix(line, "\n") {
			t.Fatalf("the appender said %s", text+string(rest))
		}
		said, err = strconv.ParseUint(word, 10, 64)
		must(t, err)
	}
	return said
}

// TestThreatF7EveryTamperedLineIsNamed: for each line of a log and each byte of it, the
// finding is of that line, or of the one after it, which binds it.
func TestThreatF7EveryTamperedLineIsNamed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.read()
	must(t, s.b.audit.saveHead())
	whole, err := os.ReadFile(s.path)
	must(t, err)
	lines := bytes.SplitAfter(whole, []byte("\n"))
	lines = lines[:len(lines)-1]
	find := func(what string, want []int, change func(l [][]byte) [][]byte) {
		t.Helper()
		l := make([][]byte, len(lines))
		for i := range l {
			l[i] = bytes.Clone(lines[i])
		}
		must(t, os.WriteFile(s.path, bytes.Join(change(l), nil), 0o600))
		bad := strings.Join(s.auditFindings(), "; ") + " "
		for _, n := range want {
			if strings.Contains(bad, fmt.Sprintf("line %d ", n)) || n > len(lines) && strings.Contains(bad, fmt.Sprintf("remembers record %d:", len(lines))) || n > len(lines) && strings.Contains(bad, fmt.Sprintf("record %d is not the one", len(lines))) {
				return
			}
		}
		t.Errorf("%s: verify says %q, want line %d", what, bad, want)
	}
	for i := range lines {
		for at := range lines[i] {
			if at%rounds(9, 1) != 0 && at != len(lines[i])-1 {
				continue
			}
			for _, bit := range []byte{1, 32, 128} {
				find(fmt.Sprintf("line %d, byte %d, bit %d", i+1, at, bit), []int{i + 1, i + 2}, func(l [][]byte) [][]byte { l[i][at] ^= bit; return l })
			}
		}
		find(fmt.Sprintf("line %d removed", i+1), []int{i + 1, len(lines) + 1}, func(l [][]byte) [][]byte { return slices.Delete(l, i, i+1) })
		find(fmt.Sprintf("line %d doubled", i+1), []int{i + 2}, func(l [][]byte) [][]byte { return slices.Insert(l, i, l[i]) })
		find(fmt.Sprintf("line %d emptied", i+1), []int{i + 1}, func(l [][]byte) [][]byte { l[i] = []byte("\n"); return l })
		for j := range i {
			find(fmt.Sprintf("lines %d and %d swapped", j+1, i+1), []int{j + 1}, func(l [][]byte) [][]byte { l[i], l[j] = l[j], l[i]; return l })
		}
	}
	must(t, os.WriteFile(s.path, whole, 0o600))
	if bad := s.auditFindings(); bad != nil {
		t.Errorf("the log as it was: %q", bad)
	}
}
