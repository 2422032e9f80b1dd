//go:build cgo && darwin

#import <AppKit/AppKit.h>
#include <dispatch/dispatch.h>
#include <pthread.h>
#include <string.h>
#include "leaf.h"
#include "_cgo_export.h"

// Notifications. The observer lives as long as the program.

@interface NXObserver : NSObject
- (void)heard:(NSNotification *)n;
@end

@implementation NXObserver
- (void)heard:(NSNotification *)n {
	nxmacHeard((char *)[[n name] UTF8String]);
}
@end

void nxmac_watch(void) {
	@autoreleasepool {
		NXObserver *o = [[NXObserver alloc] init];
		NSNotificationCenter *c = [[NSWorkspace sharedWorkspace] notificationCenter];
		NSString *names[] = {
			NSWorkspaceWillSleepNotification, NSWorkspaceDidWakeNotification,
			NSWorkspaceScreensDidSleepNotification, NSWorkspaceScreensDidWakeNotification,
			NSWorkspaceSessionDidResignActiveNotification, NSWorkspaceSessionDidBecomeActiveNotification,
		};
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			[c addObserver:o selector:@selector(heard:) name:names[i] object:nil];
		}
		// Not held back while another app is in front: we are never in front.
		NSDistributedNotificationCenter *d = [NSDistributedNotificationCenter defaultCenter];
		[d addObserver:o selector:@selector(heard:) name:@"com.apple.screenIsLocked" object:nil
		    suspensionBehavior:NSNotificationSuspensionBehaviorDeliverImmediately];
		[d addObserver:o selector:@selector(heard:) name:@"com.apple.screenIsUnlocked" object:nil
		    suspensionBehavior:NSNotificationSuspensionBehaviorDeliverImmediately];
	}
}

// Of the session's dictionary one key is public (CGSession.h), the other is not: it is
// there only while the screen is locked.
extern CFDictionaryRef CGSessionCopyCurrentDictionary(void);

int nxmac_screen(void) {
	@autoreleasepool {
		NSDictionary *d = [(NSDictionary *)CGSessionCopyCurrentDictionary() autorelease];
		NSNumber *console = [d objectForKey:@"kCGSSessionOnConsoleKey"];
		if (d == nil || console == nil) {
			return -1;
		}
		return ![console boolValue] || [[d objectForKey:@"CGSSessionScreenIsLocked"] boolValue];
	}
}

// The mark goes first, so that no clipboard manager ever sees the text without it. 0 for
// done; 1 for a pasteboard that took it not; 2 if another program was faster: then what is
// there is that program's.
int nxmac_board_put(const void *text, size_t bytes, long *count) {
	@autoreleasepool {
		NSPasteboard *b = [NSPasteboard generalPasteboard];
		NSString *mark = @"org.nspasteboard.ConcealedType";
		[b prepareForNewContentsWithOptions:NSPasteboardContentsCurrentHostOnly];
		if (![b setData:[NSData data] forType:mark] ||
		    ![b setData:[NSData dataWithBytes:text length:bytes] forType:NSPasteboardTypeString]) {
			[b clearContents];
			return 1;
		}
		*count = [b changeCount];
		return [[b types] containsObject:mark] && [b changeCount] == *count ? 0 : 2;
	}
}

long nxmac_board_count(void) {
	@autoreleasepool {
		return [[NSPasteboard generalPasteboard] changeCount];
	}
}

// SMAppService by name: it is there from macOS 13 on.

@interface NSObject (NXAppService)
+ (id)mainAppService;
- (NSInteger)status;
- (BOOL)registerAndReturnError:(NSError **)error;
- (BOOL)unregisterAndReturnError:(NSError **)error;
@end

static id mainApp(void) { return [NSClassFromString(@"SMAppService") mainAppService]; }

long nxmac_login_status(void) {
	@autoreleasepool {
		id app = mainApp();
		return app == nil ? -1 : [app status];
	}
}

char *nxmac_login_set(int on) {
	@autoreleasepool {
		NSError *e = nil;
		id app = mainApp();
		BOOL ok = on ? [app registerAndReturnError:&e] : [app unregisterAndReturnError:&e];
		const char *why = [[e localizedDescription] UTF8String];
		return ok ? NULL : strdup(why ? why : "it gives no reason");
	}
}

static void run(void *number) { nxmacMain((uint64_t)(uintptr_t)number); }

void nxmac_main(uint64_t number) {
	if (pthread_main_np()) {
		run((void *)(uintptr_t)number);
		return;
	}
	dispatch_async_f(dispatch_get_main_queue(), (void *)(uintptr_t)number, run);
}
