// Package caller answers one question: who is asking. It takes the identity of a socket's peer
// from the kernel, walks the peer's ancestors and says human, agent or unknown.
//
// Being human needs proof at every step; whatever is missing, changes while it is read or cannot
// be read makes the answer unknown, which grants less. What a process can choose for itself (its
// name, its arguments, its environment) can only narrow the answer, never widen it.
//
// Gaps, none of which this package can close:
//   - A program of the same user that can open a window (xterm on a display of its own, a D-Bus
//     call to gnome-terminal-server) gets a shell below a real terminal emulator. It looks like
//     the person's, because for the kernel it is. Marks left in its environment still show.
//     kitty runs code without any window ("kitty +runpy").
//   - Who can type into the person's shell, or change what it reads when it starts, asks as that
//     shell: a vouched tmux's socket, ptrace where Yama allows it, TIOCSTI where the kernel still has
//     it, .bashrc. So does who can remote-control a program of root's that the person runs there.
//   - A login through another machine and back is a login from another machine.
//   - A process that starts noxkey and then becomes a shell with exec(2) is, from then on, that shell;
//     one that becomes noxkey itself leaves no trace of what it was.
package caller

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

// MaxChain is the number of processes that are looked at, the peer included. A longer chain is
// unknown.
const MaxChain = 20

var (
	// ErrOtherUser: the peer runs under another uid than this process.
	ErrOtherUser = errors.New("caller: the peer belongs to another user")
	// ErrGone: the process has quit, or never was.
	ErrGone = errors.New("caller: the process is gone")
	// ErrHidden: the kernel names no process for the peer, as when it lives in a pid namespace
	// that is not below ours.
	ErrHidden = errors.New("caller: the peer is in a foreign pid namespace")
	// ErrNotImplemented is wrapped by every function on systems without an implementation.
	ErrNotImplemented = errors.New("caller: not implemented")
)

// Class says what kind of caller it is. The zero value is Unknown, which grants least.
type Class int

// The classes.
const (
	Unknown Class = iota
	Agent
	Human
)

var classNames = [...]string{Unknown: "unknown", Agent: "agent", Human: "human"}

// String gives "unknown", "agent" or "human".
func (c Class) String() string {
	if c < 0 || int(c) >= len(classNames) {
		return classNames[Unknown]
	}
	return classNames[c]
}

// MarshalText gives the same words as String.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText refuses every word that String does not give.
func (c *Class) UnmarshalText(text []byte) error {
	for i, name := range classNames {
		if string(text) == name {
			*c = Class(i)
			return nil
		}
	}
	return fmt.Errorf("caller: no class %q", text)
}

// ProcID names one process for as long as the machine runs: a pid alone is given out again.
type ProcID struct {
	PID int `json:"pid"`
	// Start is when the process began, since boot, in the kernel's unit: clock ticks on Linux
	// (proc_pid_stat(5), field 22; 10 ms each), microseconds on macOS.
	Start uint64 `json:"start"`
}

// Alive reports whether that very process exists and has not quit; a zombie is not alive.
func (id ProcID) Alive() bool { return alive(id) }

// String gives the pid.
func (id ProcID) String() string { return strconv.Itoa(id.PID) }

// FileID tells an executable from another one put in its place.
type FileID struct {
	Dev, Ino uint64
	Size     int64 // bytes
	Mtime    int64 // nanoseconds since the Unix epoch
	// Ctime is when anything of the file was changed last, in the same unit: who writes it
	// over can put Mtime back, and not this.
	Ctime int64  `json:",omitzero"`
	Owner uint32 // uid
	Mode  uint32 // permission bits, st_mode & 07777
	// Loose: on a file system mounted nosuid. Such is every one that users mount themselves, and
	// a FUSE daemon of theirs says of its files that they are root's.
	Loose bool `json:",omitzero"`
}

// fixed reports whether only root can change the file's content.
func (f FileID) fixed() bool { return f.Ino != 0 && f.Owner == 0 && f.Mode&0o022 == 0 && !f.Loose }

// Process is what the kernel says about one process. Comm, Argv and Script are the process's own
// words; Exe and ExeID are the kernel's.
type Process struct {
	ID        ProcID
	PPID      int       // 0: the parent is outside our pid namespace, or there is none
	UIDs      [4]uint32 // real, effective, saved, file system
	SID, PGID int
	TTY       uint64 // device number of the controlling terminal; 0 none
	Comm      string // at most 15 bytes on Linux
	Exe       string // path as the kernel prints it; "" with NoExe
	ExeID     FileID // zero with NoExe
	Argv      []string
	Script    string // the script that an interpreter or shell runs, symbolic links resolved; "" none
	ScriptID  FileID `json:",omitzero"` // of the file that is at Script now; zero if it cannot be looked at
	NoExe     bool   // the executable may not be looked at (another user's, or non-dumpable)
}

// Fixed reports whether only root can change the file that it runs.
func (p Process) Fixed() bool { return !p.NoExe && p.ExeID.fixed() }

