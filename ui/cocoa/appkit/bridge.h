//go:build cgo && (darwin || gnustep)

#pragma once

// The few Objective-C classes that call back into Go. Each object carries a number, by
// which Go finds what it belongs to; 0, and numbers that Go has forgotten, do nothing.
#include <stddef.h>
#include <stdint.h>

// What happened, told by nxEvent.
enum {
	nxAction = 1,  // a control was used, or a menu item chosen
	nxText,        // a field was edited
	nxGained,      // a window became key
	nxLost,        // a window is key no more
	nxClosing,     // the person closes a window
	nxResized,     // a window has another size
	nxScrolled,    // a list was scrolled
	nxMenu,        // a menu is about to open
	nxLaunched,    // the event loop runs
	nxQuit,        // the system asks us to end
	nxReopen,      // the person started the app again
	nxOver,        // files hang over a view
	nxOut,         // they no longer do
	nxEnding,      // the session ends, and we with it
	nxFree,        // the object is gone
};

// NSWindowAbove and NSWindowBelow, which have other values under GNUstep.
extern const long nx_above, nx_below;

// NSTextAlignmentRight, which is 1 on Intel and 2 on Apple silicon.
extern const long nx_right;

void *nx_panel(uintptr_t nx, double w, double h);
void *nx_window(uintptr_t nx, double w, double h, unsigned long style);
void *nx_view(uintptr_t nx);
void *nx_row(uintptr_t nx);
void *nx_target(uintptr_t nx);
void nx_follow(void *target, void *clip);
void nx_bury(void *object);
void nx_post(void);
void nx_run(void *delegate);
void nx_stop(void);
