package appkit

import (
	"github.com/progrium/darwinkit/macos/appkit"
	"github.com/progrium/darwinkit/macos/foundation"
	"github.com/progrium/darwinkit/objc"
)

type pair struct{ a, b uint16 }

func small(w appkit.Window, v appkit.IView) {
	_ = w.IsVisible()                                           // want "Window.IsVisible returns bool, under 8 bytes"
	_ = v.IsHidden()                                            // want "IView.IsHidden returns bool, under 8 bytes"
	_ = foundation.NewNumber().UnsignedCharValue()              // want "Number.UnsignedCharValue returns uint8, under 8 bytes"
	_ = appkit.NewEvent().KeyCode()                             // want "Event.KeyCode: the Mac answers 16 bits"
	_ = appkit.NewEvent().Pressure()                            // want "Event.Pressure returns float32, under 8 bytes"
	_ = objc.Call[bool](w, objc.Sel("isVisible"))               // want "objc.Call returns bool, under 8 bytes"
	_ = objc.Call[int32](w, objc.Sel("intValue"))               // want "objc.Call returns int32, under 8 bytes"
	_ = objc.Call[pair](w, objc.Sel("size"))                    // want "objc.Call returns noxkey.*pair, under 8 bytes"
	_ = (objc.Call[float32])(w, objc.Sel("floatValue"))         // want "objc.Call returns float32, under 8 bytes"
	_ = objc.Call[struct{ a byte }](w, objc.Sel("objectValue")) // want "objc.Call returns struct.a byte., under 8 bytes"
	later := w.IsVisible                                        // want "Window.IsVisible returns bool, under 8 bytes"
	_ = later()
	unbound := appkit.Window.IsVisible // want "Window.IsVisible returns bool, under 8 bytes"
	_ = unbound(w)
	call := objc.Call[uintptr] // want "objc.Call is not called here"
	_ = call(w, objc.Sel("close"))
}

func generic[T any](w appkit.Window) T {
	return objc.Call[T](w, objc.Sel("objectValue")) // want "objc.Call returns a type parameter, whose size nobody sees"
}

type named bool

func instance(w appkit.Window) named {
	return objc.Call[named](w, objc.Sel("isVisible")) // want "objc.Call returns noxkey.*named, under 8 bytes"
}

// box promotes its window's methods.
type box struct{ appkit.Window }

func promoted(b box) bool { return b.IsVisible() } // want "Window.IsVisible returns bool, under 8 bytes"

type visible interface{ IsVisible() bool } // want "may stand behind this interface, and its IsVisible has a result under 8 bytes"

func hidden(w appkit.Window) bool {
	var v visible = w
	return v.IsVisible()
}
