package caller

import (
	"errors"
	"slices"
	"testing"
)

// fakeTable is a process table of pictures. Each process is one pointer: a pid given out again is
// another pointer, however alike.
type fakeTable struct {
	procs map[int]*record
	// looked runs after a process was read, so that tests can change the table under the walk.
	looked func(pid int)
	// glanced likewise, after a process was glanced at.
	glanced func(pid int)
}

type fakePin struct {
	t *fakeTable
	r *record
}

func tableOf(w walk) *fakeTable {
	t := &fakeTable{procs: map[int]*record{}, looked: func(int) {}, glanced: func(int) {}}
	for i := range w.recs {
		t.procs[w.recs[i].ID.PID] = &w.recs[i]
	}
	return t
}

func (t *fakeTable) pin(pid int) (pinned, error) {
	if t.procs[pid] == nil {
		return nil, ErrGone
	}
	return fakePin{t, t.procs[pid]}, nil
}
func (t *fakeTable) remote(p Process, _ []record) (string, origin) {
	return t.procs[p.ID.PID].host, t.procs[p.ID.PID].origin
}
func (p fakePin) glance() (glance, error) {
	if p.t.procs[p.r.ID.PID] != p.r {
		return glance{}, ErrGone
	}
	defer p.t.glanced(p.r.ID.PID)
	return glance{id: p.r.ID, ppid: p.r.PPID, sid: p.r.SID, pgid: p.r.PGID, tty: p.r.TTY, comm: p.r.Comm}, nil
}
func (p fakePin) look(glance, bool) (record, error) {
	r := *p.r
	p.t.looked(p.r.ID.PID)
	return r, nil
}
func (p fakePin) dir() string { return "/" }
func (p fakePin) release()    {}

