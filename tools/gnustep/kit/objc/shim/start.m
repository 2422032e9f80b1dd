/* Process start, object creation and messages that nobody answers. */
#import <Foundation/Foundation.h>
#import <objc/runtime.h>
#import <objc/message.h>
#include <pthread.h>
#include <stdio.h>
#include "shim.h"

static pthread_t nx_main;

@interface NXStart : NSObject
+ (void) nothing: (id)x;
+ (void) launching: (id)x;
@end
@implementation NXStart
+ (void) nothing: (id)x {}
/* The classes of gnustep-gui are complete only after all libraries were loaded. */
+ (void) launching: (id)x { nx_hook_events(); }
+ (void) load
{
  nx_main = pthread_self();
  [NSAutoreleasePool new];              /* the pool under all others; never drained */
  nx_hook_dealloc();
  nx_hook_forward();
  [[NSNotificationCenter defaultCenter] addObserver: self selector: @selector(launching:)
    name: @"NSApplicationWillFinishLaunchingNotification" object: nil];
  nx_register_all();
  /* gnustep-base locks only after a first thread was made through it, and Go makes its own. */
  [NSThread detachNewThreadSelector: @selector(nothing:) toTarget: self withObject: nil];
}
@end

/* A thread of Go's is unknown to gnustep-base until it says so. */
void nx_thread(void)
{
  static __thread int known;
  if (known) return;
  known = 1;
  if (!pthread_equal(nx_main, pthread_self())) GSRegisterCurrentThread();
}

/* gnustep-base keeps the reference count in front of the object, so the runtime's own
   class_createInstance makes objects that crash on their first retain. */
id nx_class_createInstance(Class c, size_t extra) { return c ? NSAllocateObject(c, extra, NULL) : nil; }

/* A message that no method answers is logged once and answers 0. */
static id nx_nothing(id self, SEL _cmd) { return nil; }

void nx_missing(Class c, SEL s)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static char seen[512][128];
  static int n;
  char line[128];
  int i;
  if (!strncmp(class_getName(c), "NSKVO", 5)) c = class_getSuperclass(c);
  snprintf(line, sizeof line, "missing %c[%s %s]", class_isMetaClass(c) ? '+' : '-', class_getName(c), sel_getName(s));
  pthread_mutex_lock(&lock);
  for (i = 0; i < n && strcmp(seen[i], line); i++) ;
  if (i == n) {
    if (n < 512) strcpy(seen[n++], line);
    fprintf(stderr, "%s\n", line);
  }
  pthread_mutex_unlock(&lock);
}

/* darwinkit's way: it asks for the method and calls it through libffi. */
IMP nx_class_getMethodImplementation(Class c, SEL s)
{
  if (class_respondsToSelector(c, s)) return class_getMethodImplementation(c, s);
  nx_missing(c, s);
  return (IMP)nx_nothing;
}
IMP class_getMethodImplementation_stret(Class c, SEL s) { return nx_class_getMethodImplementation(c, s); }

/* The compiler's way: a message in an .m file. Classes that forward in earnest (proxies, the
   undo stack) keep what gnustep-base installed; the rest would throw. */
static IMP (*nx_old_forward)(id, SEL);
static IMP nx_forward(id o, SEL s)
{
  Class c = object_getClass(o);
  SEL f = @selector(forwardInvocation:);
  if (!class_respondsToSelector(c, f)
    || class_getMethodImplementation(c, f) != class_getMethodImplementation([NSObject class], f))
    return nx_old_forward ? nx_old_forward(o, s) : NULL;
  nx_missing(c, s);
  return (IMP)nx_nothing;
}
void nx_hook_forward(void)
{
  extern IMP (*__objc_msg_forward2)(id, SEL);
  nx_old_forward = __objc_msg_forward2;
  __objc_msg_forward2 = nx_forward;
}
