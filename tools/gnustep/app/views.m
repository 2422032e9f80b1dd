//go:build gnustep && cgo

#import <AppKit/AppKit.h>
#include <stdio.h>
#include <string.h>
#include "views.h"

// What is really there: one line a control, frames from the window's top left.
static void walk(NSWindow *w, NSView *v)
{
	NSUInteger i;
	NSRect r = [v convertRect:[v bounds] toView:nil];
	double top = [[w contentView] frame].size.height - NSMaxY(r);
	if ([v isKindOfClass:[NSControl class]]) {
		NSString *s = [v isKindOfClass:[NSPopUpButton class]] ? [(NSPopUpButton *)v titleOfSelectedItem]
			: [v isKindOfClass:[NSButton class]] ? [(NSButton *)v title] : [(NSControl *)v stringValue];
		if ([v isKindOfClass:[NSSecureTextField class]])
			s = [NSString stringWithFormat:@"%d characters", (int)[s length]];
		int state = [v isKindOfClass:[NSButton class]] ? (int)[(NSButton *)v state] : 0;
		printf("view {\"Window\":\"%s\",\"Class\":\"%s\",\"X\":%.0f,\"Y\":%.0f,\"W\":%.0f,\"H\":%.0f,\"Enabled\":%s,\"State\":%d,\"Text\":\"%s\"}\n",
			[[w title] UTF8String], class_getName([v class]), r.origin.x, top, r.size.width, r.size.height,
			[(NSControl *)v isEnabled] ? "true" : "false", state,
			[[[s stringByReplacingOccurrencesOfString:@"\\" withString:@"\\\\"] stringByReplacingOccurrencesOfString:@"\"" withString:@"\\\""] UTF8String]);
	}
	for (i = 0; i < [[v subviews] count]; i++)
		walk(w, [[v subviews] objectAtIndex:i]);
}

void nxtest_views(void)
{
	NSArray *all = [NSApp windows];
	NSUInteger i;
	for (i = 0; i < [all count]; i++) {
		NSWindow *w = [all objectAtIndex:i];
		if (![w isVisible])
			continue;
		printf("window {\"Title\":\"%s\",\"Key\":%s}\n", [[w title] UTF8String], [w isKeyWindow] ? "true" : "false");
		walk(w, [w contentView]);
	}
	printf("views end\n");
	fflush(stdout);
}

// Something dragged, with a pasteboard of its own.
@interface NXDragged : NSObject {
@public
	NSPasteboard *board;
}
@end
@implementation NXDragged
- (NSPasteboard *)draggingPasteboard { return board; }
- (NSDragOperation)draggingSourceOperationMask { return NSDragOperationCopy; }
- (NSPoint)draggingLocation { return NSMakePoint(10, 10); }
- (id)draggingSource { return nil; }
@end

// The view below v that takes files; v itself first.
static NSView *taker(NSView *v)
{
	NSUInteger i;
	if ([[v registeredDraggedTypes] containsObject:NSFilenamesPboardType])
		return v;
	for (i = 0; i < [[v subviews] count]; i++) {
		NSView *found = taker([[v subviews] objectAtIndex:i]);
		if (found != nil)
			return found;
	}
	return nil;
}

int nxtest_drop(const char *title, const char *paths, int n)
{
	NSMutableArray *names = [NSMutableArray array];
	NSUInteger i;
	for (; n > 0; n--, paths += strlen(paths) + 1)
		[names addObject:[NSString stringWithUTF8String:paths]];
	for (i = 0; i < [[NSApp windows] count]; i++) {
		NSWindow *w = [[NSApp windows] objectAtIndex:i];
		if (![w isVisible] || ![[w title] isEqualToString:[NSString stringWithUTF8String:title]])
			continue;
		NSView *v = taker([w contentView]);
		if (v == nil)
			return -2;
		NXDragged *d = [[NXDragged new] autorelease];
		d->board = [NSPasteboard pasteboardWithName:@"NoxKey test drop"];
		[d->board declareTypes:[NSArray arrayWithObject:NSFilenamesPboardType] owner:nil];
		if (![d->board setPropertyList:names forType:NSFilenamesPboardType])
			return -3;
		if ([v draggingEntered:(id)d] == NSDragOperationNone) {
			[v draggingExited:(id)d];
			return 0;
		}
		if (![v prepareForDragOperation:(id)d])
			return 0;
		return [v performDragOperation:(id)d] ? 1 : 0;
	}
	return -1;
}
