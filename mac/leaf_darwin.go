//go:build cgo

package mac

/*
#cgo CFLAGS: -x objective-c
#cgo LDFLAGS: -framework AppKit -framework CoreFoundation -framework CoreGraphics -framework Foundation -framework ServiceManagement
#include <stdlib.h>
#include "leaf.h"
*/
import "C"

import (
	"errors"
	"runtime"
	"sync"
	"unsafe"

	"golang.design/x/clipboard"
	"golang.design/x/hotkey"
)

func init() {
	watch = startWatch
	screenState = func() (locked, known bool) {
		s := C.nxmac_screen()
		return s == 1, s >= 0
	}
	carbon = registerHotKey
	mainApp = smAppService{}
	general = pasteboard{}
}

var heardBy func(string) // set once, before anything can be heard

func startWatch(heard func(string)) error {
	if heardBy != nil {
		return errors.New("mac: watched already")
	}
	heardBy = heard
	C.nxmac_watch()
	return nil
}

//export nxmacHeard
func nxmacHeard(name *C.char) { heardBy(C.GoString(name)) }

// pasteboard is NSPasteboard.generalPasteboard. The text is written here and not by the
// clipboard library, whose Write can neither mark it first nor keep it off the person's
// other devices (Universal Clipboard); the NSData is one copy that cannot be wiped. It is
// called off the main thread, as the library does; that this is safe must be seen on a Mac.
type pasteboard struct{}

func (pasteboard) Put(text []byte) (int, error) {
	var count C.long
	var p unsafe.Pointer
	if len(text) > 0 {
		p = unsafe.Pointer(&text[0])
	}
	switch C.nxmac_board_put(p, C.size_t(len(text)), &count) {
	case 0:
		return int(count), nil
	case 2:
		return 0, errors.New("another program wrote to it at the same moment")
	}
	return 0, errors.New("macOS refused it")
}

func (pasteboard) Count() int { return int(C.nxmac_board_count()) }

// Empty leaves an empty text. The library's goroutine that waits for the next change ends
// with that change.
func (pasteboard) Empty() error {
	if clipboard.Write(clipboard.FmtText, nil) == nil {
		return errors.New("macOS refused it")
	}
	return nil
}

// registerHotKey blocks until the main queue has run.
func registerHotKey(c Chord, pressed func()) (drop func() error, err error) {
	hk := hotkey.New([]hotkey.Modifier{hotkey.Modifier(c.Modifiers)}, hotkey.Key(c.Key))
	if err := hk.Register(); err != nil {
		return nil, err
	}
	down, up := hk.Keydown(), hk.Keyup()
	go func() {
		for range down {
			pressed()
		}
	}()
	go func() {
		for range up { // the library keeps them until they are taken
		}
	}()
	return func() (err error) {
		onMain(func() { err = hk.Unregister() }) // Carbon's event manager is the main thread's
		runtime.KeepAlive(hk)
		return err
	}, nil
}

type smAppService struct{}

func (smAppService) status() LoginState { return LoginState(C.nxmac_login_status()) }

func (smAppService) set(on bool) error {
	var n C.int
	if on {
		n = 1
	}
	why := C.nxmac_login_set(n)
	if why == nil {
		return nil
	}
	defer C.free(unsafe.Pointer(why))
	return errors.New(C.GoString(why))
}

// jobs are functions on their way to the main thread.
var jobs struct {
	sync.Mutex
	last uint64
	wait map[uint64]func()
}

// onMain runs f on the main thread and waits for it.
func onMain(f func()) {
	jobs.Lock()
	if jobs.wait == nil {
		jobs.wait = map[uint64]func(){}
	}
	jobs.last++
	n, done := jobs.last, make(chan struct{})
	jobs.wait[n] = func() { f(); close(done) }
	jobs.Unlock()
	C.nxmac_main(C.uint64_t(n))
	<-done
}

//export nxmacMain
func nxmacMain(number C.uint64_t) {
	jobs.Lock()
	f := jobs.wait[uint64(number)]
	delete(jobs.wait, uint64(number))
	jobs.Unlock()
	f()
}
