//go:build cgo && (darwin || gnustep)

#import <AppKit/AppKit.h>
#ifdef GNUSTEP
#include <dispatch/dispatch.h>
#endif
#include <stdlib.h>
#include <string.h>
#include "bridge.h"
#include "_cgo_export.h"

// A key goes to Go before anything in the window sees it, unless an input method is
// composing in the field that has the keyboard.
static BOOL nx_key(NSWindow *w, uintptr_t nx, NSEvent *e)
{
	NSResponder *r = [w firstResponder];
	if ([r respondsToSelector:@selector(hasMarkedText)] && [(id)r hasMarkedText])
		return NO;
	NSString *s = [e charactersIgnoringModifiers];
#ifndef GNUSTEP
	// On a Greek or Russian keyboard Cmd+C is still C.
	if ([e modifierFlags] & NSEventModifierFlagCommand)
		s = [e charactersByApplyingModifiers:NSEventModifierFlagCommand];
#endif
	unichar c = [s length] > 0 ? [s characterAtIndex:0] : 0;
	return nxKey(nx, c, (unsigned long)[e modifierFlags], [e isARepeat], [e keyCode]) != 0;
}

// The paths that are dragged, each ended by a NUL; the caller frees.
static char *nx_paths(id<NSDraggingInfo> info, size_t *len)
{
	NSPasteboard *pb = [info draggingPasteboard];
	NSMutableArray *list = [NSMutableArray array];
#ifdef GNUSTEP
	NSArray *names = [pb propertyListForType:NSFilenamesPboardType];
	if (names != nil)
		[list addObjectsFromArray:names];
#else
	// Read as URLs, the sandbox lets us open what was dropped.
	NSArray *urls = [pb readObjectsForClasses:[NSArray arrayWithObject:[NSURL class]]
	                                  options:[NSDictionary dictionaryWithObject:[NSNumber numberWithBool:YES]
	                                                                      forKey:NSPasteboardURLReadingFileURLsOnlyKey]];
	for (NSURL *u in urls)
		if ([u path] != nil)
			[list addObject:[u path]];
#endif
	NSMutableData *d = [NSMutableData data];
	NSUInteger i;
	for (i = 0; i < [list count]; i++) {
		const char *p = [[list objectAtIndex:i] fileSystemRepresentation];
		[d appendBytes:p length:strlen(p) + 1];
	}
	*len = [d length];
	char *out = malloc([d length] + 1);
	memcpy(out, [d bytes], [d length]);
	return out;
}

// What is dragged is read when it enters, not at every move: each reading lets the
// sandbox open the files for as long as we live.
static NSDragOperation nx_entered(uintptr_t nx, id<NSDraggingInfo> info)
{
	size_t n;
	char *p = nx_paths(info, &n);
	int yes = nxAccepts(nx, p, n);
	free(p);
	if (yes)
		nxEvent(nx, nxOver, NULL);
	return yes ? NSDragOperationCopy : NSDragOperationNone;
}

static BOOL nx_dropped(uintptr_t nx, id<NSDraggingInfo> info)
{
	size_t n;
	char *p = nx_paths(info, &n);
	nxEvent(nx, nxOut, NULL);
	nxDropped(nx, p, n);
	free(p);
	return YES;
}

#define NX_KEYS \
	- (void)sendEvent:(NSEvent *)e \
	{ \
		if ([e type] == NSKeyDown && nx_key(self, nx, e)) \
			return; \
		[super sendEvent:e]; \
	} \
	- (BOOL)performKeyEquivalent:(NSEvent *)e \
	{ \
		if ([e type] == NSKeyDown && [self isKeyWindow] && nx_key(self, nx, e)) \
			return YES; \
		return [super performKeyEquivalent:e]; \
	} \
	- (void)cancelOperation:(id)sender {} \
	- (void)dealloc \
	{ \
		nxEvent(nx, nxFree, NULL); \
		[super dealloc]; \
	}

@interface NXPanel : NSPanel {
@public
	uintptr_t nx;
}
@end
@implementation NXPanel
- (BOOL)canBecomeKeyWindow { return YES; }
- (BOOL)canBecomeMainWindow { return NO; }
#ifndef GNUSTEP
- (void)mouseDown:(NSEvent *)e { [self performWindowDragWithEvent:e]; }
#endif
NX_KEYS
@end

// Controls that take the first click, too: a card is not key when the person clicks it.
@interface NXButton : NSButton
@end
@implementation NXButton
- (BOOL)acceptsFirstMouse:(NSEvent *)e { return YES; }
@end

@interface NXPopUpButton : NSPopUpButton
@end
@implementation NXPopUpButton
- (BOOL)acceptsFirstMouse:(NSEvent *)e { return YES; }
@end

