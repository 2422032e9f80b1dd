#include <Availability.h>
#include <CoreFoundation/CoreFoundation.h>
#include <dispatch/dispatch.h>
#include <objc/NSObject.h>
#include <stdlib.h>
#include <string.h>
@class NSArray, NSData, NSDate, NSDictionary, NSError, NSNumber, NSString, NSURL;
typedef double CGFloat, NSTimeInterval;
typedef unsigned short unichar;
typedef struct CGPoint { CGFloat x, y; } CGPoint, NSPoint;
typedef struct CGSize { CGFloat width, height; } CGSize, NSSize;
typedef struct CGRect { CGPoint origin; CGSize size; } CGRect, NSRect;
typedef struct { NSUInteger location, length; } NSRange;
typedef NSUInteger NSStringEncoding, NSStringCompareOptions;
typedef NSInteger NSComparisonResult;
typedef NSString *NSNotificationName, *NSRunLoopMode, *NSExceptionName, *NSErrorDomain, *NSAttributedStringKey;
typedef struct { unsigned long state; id __unsafe_unretained *itemsPtr; unsigned long *mutationsPtr; unsigned long extra[5]; } NSFastEnumerationState;
enum { NSOrderedAscending = -1, NSOrderedSame, NSOrderedDescending };
enum { NSASCIIStringEncoding = 1, NSUTF8StringEncoding = 4 };
enum { NSNotFound = 0x7fffffffffffffff };
#define NSIntegerMax 0x7fffffffffffffff
static inline NSRect NSMakeRect(CGFloat x, CGFloat y, CGFloat w, CGFloat h) { return (NSRect){{x, y}, {w, h}}; }
static inline NSPoint NSMakePoint(CGFloat x, CGFloat y) { return (NSPoint){x, y}; }
static inline NSSize NSMakeSize(CGFloat w, CGFloat h) { return (NSSize){w, h}; }
static inline NSRange NSMakeRange(NSUInteger l, NSUInteger n) { return (NSRange){l, n}; }
extern const NSRect NSZeroRect;
extern const NSPoint NSZeroPoint;
extern const NSSize NSZeroSize;
void NSLog(NSString *format, ...) __attribute__((format(__NSString__, 1, 2)));
Class NSClassFromString(NSString *);
SEL NSSelectorFromString(NSString *);
NSString *NSStringFromSelector(SEL), *NSStringFromClass(Class);
NSString *NSHomeDirectory(void), *NSTemporaryDirectory(void);
extern NSString *const NSDefaultRunLoopMode, *const NSRunLoopCommonModes, *const NSLocalizedDescriptionKey, *const NSOSStatusErrorDomain;
extern NSString *const NSInvalidArgumentException, *const NSGenericException;

@protocol NSCopying - (id)copyWithZone:(void *)z; @end
@protocol NSMutableCopying - (id)mutableCopyWithZone:(void *)z; @end
@protocol NSCoding @end
@protocol NSSecureCoding <NSCoding> @end
@protocol NSFastEnumeration
- (NSUInteger)countByEnumeratingWithState:(NSFastEnumerationState *)s objects:(id __unsafe_unretained[])b count:(NSUInteger)n;
@end

