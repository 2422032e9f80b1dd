package caller

import (
	"fmt"
	"net"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// security is what is called of Security.framework and CoreFoundation, without cgo: the
// client has none. References are uintptrs. To be seen on a Mac: that the sandboxed app may
// ask about other processes of the user at all (if not, everybody is unknown, and says so);
// and what it costs, since the client asks once a run.
type security struct {
	copyGuest  func(host, attributes uintptr, flags uint32, guest *uintptr) int32
	check      func(code uintptr, flags uint32, requirement uintptr) int32
	copyInfo   func(code uintptr, flags uint32, info *uintptr) int32
	newReq     func(text uintptr, flags uint32, requirement *uintptr) int32
	dataCreate func(allocator uintptr, bytes unsafe.Pointer, n int) uintptr
	dictCreate func(allocator uintptr, keys, values unsafe.Pointer, n int, keyCalls, valueCalls uintptr) uintptr
	dictGet    func(dict, key uintptr) uintptr
	strCreate  func(allocator uintptr, bytes unsafe.Pointer, n int, encoding uint32, external bool) uintptr
	strGet     func(s uintptr, buf unsafe.Pointer, size int, encoding uint32) bool
	numGet     func(n uintptr, kind int, value unsafe.Pointer) bool
	typeOf     func(ref uintptr) uint
	strType    func() uint
	numType    func() uint
	release    func(ref uintptr)

	audit, identifier, team, status uintptr // CFStrings
	keyCalls, valueCalls            uintptr // structs
}

const (
	utf8Encoding       = 0x08000100 // kCFStringEncodingUTF8
	sint64Type         = 4          // kCFNumberSInt64Type
	signingInformation = 1 << 1     // kSecCSSigningInformation
	dynamicInformation = 1 << 3     // kSecCSDynamicInformation
)

var loadSecurity = sync.OnceValues(func() (*security, error) {
	const frameworks = "/System/Library/Frameworks/"
	cf, err := purego.Dlopen(frameworks+"CoreFoundation.framework/CoreFoundation", purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("caller: CoreFoundation: %w", err)
	}
	sec, err := purego.Dlopen(frameworks+"Security.framework/Security", purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("caller: Security: %w", err)
	}
	s := &security{}
	for _, f := range []struct {
		lib  uintptr
		ptr  any // a function, or a *uintptr for a constant
		name string
	}{
		{sec, &s.copyGuest, "SecCodeCopyGuestWithAttributes"}, {sec, &s.check, "SecCodeCheckValidity"},
		{sec, &s.copyInfo, "SecCodeCopySigningInformation"}, {sec, &s.newReq, "SecRequirementCreateWithString"},
		{cf, &s.dataCreate, "CFDataCreate"}, {cf, &s.dictCreate, "CFDictionaryCreate"}, {cf, &s.dictGet, "CFDictionaryGetValue"},
		{cf, &s.strCreate, "CFStringCreateWithBytes"}, {cf, &s.strGet, "CFStringGetCString"}, {cf, &s.numGet, "CFNumberGetValue"},
		{cf, &s.typeOf, "CFGetTypeID"}, {cf, &s.strType, "CFStringGetTypeID"}, {cf, &s.numType, "CFNumberGetTypeID"}, {cf, &s.release, "CFRelease"},
		{sec, &s.audit, "kSecGuestAttributeAudit"}, {sec, &s.identifier, "kSecCodeInfoIdentifier"},
		{sec, &s.team, "kSecCodeInfoTeamIdentifier"}, {sec, &s.status, "kSecCodeInfoStatus"},
		{cf, &s.keyCalls, "kCFTypeDictionaryKeyCallBacks"}, {cf, &s.valueCalls, "kCFTypeDictionaryValueCallBacks"},
	} {
		sym, err := purego.Dlsym(f.lib, f.name)
		if err != nil {
			return nil, fmt.Errorf("caller: %s: %w", f.name, err)
		}
		if p, ok := f.ptr.(*uintptr); ok {
			*p = sym
			continue
		}
		purego.RegisterFunc(f.ptr, sym)
	}
	for _, p := range []*uintptr{&s.audit, &s.identifier, &s.team, &s.status} {
		*p = **(**uintptr)(unsafe.Pointer(p)) // the symbol is a variable that holds the string
	}
	return s, nil
})

// tokenOf makes the token of a process that is not a peer. The kernel compares the pid and
// its version; the rest is filled in for form.
func tokenOf(id ProcID) (token, error) {
	lib, err := loadLibproc()
	if err != nil {
		return token{}, err
	}
	u, ok := lib.unique(id.PID)
	if !ok || !alive(id) { // in this order: the version is that of this process or an older one
		return token{}, ErrGone
	}
	me := ownUID()
	return token{me, me, 0, me, 0, uint32(id.PID), 0, uint32(u.IDVersion)}, nil
}

func tokenOfPeer(c *net.UnixConn) (t token, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return t, fmt.Errorf("caller: %w", err)
	}
	var inner error
	err = raw.Control(func(fd uintptr) { t, inner = readToken(int(fd)) })
	if err == nil {
		err = inner
	}
	return t, err
}