@interface NXWindow : NSWindow {
@public
	uintptr_t nx;
}
@end
@implementation NXWindow
- (BOOL)canBecomeKeyWindow { return YES; }
- (BOOL)canBecomeMainWindow { return YES; }
NX_KEYS
@end

// A view that Go draws.
@interface NXView : NSView {
@public
	uintptr_t nx;
	NSDragOperation drag;
}
@end
@implementation NXView
- (BOOL)isFlipped { return YES; }
- (BOOL)mouseDownCanMoveWindow { return NO; } // a press is ours; NXPanel drags what nobody wants
- (BOOL)acceptsFirstMouse:(NSEvent *)e { return YES; }
- (BOOL)acceptsFirstResponder { return nxTakesKeys(nx) != 0; }
- (void)drawRect:(NSRect)r
{
	NSRect b = [self bounds];
	nxDraw(nx, b.size.width, b.size.height);
}
- (void)mouseDown:(NSEvent *)e
{
	NSPoint p = [self convertPoint:[e locationInWindow] fromView:nil];
	if (!nxMouse(nx, p.x, p.y, (int)[e clickCount], (unsigned long)[e modifierFlags]))
		[super mouseDown:e];
}
- (NSDragOperation)draggingEntered:(id<NSDraggingInfo>)i { return drag = nx_entered(nx, i); }
- (NSDragOperation)draggingUpdated:(id<NSDraggingInfo>)i { return drag; }
- (void)draggingExited:(id<NSDraggingInfo>)i { nxEvent(nx, nxOut, NULL); }
- (BOOL)prepareForDragOperation:(id<NSDraggingInfo>)i { return YES; }
- (BOOL)performDragOperation:(id<NSDraggingInfo>)i { return nx_dropped(nx, i); }
- (BOOL)accessibilityPerformPress
{
	return nxMouse(nx, 0, 0, 1, 0) != 0;
}
- (void)dealloc
{
	nxEvent(nx, nxFree, NULL);
	[super dealloc];
}
@end

// A row of a list: it draws, and leaves the mouse to the list.
@interface NXRow : NXView
@end
@implementation NXRow
- (NSView *)hitTest:(NSPoint)p { return nil; }
- (BOOL)acceptsFirstResponder { return NO; }
@end

// Target and delegate of everything.
@interface NXTarget : NSObject {
@public
	uintptr_t nx;
}
@end
@implementation NXTarget
- (void)fire:(id)sender { nxEvent(nx, nxAction, sender); }
#ifndef GNUSTEP
// A value is taken as it is typed.
- (void)controlTextDidBeginEditing:(NSNotification *)n
{
	NSTextView *t = [[n userInfo] objectForKey:@"NSFieldEditor"];
	if (![t isKindOfClass:[NSTextView class]])
		return;
	[t setAutomaticQuoteSubstitutionEnabled:NO];
	[t setAutomaticDashSubstitutionEnabled:NO];
	[t setAutomaticTextReplacementEnabled:NO];
	[t setAutomaticSpellingCorrectionEnabled:NO];
	[t setContinuousSpellCheckingEnabled:NO];
}
#endif
- (void)controlTextDidChange:(NSNotification *)n { nxEvent(nx, nxText, [n object]); }
- (void)windowDidBecomeKey:(NSNotification *)n { nxEvent(nx, nxGained, NULL); }
- (void)windowDidResignKey:(NSNotification *)n { nxEvent(nx, nxLost, NULL); }
- (BOOL)windowShouldClose:(id)sender
{
	nxEvent(nx, nxClosing, NULL);
	return NO; // Go hides it
}
- (void)windowDidResize:(NSNotification *)n { nxEvent(nx, nxResized, NULL); }
- (void)scrolled:(NSNotification *)n { nxEvent(nx, nxScrolled, NULL); }
- (void)menuNeedsUpdate:(NSMenu *)m { nxEvent(nx, nxMenu, m); }
- (void)applicationDidFinishLaunching:(NSNotification *)n { nxEvent(nx, nxLaunched, NULL); }
- (NSApplicationTerminateReply)applicationShouldTerminate:(NSApplication *)a
{
#ifndef GNUSTEP
	// Logging out, restarting and shutting down ask nobody: to answer "cancel" would stop
	// them. exit() follows, so Go cleans up now. The reasons are kAEQuitReason's (AERegistry.h).
	NSAppleEventDescriptor *d = [[[NSAppleEventManager sharedAppleEventManager] currentAppleEvent] attributeDescriptorForKeyword:'why?'];
	OSType why = [d typeCodeValue];
	if (why == 0)
		why = [d enumCodeValue];
	if (why == 'logo' || why == 'rlgo' || why == 'rrst' || why == 'rsdn' || why == 'rest' || why == 'shut') {
		nxEvent(nx, nxEnding, NULL);
		return NSTerminateNow;
	}
#endif
	nxEvent(nx, nxQuit, NULL);
	return NSTerminateCancel; // Go asks and ends the loop
}
- (BOOL)applicationShouldHandleReopen:(NSApplication *)a hasVisibleWindows:(BOOL)yes
{
	nxEvent(nx, nxReopen, NULL);
	return NO;
}
- (BOOL)applicationSupportsSecureRestorableState:(NSApplication *)a { return YES; }
// The status item's window hands drags to its delegate.
- (NSDragOperation)draggingEntered:(id<NSDraggingInfo>)i { return nx_entered(nx, i); }
- (void)draggingExited:(id<NSDraggingInfo>)i { nxEvent(nx, nxOut, NULL); }
- (BOOL)performDragOperation:(id<NSDraggingInfo>)i { return nx_dropped(nx, i); }
- (void)dealloc
{
	[[NSNotificationCenter defaultCenter] removeObserver:self];
	[super dealloc];
}
@end

