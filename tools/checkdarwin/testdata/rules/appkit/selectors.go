package appkit

import (
	"github.com/progrium/darwinkit/macos/appkit"
	"github.com/progrium/darwinkit/objc"
)

const misspelt = "setTittle:"

func selectors(w appkit.Window, b appkit.Button) {
	objc.Call[objc.Void](w, objc.Sel(misspelt), "x")                // want "selector .setTittle:.: neither darwinkit"
	objc.Call[objc.Void](w, objc.Sel("setTitle:"))                  // want "setTitle: takes 1 arguments and is sent 0"
	objc.Call[objc.Void](w, objc.Sel("setFrame:display:"), 1, 2, 3) // want "setFrame:display: takes 2 arguments and is sent 3"
	b.SetAction(objc.Sel("fier:"))                                  // want "selector .fier:.: neither darwinkit"
	b.SetAction(objc.RegisterSelectorName("nowhere"))               // want "selector .nowhere.: neither darwinkit"
	_ = is(w, "isVisibel")                                          // want "selector .isVisibel.: neither darwinkit"
	_ = is(w, "isVisible", 1)                                       // want "isVisible takes 0 arguments and is sent 1"
	b.SetAction(objc.Sel("fire:"))
	b.SetAction(objc.Sel("view:didTurn:"))
	b.SetAction(objc.Sel("stop"))
	_ = is(w, "setFrame:display:", 1, 2)
}
