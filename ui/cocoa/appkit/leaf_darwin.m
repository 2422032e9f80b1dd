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
