/* The part of libdispatch that darwinkit and ui/cocoa/appkit use. Written in shim/dispatch.m:
   one main queue, one queue of threads. */
#ifndef NX_DISPATCH_H
#define NX_DISPATCH_H
#include <stdint.h>
typedef struct dispatch_queue_s *dispatch_queue_t;
typedef void *dispatch_object_t;
typedef uint64_t dispatch_time_t;
typedef void (*dispatch_function_t)(void *);
#define DISPATCH_TIME_NOW 0ull
#define NSEC_PER_SEC 1000000000ull
#define NSEC_PER_MSEC 1000000ull
#define DISPATCH_QUEUE_PRIORITY_DEFAULT 0
dispatch_queue_t dispatch_get_main_queue(void);
dispatch_queue_t dispatch_get_global_queue(intptr_t identifier, uintptr_t flags);
void dispatch_retain(dispatch_object_t o);
void dispatch_release(dispatch_object_t o);
void dispatch_async_f(dispatch_queue_t q, void *context, dispatch_function_t work);
void dispatch_sync_f(dispatch_queue_t q, void *context, dispatch_function_t work);
void dispatch_after_f(dispatch_time_t when, dispatch_queue_t q, void *context, dispatch_function_t work);
dispatch_time_t dispatch_time(dispatch_time_t when, int64_t nanoseconds);
#ifdef __BLOCKS__
void dispatch_async(dispatch_queue_t q, void (^b)(void));
void dispatch_sync(dispatch_queue_t q, void (^b)(void));
#endif
#endif
