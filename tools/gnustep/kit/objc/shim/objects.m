/* Associated objects, blocks made by hand, and the property calls GCC's runtime has no use for. */
#import <objc/runtime.h>
#include <Block.h>
#include <pthread.h>
#include "shim.h"

typedef struct { id value; uintptr_t policy; } Assoc;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static NSMapTable *all; /* object -> (key -> Assoc) */

static NSMapTable *table(unsigned n) { return NSCreateMapTable(NSNonOwnedPointerMapKeyCallBacks, NSNonOwnedPointerMapValueCallBacks, n); }
static void drop(Assoc *a) { if (!a) return; if (a->policy) [a->value release]; free(a); }

void objc_setAssociatedObject(id o, const void *key, id v, uintptr_t policy)
{
  Assoc *new = NULL, *old;
  NSMapTable *t;
  if (!o) return;
  if (v) {
    new = malloc(sizeof *new);
    new->policy = policy & 0xff;
    new->value = new->policy == 3 ? [v copy] : new->policy ? [v retain] : v;
  }
  pthread_mutex_lock(&lock);
  if (!all) all = table(64);
  if (!(t = NSMapGet(all, o))) NSMapInsert(all, o, t = table(4));
  old = NSMapGet(t, key);
  if (new) NSMapInsert(t, key, new); else NSMapRemove(t, key);
  pthread_mutex_unlock(&lock);
  drop(old);
}

id objc_getAssociatedObject(id o, const void *key)
{
  NSMapTable *t;
  Assoc *a;
  id v = nil;
  pthread_mutex_lock(&lock);
  if (all && (t = NSMapGet(all, o)) && (a = NSMapGet(t, key))) v = a->value;
  pthread_mutex_unlock(&lock);
  return v;
}

void objc_removeAssociatedObjects(id o)
{
  NSMapTable *t = NULL;
  NSMapEnumerator e;
  void *k;
  Assoc *a;
  pthread_mutex_lock(&lock);
  if (all && (t = NSMapGet(all, o))) NSMapRemove(all, o);
  pthread_mutex_unlock(&lock);
  if (!t) return;
  e = NSEnumerateMapTable(t);
  while (NSNextMapEnumeratorPair(&e, &k, (void **)&a)) drop(a);
  NSEndMapTableEnumeration(&e);
  NSFreeMapTable(t);
}

static void (*old_dealloc)(id, SEL);
static void dealloc(id self, SEL _cmd) { if (all) objc_removeAssociatedObjects(self); old_dealloc(self, _cmd); }
void nx_hook_dealloc(void)
{
  Method m = class_getInstanceMethod([NSObject class], @selector(dealloc));
  old_dealloc = (void (*)(id, SEL))method_setImplementation(m, (IMP)dealloc);
}

/* darwinkit's objc/block.m writes block literals itself and looks these classes up by name. */
@interface __NSMallocBlock__ : NSObject
@end
@implementation __NSMallocBlock__
- (id) retain { return (id)_Block_copy(self); }
- (oneway void) release { _Block_release(self); }
- (id) copy { return (id)_Block_copy(self); }
- (id) copyWithZone: (NSZone *)z { return (id)_Block_copy(self); }
- (id) autorelease { [NSAutoreleasePool addObject: self]; return self; }
- (NSUInteger) retainCount { return 1; }
@end
@interface __NSGlobalBlock__ : __NSMallocBlock__
@end
@implementation __NSGlobalBlock__
@end

IMP imp_implementationWithBlock(id block) { return NULL; }
id imp_getBlock(IMP imp) { return nil; }
BOOL imp_removeBlock(IMP imp) { return NO; }
char *property_copyAttributeValue(objc_property_t p, const char *name) { return NULL; }
objc_property_attribute_t *property_copyAttributeList(objc_property_t p, unsigned int *n) { if (n) *n = 0; return NULL; }
BOOL class_addProperty(Class c, const char *name, const objc_property_attribute_t *a, unsigned int n) { return NO; }
void class_replaceProperty(Class c, const char *name, const objc_property_attribute_t *a, unsigned int n) {}
