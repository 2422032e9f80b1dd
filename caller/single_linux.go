package caller

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// script finds the script an interpreter or a shell runs and resolves it. It proves nothing: it
// is there to know an agent by. A shell's script is the person's business: it can only run
// programs, and those are in the chain.
func (p *procPin) script(r *record) {
	name := scriptArg(r.Process)
	if name == "" {
		return
	}
	r.Script = name
	if strings.HasPrefix(name, "/dev/") || strings.HasPrefix(name, "/proc/") {
		return // a descriptor of its own, another one here
	}
	at := unix.AT_FDCWD
	if !strings.HasPrefix(name, "/") {
		fd, err := unix.Openat(p.fd, "cwd", unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return
		}
		defer unix.Close(fd)
		at = fd
	}
	if resolved, id := resolve(at, name); resolved != "" {
		r.Script, r.ScriptID = resolved, id
	}
}

// resolve follows symbolic links with one open that reads nothing and blocks on nothing but the
// file system itself.
func resolve(at int, name string) (string, FileID) {
	fd, err := unix.Openat(at, name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", FileID{}
	}
	defer unix.Close(fd)
	path, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	if err != nil {
		return "", FileID{}
	}
	id, err := fileIDOf(fd)
	if err != nil {
		return "", FileID{}
	}
	return path, id
}

func alive(id ProcID) bool {
	p, err := procfs{}.pin(id.PID)
	if err != nil {
		return false
	}
	defer p.release()
	g, err := p.glance()
	return err == nil && !g.dead && g.id == id
}

func readProcess(pid int) (Process, error) {
	p, err := procfs{}.pin(pid)
	if err != nil {
		return Process{}, err
	}
	defer p.release()
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

func walkOf(pid int) (walk, error) { return climb(procfs{}, pid) }

func selfProcess() (Process, error) { return readProcess(os.Getpid()) }

func ofPID(pid int, opt Options) (Caller, error) {
	t := opt.table
	if t == nil {
		t = procfs{}
	}
	return ofTable(t, pid, ownUID(), opt, nil)
}

// Self is what this process's own chain looks like from here. Nobody has vouched for anything as
// far as it knows, so a person in a vouched multiplexer is unknown to their own client.
func Self() (Caller, error) { return ofPID(os.Getpid(), Options{}) }

// pseudoTerminal: Linux's pty slaves have the major numbers 136 to 143, and 3 (BSD style).
func pseudoTerminal(dev uint64) bool {
	major := unix.Major(dev)
	return dev == 0 || major == 3 || slices.Contains([]uint32{136, 137, 138, 139, 140, 141, 142, 143}, major)
}
