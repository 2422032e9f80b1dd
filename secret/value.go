package secret

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
)

// Value is a secret's bytes. It prints as [secret] under every verb, refuses to
// be marshalled, and is read through a callback, so that it is never shown by
// accident: the type protects itself and nobody has to remember to. Copies share
// the bytes; wiping one wipes all. The zero Value is empty.
//
// Wipe overwrites the bytes it holds. What the Go runtime or a library copied
// before (a grown stack, a buffer inside crypto code) is beyond its reach.
type Value struct{ p *[]byte }

const redacted = "[secret]"

var errMarshal = errors.New("a secret value cannot be marshalled")

// NewValue takes ownership of b: the caller must not keep or change it. The error
// has code Invalid: empty, longer than MaxValue, or with a NUL byte, which no
// environment variable can carry. On an error b is wiped.
func NewValue(b []byte) (Value, error) {
	var err error
	switch {
	case len(b) == 0:
		err = Errorf(Invalid, "the value is empty")
	case len(b) > MaxValue:
		err = Errorf(Invalid, "%d KiB is too long; the most is 64 KiB", (len(b)+1023)>>10)
	case bytes.IndexByte(b, 0) >= 0:
		err = Errorf(Invalid, "the value holds a zero byte, which no variable can carry")
	}
	if err != nil {
		Wipe(b)
		return Value{}, err
	}
	return Value{&b}, nil
}

// Use calls f with the bytes and returns what f returns. f must not keep the
// slice, nor change it.
func (v Value) Use(f func([]byte) error) error {
	if v.p == nil {
		return f(nil)
	}
	err := f(*v.p)
	runtime.KeepAlive(v.p)
	return err
}

// Empty reports whether there is nothing in v, or nothing any more.
func (v Value) Empty() bool { return v.p == nil || len(*v.p) == 0 }

// Clone returns a copy with bytes of its own, to be wiped on its own.
func (v Value) Clone() Value {
	if v.p == nil {
		return Value{}
	}
	b := bytes.Clone(*v.p)
	return Value{&b}
}

// Equal reports whether both hold the same bytes. It does not hide its time: it
// compares what the same person typed or stored, not a guess by a stranger.
func (v Value) Equal(w Value) bool {
	same := false
	_ = v.Use(func(a []byte) error {
		return w.Use(func(b []byte) error { same = bytes.Equal(a, b); return nil })
	})
	return same
}

// Wipe overwrites the bytes with zeros and empties v and all its copies.
func (v Value) Wipe() {
	if v.p == nil {
		return
	}
	Wipe(*v.p)
	*v.p = nil
}

// Wipe overwrites b with zeros.
func Wipe(b []byte) {
	clear(b)
	runtime.KeepAlive(&b)
}

// Format answers every verb of package fmt with [secret].
func (Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String returns [secret].
func (Value) String() string { return redacted }

// GoString returns [secret].
func (Value) GoString() string { return redacted }

// LogValue gives a logger [secret].
func (Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON always fails, as does every other form of marshalling: a value
// leaves a process only by a road made for it.
func (Value) MarshalJSON() ([]byte, error) { return nil, errMarshal }

// MarshalText always fails.
func (Value) MarshalText() ([]byte, error) { return nil, errMarshal }

// MarshalBinary always fails.
func (Value) MarshalBinary() ([]byte, error) { return nil, errMarshal }

// GobEncode always fails.
func (Value) GobEncode() ([]byte, error) { return nil, errMarshal }

// UnmarshalJSON always fails.
func (*Value) UnmarshalJSON([]byte) error { return errMarshal }

// Trim takes white space off both ends of v, which programs print values without. The
// result is part of v.
func Trim(v []byte) []byte { return bytes.Trim(v, " \t\r\n") }
