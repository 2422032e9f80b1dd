#include <CoreFoundation/CoreFoundation.h>
#include <mach/mach.h>
typedef mach_port_t io_object_t, io_service_t, io_connect_t, io_registry_entry_t;
typedef struct IONotificationPort *IONotificationPortRef;
typedef void (*IOServiceInterestCallback)(void *, io_service_t, uint32_t, void *);
enum { kIOMessageCanSystemSleep = (int)0xe0000270, kIOMessageSystemWillSleep = (int)0xe0000280, kIOMessageSystemHasPoweredOn = (int)0xe0000300 };
io_connect_t IORegisterForSystemPower(void *, IONotificationPortRef *, IOServiceInterestCallback, io_object_t *);
kern_return_t IODeregisterForSystemPower(io_object_t *);
kern_return_t IOAllowPowerChange(io_connect_t, long);
CFRunLoopSourceRef IONotificationPortGetRunLoopSource(IONotificationPortRef);