// Name is what a person would call it: "zsh", "claude", "tmux: server".
func (p Process) Name() string {
	base := exeBase(p)
	switch {
	case p.Comm == "":
		return base
	case base == "" || multiplexer(p):
		return p.Comm
	case p.Script != "" && !Shell(p):
		return filepath.Base(p.Script)
	case len(p.Comm) == 15 && strings.HasPrefix(base, p.Comm): // cut off by the kernel
		return base
	}
	return p.Comm
}

// uniform reports whether all four uids are this one.
func (p Process) uniform(uid uint32) bool { return p.UIDs == [4]uint32{uid, uid, uid, uid} }

// Caller is the verdict on a peer, with what it rests on.
type Caller struct {
	Class  Class
	Agent  string // display name of the agent: "Claude Code", "Codex"; for Class Agent only
	Reason Reason // why it is not human
	UID    uint32
	Chain  []Process // nearest first; Chain[0] is the peer itself; at most MaxChain
	Whole  bool      // the walk reached the top
	// Anchor is the process a session hangs on. Human: the nearest ancestor shell that leads its
	// session or stands directly below the terminal. Agent: the agent's process which both its MCP
	// servers and its shells descend from. Unknown: zero.
	Anchor    ProcID
	Lease     ProcID   // the peer's own process, whose death ends what is granted to an agent
	Quiet     bool     // Human: the peer's ancestors up to the anchor are shells, the anchor included
	Vouchable *Process // the multiplexer or container shell a person may vouch for; nil: nothing to vouch for
	Terminal  string   // Human: "gnome-terminal-server", "sshd from 10.0.0.2", "tmux 4121 (vouched)"
	Dir       string   // working directory of the peer, "" if unreadable
	Front     bool     // made by Front: the app's own window or terminal front
}

// Options of a walk.
type Options struct {
	// Vouched says whether a person has vouched for that process. nil: for none. It is asked only
	// about multiplexers and container shells.
	Vouched func(ProcID) bool

	table table // for tests: another process table than the kernel's
}

// FromConn identifies the process that connected, by the kernel's word, and walks its ancestors.
// Call it right after accept. A peer that cannot be identified is an error (ErrOtherUser, ErrGone,
// ErrHidden); every doubt about an identified one is Class Unknown with a Reason.
//
// Where the kernel has no SO_PEERPIDFD (before Linux 6.5) a peer that quits between its connect
// and this call, and whose pid is given out again meanwhile, is not noticed.
func FromConn(c *net.UnixConn, opt Options) (Caller, error) { return fromConn(c, opt) }

// OfPID makes the same walk for a process of this user.
func OfPID(pid int, opt Options) (Caller, error) { return ofPID(pid, opt) }

// Front is the caller for what the person does in the app's own window or terminal front. It
// stands for a person because it never crosses the socket: only the app's own code makes it.
func Front(name string) Caller {
	self, err := selfProcess()
	c := Caller{Class: Human, Front: true, Whole: true, Terminal: name, UID: ownUID()}
	if err == nil {
		c.Chain, c.Anchor, c.Lease = []Process{self}, self.ID, self.ID
	}
	return c
}

// ReadProcess reads a single process. ErrGone if it is not there.
func ReadProcess(pid int) (Process, error) { return readProcess(pid) }

// IDOf names the process that has this pid now, and reads nothing else of it. ErrGone if there is
// none.
func IDOf(pid int) (ProcID, error) {
	p, err := systemTable().pin(pid)
	if err != nil {
		return ProcID{}, err
	}
	defer p.release()
	g, err := p.glance()
	return g.id, err
}

// Ancestors gives the ancestors of a process, nearest first, itself not included, at most
// MaxChain-1. ErrGone if the process is gone or a link of the chain broke meanwhile.
func Ancestors(pid int) ([]Process, error) {
	w, err := walkOf(pid)
	if err != nil {
		return nil, err
	}
	if w.fault != ReasonNone && w.fault != ReasonTooDeep {
		return nil, fmt.Errorf("%w: %s", ErrGone, w.fault)
	}
	return w.processes()[1:], nil
}

// Below reports whether pid descends from exactly that process. A process does not descend from
// itself. False whenever it cannot be shown.
func Below(pid int, ancestor ProcID) bool { return below(systemTable(), pid, ancestor) }

// Inside reports whether that very process lives in our own user, mount and pid namespaces.
// In a user namespace of its own a process may choose which file its executable reads as
// (PR_SET_MM_MAP(2const)), and tell the kernel another process's pid for its own. False
// whenever it cannot be shown; true where there are no namespaces.
func Inside(id ProcID) bool { return insideOurs(id) }

// HoldersOf gives the processes that have the file open for reading, by device and inode, in
// ascending order of pid. Not seen: other users' processes (unless we are root), and those of our
// own that have made themselves non-dumpable, among them set-gid programs.
func HoldersOf(dev, ino uint64) ([]ProcID, error) { return holdersOf(dev, ino) }
