package caller

import (
	"bytes"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// holdersOf looks through /proc/PID/fd of every process of ours.
func holdersOf(dev, ino uint64) ([]ProcID, error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer proc.Close()
	names, err := proc.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var found []ProcID
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if id, ok := reads(pid, dev, ino); ok {
			found = append(found, id)
		}
	}
	slices.SortFunc(found, func(a, b ProcID) int { return a.PID - b.PID })
	return found, nil
}

// reads reports whether the process has the file open for reading. The directory in /proc of a
// process that may not be looked at belongs to root.
func reads(pid int, dev, ino uint64) (ProcID, bool) {
	pin, err := procfs{}.pin(pid)
	if err != nil {
		return ProcID{}, false
	}
	defer pin.release()
	p := pin.(*procPin)
	var st unix.Stat_t
	if me := ownUID(); unix.Fstat(p.fd, &st) != nil || me != 0 && st.Uid != me {
		return ProcID{}, false
	}
	if !p.reads(dev, ino) {
		return ProcID{}, false
	}
	g, err := p.glance()
	return g.id, err == nil && !g.dead
}

func (p *procPin) reads(dev, ino uint64) bool {
	fd, err := unix.Openat(p.fd, "fd", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	dir := os.NewFile(uintptr(fd), "fd")
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return false
	}
	for _, name := range names {
		if sameOpenFile(fd, name, dev, ino) && p.readable(name) {
			return true
		}
	}
	return false
}

// sameOpenFile compares without asking a network file system, which might not answer. Sockets and
// the like, whose links are no paths, are passed over.
func sameOpenFile(dir int, name string, dev, ino uint64) bool {
	var link [1]byte
	if n, err := unix.Readlinkat(dir, name, link[:]); err != nil || n == 0 || link[0] != '/' {
		return false
	}
	var st unix.Statx_t
	if unix.Statx(dir, name, unix.AT_STATX_DONT_SYNC, unix.STATX_INO, &st) != nil {
		return false
	}
	return st.Ino == ino && unix.Mkdev(st.Dev_major, st.Dev_minor) == dev
}

// readable looks at the access mode in fdinfo, whose flags are octal.
func (p *procPin) readable(name string) bool {
	ok := false
	err := p.read("fdinfo/"+name, 4<<10, func(b []byte, _ bool) {
		b = append([]byte("\n"), b...)
		flags, err := strconv.ParseUint(string(bytes.TrimSpace(line(b, "\nflags:"))), 8, 32)
		ok = err == nil && flags&unix.O_ACCMODE != unix.O_WRONLY && flags&unix.O_PATH == 0
	})
	return err == nil && ok
}
