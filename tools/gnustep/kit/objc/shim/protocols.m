/* Protocols by name. clang for the GCC runtime emits the optional lists after the five fields the
   runtime knows, so they are read here, from a registry the generated file fills. */
#import <objc/runtime.h>
#include "shim.h"

struct desc { const char *name, *types; };
struct list { int count; struct desc of[1]; };
struct proto { void *isa; const char *name; void *protos; struct list *inst, *cls, *optInst, *optCls; };
static NSMapTable *known;

static void register_names(struct list *l)
{
  int i;
  for (i = 0; l && i < l->count; i++) l->of[i].name = (const char *)sel_registerTypedName(l->of[i].name, l->of[i].types);
}

void nx_register_protocol(Protocol *p)
{
  struct proto *q = (struct proto *)p;
  if ((uintptr_t)q->isa < 16) { /* the runtime did not see it: do what it would have done */
    q->isa = objc_getClass("Protocol");
    register_names(q->inst);
    register_names(q->cls);
  }
  if (!known) known = NSCreateMapTable(NSNonOwnedPointerMapKeyCallBacks, NSNonOwnedPointerMapValueCallBacks, 256);
  NSMapInsert(known, sel_registerName(q->name), p);
}

Protocol *nx_objc_getProtocol(const char *name)
{
  Protocol *p = known ? NSMapGet(known, sel_registerName(name)) : nil;
  return p ? p : objc_getProtocol(name);
}
Protocol *objc_allocateProtocol(const char *name) { return nil; }

static int copy_list(struct objc_method_description *r, struct list *l)
{
  int i;
  if (!l) return 0;
  for (i = 0; i < l->count; i++) {
    r[i].name = sel_registerTypedName(l->of[i].name, l->of[i].types);
    r[i].types = (char *)l->of[i].types;
  }
  return i;
}

struct objc_method_description *nx_protocol_copyMethodDescriptionList(Protocol *p, BOOL required, BOOL instance, unsigned int *n)
{
  struct proto *q;
  struct list *l;
  struct objc_method_description *r;
  int k;
  if (n) *n = 0;
  if (!p) return NULL;
  q = known ? NSMapGet(known, sel_registerName(((struct proto *)p)->name)) : NULL;
  if (required) return protocol_copyMethodDescriptionList(q ? (Protocol *)q : p, required, instance, n);
  if (!q || !(l = instance ? q->optInst : q->optCls) || l->count == 0) return NULL;
  r = calloc(l->count + 1, sizeof *r);
  k = copy_list(r, l);
  if (n) *n = k;
  return r;
}

struct objc_method_description nx_protocol_getMethodDescription(Protocol *p, SEL s, BOOL required, BOOL instance)
{
  struct objc_method_description found = { 0, 0 };
  unsigned n, i;
  struct objc_method_description *l = nx_protocol_copyMethodDescriptionList(p, required, instance, &n);
  for (i = 0; l && i < n; i++) if (sel_isEqual(l[i].name, s)) { found = l[i]; break; }
  free(l);
  return found;
}
