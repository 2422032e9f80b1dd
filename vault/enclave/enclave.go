// Package enclave is a P-256 key in the Secure Enclave of a Mac. It is made there
// and never leaves; what is sealed to it needs its public half only, and opening
// needs the person: each use asks macOS, which asks for Touch ID, Watch or password,
// unless it is handed an LAContext in which that was done already.
//
// What is sealed is short: the two root keys of package keychain, not values. ECIES
// as Apple has it takes no associated data; package keychain binds the boxes, and
// every value below them, with an AEAD of its own.
//
// The key lies in the data protection keychain, which only a build signed by a team
// may use (-34018 otherwise), in the app's own keychain group. It cannot be copied to
// another Mac nor into a backup: when the Mac is erased or its board is replaced, what
// was sealed to it is lost, and only NoxKey's own backup helps.
//
// Nothing here has run on a Mac. What must be seen there: that a context evaluated
// with LAPolicyDeviceOwnerAuthentication opens the key without a second prompt; that
// one that was not evaluated, or was invalidated, does not; and which codes a Mac
// without an Enclave and one without a login password answer.
package enclave

import (
	"fmt"
	"unsafe"

	"noxkey/secret"
)

// Presence is package keychain's: one authentication that succeeded.
type Presence = interface {
	Use(f func(context unsafe.Pointer) error) error
	Invalidate()
}

// maxPlain and maxBox bound what is sealed and what comes of it, in bytes. ECIES adds
// 65 of a public key and 16 of a GCM tag.
const (
	maxPlain = 1024
	maxBox   = 2048
)

// native is what the Security framework does for us. A tag names a key. Each returns
// nil, or what macOS answered.
type native interface {
	// generate makes the key of that tag, also beside one of the same tag.
	generate(tag string) *failure
	// find looks for the key. The code is errSecItemNotFound if there is none.
	find(tag string) *failure
	// seal fills box and returns how much of it.
	seal(tag string, plain, box []byte) (int, *failure)
	// open is the inverse; context is an LAContext, or nil.
	open(tag string, context unsafe.Pointer, box, plain []byte) (int, *failure)
	remove(tag string) *failure
}

// failure is a CFError, or an OSStatus in the domain of those.
type failure struct {
	domain string
	code   int
}

// The domains, as CFErrorGetDomain names them, and the codes with a meaning of their
// own (SecBase.h; LAError.h).
const (
	domainStatus = "NSOSStatusErrorDomain"
	domainAuth   = "com.apple.LocalAuthentication"

	statusUnimplemented = -4
	statusUserCanceled  = -128
	statusAuthFailed    = -25293
	statusNotFound      = -25300
	statusInteraction   = -25308
	statusEntitlement   = -34018
	statusDecode        = -26275
	statusParam         = -50

	authFailed         = -1
	authUserCancel     = -2
	authSystemCancel   = -4
	authPasscodeNotSet = -5
	authAppCancel      = -9
	authInvalidContext = -10
	authNotInteractive = -1004
)

// explain turns what macOS answered into an error with a code and words; nil stays nil.
func (f *failure) explain() error {
	switch {
	case f == nil:
		return nil
	case f.domain == domainAuth:
		return f.explainAuth()
	case f.domain != domainStatus:
		return secret.Errorf(secret.Storage, "the secure enclave's key cannot be used: %s", f)
	}
	switch f.code {
	case statusUserCanceled:
		return secret.Errorf(secret.Cancelled, "the authentication was cancelled")
	case statusAuthFailed, statusInteraction:
		return secret.Errorf(secret.Denied, "macos did not take this authentication for the secure enclave's key (%d)", f.code)
	case statusNotFound:
		return secret.Errorf(secret.NotFound, "the secure enclave no longer holds noxkey's key")
	case statusEntitlement:
		return secret.Errorf(secret.Storage, "this build may not use the protected keychain (%d): it is not signed by a team", f.code)
	case statusDecode, statusParam:
		return secret.Errorf(secret.Damaged, "what was sealed to the secure enclave's key was changed outside noxkey (%d)", f.code)
	}
	return secret.Errorf(secret.Storage, "the secure enclave's key cannot be used: %s", f)
}

func (f *failure) explainAuth() error {
	switch f.code {
	case authUserCancel, authSystemCancel, authAppCancel:
		return secret.Errorf(secret.Cancelled, "the authentication was cancelled")
	case authPasscodeNotSet:
		return secret.Errorf(secret.Storage, "this mac has no login password, so nothing can be protected")
	case authFailed, authInvalidContext, authNotInteractive:
		return secret.Errorf(secret.Denied, "macos did not take this authentication for the secure enclave's key (%d)", f.code)
	}
	return secret.Errorf(secret.Storage, "the secure enclave's key cannot be used: %s", f)
}