@interface NSString : NSObject <NSCopying, NSMutableCopying, NSSecureCoding>
@property(readonly) NSUInteger length;
@property(readonly) const char *UTF8String;
@property(readonly) const char *fileSystemRepresentation;
@property(readonly, copy) NSString *lowercaseString, *stringByStandardizingPath, *lastPathComponent, *pathExtension;
+ (instancetype)string;
+ (instancetype)stringWithString:(NSString *)s;
+ (instancetype)stringWithUTF8String:(const char *)s;
+ (instancetype)stringWithFormat:(NSString *)f, ... __attribute__((format(__NSString__, 1, 2)));
- (instancetype)initWithUTF8String:(const char *)s;
- (instancetype)initWithBytes:(const void *)b length:(NSUInteger)n encoding:(NSStringEncoding)e;
- (instancetype)initWithBytesNoCopy:(void *)b length:(NSUInteger)n encoding:(NSStringEncoding)e freeWhenDone:(BOOL)f;
- (instancetype)initWithData:(NSData *)d encoding:(NSStringEncoding)e;
- (unichar)characterAtIndex:(NSUInteger)i;
- (BOOL)isEqualToString:(NSString *)s;
- (BOOL)hasPrefix:(NSString *)s;
- (BOOL)hasSuffix:(NSString *)s;
- (NSComparisonResult)compare:(NSString *)s;
- (NSString *)stringByAppendingString:(NSString *)s;
- (NSString *)substringWithRange:(NSRange)r;
- (NSData *)dataUsingEncoding:(NSStringEncoding)e;
- (NSUInteger)lengthOfBytesUsingEncoding:(NSStringEncoding)e;
- (BOOL)getCString:(char *)b maxLength:(NSUInteger)n encoding:(NSStringEncoding)e;
@end
@interface NSMutableString : NSString
- (void)appendString:(NSString *)s;
@end
@interface NSAttributedString : NSObject <NSCopying>
@property(readonly, copy) NSString *string;
@property(readonly) NSUInteger length;
- (instancetype)initWithString:(NSString *)s;
- (instancetype)initWithString:(NSString *)s attributes:(NSDictionary *)a;
@end
@interface NSMutableAttributedString : NSAttributedString
- (void)addAttribute:(NSAttributedStringKey)k value:(id)v range:(NSRange)r;
@end
@interface NSData : NSObject <NSCopying, NSMutableCopying, NSSecureCoding>
@property(readonly) const void *bytes;
@property(readonly) NSUInteger length;
+ (instancetype)data;
+ (instancetype)dataWithBytes:(const void *)b length:(NSUInteger)n;
+ (instancetype)dataWithBytesNoCopy:(void *)b length:(NSUInteger)n freeWhenDone:(BOOL)f;
- (void)getBytes:(void *)b length:(NSUInteger)n;
- (BOOL)isEqualToData:(NSData *)d;
@end
@interface NSMutableData : NSData
@property(readonly) void *mutableBytes;
+ (instancetype)dataWithLength:(NSUInteger)n;
- (void)appendBytes:(const void *)b length:(NSUInteger)n;
- (void)appendData:(NSData *)d;
@end
@interface NSValue : NSObject <NSCopying>
+ (NSValue *)valueWithPointer:(const void *)p;
@property(readonly) void *pointerValue;
@end
@interface NSNumber : NSValue
+ (NSNumber *)numberWithBool:(BOOL)v;
+ (NSNumber *)numberWithInt:(int)v;
+ (NSNumber *)numberWithUnsignedInt:(unsigned)v;
+ (NSNumber *)numberWithLong:(long)v;
+ (NSNumber *)numberWithUnsignedLong:(unsigned long)v;
+ (NSNumber *)numberWithLongLong:(long long)v;
+ (NSNumber *)numberWithUnsignedLongLong:(unsigned long long)v;
+ (NSNumber *)numberWithInteger:(NSInteger)v;
+ (NSNumber *)numberWithDouble:(double)v;
+ (NSNumber *)numberWithChar:(char)v;
@property(readonly) BOOL boolValue;
@property(readonly) int intValue;
@property(readonly) NSInteger integerValue;
@property(readonly) unsigned int unsignedIntValue;
@property(readonly) unsigned long long unsignedLongLongValue;
@property(readonly) double doubleValue;
@end
@interface NSArray<T> : NSObject <NSCopying, NSMutableCopying, NSFastEnumeration>
@property(readonly) NSUInteger count;
@property(readonly) T firstObject, lastObject;
+ (instancetype)array;
+ (instancetype)arrayWithObject:(T)o;
+ (instancetype)arrayWithObjects:(T)o, ... __attribute__((sentinel));
+ (instancetype)arrayWithObjects:(const T[])o count:(NSUInteger)n;
+ (instancetype)arrayWithArray:(NSArray *)a;
- (T)objectAtIndex:(NSUInteger)i;
- (T)objectAtIndexedSubscript:(NSUInteger)i;
- (BOOL)containsObject:(T)o;
- (NSUInteger)indexOfObject:(T)o;
- (NSString *)componentsJoinedByString:(NSString *)s;
@end
@interface NSMutableArray<T> : NSArray<T>
+ (instancetype)arrayWithCapacity:(NSUInteger)n;
- (void)addObject:(T)o;
- (void)addObjectsFromArray:(NSArray<T> *)a;
- (void)insertObject:(T)o atIndex:(NSUInteger)i;
- (void)removeObjectAtIndex:(NSUInteger)i;
- (void)removeObject:(T)o;
- (void)removeAllObjects;
- (void)setObject:(T)o atIndexedSubscript:(NSUInteger)i;
@end
@interface NSDictionary<K, V> : NSObject <NSCopying, NSMutableCopying, NSFastEnumeration>
@property(readonly) NSUInteger count;
@property(readonly, copy) NSArray<K> *allKeys;
@property(readonly, copy) NSArray<V> *allValues;
+ (instancetype)dictionary;
+ (instancetype)dictionaryWithObject:(V)o forKey:(K<NSCopying>)k;
+ (instancetype)dictionaryWithObjects:(const V[])o forKeys:(const K<NSCopying>[])k count:(NSUInteger)n;
+ (instancetype)dictionaryWithObjectsAndKeys:(id)o, ... __attribute__((sentinel));
- (V)objectForKey:(K)k;
- (V)objectForKeyedSubscript:(K)k;
@end
@interface NSMutableDictionary<K, V> : NSDictionary<K, V>
+ (instancetype)dictionaryWithCapacity:(NSUInteger)n;
- (void)setObject:(V)o forKey:(K<NSCopying>)k;
- (void)setObject:(V)o forKeyedSubscript:(K<NSCopying>)k;
- (void)removeObjectForKey:(K)k;
@end
@interface NSSet<T> : NSObject <NSCopying, NSFastEnumeration>
@property(readonly) NSUInteger count;
+ (instancetype)setWithObject:(T)o;
+ (instancetype)setWithArray:(NSArray<T> *)a;
- (BOOL)containsObject:(T)o;
@end
@interface NSIndexSet : NSObject <NSCopying>
@property(readonly) NSUInteger count, firstIndex;
+ (instancetype)indexSet;
+ (instancetype)indexSetWithIndex:(NSUInteger)i;
+ (instancetype)indexSetWithIndexesInRange:(NSRange)r;
@end
@interface NSDate : NSObject <NSCopying>
@property(readonly) NSTimeInterval timeIntervalSince1970, timeIntervalSinceNow;
+ (instancetype)date;
+ (instancetype)dateWithTimeIntervalSinceNow:(NSTimeInterval)s;
+ (instancetype)dateWithTimeIntervalSince1970:(NSTimeInterval)s;
@property(class, readonly, copy) NSDate *distantFuture, *distantPast;
@end
@interface NSURL : NSObject <NSCopying>
@property(readonly, copy) NSString *path, *absoluteString, *scheme;
@property(readonly, getter=isFileURL) BOOL fileURL;
@property(readonly) const char *fileSystemRepresentation;
+ (NSURL *)fileURLWithPath:(NSString *)p;
+ (instancetype)URLWithString:(NSString *)s;
- (BOOL)startAccessingSecurityScopedResource;
- (void)stopAccessingSecurityScopedResource;
@end
@interface NSError : NSObject <NSCopying>
@property(readonly) NSInteger code;
@property(readonly, copy) NSErrorDomain domain;
@property(readonly, copy) NSString *localizedDescription;
@property(readonly, copy) NSDictionary *userInfo;
+ (instancetype)errorWithDomain:(NSErrorDomain)d code:(NSInteger)c userInfo:(NSDictionary *)u;
@end
@interface NSException : NSObject
@property(readonly, copy) NSExceptionName name;
@property(readonly, copy) NSString *reason;
+ (void)raise:(NSExceptionName)n format:(NSString *)f, ...;
@end
@interface NSAutoreleasePool : NSObject
- (void)drain;
@end
@interface NSNotification : NSObject <NSCopying>
@property(readonly, copy) NSNotificationName name;
@property(readonly, retain) id object;
@property(readonly, copy) NSDictionary *userInfo;
@end
@interface NSOperationQueue : NSObject
@property(class, readonly, strong) NSOperationQueue *mainQueue;
@end
@interface NSNotificationCenter : NSObject
@property(class, readonly, strong) NSNotificationCenter *defaultCenter;
- (void)addObserver:(id)o selector:(SEL)s name:(NSNotificationName)n object:(id)sender;
- (id<NSObject>)addObserverForName:(NSNotificationName)n object:(id)o queue:(NSOperationQueue *)q usingBlock:(void (^)(NSNotification *))b;
- (void)removeObserver:(id)o;
- (void)removeObserver:(id)o name:(NSNotificationName)n object:(id)sender;
@end
typedef NSInteger NSNotificationSuspensionBehavior;
enum { NSNotificationSuspensionBehaviorDrop = 1, NSNotificationSuspensionBehaviorCoalesce, NSNotificationSuspensionBehaviorHold,
	NSNotificationSuspensionBehaviorDeliverImmediately };
