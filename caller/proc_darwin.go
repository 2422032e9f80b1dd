package caller

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// loginPassesThrough: Terminal starts /usr/bin/login, set-uid root, as a person's shell's parent.
const loginPassesThrough = true

// sysctlTable is the kernel's process table through sysctl and libproc. A Mac has no handle on a
// process like Linux's pidfd; a pin remembers the process's unique id, which is never given out
// again, and refuses to speak about any other. Must be seen on a Mac.
type sysctlTable struct{ lib *libproc }

type sysctlPin struct {
	lib    *libproc
	pid    int
	unique uint64 // 0: the kernel did not say; then pid and start time are all there is
}

type noTable struct{ err error }

func (t noTable) pin(int) (pinned, error)                 { return nil, t.err }
func (noTable) remote(Process, []record) (string, origin) { return "", originUnknown }

func systemTable() table {
	lib, err := loadLibproc()
	if err != nil {
		return noTable{err}
	}
	return sysctlTable{lib}
}

func ownUID() uint32 { return uint32(os.Geteuid()) }

func (t sysctlTable) pin(pid int) (pinned, error) {
	if pid <= 0 {
		return nil, ErrGone
	}
	u, ok := t.lib.unique(pid)
	if !ok {
		u.ID = 0
	}
	return &sysctlPin{t.lib, pid, u.ID}, nil
}

// remote: macOS keeps utmpx, not read yet. Until it is, logins over ssh are unknown.
func (sysctlTable) remote(Process, []record) (string, origin) { return "", originUnknown }

func (p *sysctlPin) release()    {}
func (p *sysctlPin) dir() string { return p.lib.cwd(p.pid) }

func (p *sysctlPin) glance() (glance, error) {
	k, err := p.kinfo()
	if err != nil {
		return glance{}, err
	}
	return p.glanceOf(k), nil
}

// kinfo asks the kernel, and whether it is still the process that was pinned.
func (p *sysctlPin) kinfo() (*unix.KinfoProc, error) {
	k, err := unix.SysctlKinfoProc("kern.proc.pid", p.pid)
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EIO) { // EIO: nothing came back
		return nil, ErrGone
	}
	if err != nil {
		return nil, fmt.Errorf("caller: sysctl kern.proc.pid: %w", err)
	}
	if int(k.Proc.P_pid) != p.pid {
		return nil, ErrGone
	}
	if u, ok := p.lib.unique(p.pid); p.unique != 0 && (!ok || u.ID != p.unique) {
		return nil, ErrGone
	}
	return k, nil
}

func (p *sysctlPin) glanceOf(k *unix.KinfoProc) glance {
	const zombie = 5 // SZOMB
	start, ok := p.lib.start(p.pid)
	if !ok {
		// Another user's process: 0 is older than anything. It is never an anchor, and not Alive
		// to anybody.
		start = 0
	}
	sid, err := unix.Getsid(p.pid)
	if err != nil {
		sid = 0
	}
	g := glance{id: ProcID{p.pid, start}, ppid: int(k.Eproc.Ppid), sid: sid, pgid: int(k.Eproc.Pgid),
		comm: cString(k.Proc.P_comm[:]), dead: k.Proc.P_stat == zombie}
	if k.Eproc.Tdev != -1 {
		g.tty = uint64(uint32(k.Eproc.Tdev))
	}
	return g
}

func (p *sysctlPin) look(_ glance, brief bool) (record, error) {
	k, err := p.kinfo()
	if err != nil {
		return record{}, err
	}
	g := p.glanceOf(k)
	r := record{Process: Process{ID: g.id, PPID: g.ppid, SID: g.sid, PGID: g.pgid, TTY: g.tty, Comm: g.comm}}
	// There is no file system uid here; the effective one stands in.
	r.UIDs = [4]uint32{k.Eproc.Pcred.P_ruid, k.Eproc.Ucred.Uid, k.Eproc.Pcred.P_svuid, k.Eproc.Ucred.Uid}
	p.exe(&r.Process)
	environ, err := p.arguments(&r.Process)
	r.hidden = brief || err != nil || r.NoExe || r.UIDs[1] != ownUID()
	if !r.hidden {
		r.mark = markIn(environ)
	}
	r.unproven = !r.ExeID.fixed() || interpreter(r.Process)
	if interpreter(r.Process) || posixShell(r.Process) {
		p.script(&r)
	}
	r.terminal = theTerminal(r)
	return r, nil
}

