package secret

import (
	"slices"
	"strings"
)

// Limits of a name: segments, and bytes in one segment.
const (
	MinSegments = 2
	MaxSegments = 6
	MaxSegment  = 64
)

// Name is the full name of one secret, such as acme/api/STRIPE_SECRET_KEY:
// 2 to 6 segments of ASCII letters, digits, dot, dash and underscore, each
// starting with a letter or digit and at most 64 bytes long. The zero value is
// no name. A Name made by ParseName or decoded from JSON is valid.
type Name string

// Prefix is one to six whole segments. It covers the name it equals and every
// name below it: acme/api covers acme/api/KEY and never acme/api2/KEY. The empty
// Prefix covers every name. Each Name is also a Prefix.
type Prefix string

// ParseName checks s and returns it as a Name, or an error with code Invalid.
func ParseName(s string) (Name, error) {
	if n := strings.Count(s, "/") + 1; n < MinSegments || n > MaxSegments {
		return "", badName(s)
	}
	if !validSegments(s) {
		return "", badName(s)
	}
	return Name(s), nil
}

// ParsePrefix checks s, with or without a slash at its end, and returns it as a
// Prefix, or an error with code Invalid. The empty string is not a prefix here:
// "everything" is never what somebody meant to type.
func ParsePrefix(s string) (Prefix, error) {
	s = strings.TrimSuffix(s, "/")
	if strings.Count(s, "/")+1 > MaxSegments || !validSegments(s) {
		return "", badName(s)
	}
	return Prefix(s), nil
}

func badName(s string) error {
	return Errorf(Invalid, "%s is not a name: 2 to 6 parts of letters, digits, dot, dash and underscore, such as acme/api/KEY", quote(s))
}

func validSegments(s string) bool {
	for seg := range strings.SplitSeq(s, "/") {
		if !validSegment(seg) {
			return false
		}
	}
	return true
}

func validSegment(s string) bool {
	if s == "" || len(s) > MaxSegment || !alnum(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; !alnum(c) && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

func alnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// Covers reports whether n is p itself or lies below it, by whole segments.
func (p Prefix) Covers(n Name) bool {
	if p == "" || string(p) == string(n) {
		return true
	}
	return len(n) > len(p) && n[len(p)] == '/' && strings.HasPrefix(string(n), string(p))
}

// Join returns the name of key below p, or an error with code Invalid.
func (p Prefix) Join(key string) (Name, error) { return ParseName(string(p) + "/" + key) }

// Segments returns the parts of the name, first to last.
func (n Name) Segments() []string { return strings.Split(string(n), "/") }

// Key returns the last segment.
func (n Name) Key() string { return string(n)[strings.LastIndexByte(string(n), '/')+1:] }

// Parent returns all but the last segment.
func (n Name) Parent() Prefix {
	i := strings.LastIndexByte(string(n), '/')
	if i < 0 {
		return ""
	}
	return Prefix(n[:i])
}

// loginParts are the last segments a login may have.
var loginParts = []string{"USERNAME", "PASSWORD", "TOTP", "RECOVERY_CODES"}

// Login reports whether n is part of a login (login/<host>/...), and its host.
func (n Name) Login() (host string, ok bool) {
	seg := n.Segments()
	if len(seg) != 3 || seg[0] != "login" {
		return "", false
	}
	return seg[1], true
}

// SecondFactor reports whether n is a login's TOTP seed or recovery codes,
// which a request for the login as a whole never includes.
func (n Name) SecondFactor() bool {
	_, ok := n.Login()
	return ok && (n.Key() == "TOTP" || n.Key() == "RECOVERY_CODES")
}

// UnmarshalText refuses anything ParseName refuses, so that a name that came
// over the socket or out of a file is a valid one.
func (n *Name) UnmarshalText(b []byte) error {
	v, err := ParseName(string(b))
	*n = v
	return err
}

// MarshalText is the inverse of UnmarshalText.
func (n Name) MarshalText() ([]byte, error) { return []byte(n), nil }

// UnmarshalText accepts the empty prefix (everything) and what ParsePrefix accepts.
func (p *Prefix) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*p = ""
		return nil
	}
	v, err := ParsePrefix(string(b))
	*p = v
	return err
}

// MarshalText is the inverse of UnmarshalText.
func (p Prefix) MarshalText() ([]byte, error) { return []byte(p), nil }

// Writable reports why n may not be given to a new secret: a key that shells own
// or that changes how programs run, one that no shell can hold, or a login part
// that does not exist. The error has code Invalid or Reserved.
func (n Name) Writable() error {
	if n.Segments()[0] == "login" {
		if _, ok := n.Login(); !ok || !slices.Contains(loginParts, n.Key()) {
			return Errorf(Invalid, "%s is not a login: use login/<host>/USERNAME, PASSWORD, TOTP or RECOVERY_CODES", n)
		}
	}
	v, err := n.Env()
	if err != nil {
		return err
	}
	if ReservedEnv(v) {
		return Errorf(Reserved, "%s changes how programs run and cannot be a secret", v)
	}
	return nil
}
