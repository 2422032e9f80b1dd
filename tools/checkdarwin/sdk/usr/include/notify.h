#ifndef STUB_NOTIFY_H
#define STUB_NOTIFY_H
#include <dispatch/dispatch.h>
typedef void (^notify_handler_t)(int token);
uint32_t notify_register_dispatch(const char *, int *, dispatch_queue_t, notify_handler_t);
uint32_t notify_cancel(int);
#define NOTIFY_STATUS_OK 0
#endif
