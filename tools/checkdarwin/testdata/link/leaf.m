#import <AppKit/AppKit.h>
#import <IOKit/pwr_mgt/IOPMLib.h>
#import <LocalAuthentication/LocalAuthentication.h>
#import <Security/Security.h>
#import <ServiceManagement/ServiceManagement.h>
#include <bsm/libbsm.h>
#include <libproc.h>
#include <notify.h>
#include <sys/ptrace.h>
#include "leaf.h"
#include "_cgo_export.h"

@interface LeafView : NSView <NSTableViewDataSource, NSTextFieldDelegate> {
	uintptr_t number;
}
@end
@implementation LeafView
- (BOOL)isFlipped { return YES; }
- (NSInteger)numberOfRowsInTableView:(NSTableView *)t { return (NSInteger)number; }
- (NSDragOperation)draggingEntered:(id<NSDraggingInfo>)i { return NSDragOperationCopy; }
- (void)controlTextDidChange:(NSNotification *)n { leafReply(number, [[[n object] stringValue] length] > 0); }
- (void)dealloc { [super dealloc]; }
@end

static void ask(uintptr_t number) {
	LAContext *c = [[LAContext alloc] init];
	[c evaluatePolicy:LAPolicyDeviceOwnerAuthentication localizedReason:@"to test" reply:^(BOOL ok, NSError *e) {
		dispatch_async(dispatch_get_main_queue(), ^{ leafReply(number, ok); });
		[c release];
	}];
}

static int login(void) {
	NSError *e = nil;
	if (@available(macOS 13, *)) {
		return [SMAppService.mainAppService registerAndReturnError:&e];
	}
	return [e code] == 0;
}

static OSStatus keys(void) {
	CFErrorRef e = NULL;
	SecAccessControlRef access = SecAccessControlCreateWithFlags(kCFAllocatorDefault, kSecAttrAccessibleWhenUnlockedThisDeviceOnly,
		kSecAccessControlPrivateKeyUsage | kSecAccessControlUserPresence, &e);
	NSDictionary *q = @{
		(id)kSecAttrTokenID: (id)kSecAttrTokenIDSecureEnclave,
		(id)kSecPrivateKeyAttrs: @{(id)kSecAttrIsPermanent: @YES, (id)kSecAttrAccessControl: (id)access},
	};
	SecKeyRef key = SecKeyCreateRandomKey((CFDictionaryRef)q, &e);
	SecCodeRef code = NULL;
	return SecCodeCopySelf(kSecCSDefaultFlags, &code) + (key == NULL) + SecItemCopyMatching((CFDictionaryRef)q, NULL);
}

static void slept(void *ref, io_service_t s, uint32_t type, void *arg) {}

int leaf_all(uintptr_t number) {
	@autoreleasepool {
		IONotificationPortRef port;
		io_object_t object;
		audit_token_t token = {{0}};
		char path[PROC_PIDPATHINFO_MAXSIZE];
		ask(number);
		IORegisterForSystemPower(NULL, &port, slept, &object);
		[[[NSWorkspace sharedWorkspace] notificationCenter] addObserver:NSApp selector:@selector(hide:) name:NSWorkspaceWillSleepNotification object:nil];
		for (NSString *s in @[@"a", @"b"]) NSLog(@"%@ %@", s, [[LeafView alloc] initWithFrame:NSZeroRect]);
		@try { [NSException raise:NSGenericException format:@"x"]; } @catch (NSException *thrown) {}
		return login() + keys() + audit_token_to_pid(token) + proc_pidpath(1, path, sizeof path) + ptrace(PT_DENY_ATTACH, 0, 0, 0);
	}
}

void *leaf_token(void) { return objc_getClass("SMAppService"); }
