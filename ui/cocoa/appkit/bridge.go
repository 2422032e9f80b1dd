//go:build cgo && (darwin || gnustep)

package appkit

// #cgo CFLAGS: -x objective-c -fno-objc-arc -Wno-deprecated-declarations
// #cgo darwin LDFLAGS: -framework AppKit -framework Foundation
// #include "bridge.h"
import "C"

import (
	"strings"
	"sync"
	"unsafe"

	"github.com/progrium/darwinkit/objc"
)

// event is what happened to an object of ours.
type event int

const (
	acted    = event(C.nxAction)
	edited   = event(C.nxText)
	gained   = event(C.nxGained)
	lost     = event(C.nxLost)
	closing  = event(C.nxClosing)
	resized  = event(C.nxResized)
	scrolled = event(C.nxScrolled)
	menuOpen = event(C.nxMenu)
	launched = event(C.nxLaunched)
	quitting = event(C.nxQuit)
	reopened = event(C.nxReopen)
	ending   = event(C.nxEnding)
	over     = event(C.nxOver)
	out      = event(C.nxOut)
	freed    = event(C.nxFree)
)

// Who hears of an object implements what it can be asked. sender is borrowed.
type (
	listener interface {
		hear(e event, sender objc.Object)
	}
	painter interface{ paint(w, h float64) }
	// mouser says whether it wanted the button going down at x, y of its view.
	mouser interface {
		mouse(x, y float64, clicks int, flags uint) bool
	}
	keyTaker interface{ takesKeys() bool }
	keyed    interface {
		key(char rune, flags uint, repeat bool, code int) bool
	}
	dropper interface {
		accepts(paths []string) bool
		dropped(paths []string)
	}
)

// book finds the Go side of an Objective-C object by its number.
var book = struct {
	sync.Mutex
	last uintptr
	of   map[uintptr]any
}{of: map[uintptr]any{}}

// register gives x a number. It is forgotten when the object that carries the number
// is deallocated, or by forget.
func register(x any) uintptr {
	book.Lock()
	defer book.Unlock()
	book.last++
	book.of[book.last] = x
	return book.last
}

func forget(nx uintptr) {
	book.Lock()
	defer book.Unlock()
	delete(book.of, nx)
}

func lookup[T any](nx C.uintptr_t) (T, bool) {
	book.Lock()
	defer book.Unlock()
	x, ok := book.of[uintptr(nx)].(T)
	return x, ok
}

// Registered is how many objects of ours live: a test of leaks counts them.
func Registered() int {
	book.Lock()
	defer book.Unlock()
	return len(book.of)
}

//export nxEvent
func nxEvent(nx C.uintptr_t, what C.int, sender unsafe.Pointer) {
	if event(what) == freed {
		forget(uintptr(nx))
		return
	}
	if l, ok := lookup[listener](nx); ok {
		l.hear(event(what), objc.ObjectFrom(sender))
	}
}

//export nxDraw
func nxDraw(nx C.uintptr_t, w, h C.double) {
	if p, ok := lookup[painter](nx); ok {
		p.paint(float64(w), float64(h))
	}
}

//export nxMouse
func nxMouse(nx C.uintptr_t, x, y C.double, clicks C.int, flags C.ulong) C.int {
	m, ok := lookup[mouser](nx)
	return cbool(ok && m.mouse(float64(x), float64(y), int(clicks), uint(flags)))
}

//export nxTakesKeys
func nxTakesKeys(nx C.uintptr_t) C.int {
	c, ok := lookup[keyTaker](nx)
	return cbool(ok && c.takesKeys())
}

//export nxKey
func nxKey(nx C.uintptr_t, c C.ushort, flags C.ulong, repeat, code C.int) C.int {
	k, ok := lookup[keyed](nx)
	return cbool(ok && k.key(rune(c), uint(flags), repeat != 0, int(code)))
}

//export nxAccepts
func nxAccepts(nx C.uintptr_t, p *C.char, n C.size_t) C.int {
	d, ok := lookup[dropper](nx)
	return cbool(ok && d.accepts(paths(p, n)))
}

//export nxDropped
func nxDropped(nx C.uintptr_t, p *C.char, n C.size_t) {
	if d, ok := lookup[dropper](nx); ok {
		d.dropped(paths(p, n))
	}
}

//export nxPosted
func nxPosted() {
	for {
		f := takePosted()
		if f == nil {
			return
		}
		f() // may run a loop of its own, in which the rest is run
	}
}

// posted is what waits for the main thread.
var posted = struct {
	sync.Mutex
	list []func()
}{}

// takePosted returns the one that waits longest, nil for none.
func takePosted() func() {
	posted.Lock()
	defer posted.Unlock()
	if len(posted.list) == 0 {
		return nil
	}
	f := posted.list[0]
	posted.list = posted.list[1:]
	return f
}

// Post implements cocoa.Toolkit.
func (k *Kit) Post(f func()) {
	posted.Lock()
	posted.list = append(posted.list, f)
	posted.Unlock()
	C.nx_post()
}

func cbool(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// paths takes apart what bridge.m put together: each path ends with a NUL.
func paths(p *C.char, n C.size_t) []string {
	if n == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(C.GoStringN(p, C.int(n)), "\x00"), "\x00")
}

// The makers return objects that the caller owns.
func newPanel(x any, w, h float64) objc.Object {
	return objc.ObjectFrom(C.nx_panel(C.uintptr_t(register(x)), C.double(w), C.double(h)))
}

func newWindow(x any, w, h float64, style uint) objc.Object {
	return objc.ObjectFrom(C.nx_window(C.uintptr_t(register(x)), C.double(w), C.double(h), C.ulong(style)))
}

func newView(x any) objc.Object { return objc.ObjectFrom(C.nx_view(C.uintptr_t(register(x)))) }

func newRow(x any) objc.Object { return objc.ObjectFrom(C.nx_row(C.uintptr_t(register(x)))) }

// target is an object that hears of what happens to others. AppKit does not own
// targets and delegates, so whoever makes one drops it.
type target struct {
	objc.Object
	nx uintptr
}

func newTarget(x any) target {
	nx := register(x)
	return target{objc.ObjectFrom(C.nx_target(C.uintptr_t(nx))), nx}
}

func (t target) drop() {
	forget(t.nx)
	bury(t.Object)
}

// bury releases an object once the run loop is back in its default mode. What goes away
// may be in the middle of telling us so: a button that closes its window still tracks
// the mouse, and a request that is withdrawn may close a card below a pressed button.
func bury(o objc.Object) {
	if !o.IsNil() {
		C.nx_bury(o.Ptr())
	}
}

// follow has t hear of a scroll view's scrolling.
func (t target) follow(clip objc.Object) { C.nx_follow(t.Ptr(), clip.Ptr()) }

// insert puts a view above another one, or at the bottom if that is nil.
func insert(parent, view, below objc.Object) {
	where := int(C.nx_above)
	if below.IsNil() {
		where = int(C.nx_below)
	}
	do(parent, "addSubview:positioned:relativeTo:", view, where, below)
}

// right is NSTextAlignmentRight.
func right() int { return int(C.nx_right) }

// stop ends the event loop.
func stop() { C.nx_stop() }

// run runs the event loop until stop.
func run(delegate target) { C.nx_run(delegate.Ptr()) }
