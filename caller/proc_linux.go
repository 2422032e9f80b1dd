package caller

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

const loginPassesThrough = false // login is a root of its own

// Limits of what is read of one process, in bytes. A longer environment counts as hidden; of a
// longer command line the rest is dropped.
const (
	maxEnviron = 256 << 10
	maxCmdline = 16 << 10
)

// procfs is the kernel's process table, as proc(5) shows it.
type procfs struct{}

// procPin holds a directory of /proc open: once its process has quit, every name in it fails with
// ESRCH or ENOENT, even when the pid has been given to another process.
type procPin struct {
	fd   int // O_PATH
	stat int // its stat file, which is read twice; -1 not yet open
}

func systemTable() table { return procfs{} }

func ownUID() uint32 { return uint32(unix.Geteuid()) }

func (procfs) pin(pid int) (pinned, error) {
	if pid <= 0 {
		return nil, ErrGone
	}
	fd, err := unix.Open("/proc/"+strconv.Itoa(pid), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, gone(err)
	}
	return &procPin{fd, -1}, nil
}

func (p *procPin) release() {
	unix.Close(p.fd)
	if p.stat >= 0 {
		unix.Close(p.stat)
	}
}

// gone turns the errors of a process that has quit into ErrGone. Where hidepid conceals other
// users' processes, these are gone too.
func gone(err error) error {
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.ENOENT) {
		return ErrGone
	}
	return fmt.Errorf("caller: read /proc: %w", err)
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 16<<10); return &b }}

