//go:build darwin && cgo

package enclave

/*
#cgo LDFLAGS: -framework CoreFoundation -framework Security
#include <CoreFoundation/CoreFoundation.h>
#include <Security/Security.h>
#include <string.h>

// nk_error is where a CFError's domain and code go. Code 0 means no error.
typedef struct { char domain[64]; long code; } nk_error;

static void nk_status(nk_error *e, OSStatus s) {
	static const char domain[] = "NSOSStatusErrorDomain";
	memcpy(e->domain, domain, sizeof domain);
	e->code = s;
}

// nk_take moves err, which may be NULL, into e.
static void nk_take(nk_error *e, CFErrorRef err) {
	if (err == NULL) { nk_status(e, -50); return; } // errSecParam: a failure without a reason
	if (!CFStringGetCString(CFErrorGetDomain(err), e->domain, sizeof e->domain, kCFStringEncodingUTF8)) e->domain[0] = 0;
	e->code = CFErrorGetCode(err);
	if (e->code == 0) e->code = -50;
	CFRelease(err);
}

static CFMutableDictionaryRef nk_dict(void) {
	return CFDictionaryCreateMutable(NULL, 0, &kCFTypeDictionaryKeyCallBacks, &kCFTypeDictionaryValueCallBacks);
}

static void nk_set_tag(CFMutableDictionaryRef d, const char *tag) {
	CFDataRef t = CFDataCreate(NULL, (const UInt8 *)tag, strlen(tag));
	CFDictionarySetValue(d, kSecAttrApplicationTag, t);
	CFRelease(t);
}

// nk_query finds private keys of that tag in the data protection keychain.
static CFMutableDictionaryRef nk_query(const char *tag) {
	CFMutableDictionaryRef q = nk_dict();
	CFDictionarySetValue(q, kSecClass, kSecClassKey);
	CFDictionarySetValue(q, kSecAttrKeyClass, kSecAttrKeyClassPrivate);
	CFDictionarySetValue(q, kSecUseDataProtectionKeychain, kCFBooleanTrue);
	nk_set_tag(q, tag);
	return q;
}

// nk_find returns the key, the caller's to release, or NULL. With an evaluated context
// its use does not ask again; finding it never asks.
static SecKeyRef nk_find(const char *tag, void *context, nk_error *e) {
	CFMutableDictionaryRef q = nk_query(tag);
	CFTypeRef key = NULL;
	CFDictionarySetValue(q, kSecMatchLimit, kSecMatchLimitOne);
	CFDictionarySetValue(q, kSecReturnRef, kCFBooleanTrue);
	if (context != NULL) CFDictionarySetValue(q, kSecUseAuthenticationContext, context);
	OSStatus s = SecItemCopyMatching(q, &key);
	CFRelease(q);
	if (s != errSecSuccess) { nk_status(e, s); return NULL; }
	return (SecKeyRef)key;
}

static void nk_exists(const char *tag, nk_error *e) {
	SecKeyRef key = nk_find(tag, NULL, e);
	if (key != NULL) CFRelease(key);
}

// nk_generate makes a key that works on this device, unlocked, for a person present.
static void nk_generate(const char *tag, nk_error *e) {
	CFErrorRef err = NULL;
	SecAccessControlRef who = SecAccessControlCreateWithFlags(NULL, kSecAttrAccessibleWhenUnlockedThisDeviceOnly,
		kSecAccessControlPrivateKeyUsage | kSecAccessControlUserPresence, &err);
	if (who == NULL) { nk_take(e, err); return; }
	CFMutableDictionaryRef private = nk_dict(), all = nk_dict();
	CFDictionarySetValue(private, kSecAttrIsPermanent, kCFBooleanTrue);
	CFDictionarySetValue(private, kSecAttrAccessControl, who);
	nk_set_tag(private, tag);
	int bits = 256;
	CFNumberRef size = CFNumberCreate(NULL, kCFNumberIntType, &bits);
	CFDictionarySetValue(all, kSecAttrKeyType, kSecAttrKeyTypeECSECPrimeRandom);
	CFDictionarySetValue(all, kSecAttrKeySizeInBits, size);
	CFDictionarySetValue(all, kSecAttrTokenID, kSecAttrTokenIDSecureEnclave);
	CFDictionarySetValue(all, kSecUseDataProtectionKeychain, kCFBooleanTrue);
	CFDictionarySetValue(all, kSecPrivateKeyAttrs, private);
	SecKeyRef key = SecKeyCreateRandomKey(all, &err);
	CFRelease(size); CFRelease(all); CFRelease(private); CFRelease(who);
	if (key == NULL) { nk_take(e, err); return; }
	CFRelease(key);
}

static void nk_remove(const char *tag, nk_error *e) {
	CFMutableDictionaryRef q = nk_query(tag);
	OSStatus s = SecItemDelete(q);
	CFRelease(q);
	if (s != errSecSuccess) nk_status(e, s);
}

// nk_crypt seals (open 0) or opens in to out, which has room for max bytes, and returns
// how many came. What the framework answered is overwritten before it is given back:
// nobody else holds it.
static long nk_crypt(const char *tag, void *context, int open, const void *in, long len, void *out, long max, nk_error *e) {
	SecKeyAlgorithm how = kSecKeyAlgorithmECIESEncryptionCofactorVariableIVX963SHA256AESGCM;
	SecKeyRef key = nk_find(tag, context, e);
	if (key == NULL) return 0;
	CFErrorRef err = NULL;
	CFDataRef from = CFDataCreate(NULL, in, len), to = NULL;
	if (open) {
		to = SecKeyCreateDecryptedData(key, how, from, &err);
	} else {
		SecKeyRef public = SecKeyCopyPublicKey(key);
		if (public != NULL) { to = SecKeyCreateEncryptedData(public, how, from, &err); CFRelease(public); }
	}
	memset((void *)CFDataGetBytePtr(from), 0, len);
	CFRelease(from); CFRelease(key);
	if (to == NULL) { nk_take(e, err); return 0; }
	long n = CFDataGetLength(to);
	if (n > max) { nk_status(e, -50); n = 0; }
	memcpy(out, CFDataGetBytePtr(to), n);
	memset((void *)CFDataGetBytePtr(to), 0, CFDataGetLength(to));
	CFRelease(to);
	return n;
}
*/
import "C"