func askTable(t *testing.T, f *fakeTable, pid int) Caller {
	t.Helper()
	c, err := ofTable(f, pid, person, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClimbFindsTheSameAsThePicture(t *testing.T) {
	w := desk(peer(), prog(60, "/usr/bin/bash", "bash"))
	for i := range w.recs {
		w.recs[i].ID.Start = uint64(100 - i)
	}
	c := askTable(t, tableOf(w), 90)
	if c.Class != Human || !c.Whole || len(c.Chain) != 6 || c.Anchor.PID != 50 {
		t.Errorf("%v %v, %d processes", c.Class, c.Reason, len(c.Chain))
	}
}

// ordered gives start times as processes have them: ancestors are older.
func ordered(w walk) walk {
	for i := range w.recs {
		w.recs[i].ID.Start = uint64(1000 - i)
	}
	return w
}

func TestThreatB6RecycledPidInTheSameTick(t *testing.T) {
	for _, victim := range []int{90, 60, 50, 40, 2} {
		for _, when := range []int{90, 60, 50, 40, 2, 1} {
			f := tableOf(ordered(desk(peer(), prog(60, "/usr/bin/bash", "bash"))))
			f.looked = func(pid int) {
				if pid == when { // the very same pid, start time, parent and name
					twin := *f.procs[victim]
					f.procs[victim] = &twin
				}
			}
			c, err := ofTable(f, 90, person, Options{}, nil)
			pinnedBefore := !(victim < when) // the walk goes from 90 down to 1
			if err == nil && pinnedBefore && c.Class != Unknown {
				t.Errorf("%d recycled while %d was read: %v", victim, when, c.Class)
			}
		}
	}
}

// TestThreatB6AnchorRecycledInTheSameTick: what a session would hang on has quit during the walk,
// and another process has its pid and its start time. Whatever the caller is taken for, no session
// may hang on that.
func TestThreatB6AnchorRecycledInTheSameTick(t *testing.T) {
	window := desk(peer(), prog(60, "/usr/bin/bash", "bash"))
	shells := chain(peer(), prog(60, "/usr/bin/bash", "bash"), zsh(), tmux())
	login := chain(peer(), prog(60, "/usr/bin/bash", "bash"), zsh(), prog(44, "sshd", "sshd").root().noTTY().from("10.0.0.2", originFar))
	agent := desk(server(), claudeNative())
	marked := desk(peer().marked("Codex"), prog(60, "/usr/bin/bash", "bash").marked("Codex"), prog(70, "/home/p/bin/helper", "helper"))
	for name, w := range map[string]walk{"window": window, "tmux": shells, "login": login, "agent": agent, "mark": marked} {
		before, err := ofTable(tableOf(ordered(w)), w.recs[0].ID.PID, person, Options{Vouched: everything}, nil)
		if err != nil || before.Anchor.PID == 0 {
			t.Fatalf("%s: %v, anchor %v", name, err, before.Anchor)
		}
		rounds := 0
		for _, r := range w.recs {
			f := tableOf(ordered(w))
			f.looked = func(pid int) {
				if pid == r.ID.PID { // the anchor was pinned by then, or is
					twin := *f.procs[before.Anchor.PID]
					f.procs[before.Anchor.PID] = &twin
				}
			}
			c, err := ofTable(f, w.recs[0].ID.PID, person, Options{Vouched: everything}, nil)
			if pinned := slices.IndexFunc(w.recs, func(x record) bool { return x.ID.PID == before.Anchor.PID }) <= slices.IndexFunc(w.recs, func(x record) bool { return x.ID == r.ID }); !pinned {
				continue // the twin took its place before the walk came by, with all that hangs on it
			}
			rounds++
			if err == nil && c.Anchor == before.Anchor {
				t.Errorf("%s: recycled while %d was read: %v on %v", name, r.ID.PID, c.Class, c.Anchor)
			}
		}
		if rounds < 2 {
			t.Errorf("%s: only %d rounds", name, rounds)
		}
	}
}

// TestThreatB6BelowARecycledAncestor: the ancestor has quit, and its pid and start time are another
// process's; its children have been taken in.
func TestThreatB6BelowARecycledAncestor(t *testing.T) {
	for _, when := range []int{90, 60} {
		f := tableOf(ordered(desk(peer(), prog(60, "/usr/bin/bash", "bash"))))
		shell := f.procs[50].ID
		f.glanced = func(pid int) {
			if pid == when {
				twin := *f.procs[50]
				f.procs[50], f.procs[60].PPID = &twin, 2
			}
		}
		if below(f, 90, shell) {
			t.Errorf("below one that quit while %d was glanced at", when)
		}
	}
}

func TestThreatB6YoungerParent(t *testing.T) {
	w := ordered(desk(peer()))
	w.recs[1].ID.Start = w.recs[0].ID.Start + 1
	if c := askTable(t, tableOf(w), 90); c.Class != Unknown || c.Reason != ReasonRace {
		t.Errorf("%v %v", c.Class, c.Reason)
	}
}

func TestThreatB5ParentsExitingDuringTheWalk(t *testing.T) {
	for _, victim := range []int{60, 50, 40} {
		for _, when := range []int{90, 60, 50, 40, 2, 1} {
			w := ordered(desk(peer(), prog(60, "/usr/bin/bash", "bash")))
			f := tableOf(w)
			f.looked = func(pid int) {
				if pid != when || f.procs[victim] == nil {
					return
				}
				delete(f.procs, victim)
				for _, r := range f.procs {
					if r.PPID == victim {
						r.PPID = 2 // the subreaper takes it in
					}
				}
			}
			if c := askTable(t, f, 90); c.Class != Unknown {
				t.Errorf("%d gone while %d was read: %v", victim, when, c.Class)
			}
		}
	}
}

func TestThreatB5ExecDuringTheWalk(t *testing.T) {
	f := tableOf(ordered(desk(peer(), prog(60, "/usr/bin/bash", "bash"))))
	f.looked = func(pid int) {
		if pid == 1 {
			f.procs[60].Comm = "claude"
		}
	}
	if c := askTable(t, f, 90); c.Class != Unknown || c.Reason != ReasonRace {
		t.Errorf("%v %v", c.Class, c.Reason)
	}
}

func TestDeepChainsAreUnknown(t *testing.T) {
	deep := func(n int) walk {
		recs := []record{peer()}
		for i := range n {
			recs = append(recs, prog(2000-i, "/usr/bin/bash", "bash"))
		}
		return ordered(desk(recs...))
	}
	// peer, zsh, terminal, manager and process 1 are five.
	if c := askTable(t, tableOf(deep(MaxChain-5)), 90); c.Class != Human || len(c.Chain) != MaxChain {
		t.Errorf("at the limit: %v %v", c.Class, c.Reason)
	}
	if c := askTable(t, tableOf(deep(MaxChain-4)), 90); c.Class != Unknown || c.Reason != ReasonTooDeep || c.Whole {
		t.Errorf("above it: %v %v", c.Class, c.Reason)
	}
}

func TestUnidentifiedPeersAreErrors(t *testing.T) {
	f := tableOf(ordered(desk(peer())))
	if _, err := ofTable(f, 12345, person, Options{}, nil); !errors.Is(err, ErrGone) {
		t.Errorf("no such process: %v", err)
	}
	if _, err := ofTable(f, 90, person+1, Options{}, nil); !errors.Is(err, ErrOtherUser) {
		t.Errorf("another user: %v", err)
	}
	if _, err := ofTable(f, 90, person, Options{}, func() bool { return false }); !errors.Is(err, ErrGone) {
		t.Errorf("quit during the walk: %v", err)
	}
}

func TestBelow(t *testing.T) {
	w := ordered(desk(peer(), prog(60, "/usr/bin/bash", "bash")))
	f := tableOf(w)
	shell := f.procs[50].ID
	if !below(f, 90, shell) || !below(f, 60, shell) {
		t.Error("descendants were not found")
	}
	for name, bad := range map[string]ProcID{"itself": f.procs[90].ID, "recycled": {50, shell.Start + 1}, "unrelated": {77, 1}} {
		if below(f, 90, bad) {
			t.Error(name)
		}
	}
	if below(f, 50, f.procs[60].ID) {
		t.Error("a parent is not below its child")
	}
}

func TestThreatB5BelowWhileParentsExit(t *testing.T) {
	for _, when := range []int{60, 50} {
		f := tableOf(ordered(desk(peer(), prog(60, "/usr/bin/bash", "bash"))))
		shell := f.procs[50].ID
		f.glanced = func(pid int) {
			if pid == when { // 60 quits, and the peer is taken in
				f.procs[90].PPID = 2
			}
		}
		if below(f, 90, shell) {
			t.Errorf("reparented when %d was glanced at", when)
		}
	}
}
