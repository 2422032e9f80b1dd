//go:build cgo && darwin

#import <AppKit/AppKit.h>
#include "_cgo_export.h"

void nx_announce(void *window, void *words, long priority)
{
	NSDictionary *d = [NSDictionary dictionaryWithObjectsAndKeys:(NSString *)words, NSAccessibilityAnnouncementKey,
	                                                             [NSNumber numberWithLong:priority], NSAccessibilityPriorityKey, nil];
	NSAccessibilityPostNotificationWithUserInfo((NSWindow *)window, NSAccessibilityAnnouncementRequestedNotification, d);
}

void *nx_image(uintptr_t nx, double side)
{
	return [[NSImage imageWithSize:NSMakeSize(side, side)
	                       flipped:YES
	                drawingHandler:^BOOL(NSRect r) {
	                  nxDraw(nx, r.size.width, r.size.height);
	                  return YES;
	                }] retain];
}

// From macOS 14 on an app is activated only if the active one yields.
void nx_yield(void *app, void *to)
{
	SEL yield = @selector(yieldActivationToApplication:);
	if ([(NSApplication *)app respondsToSelector:yield])
		[(NSApplication *)app performSelector:yield withObject:(id)to];
}