// exe: a file put at the path after the process started would be taken for it. The code signature
// of the running process is what tells, and is asked for where it decides (theTerminal).
func (p *sysctlPin) exe(proc *Process) {
	path, err := p.lib.path(p.pid)
	var st unix.Stat_t
	var fs unix.Statfs_t
	if err == nil {
		err = errors.Join(unix.Stat(path, &st), unix.Statfs(path, &fs))
	}
	if err != nil {
		proc.NoExe = true
		return
	}
	proc.Exe, proc.ExeID = path, fileID(&st)
	proc.ExeID.Loose = fs.Flags&unix.MNT_NOSUID != 0
}

// fileIDOf asks the file system, too, whether it can be believed about owners.
func fileIDOf(fd int) (FileID, error) {
	var st unix.Stat_t
	var fs unix.Statfs_t
	if err := errors.Join(unix.Fstat(fd, &st), unix.Fstatfs(fd, &fs)); err != nil {
		return FileID{}, err
	}
	id := fileID(&st)
	id.Loose = fs.Flags&unix.MNT_NOSUID != 0
	return id, nil
}

func fileID(st *unix.Stat_t) FileID {
	return FileID{Dev: uint64(uint32(st.Dev)), Ino: st.Ino, Size: st.Size, Mtime: st.Mtim.Nano(), Ctime: st.Ctim.Nano(),
		Owner: st.Uid, Mode: uint32(st.Mode) & 0o7777}
}

// theTerminal gives the path of the terminal emulator that the process is proved to be, ""
// for none, by the signature of the code that it runs. The path alone proves nothing:
// what is below /Applications can be written by an admin's programs.
func theTerminal(r record) string {
	if r.NoExe || r.ID.Start == 0 || !likeTerminal(r.Exe) {
		return ""
	}
	if c, err := CodeOf(r.ID); err == nil && isTerminal(r.Exe, c) {
		return r.Exe
	}
	return ""
}

// arguments reads kern.procargs2: argc, the path, zero bytes, argv, environment. For system
// programs protected by SIP the kernel leaves out the environment.
func (p *sysctlPin) arguments(proc *Process) (environ []byte, err error) {
	raw, err := unix.SysctlRaw("kern.procargs2", p.pid)
	if err != nil {
		return nil, err
	}
	proc.Argv, environ, err = splitArguments(raw)
	return environ, err
}

func splitArguments(raw []byte) (argv []string, environ []byte, err error) {
	if len(raw) < 4 {
		return nil, nil, errors.New("caller: short kern.procargs2")
	}
	n, rest := int(binary.LittleEndian.Uint32(raw)), raw[4:]
	_, rest, ok := bytes.Cut(rest, []byte{0})
	rest = bytes.TrimLeft(rest, "\x00")
	for ; n > 0 && ok; n-- {
		var arg []byte
		arg, rest, ok = bytes.Cut(rest, []byte{0})
		argv = append(argv, string(arg))
	}
	if !ok {
		return argv, nil, errors.New("caller: kern.procargs2 is cut off")
	}
	return argv, rest, nil
}

// script as on Linux; a relative path is taken from the process's working directory.
func (p *sysctlPin) script(r *record) {
	name := scriptArg(r.Process)
	if name == "" || strings.HasPrefix(name, "/dev/") {
		return
	}
	if !strings.HasPrefix(name, "/") {
		name = p.lib.cwd(p.pid) + "/" + name
	}
	r.Script = name
	if resolved, id := resolve(name); resolved != "" {
		r.Script, r.ScriptID = resolved, id
	}
}
