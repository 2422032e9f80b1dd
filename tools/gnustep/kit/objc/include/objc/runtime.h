/* What Apple's runtime has and GCC's libobjc lacks, and what must go another way under gnustep-base. */
#ifndef NX_RUNTIME_H
#define NX_RUNTIME_H
#include_next <objc/runtime.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
typedef struct { const char *name; const char *value; } objc_property_attribute_t;
IMP imp_implementationWithBlock(id block);
id imp_getBlock(IMP imp);
BOOL imp_removeBlock(IMP imp);
char *property_copyAttributeValue(objc_property_t p, const char *name);
objc_property_attribute_t *property_copyAttributeList(objc_property_t p, unsigned int *n);
void objc_setAssociatedObject(id o, const void *key, id v, uintptr_t policy);
id objc_getAssociatedObject(id o, const void *key);
void objc_removeAssociatedObjects(id o);
Protocol *objc_allocateProtocol(const char *name);
BOOL class_addProperty(Class c, const char *name, const objc_property_attribute_t *a, unsigned int n);
void class_replaceProperty(Class c, const char *name, const objc_property_attribute_t *a, unsigned int n);
IMP class_getMethodImplementation_stret(Class c, SEL s);
id nx_class_createInstance(Class c, size_t extra);
IMP nx_class_getMethodImplementation(Class c, SEL s);
Protocol *nx_objc_getProtocol(const char *name);
struct objc_method_description *nx_protocol_copyMethodDescriptionList(Protocol *p, BOOL required, BOOL instance, unsigned int *n);
struct objc_method_description nx_protocol_getMethodDescription(Protocol *p, SEL s, BOOL required, BOOL instance);
#ifndef NX_SHIM
#define class_createInstance nx_class_createInstance
#define class_getMethodImplementation nx_class_getMethodImplementation
#define objc_getProtocol nx_objc_getProtocol
#define protocol_copyMethodDescriptionList nx_protocol_copyMethodDescriptionList
#define protocol_getMethodDescription nx_protocol_getMethodDescription
#endif
#endif
