//go:build cgo && (darwin || gnustep)

package appkit

import (
	"strings"

	"github.com/progrium/darwinkit/macos/foundation"
	"github.com/progrium/darwinkit/objc"

	"noxkey/ui/cocoa"
)

// As in Objective-C, a message to nil does nothing and returns zero; darwinkit's own
// call would panic.
func none(o objc.Handle) bool { return o.Ptr() == nil }

// do sends a message and ignores what it returns, whatever its size.
func do(o objc.Handle, sel string, args ...any) {
	if !none(o) {
		objc.Call[objc.Void](o, objc.Sel(sel), args...)
	}
}

// get sends a message that returns an object, borrowed as Cocoa's rules have it.
func get(o objc.Handle, sel string, args ...any) (x objc.Object) {
	if !none(o) {
		x = objc.Call[objc.Object](o, objc.Sel(sel), args...)
	}
	return x
}

// integer sends a message that returns an NSInteger or NSUInteger. Nothing here asks for
// a BOOL: libffi writes a whole word for any return of less, which darwinkit gives no
// room for, and whoever needs one must read it from the lowest byte of a uintptr.
func integer(o objc.Handle, sel string, args ...any) (n int) {
	if !none(o) {
		n = objc.Call[int](o, objc.Sel(sel), args...)
	}
	return n
}

// rectOf sends a message that returns an NSRect.
func rectOf(o objc.Handle, sel string, args ...any) (r foundation.Rect) {
	if !none(o) {
		r = objc.Call[foundation.Rect](o, objc.Sel(sel), args...)
	}
	return r
}

// sizeOf sends a message that returns an NSSize.
func sizeOf(o objc.Handle, sel string, args ...any) (s foundation.Size) {
	if !none(o) {
		s = objc.Call[foundation.Size](o, objc.Sel(sel), args...)
	}
	return s
}

// pointOf sends a message that returns an NSPoint.
func pointOf(o objc.Handle, sel string, args ...any) (p foundation.Point) {
	if !none(o) {
		p = objc.Call[foundation.Point](o, objc.Sel(sel), args...)
	}
	return p
}

// class is a class by name. A class that is not there has a nil pointer.
func class(name string) objc.Class { return objc.GetClass(name) }

// create allocates and initialises an object, which the caller owns.
func create(name, init string, args ...any) objc.Object {
	return get(get(class(name), "alloc"), init, args...)
}

// str is an autoreleased NSString. Text with a NUL ends there; what is not UTF-8 is
// replaced, since NSString would be nil, and a nil title ends the process.
func str(s string) objc.Object {
	return objc.ObjectFrom(objc.ToNSString(strings.ToValidUTF8(s, "\uFFFD")))
}

// text reads an NSString.
func text(o objc.Object) string {
	if o.IsNil() {
		return ""
	}
	return objc.ToGoString(o.Ptr())
}

// can reports whether an object answers to a selector.
func can(o objc.Object, sel string) bool { return !o.IsNil() && o.RespondsToSelector(objc.Sel(sel)) }

// try sends a message if the object answers to it: what a platform lacks it goes without.
func try(o objc.Object, sel string, args ...any) {
	if can(o, sel) {
		do(o, sel, args...)
	}
}

// rect turns a frame of a scene into one of a flipped view.
func rect(r cocoa.Rect) foundation.Rect {
	return foundation.Rect{Origin: foundation.Point{X: r.X, Y: r.Y}, Size: foundation.Size{Width: r.W, Height: r.H}}
}

func point(x, y float64) foundation.Point { return foundation.Point{X: x, Y: y} }

func size(w, h float64) foundation.Size { return foundation.Size{Width: w, Height: h} }

// drop releases an object that is owned; a nil one is fine.
func drop(o objc.Object) {
	if !o.IsNil() {
		o.Release()
	}
}

// dict is an autoreleased NSDictionary of objects by name.
func dict(pairs ...any) objc.Object {
	d := get(class("NSMutableDictionary"), "dictionary")
	for i := 0; i+1 < len(pairs); i += 2 {
		if v := pairs[i+1].(objc.Object); !v.IsNil() {
			do(d, "setObject:forKey:", v, str(pairs[i].(string)))
		}
	}
	return d
}