// read hands f the content of a file of the process, at most limit bytes of it; whole is false if
// there was more. The slice is reused after f returns. proc(5) answers a read as fully as the buffer
// allows, so a short one is the end.
func (p *procPin) read(name string, limit int, f func(data []byte, whole bool)) error {
	fd, err := unix.Openat(p.fd, name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	n, whole := 0, false
	for n < limit && !whole {
		if n == len(*buf) {
			*buf = append(*buf, make([]byte, len(*buf))...)
		}
		want := min(len(*buf), limit)
		m, err := pread(fd, (*buf)[n:want], int64(n))
		if err != nil {
			return err
		}
		n += m
		whole = n < want
	}
	f((*buf)[:n], whole)
	if len(*buf) > 64<<10 {
		*buf = make([]byte, 16<<10) // do not keep one peer's huge environment around
	}
	return nil
}

func pread(fd int, b []byte, at int64) (int, error) {
	for {
		n, err := unix.Pread(fd, b, at)
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

func (p *procPin) link(name string) (string, error) {
	var buf [unix.PathMax]byte
	n, err := unix.Readlinkat(p.fd, name, buf[:])
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

func (p *procPin) dir() string { s, _ := p.link("cwd"); return s }

func (p *procPin) glance() (glance, error) {
	var buf [1024]byte
	if p.stat < 0 {
		fd, err := unix.Openat(p.fd, "stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return glance{}, gone(err)
		}
		p.stat = fd
	}
	n, err := pread(p.stat, buf[:], 0)
	if err != nil {
		return glance{}, gone(err)
	}
	g, ok := parseStat(buf[:n])
	if !ok {
		return g, errors.New("caller: cannot parse /proc/PID/stat")
	}
	return g, nil
}

// parseStat reads proc_pid_stat(5). The command name in parentheses may hold anything, so the
// fields are counted from the last closing one.
func parseStat(b []byte) (glance, bool) {
	open, end := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if open < 2 || end < open || end+2 > len(b) {
		return glance{}, false
	}
	pid, err := strconv.Atoi(string(b[:open-1]))
	if err != nil {
		return glance{}, false
	}
	g := glance{id: ProcID{PID: pid}, comm: string(b[open+1 : end])}
	field, rest := 3, b[end+2:]
	for ; field <= 22; field++ {
		word := rest
		if i := bytes.IndexByte(rest, ' '); i >= 0 {
			word, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		if len(word) == 0 {
			return glance{}, false
		}
		switch field {
		case 3:
			g.dead = word[0] == 'Z' || word[0] == 'X' || word[0] == 'x'
		case 4:
			g.ppid = decimal(word)
		case 5:
			g.pgid = decimal(word)
		case 6:
			g.sid = decimal(word)
		case 7:
			g.tty = uint64(uint32(decimal(word)))
		case 22:
			start, err := strconv.ParseUint(string(word), 10, 64)
			g.id.Start = start
			return g, err == nil
		}
	}
	return glance{}, false
}

// decimal reads the kernel's own "%d"; anything else is 0.
func decimal(word []byte) int {
	n, sign := 0, 1
	for i, c := range word {
		switch {
		case c == '-' && i == 0:
			sign = -1
		case c >= '0' && c <= '9':
			n = n*10 + int(c-'0')
		default:
			return 0
		}
	}
	return sign * n
}

// look reads everything else; of other users' processes no environment and no namespaces, which
// they would not show anyway.
func (p *procPin) look(g glance, brief bool) (record, error) {
	r := record{Process: Process{ID: g.id, PPID: g.ppid, SID: g.sid, PGID: g.pgid, TTY: g.tty, Comm: g.comm}}
	nested, err := p.status(&r.Process)
	if err != nil {
		return r, gone(err)
	}
	if err := p.read("cmdline", maxCmdline, func(b []byte, _ bool) { r.Argv = splitNUL(b) }); err != nil {
		return r, gone(err)
	}
	p.exe(&r.Process)
	if r.hidden = brief || r.UIDs[1] != ownUID(); r.hidden {
		return r, nil
	}
	r.foreign = nested
	p.inside(&r)
	r.unproven = !r.ExeID.fixed() || interpreter(r.Process)
	if interpreter(r.Process) || posixShell(r.Process) {
		p.script(&r)
	}
	if _, known := terminals[r.Exe]; known && !r.hidden && !r.foreign && theTerminal(r.Process) {
		r.terminal = r.Exe
	}
	return r, nil
}

// status reads the four uids, and whether the process lives in a pid namespace below ours.
func (p *procPin) status(proc *Process) (nested bool, err error) {
	ok := false
	err = p.read("status", 8<<10, func(b []byte, _ bool) {
		uids := bytes.Fields(line(b, "\nUid:"))
		for i := 0; i < len(proc.UIDs) && i < len(uids); i++ {
			n, err := strconv.ParseUint(string(uids[i]), 10, 32)
			proc.UIDs[i], ok = uint32(n), err == nil && i == 3
		}
		nested = len(bytes.Fields(line(b, "\nNSpid:"))) > 1
	})
	if err == nil && !ok {
		err = errors.New("no uids in /proc/PID/status")
	}
	return nested, err
}

// line gives what follows the key, to the end of its line.
func line(b []byte, key string) []byte {
	_, rest, _ := bytes.Cut(b, []byte(key))
	value, _, _ := bytes.Cut(rest, []byte("\n"))
	return value
}

func splitNUL(b []byte) []string {
	if len(b) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00")
}

// exe reads the path of the executable, and its identity through the link itself: in a mount
// namespace of its own the path could say anything (B13).
func (p *procPin) exe(proc *Process) {
	path, err := p.link("exe")
	var id FileID
	if err == nil {
		id, err = fileIDAt(p.fd, "exe")
		id.Loose = id.Loose && !soundHere(path, id)
	}
	if err != nil {
		proc.NoExe = true
		return
	}
	proc.Exe, proc.ExeID = path, id
}

// fileIDAt looks at a file without opening it for anything.
func fileIDAt(dir int, name string) (FileID, error) {
	fd, err := unix.Openat(dir, name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return FileID{}, err
	}
	defer unix.Close(fd)
	return fileIDOf(fd)
}

// soundHere reports whether that very file stands at path here, on a mount that can be believed:
// sandboxes (bwrap) mount everything nosuid, the system's own programs, too.
func soundHere(path string, id FileID) bool {
	here, err := fileIDAt(unix.AT_FDCWD, path)
	return err == nil && !here.Loose && here.Dev == id.Dev && here.Ino == id.Ino
}

// fileIDOf asks the file system, too, whether it can be believed about owners.
func fileIDOf(fd int) (FileID, error) {
	var st unix.Stat_t
	var fs unix.Statfs_t
	err := unix.Fstat(fd, &st)
	if err == nil {
		err = unix.Fstatfs(fd, &fs)
	}
	if err != nil {
		return FileID{}, err
	}
	id := fileID(&st)
	id.Loose = fs.Flags&unix.ST_NOSUID != 0
	return id, nil
}

func fileID(st *unix.Stat_t) FileID {
	return FileID{Dev: uint64(st.Dev), Ino: st.Ino, Size: st.Size, Mtime: st.Mtim.Nano(), Ctime: st.Ctim.Nano(),
		Owner: st.Uid, Mode: uint32(st.Mode) & 0o7777}
}