// readToken reads LOCAL_PEERTOKEN through the one getsockopt of x/sys that hands out a
// struct big enough.
func readToken(fd int) (token, error) {
	x, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERTOKEN)
	if err != nil {
		return token{}, fmt.Errorf("caller: LOCAL_PEERTOKEN: %w", err)
	}
	return *(*token)(unsafe.Pointer(x)), nil
}

type secCode struct {
	s   *security
	ref uintptr
}

func guestOf(t token) (guest, error) {
	s, err := loadSecurity()
	if err != nil {
		return nil, err
	}
	data := s.dataCreate(0, unsafe.Pointer(&t), int(unsafe.Sizeof(t)))
	if data == 0 {
		return nil, fmt.Errorf("%w: no memory", ErrNoCode)
	}
	defer s.release(data)
	keys, values := [1]uintptr{s.audit}, [1]uintptr{data}
	dict := s.dictCreate(0, unsafe.Pointer(&keys), unsafe.Pointer(&values), 1, s.keyCalls, s.valueCalls)
	if dict == 0 {
		return nil, fmt.Errorf("%w: no memory", ErrNoCode)
	}
	defer s.release(dict)
	g := &secCode{s: s}
	if status := s.copyGuest(0, dict, 0, &g.ref); status != 0 || g.ref == 0 {
		return nil, fmt.Errorf("%w: OSStatus %d", ErrNoCode, status)
	}
	return g, nil
}

func (g *secCode) release() { g.s.release(g.ref) }

func (g *secCode) check(requirement string) int32 {
	if requirement == "" {
		return g.s.check(g.ref, 0, 0)
	}
	const bad = -1
	b := []byte(requirement)
	text := g.s.strCreate(0, unsafe.Pointer(&b[0]), len(b), utf8Encoding, false)
	runtime.KeepAlive(b)
	if text == 0 {
		return bad
	}
	defer g.s.release(text)
	var req uintptr
	if status := g.s.newReq(text, 0, &req); status != 0 || req == 0 {
		return bad
	}
	defer g.s.release(req)
	return g.s.check(g.ref, 0, req)
}

func (g *secCode) info() (identifier, team string, status uint32, err error) {
	var dict uintptr
	if s := g.s.copyInfo(g.ref, signingInformation|dynamicInformation, &dict); s != 0 || dict == 0 {
		return "", "", 0, fmt.Errorf("%w: OSStatus %d", ErrNoCode, s)
	}
	defer g.s.release(dict)
	var n int64
	ref := g.s.dictGet(dict, g.s.status)
	if ref == 0 || g.s.typeOf(ref) != g.s.numType() || !g.s.numGet(ref, sint64Type, unsafe.Pointer(&n)) {
		return "", "", 0, fmt.Errorf("%w: no status", ErrNoCode)
	}
	return g.s.text(dict, g.s.identifier), g.s.text(dict, g.s.team), uint32(n), nil
}

// text is "" for what is missing, no string or longer than any name.
func (s *security) text(dict, key uintptr) string {
	var buf [512]byte
	ref := s.dictGet(dict, key)
	if ref == 0 || s.typeOf(ref) != s.strType() || !s.strGet(ref, unsafe.Pointer(&buf), len(buf), utf8Encoding) {
		return ""
	}
	return cString(buf[:])
}