const long nx_above = NSWindowAbove, nx_below = NSWindowBelow;
#ifdef GNUSTEP
const long nx_right = NSRightTextAlignment;
#else
const long nx_right = NSTextAlignmentRight;
#endif

void *nx_panel(uintptr_t nx, double w, double h)
{
	NXPanel *p = [[NXPanel alloc] initWithContentRect:NSMakeRect(0, 0, w, h)
	                                        styleMask:128 // borderless, non-activating
	                                          backing:NSBackingStoreBuffered
	                                            defer:NO];
	p->nx = nx;
	return p;
}

void *nx_window(uintptr_t nx, double w, double h, unsigned long style)
{
	NXWindow *p = [[NXWindow alloc] initWithContentRect:NSMakeRect(0, 0, w, h)
	                                          styleMask:style
	                                            backing:NSBackingStoreBuffered
	                                              defer:NO];
	p->nx = nx;
	return p;
}

void *nx_view(uintptr_t nx)
{
	NXView *v = [[NXView alloc] initWithFrame:NSMakeRect(0, 0, 1, 1)];
	v->nx = nx;
	return v;
}

void *nx_row(uintptr_t nx)
{
	NXRow *v = [[NXRow alloc] initWithFrame:NSMakeRect(0, 0, 1, 1)];
	v->nx = nx;
	return v;
}

void *nx_target(uintptr_t nx)
{
	NXTarget *t = [[NXTarget alloc] init];
	t->nx = nx;
	return t;
}

void nx_follow(void *target, void *clip)
{
	[(NSView *)clip setPostsBoundsChangedNotifications:YES];
	[[NSNotificationCenter defaultCenter] addObserver:(id)target
	                                         selector:@selector(scrolled:)
	                                             name:NSViewBoundsDidChangeNotification
	                                           object:(id)clip];
}

void nx_bury(void *object) { [(id)object performSelector:@selector(release) withObject:nil afterDelay:0]; }

static void nx_posted(void *unused)
{
	NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
	nxPosted();
	[pool release];
}

#ifdef GNUSTEP
// The shim's queue runs in every mode of the loop.
void nx_post(void) { dispatch_async_f(dispatch_get_main_queue(), NULL, nx_posted); }
#else
// Not the main queue: it runs nothing while one of its own blocks does, so that an
// alert or a menu that a posted function opens would hold up everything behind it. The
// run loop's common modes are those of windows, alerts and menus alike.
@interface NXPost : NSObject
@end
@implementation NXPost
+ (void)posted:(id)unused { nx_posted(NULL); }
@end
void nx_post(void)
{
	NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
	[NXPost performSelectorOnMainThread:@selector(posted:) withObject:nil waitUntilDone:NO];
	[pool release];
}
#endif

@interface NXStop : NSObject
@end
@implementation NXStop
+ (void)again:(id)unused { nx_stop(); }
@end

void nx_stop(void)
{
	NSApplication *app = [NSApplication sharedApplication];
	if ([app modalWindow] != nil) // stop: ends an alert's loop only; once more when that is over
		[(id)[NXStop class] performSelector:@selector(again:) withObject:nil afterDelay:0];
	[app stop:nil]; // the loop looks after its next event: here is one
	[app postEvent:[NSEvent otherEventWithType:NSApplicationDefined
	                                  location:NSMakePoint(0, 0)
	                             modifierFlags:0
	                                 timestamp:0
	                              windowNumber:0
	                                   context:nil
	                                   subtype:0
	                                     data1:0
	                                     data2:0]
	       atStart:NO];
}

void nx_run(void *delegate)
{
	NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
	NSApplication *app = [NSApplication sharedApplication];
	[app setDelegate:(id)delegate];
	[app run];
	[pool release];
}