import "unsafe"

var system native = framework{}

// framework is the Security framework. No method keeps a pointer.
type framework struct{}

// cTag is tag with the zero byte that C wants.
func cTag(tag string) *C.char { return (*C.char)(unsafe.Pointer(&append([]byte(tag), 0)[0])) }

func failed(e *C.nk_error) *failure {
	if e.code == 0 {
		return nil
	}
	return &failure{C.GoString(&e.domain[0]), int(e.code)}
}

func (framework) generate(tag string) *failure {
	var e C.nk_error
	C.nk_generate(cTag(tag), &e)
	return failed(&e)
}

func (framework) find(tag string) *failure {
	var e C.nk_error
	C.nk_exists(cTag(tag), &e)
	return failed(&e)
}

func (framework) remove(tag string) *failure {
	var e C.nk_error
	C.nk_remove(cTag(tag), &e)
	return failed(&e)
}

func (framework) seal(tag string, plain, box []byte) (int, *failure) {
	return crypt(tag, nil, 0, plain, box)
}

func (framework) open(tag string, context unsafe.Pointer, box, plain []byte) (int, *failure) {
	return crypt(tag, context, 1, box, plain)
}

// crypt wants in and out not to be empty.
func crypt(tag string, context unsafe.Pointer, open C.int, in, out []byte) (int, *failure) {
	var e C.nk_error
	n := C.nk_crypt(cTag(tag), context, open, unsafe.Pointer(&in[0]), C.long(len(in)), unsafe.Pointer(&out[0]), C.long(len(out)), &e)
	return int(n), failed(&e)
}
