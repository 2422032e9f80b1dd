/* Says when the program has dealt with a key or a mouse button: when it asks for the next event
   after it took one. GNUstep's controls ask the server, and not the event, whether the button is
   still down, so a test that releases it too early clicks nothing. */
#import <AppKit/AppKit.h>
#import <objc/runtime.h>
#include <stdio.h>
#include "shim.h"

typedef NSEvent *(*next_event)(id, SEL, NSUInteger, NSDate *, NSString *, BOOL);
static next_event next;
static const char *open;  /* taken, and not yet dealt with */

static const char *name(NSEvent *e)
{
  switch ([e type]) {
  case NSLeftMouseDown: return "down";
  case NSLeftMouseUp: return "up";
  case NSKeyDown: return [[e characters] length] > 0 ? "key" : NULL; /* not a modifier alone */
  default: return NULL;
  }
}

static NSEvent *nx_next(id self, SEL _cmd, NSUInteger mask, NSDate *until, NSString *mode, BOOL take)
{
  NSEvent *e;
  if (open) {
    fprintf(stderr, "taken %s\n", open);
    open = NULL;
  }
  e = next(self, _cmd, mask, until, mode, take);
  if (take && e) open = name(e);
  return e;
}

void nx_hook_events(void)
{
  Class c = objc_getClass("NSApplication");
  Method m = class_getInstanceMethod(c, @selector(nextEventMatchingMask:untilDate:inMode:dequeue:));
  next = (next_event)class_replaceMethod(c, method_getName(m), (IMP)nx_next, method_getTypeEncoding(m));
}
