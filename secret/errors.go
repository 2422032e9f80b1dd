package secret

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Code is the kind of an error, stable across the socket and in MCP answers.
type Code string

// The codes. Whoever turns errors into words adds the next command; these say
// only what happened.
const (
	NotRunning  Code = "not_running" // the app is not there
	Locked      Code = "locked"      // the app is there, and locked
	Denied      Code = "denied"      // the person said no, or the rules do
	OffLimit    Code = "off_limits"  // refused to agents by level
	Resting     Code = "resting"     // denied twice within a minute; refused without a card for a while
	Paused      Code = "paused"      // the person paused agent requests
	TimedOut    Code = "timed_out"   // nobody answered
	NotFound    Code = "not_found"
	Exists      Code = "exists"       // a write would overwrite and was not told to
	Conflict    Code = "conflict"     // two names, one variable; or the secret changed between approval and use
	Invalid     Code = "invalid"      // a name, value or field breaks the rules
	Reserved    Code = "reserved"     // a variable that changes how programs run
	HumanOnly   Code = "human_only"   // this form is refused to agents and unknown callers
	Disagree    Code = "disagree"     // client and server see different callers
	Untrusted   Code = "untrusted"    // the server at the socket cannot prove that it is ours
	Busy        Code = "busy"         // too many requests wait
	TooShort    Code = "too_short"    // an agent's program would print it unredacted
	Damaged     Code = "damaged"      // the vault or one value in it
	Cancelled   Code = "cancelled"    // the authentication was cancelled, or the asker hung up
	WrongKey    Code = "wrong_key"    // wrong passphrase
	NotRecorded Code = "not_recorded" // the audit could not be written, so nothing was released
	Storage     Code = "storage"      // the disk: full, read-only, not ours
	Protocol    Code = "protocol"     // a frame that breaks the protocol
	Internal    Code = "internal"
)

// Error is an error with a code, which both ends of the socket understand. Msg is
// lower case, without a prefix, and holds no value. Names are the secrets it is about.
type Error struct {
	Code  Code   `json:"code"`
	Msg   string `json:"msg"`
	Names []Name `json:"names,omitempty"`
}

// Error returns the message.
func (e *Error) Error() string { return e.Msg }

// Is reports whether target is an *Error of the same code with no message, so
// that errors.Is(err, secret.Err(secret.Locked)) asks for the code alone.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Msg == "" && t.Code == e.Code
}

// Err is the bare error of a code, for errors.Is.
func Err(c Code) error { return &Error{Code: c} }

// Errorf returns an error of that code.
func Errorf(c Code, format string, args ...any) error {
	return &Error{Code: c, Msg: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first *Error in err's chain, Internal for any
// other error, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// quote shows foreign text in an error: quoted, with what does not print
// escaped, and cut at 80 bytes.
func quote(s string) string {
	if len(s) > 80 {
		s = s[:80] + "…"
	}
	return strconv.QuoteToGraphic(s)
}

// List joins words with commas, as messages name several.
func List[S ~string](list []S) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}
