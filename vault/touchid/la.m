//go:build cgo && (darwin || gnustep)

#import <Foundation/Foundation.h>
#include "la.h"
#include "_cgo_export.h"

// LAContext as far as it is used, so that no header of LocalAuthentication is needed
// and the class may be one of a test's. The names are those of LAContext.h.
@protocol NXContext
- (BOOL)canEvaluatePolicy:(NSInteger)policy error:(NSError **)error;
- (void)evaluatePolicy:(NSInteger)policy
       localizedReason:(NSString *)reason
                 reply:(void (^)(BOOL success, NSError *error))reply;
- (void)invalidate;
- (NSInteger)biometryType;
- (void)setTouchIDAuthenticationAllowableReuseDuration:(NSTimeInterval)seconds;
@end

enum { foreign = 1 };

static long codeOf(NSError *e) {
	if (e == nil || ![[e domain] isEqualToString:@"com.apple.LocalAuthentication"] || [e code] >= 0) {
		return foreign;
	}
	return [e code];
}

void *nxla_new(void) {
	@autoreleasepool {
		id<NXContext> c = [[NSClassFromString(@"LAContext") alloc] init];
		// An unlock of the Mac moments ago is no answer to this question.
		[c setTouchIDAuthenticationAllowableReuseDuration:0];
		return (void *)c;
	}
}

long nxla_can(void *context, long policy) {
	@autoreleasepool {
		NSError *e = nil;
		return [(id<NXContext>)context canEvaluatePolicy:policy error:&e] ? 0 : codeOf(e);
	}
}

int nxla_touch_id(void *context) {
	@autoreleasepool {
		return [(id<NXContext>)context biometryType] == 1; // LABiometryTypeTouchID
	}
}

// The reply comes on a queue of the framework's; what is behind the number decides
// what becomes of it. An exception would end the program: it becomes an answer.
void nxla_start(void *context, long policy, const char *reason, int bytes, uint64_t number) {
	@autoreleasepool {
		NSString *text = [[[NSString alloc] initWithBytes:reason length:bytes encoding:NSUTF8StringEncoding] autorelease];
		@try {
			[(id<NXContext>)context evaluatePolicy:policy
			                       localizedReason:text
			                                 reply:^(BOOL success, NSError *error) {
				nxlaReply(number, success ? 1 : 0, error == nil && success ? 0 : codeOf(error));
			}];
		} @catch (id thrown) {
			nxlaReply(number, 0, foreign);
		}
	}
}

void nxla_invalidate(void *context) {
	@autoreleasepool {
		[(id<NXContext>)context invalidate];
	}
}

void nxla_release(void *context) {
	@autoreleasepool {
		[(id)context release];
	}
}
