#include <Foundation/Foundation.h>
typedef NSInteger SMAppServiceStatus;
enum { SMAppServiceStatusNotRegistered, SMAppServiceStatusEnabled, SMAppServiceStatusRequiresApproval, SMAppServiceStatusNotFound };
API_AVAILABLE(macos(13.0)) @interface SMAppService : NSObject
@property(class, readonly) SMAppService *mainAppService;
@property(readonly) SMAppServiceStatus status;
+ (instancetype)loginItemServiceWithIdentifier:(NSString *)identifier;
- (BOOL)registerAndReturnError:(NSError **)e;
- (BOOL)unregisterAndReturnError:(NSError **)e;
+ (void)openSystemSettingsLoginItems;
@end
