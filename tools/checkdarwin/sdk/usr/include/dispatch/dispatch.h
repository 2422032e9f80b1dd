#ifndef STUB_DISPATCH_H
#define STUB_DISPATCH_H
#include <_base.h>
#include <objc/objc.h>
typedef struct dispatch_queue_s *dispatch_queue_t;
typedef struct dispatch_semaphore_s *dispatch_semaphore_t;
typedef void *dispatch_object_t;
typedef void (^dispatch_block_t)(void);
typedef void (*dispatch_function_t)(void *);
typedef long dispatch_once_t;
typedef uint64_t dispatch_time_t;
#define DISPATCH_TIME_NOW 0ull
#define DISPATCH_TIME_FOREVER (~0ull)
#define DISPATCH_QUEUE_PRIORITY_DEFAULT 0
#define QOS_CLASS_USER_INITIATED 0x19
extern struct { char opaque[1]; } _dispatch_main_q;
#define dispatch_get_main_queue() ((dispatch_queue_t)&_dispatch_main_q)
dispatch_queue_t dispatch_get_global_queue(intptr_t, uintptr_t);
dispatch_queue_t dispatch_queue_create(const char *, void *attr);
void dispatch_retain(dispatch_object_t);
void dispatch_release(dispatch_object_t);
void dispatch_async(dispatch_queue_t, dispatch_block_t);
void dispatch_sync(dispatch_queue_t, dispatch_block_t);
void dispatch_async_f(dispatch_queue_t, void *, dispatch_function_t);
void dispatch_after(dispatch_time_t, dispatch_queue_t, dispatch_block_t);
void dispatch_after_f(dispatch_time_t, dispatch_queue_t, void *, dispatch_function_t);
void dispatch_once(dispatch_once_t *, dispatch_block_t);
dispatch_time_t dispatch_time(dispatch_time_t, int64_t);
dispatch_semaphore_t dispatch_semaphore_create(intptr_t);
intptr_t dispatch_semaphore_wait(dispatch_semaphore_t, dispatch_time_t);
intptr_t dispatch_semaphore_signal(dispatch_semaphore_t);
#endif
