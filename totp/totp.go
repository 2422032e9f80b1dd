// Package totp computes one-time codes from a stored seed (RFC 6238 over RFC
// 4226), so that a caller gets the code of now and never the seed, and takes
// recovery codes one by one off a stored list.
//
// There are libraries for this. They take and keep the seed as a string, which Go
// cannot wipe, and the whole of the two RFCs is the HMAC of the standard library
// and ten lines. Everything here is in byte slices that are wiped; what crypto/hmac
// keeps inside it (the seed, padded and hashed) is out of reach and left to the
// garbage collector.
package totp

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238's default; HMAC does not need collision resistance
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"noxkey/secret"
)

// The defaults of the Key Uri Format.
const (
	defaultDigits = 6
	defaultPeriod = 30 // seconds
)

// Bounds of a Key. RFC 4226 asks for at least 6 digits, and 31 bits give no more
// than 9; 8 is the most that RFC 6238 uses. A period over a day is a mistake.
const (
	minDigits = 6
	maxDigits = 8
	maxPeriod = 86400 // seconds
)

// Key is a seed with what it takes to compute its codes. It prints as [totp key]
// under every verb and refuses to be marshalled. It holds a copy of the seed: Wipe
// it, and do not copy it. The zero Key computes nothing.
type Key struct {
	seed   []byte
	hash   func() hash.Hash
	digits int
	period int64 // seconds
}

// Code returns the code for the time t (RFC 6238 with T0 = 0) and for how long
// after t it stays the current one, more than zero and at most the period. The code
// is the caller's to wipe. It fails for a wiped or zero Key, and for a time before
// 1970, which no clock shows that a code would be accepted by.
func (k *Key) Code(t time.Time) (code secret.Value, valid time.Duration, err error) {
	if len(k.seed) == 0 {
		return secret.Value{}, 0, errors.New("the one-time key was wiped")
	}
	sec := t.Unix()
	if sec < 0 {
		return secret.Value{}, 0, secret.Errorf(secret.Invalid, "the clock stands before 1970: there is no code for that time")
	}
	code, err = secret.NewValue(k.hotp(uint64(sec / k.period)))
	end := time.Unix((sec/k.period+1)*k.period, 0)
	return code, end.Sub(t), err
}

// Period is how long each code lasts.
func (k *Key) Period() time.Duration { return time.Duration(k.period) * time.Second }

// hotp is RFC 4226, section 5.3: the HMAC of the counter, truncated at an offset
// that its own last four bits name, as decimal digits.
func (k *Key) hotp(counter uint64) []byte {
	mac := hmac.New(k.hash, k.seed)
	var msg [8]byte
	binary.BigEndian.PutUint64(msg[:], counter)
	mac.Write(msg[:])
	sum := mac.Sum(make([]byte, 0, sha512.Size))
	defer secret.Wipe(sum)

	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	code := make([]byte, k.digits)
	for i := k.digits - 1; i >= 0; i-- {
		code[i] = '0' + byte(n%10)
		n /= 10
	}
	return code
}

// Wipe overwrites the seed. It may be called twice.
func (k *Key) Wipe() {
	secret.Wipe(k.seed)
	k.seed = nil
}

// Format answers every verb of package fmt with [totp key].
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[totp key]") }

// MarshalJSON always fails.
func (Key) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a one-time key cannot be marshalled")
}

// defaultKey is a Key without a seed, as the Key Uri Format has it where nothing is said.
func defaultKey() *Key {
	return &Key{hash: algorithms["SHA1"], digits: defaultDigits, period: defaultPeriod}
}

// algorithms are the names of the Key Uri Format, in upper case and without dashes.
var algorithms = map[string]func() hash.Hash{
	"SHA1":   sha1.New,
	"SHA256": sha256.New,
	"SHA512": sha512.New,
}
