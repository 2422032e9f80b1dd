#include <CoreFoundation/CoreFoundation.h>
typedef struct __SecAccessControl *SecAccessControlRef;
typedef struct __SecKey *SecKeyRef;
typedef const struct __SecCode *SecCodeRef;
typedef const struct __SecCode *SecStaticCodeRef;
typedef const struct __SecRequirement *SecRequirementRef;
typedef struct __SecTask *SecTaskRef;
typedef CFStringRef SecKeyAlgorithm;
typedef uint32_t SecCSFlags;
typedef CFOptionFlags SecAccessControlCreateFlags;
typedef CFIndex SecKeyOperationType;
CFTypeID SecAccessControlGetTypeID(void), SecKeyGetTypeID(void), SecCodeGetTypeID(void);
CFTypeID SecStaticCodeGetTypeID(void), SecRequirementGetTypeID(void), SecTaskGetTypeID(void);
enum { errSecSuccess = 0, errSecUnimplemented = -4, errSecParam = -50, errSecAllocate = -108, errSecUserCanceled = -128,
	errSecNotTrusted = -67843, errSecMissingEntitlement = -34018, errSecInternalComponent = -2070,
	errSecNoAccessForItem = -25243, errSecInvalidOwnerEdit = -25244, errSecNotAvailable = -25291, errSecReadOnly = -25292,
	errSecAuthFailed = -25293, errSecNoSuchKeychain = -25294, errSecInvalidKeychain = -25295, errSecDuplicateKeychain = -25296,
	errSecDuplicateItem = -25299, errSecItemNotFound = -25300, errSecInvalidItemRef = -25304, errSecInvalidSearchRef = -25305,
	errSecInteractionNotAllowed = -25308, errSecReadOnlyAttr = -25309, errSecWrongSecVersion = -25310, errSecDataNotAvailable = -25316,
	errSecDataNotModifiable = -25317, errSecInteractionRequired = -25315, errSecDecode = -26275 };
CFStringRef SecCopyErrorMessageString(OSStatus, void *reserved);

// Items.
extern const CFStringRef kSecClass, kSecClassGenericPassword, kSecClassInternetPassword, kSecClassKey,
	kSecAttrService, kSecAttrServer, kSecAttrProtocol, kSecAttrAuthenticationType, kSecAttrPort, kSecAttrPath,
	kSecAttrLabel, kSecAttrAccount, kSecAttrAccessGroup, kSecAttrDescription, kSecAttrComment, kSecAttrGeneric,
	kSecAttrCreationDate, kSecAttrModificationDate, kSecAttrSynchronizable, kSecAttrSynchronizableAny,
	kSecValueData, kSecValueRef, kSecMatchLimit, kSecMatchLimitOne, kSecMatchLimitAll,
	kSecReturnAttributes, kSecReturnData, kSecReturnRef, kSecReturnPersistentRef,
	kSecUseDataProtectionKeychain, kSecUseAuthenticationContext, kSecUseAuthenticationUI,
	kSecUseAuthenticationUIFail, kSecUseAuthenticationUISkip, kSecUseOperationPrompt,
	kSecAttrAccessControl, kSecAttrAccessible, kSecAttrAccessibleWhenUnlocked, kSecAttrAccessibleAfterFirstUnlock,
	kSecAttrAccessibleAlways, kSecAttrAccessibleWhenUnlockedThisDeviceOnly, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
	kSecAttrAccessibleAlwaysThisDeviceOnly, kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly;
OSStatus SecItemAdd(CFDictionaryRef, CFTypeRef *);
OSStatus SecItemUpdate(CFDictionaryRef, CFDictionaryRef);
OSStatus SecItemDelete(CFDictionaryRef);
OSStatus SecItemCopyMatching(CFDictionaryRef, CFTypeRef *);
enum { kSecAccessControlUserPresence = 1u << 0, kSecAccessControlBiometryAny = 1u << 1, kSecAccessControlBiometryCurrentSet = 1u << 3,
	kSecAccessControlDevicePasscode = 1u << 4, kSecAccessControlWatch = 1u << 5, kSecAccessControlOr = 1u << 14,
	kSecAccessControlAnd = 1u << 15, kSecAccessControlPrivateKeyUsage = 1u << 30, kSecAccessControlApplicationPassword = 1u << 31 };
SecAccessControlRef SecAccessControlCreateWithFlags(CFAllocatorRef, CFTypeRef protection, SecAccessControlCreateFlags, CFErrorRef *);

// Keys.
extern const CFStringRef kSecAttrKeyType, kSecAttrKeyTypeECSECPrimeRandom, kSecAttrKeyTypeEC, kSecAttrKeySizeInBits, kSecAttrKeyClass,
	kSecAttrKeyClassPublic, kSecAttrKeyClassPrivate, kSecAttrTokenID, kSecAttrTokenIDSecureEnclave, kSecAttrIsPermanent,
	kSecAttrApplicationTag, kSecAttrApplicationLabel, kSecAttrCanDecrypt, kSecPrivateKeyAttrs, kSecPublicKeyAttrs;
