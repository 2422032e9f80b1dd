/* libdispatch's main queue as run-loop performs, and its global queue as threads. */
#import <objc/runtime.h>
#import <AppKit/AppKit.h>
#include <Block.h>
#include <time.h>
#include <dispatch/dispatch.h>
#include "shim.h"

/* Apple's main queue runs in the common modes: while a menu is tracked, too. */
static NSArray *modes(void)
{
  return [NSArray arrayWithObjects: NSDefaultRunLoopMode, NSModalPanelRunLoopMode, NSEventTrackingRunLoopMode, nil];
}

@interface NXTask : NSObject
{
@public
  void *context;
  dispatch_function_t work;
  NSTimeInterval delay;
}
- (void) run: (id)x;
- (void) wait: (id)x;
@end
@implementation NXTask
- (void) run: (id)x
{
  NSAutoreleasePool *p = [NSAutoreleasePool new];
  work(context);
  [p release];
}
- (void) wait: (id)x { [self performSelector: @selector(run:) withObject: nil afterDelay: delay inModes: modes()]; }
@end

static int main_queue, global_queue;
dispatch_queue_t dispatch_get_main_queue(void) { return (dispatch_queue_t)&main_queue; }
dispatch_queue_t dispatch_get_global_queue(intptr_t i, uintptr_t f) { return (dispatch_queue_t)&global_queue; }
void dispatch_retain(dispatch_object_t o) {}
void dispatch_release(dispatch_object_t o) {}

static void on_main(NXTask *t, SEL s, BOOL wait)
{
  [t performSelectorOnMainThread: s withObject: nil waitUntilDone: wait modes: modes()];
}

static void submit(dispatch_queue_t q, void *context, dispatch_function_t work, BOOL wait)
{
  nx_thread();
  NSAutoreleasePool *p = [NSAutoreleasePool new];
  NXTask *t = [[NXTask new] autorelease];
  t->context = context;
  t->work = work;
  if ((void *)q == (void *)&main_queue) on_main(t, @selector(run:), wait);
  else if (wait) [t run: nil];
  else [NSThread detachNewThreadSelector: @selector(run:) toTarget: t withObject: nil];
  [p release];
}
void dispatch_async_f(dispatch_queue_t q, void *context, dispatch_function_t work) { submit(q, context, work, NO); }
void dispatch_sync_f(dispatch_queue_t q, void *context, dispatch_function_t work) { submit(q, context, work, YES); }

static void run_block(void *b)
{
  ((void (^)(void))b)();
  _Block_release(b);
}
void dispatch_async(dispatch_queue_t q, void (^b)(void)) { submit(q, _Block_copy(b), run_block, NO); }
void dispatch_sync(dispatch_queue_t q, void (^b)(void)) { submit(q, _Block_copy(b), run_block, YES); }

/* Times are nanoseconds of the monotonic clock, as dispatch_time(DISPATCH_TIME_NOW, n) gives them. */
static dispatch_time_t now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}
dispatch_time_t dispatch_time(dispatch_time_t when, int64_t ns) { return (when == DISPATCH_TIME_NOW ? now() : when) + ns; }

/* Only the main queue: nothing of ours waits on another. */
void dispatch_after_f(dispatch_time_t when, dispatch_queue_t q, void *context, dispatch_function_t work)
{
  dispatch_time_t n = now();
  nx_thread();
  NSAutoreleasePool *p = [NSAutoreleasePool new];
  NXTask *t = [[NXTask new] autorelease];
  t->context = context;
  t->work = work;
  t->delay = when > n ? (when - n) / 1e9 : 0;
  on_main(t, @selector(wait:), NO);
  [p release];
}
