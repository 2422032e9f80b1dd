package caller

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// tally is what the race came to.
type tally struct {
	Rounds  int
	Human   int // rounds whose first walk, before the parent was told to quit, found a person
	Raced   int // rounds with a walk that the parent's end fell into
	Late    int // walks whose second look began after the parent was gone
	Wrong   []string
	Example string // of a chain that was cut
}

// between is the kernel's table, and calls it between a walk's first look and its second.
type between struct {
	procfs
	it func()
}

type betweenPin struct {
	pinned
	it func()
}

func (b between) pin(pid int) (pinned, error) {
	p, err := b.procfs.pin(pid)
	if err != nil {
		return nil, err
	}
	return betweenPin{p, b.it}, nil
}

func (p betweenPin) dir() string { p.it(); return p.pinned.dir() }

// race is the part of the walker, a process outside of the tree. In each round a shell in the
// vouched tmux has started a process and waits; race walks up from that process again and again
// while it lets the shell quit, until the process is seen to be an orphan.
func race(vouched, pids, goOn, out string) {
	pid, err := strconv.Atoi(vouched)
	check(err)
	in, err := os.Open(pids)
	check(err)
	tell, err := os.OpenFile(goOn, os.O_WRONLY, 0)
	check(err)
	opt := Options{Vouched: func(id ProcID) bool { return id.PID == pid }}
	var sum tally
	for lines := bufio.NewScanner(in); lines.Scan(); sum.Rounds++ {
		var child, parent int
		_, err := fmt.Sscan(lines.Text(), &child, &parent)
		check(err)
		sum.round(child, parent, opt, tell)
		check(syscall.Kill(child, syscall.SIGKILL)) // this round's own
	}
	data, err := json.Marshal(sum)
	check(err)
	check(os.WriteFile(out, data, 0o644))
}

// in says of which process an error is, and what is to be seen of it.
func in(err error, what string, pid int) error {
	if err == nil {
		return nil
	}
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return fmt.Errorf("%s %d, %q: %w", what, pid, stat, err)
}

func (sum *tally) round(child, parent int, opt Options, tell *os.File) {
	link, err := IDOf(parent)
	check(in(err, "parent", parent))
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); { // it may be on its way to exec yet
		if c, err := OfPID(child, opt); err == nil && c.Class == Human {
			sum.Human++
			break
		}
	}
	_, err = tell.WriteString("\n")
	check(err)
	gone := false // before the second look began
	opt.table = between{it: func() { gone = !link.Alive() }}
	for raced := false; ; {
		c, err := OfPID(child, opt)
		check(in(err, "child", child))
		held := slices.ContainsFunc(c.Chain, func(p Process) bool { return p.ID == link })
		if c.Class != Unknown && (gone || !held || !c.Whole) {
			sum.Wrong = append(sum.Wrong, fmt.Sprintf("%v (%v), parent gone: %v, in the chain: %v: %q", c.Class, c.Reason, gone, held, c.names()))
		}
		if gone {
			sum.Late++
		}
		if !raced && (c.Reason == ReasonCut || c.Reason == ReasonRace) {
			raced = true
			sum.Raced++
			sum.Example = fmt.Sprintf("%v: %q", c.Reason, c.names())
		}
		if c.Reason == ReasonOrphan {
			return
		}
	}
}

// TestThreatB5ParentsExitingRace: 2,000 parents quit while their children are asked about, in a
// tmux that has been vouched for and below which every child is a person's until then. What was
// looked at again after the parent's end, or was read without it, is never a person's; and the test
// fails if the end never fell into a walk.
func TestThreatB5ParentsExitingRace(t *testing.T) {
	s := newStage(t)
	rounds := 2000
	if testing.Short() {
		rounds = 200
	}
	if err := os.Mkdir(filepath.Join(s.dir, "sleep"), 0o755); err != nil {
		t.Fatal(err)
	}
	s.userFile(t, "/bin/sleep", "sleep/noxkey")
	pids, goOn, out := filepath.Join(s.dir, "pids"), filepath.Join(s.dir, "go"), filepath.Join(s.dir, "race")
	for _, p := range []string{pids, goOn} {
		if err := syscall.Mkfifo(p, 0o600); err != nil {
			t.Fatal(err)
		}
		s.give(t, p)
	}
	walker := asUser(s.self, "race", strconv.Itoa(s.vouched), pids, goOn, out)
	walker.Stderr = os.Stderr
	if err := walker.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- walker.Wait() }()
	script := filepath.Join(s.dir, "race.sh")
	// The window stays when all is done, or its end would reach the last child.
	text := fmt.Sprintf("exec 3>%s 4<%s\ni=0\nwhile [ $i -lt %d ]; do\n sh -c '%s/sleep/noxkey 60 & echo $! $$ >&3; read x <&4'\n i=$((i+1))\ndone\nexec 3>&-\nsleep 600\n", pids, goOn, rounds, s.dir)
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	s.run(t, append(s.tmux, "new-window", "-d", "sh "+script)...)
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("the walker: %v", err)
		}
	case <-time.After(5 * time.Minute):
		walker.Process.Kill()
		t.Fatal("the race does not end")
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var sum tally
	if err := json.Unmarshal(data, &sum); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rounds, %d began as a person's; in %d the parent's end fell into a walk (%s); %d walks looked again after it",
		sum.Rounds, sum.Human, sum.Raced, sum.Example, sum.Late)
	if sum.Rounds != rounds || sum.Human != rounds {
		t.Errorf("%d rounds of %d, and only %d began as a person's", sum.Rounds, rounds, sum.Human)
	}
	if sum.Raced == 0 {
		t.Error("the race was never run: no parent quit during a walk")
	}
	for _, w := range sum.Wrong {
		t.Error(w)
	}
}
