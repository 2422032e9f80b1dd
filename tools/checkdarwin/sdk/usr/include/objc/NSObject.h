#ifndef STUB_NSOBJECT_H
#define STUB_NSOBJECT_H
#include <objc/runtime.h>
@class NSString, NSMethodSignature, NSInvocation;
@protocol NSObject
- (BOOL)isEqual:(id)other;
- (NSUInteger)hash;
- (Class)superclass;
- (Class)class;
- (instancetype)self;
- (BOOL)isKindOfClass:(Class)c;
- (BOOL)isMemberOfClass:(Class)c;
- (BOOL)respondsToSelector:(SEL)s;
- (BOOL)conformsToProtocol:(Protocol *)p;
- (BOOL)isProxy;
- (NSUInteger)retainCount;
- (instancetype)retain;
- (oneway void)release;
- (instancetype)autorelease;
- (NSString *)description;
- (id)performSelector:(SEL)s;
- (id)performSelector:(SEL)s withObject:(id)a;
- (id)performSelector:(SEL)s withObject:(id)a withObject:(id)b;
@end
__attribute__((objc_root_class))
@interface NSObject <NSObject> { Class isa; }
+ (void)load;
+ (void)initialize;
+ (instancetype)new;
+ (instancetype)alloc;
+ (Class)class;
+ (BOOL)instancesRespondToSelector:(SEL)s;
- (instancetype)init;
- (void)dealloc;
- (id)copy;
- (id)mutableCopy;
- (void)performSelectorOnMainThread:(SEL)s withObject:(id)a waitUntilDone:(BOOL)wait;
- (void)performSelector:(SEL)s withObject:(id)a afterDelay:(double)seconds;
- (id)valueForKey:(NSString *)key;
- (void)setValue:(id)v forKey:(NSString *)key;
@end
#endif
