//go:build cgo && darwin

#import <AppKit/AppKit.h>

void nx_announce(void *window, void *words, long priority)
{
	NSDictionary *d = [NSDictionary dictionaryWithObjectsAndKeys:(NSString *)words, NSAccessibilityAnnouncementKey,
	                                                             [NSNumber numberWithLong:priority], NSAccessibilityPriorityKey, nil];
	NSAccessibilityPostNotificationWithUserInfo((NSWindow *)window, NSAccessibilityAnnouncementRequestedNotification, d);
}
