#include <CoreFoundation/CoreFoundation.h>
typedef struct OpaqueEventRef *EventRef;
typedef struct OpaqueEventHandlerCallRef *EventHandlerCallRef;
typedef struct OpaqueEventHandlerRef *EventHandlerRef;
typedef struct OpaqueEventTargetRef *EventTargetRef;
typedef struct OpaqueEventHotKeyRef *EventHotKeyRef;
typedef struct { UInt32 eventClass, eventKind; } EventTypeSpec;
typedef struct { OSType signature; UInt32 id; } EventHotKeyID;
typedef OSStatus (*EventHandlerUPP)(EventHandlerCallRef, EventRef, void *);
enum { kEventClassKeyboard = 'keyb', kEventHotKeyPressed = 5, kEventHotKeyReleased = 6,
	kEventParamDirectObject = '----', typeEventHotKeyID = 'hkid' };
OSStatus GetEventParameter(EventRef, OSType, OSType, OSType *, ByteCount, ByteCount *, void *);
EventTargetRef GetApplicationEventTarget(void);
OSStatus InstallEventHandler(EventTargetRef, EventHandlerUPP, ItemCount, const EventTypeSpec *, void *, EventHandlerRef *);
#define InstallApplicationEventHandler(h, n, l, u, r) InstallEventHandler(GetApplicationEventTarget(), (h), (n), (l), (u), (r))
OSStatus RegisterEventHotKey(UInt32, UInt32, EventHotKeyID, EventTargetRef, OptionBits, EventHotKeyRef *);
OSStatus UnregisterEventHotKey(EventHotKeyRef);
Boolean IsSecureEventInputEnabled(void);
OSStatus EnableSecureEventInput(void);
OSStatus DisableSecureEventInput(void);
