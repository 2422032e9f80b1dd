package caller

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// libproc is what is called of <libproc.h> and <mach/mach_time.h>, without cgo. Flavours and
// layouts are those of XNU's bsd/sys/proc_info.h. None of it has run on a Mac: layouts, and which
// calls the kernel allows on other users' processes, must be seen on a Mac.
type libproc struct {
	pidpath   func(pid int32, buf unsafe.Pointer, size uint32) int32
	pidinfo   func(pid, flavor int32, arg uint64, buf unsafe.Pointer, size int32) int32
	pidfdinfo func(pid, fd, flavor int32, buf unsafe.Pointer, size int32) int32
	rusage    func(pid, flavor int32, buf unsafe.Pointer) int32
	timebase  func(info unsafe.Pointer) int32
}

const (
	pidListFDs        = 1    // PROC_PIDLISTFDS
	pidVnodePathInfo  = 9    // PROC_PIDVNODEPATHINFO
	pidUniqIdentifier = 17   // PROC_PIDUNIQIDENTIFIERINFO
	pidFDVnodeInfo    = 1    // PROC_PIDFDVNODEINFO
	fdTypeVnode       = 1    // PROX_FDTYPE_VNODE; a FIFO is one
	maxPathInfo       = 4096 // PROC_PIDPATHINFO_MAXSIZE
)

var loadLibproc = sync.OnceValues(func() (*libproc, error) {
	lib, err := purego.Dlopen("/usr/lib/libSystem.B.dylib", purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("caller: libSystem: %w", err)
	}
	l := &libproc{}
	for _, f := range []struct {
		ptr  any
		name string
	}{
		{&l.pidpath, "proc_pidpath"}, {&l.pidinfo, "proc_pidinfo"}, {&l.pidfdinfo, "proc_pidfdinfo"},
		{&l.rusage, "proc_pid_rusage"}, {&l.timebase, "mach_timebase_info"},
	} {
		sym, err := purego.Dlsym(lib, f.name)
		if err != nil {
			return nil, fmt.Errorf("caller: %s: %w", f.name, err)
		}
		purego.RegisterFunc(f.ptr, sym)
	}
	return l, nil
})

// path of the executable, which the kernel takes from the vnode that was run.
func (l *libproc) path(pid int) (string, error) {
	var buf [maxPathInfo]byte
	n := l.pidpath(int32(pid), unsafe.Pointer(&buf), uint32(len(buf)))
	if n <= 0 {
		return "", errors.New("caller: proc_pidpath failed")
	}
	return string(buf[:n]), nil
}

// uniqueID is struct proc_uniqidentifierinfo.
type uniqueID struct {
	UUID      [16]byte
	ID        uint64 // never given out again while the machine runs
	ParentID  uint64
	IDVersion int32 // as in the audit token; changes with every exec
	_         int32
	_         [2]uint64
}

func (l *libproc) unique(pid int) (u uniqueID, ok bool) {
	size := int32(unsafe.Sizeof(u))
	return u, l.pidinfo(int32(pid), pidUniqIdentifier, 0, unsafe.Pointer(&u), size) == size
}

// rusageV0 is struct rusage_info_v0.
type rusageV0 struct {
	UUID   [16]byte
	_      [8]uint64
	Start  uint64 // mach absolute time
	Exited uint64
}

// start is when the process began, in microseconds of mach absolute time: it counts from boot,
// stands still while the machine sleeps and follows no clock setting. The kernel may refuse it for
// other users' processes.
func (l *libproc) start(pid int) (uint64, bool) {
	var r rusageV0
	var base struct{ Numer, Denom uint32 }
	if l.rusage(int32(pid), 0, unsafe.Pointer(&r)) != 0 || l.timebase(unsafe.Pointer(&base)) != 0 || base.Denom == 0 {
		return 0, false
	}
	// Split, so that the product stays within 64 bits for thousands of years of uptime.
	whole, part := r.Start/uint64(base.Denom), r.Start%uint64(base.Denom)
	ns := whole*uint64(base.Numer) + part*uint64(base.Numer)/uint64(base.Denom)
	return ns / 1000, true
}

// vnodeInfo is struct vnode_info.
type vnodeInfo struct {
	Dev   uint32
	Mode  uint16
	Nlink uint16
	Ino   uint64
	_     [120]byte // the rest of struct vinfo_stat
	Type  int32
	_     int32
	FSID  [2]int32
}

type vnodePath struct {
	Info vnodeInfo
	Path [1024]byte
}

func (l *libproc) cwd(pid int) string {
	var v struct{ Current, Root vnodePath }
	size := int32(unsafe.Sizeof(v))
	if l.pidinfo(int32(pid), pidVnodePathInfo, 0, unsafe.Pointer(&v), size) != size {
		return ""
	}
	return cString(v.Current.Path[:])
}

// descriptor is struct proc_fdinfo.
type descriptor struct {
	FD   int32
	Type uint32
}

func (l *libproc) descriptors(pid int) []descriptor {
	need := l.pidinfo(int32(pid), pidListFDs, 0, nil, 0)
	if need <= 0 {
		return nil
	}
	list := make([]descriptor, int(need)/int(unsafe.Sizeof(descriptor{}))+16) // it may open more meanwhile
	got := l.pidinfo(int32(pid), pidListFDs, 0, unsafe.Pointer(&list[0]), int32(len(list))*8)
	if got <= 0 {
		return nil
	}
	return list[:got/8]
}

// openFile is struct vnode_fdinfo.
type openFile struct {
	Flags  uint32 // FREAD 1, FWRITE 2
	Status uint32
	Offset int64
	Type   int32
	Guard  uint32
	Vnode  vnodeInfo
}

func (l *libproc) openFile(pid int, fd int32) (f openFile, ok bool) {
	size := int32(unsafe.Sizeof(f))
	return f, l.pidfdinfo(int32(pid), fd, pidFDVnodeInfo, unsafe.Pointer(&f), size) == size
}

func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
