#include <Foundation/Foundation.h>
#include <Security/Security.h>
typedef NSInteger LAPolicy, LABiometryType, LAAccessControlOperation;
enum { LAPolicyDeviceOwnerAuthenticationWithBiometrics = 1, LAPolicyDeviceOwnerAuthentication = 2,
	LAPolicyDeviceOwnerAuthenticationWithWatch = 3, LAPolicyDeviceOwnerAuthenticationWithBiometricsOrWatch = 4 };
enum { LABiometryTypeNone, LABiometryTypeTouchID, LABiometryTypeFaceID };
enum { LAAccessControlOperationCreateItem, LAAccessControlOperationUseItem, LAAccessControlOperationCreateKey,
	LAAccessControlOperationUseKeySign, LAAccessControlOperationUseKeyDecrypt, LAAccessControlOperationUseKeyKeyExchange };
enum { LAErrorAuthenticationFailed = -1, LAErrorUserCancel = -2, LAErrorUserFallback = -3, LAErrorSystemCancel = -4,
	LAErrorPasscodeNotSet = -5, LAErrorBiometryNotAvailable = -6, LAErrorBiometryNotEnrolled = -7,
	LAErrorBiometryLockout = -8, LAErrorAppCancel = -9, LAErrorInvalidContext = -10, LAErrorWatchNotAvailable = -11,
	LAErrorBiometryNotPaired = -12, LAErrorBiometryDisconnected = -13, LAErrorNotInteractive = -1004 };
extern NSString *const LAErrorDomain;
@interface LAContext : NSObject
@property(copy) NSString *localizedReason, *localizedFallbackTitle, *localizedCancelTitle;
@property NSTimeInterval touchIDAuthenticationAllowableReuseDuration;
@property BOOL interactionNotAllowed;
@property(readonly) LABiometryType biometryType;
@property(readonly) NSData *evaluatedPolicyDomainState;
- (BOOL)canEvaluatePolicy:(LAPolicy)p error:(NSError **)e;
- (void)evaluatePolicy:(LAPolicy)p localizedReason:(NSString *)reason reply:(void (^)(BOOL success, NSError *error))reply;
- (void)evaluateAccessControl:(SecAccessControlRef)c operation:(LAAccessControlOperation)o localizedReason:(NSString *)r reply:(void (^)(BOOL success, NSError *error))reply;
- (void)invalidate;
@end
