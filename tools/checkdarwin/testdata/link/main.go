//go:build cgo

// Command link is a fixture: one call of everything the Mac app stands on, so that the
// stub SDK is known to be enough for it. It is compiled and linked, and never run.
package main

// #cgo CFLAGS: -x objective-c
// #cgo LDFLAGS: -framework Foundation -framework AppKit -framework Security -framework LocalAuthentication -framework ServiceManagement -framework IOKit -lbsm
// #include "leaf.h"
import "C"

import (
	"fmt"
	"net"
	"os/user"
	"runtime/cgo"

	"github.com/ebitengine/purego"
	"github.com/keybase/go-keychain"
	"github.com/progrium/darwinkit/dispatch"
	"github.com/progrium/darwinkit/helper/action"
	"github.com/progrium/darwinkit/macos/appkit"
	"github.com/progrium/darwinkit/objc"
	"golang.design/x/clipboard"
	"golang.design/x/hotkey"
)

func main() {
	button := appkit.NewButton()
	action.Set(button, func(objc.Object) {})
	dispatch.MainQueue().DispatchAsync(func() {})
	item := keychain.NewItem()
	item.SetSecClass(keychain.SecClassGenericPassword)
	fmt.Println(keychain.AddItem(item), clipboard.Init(), hotkey.New(nil, hotkey.Key1).Register())
	fmt.Println(user.Current())
	fmt.Println(net.Listen("unix", "x"))
	fmt.Println(purego.Dlopen("/usr/lib/libSystem.B.dylib", purego.RTLD_NOW))
	fmt.Println(C.leaf_all(C.uintptr_t(cgo.NewHandle(1))), C.leaf_token() != nil)
}

//export leafReply
func leafReply(number C.uintptr_t, success C.int) { fmt.Println(number, success) }