// String returns "macos answered -34018", with the domain if it is an unusual one.
func (f *failure) String() string {
	if f.domain == domainStatus {
		return fmt.Sprintf("macos answered %d", f.code)
	}
	return fmt.Sprintf("macos answered %d (%s)", f.code, f.domain)
}

// Probe tries whether a key can be made here that needs the person, by making one,
// sealing to it and removing it; nobody is asked. If not, why says it in lower case: no
// Enclave, a build that is not signed by a team, or what macOS answered.
func Probe() (ok bool, why string) { return probe(system) }

const probeTag = "noxkey.probe"

func probe(n native) (ok bool, why string) {
	if n == nil {
		return false, errBuild.Error()
	}
	f := n.generate(probeTag)
	if f == nil {
		_, f = n.seal(probeTag, make([]byte, 32), make([]byte, maxBox))
		if gone := n.remove(probeTag); f == nil {
			f = gone
		}
	}
	switch {
	case f == nil:
		return true, ""
	case f.domain == domainStatus && f.code == statusEntitlement:
		return false, fmt.Sprintf("this build is not signed by a team (%s)", f)
	case f.domain == domainStatus && f.code == statusUnimplemented: // as it is understood; see the package comment
		return false, fmt.Sprintf("this mac has no secure enclave (%s)", f)
	case f.domain == domainAuth && f.code == authPasscodeNotSet:
		return false, "this mac has no login password"
	}
	return false, f.String()
}

var errBuild = secret.Errorf(secret.Storage, "this build cannot reach a secure enclave: it is not for macos, or was built without cgo")

// Sealer is the key of one tag: package keychain's Sealer.
type Sealer struct {
	native native
	tag    string
}

// Make makes the key of that tag. The error has code Exists if there is one, which
// must not get a twin; or Storage.
func Make(tag string) (*Sealer, error) { return makeKey(system, tag) }

func makeKey(n native, tag string) (*Sealer, error) {
	_, err := openKey(n, tag)
	switch {
	case err == nil:
		return nil, secret.Errorf(secret.Exists, "the secure enclave holds a key of noxkey's already")
	case secret.CodeOf(err) != secret.NotFound:
		return nil, err
	}
	if err := n.generate(tag).explain(); err != nil {
		return nil, err
	}
	return &Sealer{n, tag}, nil
}

// Open returns the key of that tag. Nobody is asked. The error has code NotFound or
// Storage.
func Open(tag string) (*Sealer, error) { return openKey(system, tag) }

func openKey(n native, tag string) (*Sealer, error) {
	if n == nil {
		return nil, errBuild
	}
	if err := n.find(tag).explain(); err != nil {
		return nil, err
	}
	return &Sealer{n, tag}, nil
}

// Name returns "Secure Enclave".
func (s *Sealer) Name() string { return "Secure Enclave" }

// Seal seals plain, at most 1 KiB, to the key. Nobody is asked. The error has code Invalid
// for what is too long, NotFound if the key is gone, or Storage.
func (s *Sealer) Seal(plain []byte) ([]byte, error) {
	if len(plain) == 0 || len(plain) > maxPlain {
		return nil, secret.Errorf(secret.Invalid, "%d bytes cannot be sealed to the secure enclave's key", len(plain))
	}
	box := make([]byte, maxBox)
	n, f := s.native.seal(s.tag, plain, box)
	if f != nil {
		return nil, f.explain()
	}
	return box[:n], nil
}

// Open returns what was sealed, the caller's to wipe, to the person who is present.
// The error has code Denied without a presence or if macOS does not take it,
// Cancelled, Damaged, NotFound if the key is gone, or Storage.
func (s *Sealer) Open(p Presence, box []byte) ([]byte, error) {
	if p == nil {
		return nil, secret.Errorf(secret.Denied, "nobody was authenticated")
	}
	if len(box) == 0 || len(box) > maxBox {
		return nil, secret.Errorf(secret.Damaged, "what was sealed to the secure enclave's key was changed outside noxkey")
	}
	buf := make([]byte, maxPlain)
	defer secret.Wipe(buf)
	var plain []byte
	err := p.Use(func(context unsafe.Pointer) error {
		n, f := s.native.open(s.tag, context, box, buf)
		if f != nil {
			return f.explain()
		}
		plain = append(make([]byte, 0, n), buf[:n]...)
		return nil
	})
	return plain, err
}

// Remove destroys the key of that tag, and with it whatever is sealed to it: for
// tests and for leaving NoxKey. The error has code NotFound or Storage.
func Remove(tag string) error {
	if system == nil {
		return errBuild
	}
	return system.remove(tag).explain()
}
