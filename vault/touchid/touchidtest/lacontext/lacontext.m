//go:build cgo && gnustep

#import <Foundation/Foundation.h>
#include <Block.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "lacontext.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int behaviour, alive, ended;
static long policyAsked;
static char said[4096];

typedef void (^Reply)(BOOL, NSError *);

@interface LAContext : NSObject {
	Reply waiting;
	BOOL over;
}
@end

typedef struct {
	Reply reply;
	long how;
} Job;

static NSError *error(long code, BOOL ours) {
	return [NSError errorWithDomain:ours ? @"com.apple.LocalAuthentication" : @"NSCocoaErrorDomain" code:code userInfo:nil];
}

static void *answer(void *p) {
	Job *j = p;
	NSAutoreleasePool *pool = [NSAutoreleasePool new];
	switch (j->how) {
	case 1:
		j->reply(YES, nil);
		break;
	case 2:
		j->reply(YES, nil);
		j->reply(NO, error(-2, YES));
		break;
	case 4:
		j->reply(NO, error(-2, NO));
		break;
	default:
		j->reply(NO, error(j->how, YES));
	}
	[pool release];
	_Block_release(j->reply);
	free(j);
	return NULL;
}

static void elsewhere(Reply copied, long how) {
	Job *j = malloc(sizeof *j);
	pthread_t t;
	j->reply = copied;
	j->how = how;
	pthread_create(&t, NULL, answer, j);
	pthread_detach(t);
}

@implementation LAContext
- (id)init {
	if ((self = [super init])) {
		pthread_mutex_lock(&lock);
		alive++;
		pthread_mutex_unlock(&lock);
	}
	return self;
}
- (void)dealloc {
	[self invalidate];
	pthread_mutex_lock(&lock);
	alive--;
	pthread_mutex_unlock(&lock);
	[super dealloc];
}
- (BOOL)canEvaluatePolicy:(NSInteger)policy error:(NSError **)e {
	if (policy != 3) {
		return YES;
	}
	if (e) {
		*e = error(-11, YES);
	}
	return NO;
}
- (NSInteger)biometryType {
	return 1;
}
- (void)setTouchIDAuthenticationAllowableReuseDuration:(NSTimeInterval)s {
	if (s != 0) {
		abort();
	}
}
- (void)evaluatePolicy:(NSInteger)policy localizedReason:(NSString *)reason reply:(Reply)reply {
	int how;
	pthread_mutex_lock(&lock);
	policyAsked = policy;
	strncpy(said, reason ? [reason UTF8String] : "", sizeof said - 1);
	how = behaviour;
	pthread_mutex_unlock(&lock);
	if (how == 3 || [reason length] == 0) {
		[NSException raise:NSInvalidArgumentException format:@"no reason"];
	}
	if (how == 0) {
		waiting = (Reply)_Block_copy(reply);
		return;
	}
	elsewhere((Reply)_Block_copy(reply), how);
}
- (void)invalidate {
	Reply w;
	@synchronized(self) {
		if (over) {
			return;
		}
		over = YES;
		w = waiting;
		waiting = NULL;
	}
	pthread_mutex_lock(&lock);
	ended++;
	pthread_mutex_unlock(&lock);
	if (w) {
		elsewhere(w, -9); // LAErrorAppCancel
	}
}
@end

void la_behave(int how) {
	pthread_mutex_lock(&lock);
	behaviour = how;
	pthread_mutex_unlock(&lock);
}

void la_state(int *a, int *e, long *policy, char *words, int size) {
	pthread_mutex_lock(&lock);
	*a = alive;
	*e = ended;
	*policy = policyAsked;
	strncpy(words, said, size);
	pthread_mutex_unlock(&lock);
}