extern const SecKeyAlgorithm kSecKeyAlgorithmECIESEncryptionStandardX963SHA256AESGCM, kSecKeyAlgorithmECIESEncryptionCofactorX963SHA256AESGCM,
	kSecKeyAlgorithmECIESEncryptionStandardVariableIVX963SHA256AESGCM, kSecKeyAlgorithmECIESEncryptionCofactorVariableIVX963SHA256AESGCM,
	kSecKeyAlgorithmECDHKeyExchangeCofactorX963SHA256, kSecKeyAlgorithmECDHKeyExchangeStandardX963SHA256, kSecKeyAlgorithmECDSASignatureMessageX962SHA256;
enum { kSecKeyOperationTypeSign, kSecKeyOperationTypeVerify, kSecKeyOperationTypeEncrypt, kSecKeyOperationTypeDecrypt, kSecKeyOperationTypeKeyExchange };
SecKeyRef SecKeyCreateRandomKey(CFDictionaryRef, CFErrorRef *);
SecKeyRef SecKeyCreateWithData(CFDataRef, CFDictionaryRef, CFErrorRef *);
SecKeyRef SecKeyCopyPublicKey(SecKeyRef);
CFDataRef SecKeyCopyExternalRepresentation(SecKeyRef, CFErrorRef *);
CFDictionaryRef SecKeyCopyAttributes(SecKeyRef);
Boolean SecKeyIsAlgorithmSupported(SecKeyRef, SecKeyOperationType, SecKeyAlgorithm);
CFDataRef SecKeyCreateEncryptedData(SecKeyRef, SecKeyAlgorithm, CFDataRef, CFErrorRef *);
CFDataRef SecKeyCreateDecryptedData(SecKeyRef, SecKeyAlgorithm, CFDataRef, CFErrorRef *);
CFDataRef SecKeyCreateSignature(SecKeyRef, SecKeyAlgorithm, CFDataRef, CFErrorRef *);
CFDataRef SecKeyCopyKeyExchangeResult(SecKeyRef, SecKeyAlgorithm, SecKeyRef, CFDictionaryRef, CFErrorRef *);

// Code signatures.
extern const CFStringRef kSecGuestAttributeAudit, kSecGuestAttributePid, kSecCodeInfoIdentifier, kSecCodeInfoTeamIdentifier,
	kSecCodeInfoFlags, kSecCodeInfoUnique, kSecCodeInfoMainExecutable, kSecCodeInfoStatus, kSecCodeInfoEntitlementsDict, kSecCodeInfoCertificates;
enum { kSecCSDefaultFlags = 0, kSecCSSigningInformation = 1 << 1, kSecCSRequirementInformation = 1 << 2, kSecCSDynamicInformation = 1 << 3,
	kSecCSStrictValidate = 1 << 4, kSecCSCheckAllArchitectures = 1 << 0, kSecCSNoNetworkAccess = 1 << 29 };
enum { errSecCSUnsigned = -67062, errSecCSReqFailed = -67050, errSecCSBadObjectFormat = -67049, errSecCSStaticCodeNotFound = -67068,
	errSecCSNoSuchCode = -67065, errSecCSSignatureFailed = -67061 };
enum { kSecCodeSignatureAdhoc = 0x0002, kSecCodeSignatureRuntime = 0x10000, kSecCodeSignatureLibraryValidation = 0x2000 };
OSStatus SecCodeCopySelf(SecCSFlags, SecCodeRef *);
OSStatus SecCodeCopyGuestWithAttributes(SecCodeRef host, CFDictionaryRef, SecCSFlags, SecCodeRef *);
OSStatus SecCodeCheckValidity(SecCodeRef, SecCSFlags, SecRequirementRef);
OSStatus SecCodeCopyStaticCode(SecCodeRef, SecCSFlags, SecStaticCodeRef *);
OSStatus SecCodeCopyPath(SecStaticCodeRef, SecCSFlags, CFURLRef *);
OSStatus SecCodeCopySigningInformation(SecStaticCodeRef, SecCSFlags, CFDictionaryRef *);
OSStatus SecStaticCodeCreateWithPath(CFURLRef, SecCSFlags, SecStaticCodeRef *);
OSStatus SecStaticCodeCheckValidity(SecStaticCodeRef, SecCSFlags, SecRequirementRef);
OSStatus SecRequirementCreateWithString(CFStringRef, SecCSFlags, SecRequirementRef *);
SecTaskRef SecTaskCreateFromSelf(CFAllocatorRef);
CFTypeRef SecTaskCopyValueForEntitlement(SecTaskRef, CFStringRef, CFErrorRef *);