@interface NSDistributedNotificationCenter : NSNotificationCenter
+ (NSDistributedNotificationCenter *)defaultCenter;
- (void)addObserver:(id)o selector:(SEL)s name:(NSNotificationName)n object:(NSString *)sender suspensionBehavior:(NSNotificationSuspensionBehavior)b;
@end
@interface NSTimer : NSObject
+ (NSTimer *)scheduledTimerWithTimeInterval:(NSTimeInterval)t target:(id)o selector:(SEL)s userInfo:(id)u repeats:(BOOL)r;
+ (NSTimer *)timerWithTimeInterval:(NSTimeInterval)t target:(id)o selector:(SEL)s userInfo:(id)u repeats:(BOOL)r;
- (void)invalidate;
@end
@interface NSRunLoop : NSObject
@property(class, readonly, strong) NSRunLoop *currentRunLoop, *mainRunLoop;
- (void)addTimer:(NSTimer *)t forMode:(NSRunLoopMode)m;
- (BOOL)runMode:(NSRunLoopMode)m beforeDate:(NSDate *)d;
- (void)runUntilDate:(NSDate *)d;
@end
@interface NSThread : NSObject
@property(class, readonly) BOOL isMainThread;
+ (void)detachNewThreadSelector:(SEL)s toTarget:(id)o withObject:(id)a;
@end
@interface NSBundle : NSObject
@property(class, readonly, strong) NSBundle *mainBundle;
@property(readonly, copy) NSString *bundleIdentifier, *bundlePath, *resourcePath;
@property(readonly, copy) NSDictionary *infoDictionary;
- (NSString *)pathForResource:(NSString *)n ofType:(NSString *)t;
- (id)objectForInfoDictionaryKey:(NSString *)k;
@end
@interface NSProcessInfo : NSObject
@property(class, readonly, strong) NSProcessInfo *processInfo;
@property(readonly, copy) NSString *operatingSystemVersionString;
@property BOOL automaticTerminationSupportEnabled;
- (void)disableSuddenTermination;
- (void)enableSuddenTermination;
- (void)disableAutomaticTermination:(NSString *)reason;
@end
@interface NSUserDefaults : NSObject
@property(class, readonly, strong) NSUserDefaults *standardUserDefaults;
- (id)objectForKey:(NSString *)k;
- (NSString *)stringForKey:(NSString *)k;
- (BOOL)boolForKey:(NSString *)k;
- (void)setObject:(id)o forKey:(NSString *)k;
- (void)setBool:(BOOL)v forKey:(NSString *)k;
@end
@interface NSFileManager : NSObject
@property(class, readonly, strong) NSFileManager *defaultManager;
- (NSURL *)containerURLForSecurityApplicationGroupIdentifier:(NSString *)g;
@end
@interface NSAppleEventDescriptor : NSObject
@property(readonly) OSType typeCodeValue, enumCodeValue;
- (NSAppleEventDescriptor *)attributeDescriptorForKeyword:(OSType)k;
@end
@interface NSAppleEventManager : NSObject
+ (NSAppleEventManager *)sharedAppleEventManager;
@property(readonly, retain) NSAppleEventDescriptor *currentAppleEvent;
@end
