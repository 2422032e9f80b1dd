package caller

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// fromConn takes the audit token of the peer. The pid's version must still be that of the token
// after the walk. Which process the token names when a descriptor was passed on (the connector or
// the last user) must be seen on a Mac.
func fromConn(c *net.UnixConn, opt Options) (Caller, error) {
	peer, err := tokenOfPeer(c)
	if err != nil {
		return Caller{}, err
	}
	if peer[1] != ownUID() || peer[3] != ownUID() { // effective and real
		return Caller{}, ErrOtherUser
	}
	lib, err := loadLibproc()
	if err != nil {
		return Caller{}, err
	}
	t := opt.table
	if t == nil {
		t = systemTable()
	}
	return ofTable(t, peer.pid(), peer[1], opt, func() bool {
		u, ok := lib.unique(peer.pid())
		return ok && uint32(u.IDVersion) == peer[7]
	})
}

func resolve(name string) (string, FileID) {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", FileID{}
	}
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return "", FileID{}
	}
	return path, fileID(&st)
}

func alive(id ProcID) bool {
	p, err := systemTable().pin(id.PID)
	if err != nil {
		return false
	}
	g, err := p.glance()
	return err == nil && !g.dead && g.id == id && id.Start != 0
}

func readProcess(pid int) (Process, error) {
	p, err := systemTable().pin(pid)
	if err != nil {
		return Process{}, err
	}
	g, err := p.glance()
	if err != nil {
		return Process{}, err
	}
	if g.dead {
		return Process{}, ErrGone
	}
	r, err := p.look(g, false)
	return r.Process, err
}

// insideOurs: macOS has no namespaces.
func insideOurs(ProcID) bool { return true }

func walkOf(pid int) (walk, error) { return climb(systemTable(), pid) }

func selfProcess() (Process, error) { return readProcess(os.Getpid()) }

func ofPID(pid int, opt Options) (Caller, error) {
	t := opt.table
	if t == nil {
		t = systemTable()
	}
	return ofTable(t, pid, ownUID(), opt, nil)
}

// Self is what this process's own chain looks like from here. Nobody has vouched for anything as
// far as it knows, so a person in a vouched multiplexer is unknown to their own client.
func Self() (Caller, error) { return ofPID(os.Getpid(), Options{}) }

// pseudoTerminal: login is never a root of its own here, so nothing asks.
func pseudoTerminal(uint64) bool { return true }

// holdersOf asks every process of this user for its descriptors.
func holdersOf(dev, ino uint64) ([]ProcID, error) {
	lib, err := loadLibproc()
	if err != nil {
		return nil, err
	}
	procs, err := unix.SysctlKinfoProcSlice("kern.proc.uid", os.Geteuid())
	if err != nil {
		return nil, fmt.Errorf("caller: sysctl kern.proc.uid: %w", err)
	}
	var found []ProcID
	for i := range procs {
		pid := int(procs[i].Proc.P_pid)
		if !lib.reads(pid, dev, ino) {
			continue
		}
		if start, ok := lib.start(pid); ok {
			found = append(found, ProcID{pid, start})
		}
	}
	slices.SortFunc(found, func(a, b ProcID) int { return a.PID - b.PID })
	return found, nil
}

func (l *libproc) reads(pid int, dev, ino uint64) bool {
	const fread = 1 // FREAD of <sys/fcntl.h>
	for _, d := range l.descriptors(pid) {
		if d.Type != fdTypeVnode {
			continue
		}
		f, ok := l.openFile(pid, d.FD)
		if ok && f.Vnode.Ino == ino && uint64(f.Vnode.Dev) == dev && f.Flags&fread != 0 {
			return true
		}
	}
	return false
}
