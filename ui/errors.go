package ui

import (
	"context"
	"errors"
	"strings"

	"noxkey/secret"
)

// errorWords are whole sentences for codes: what happened, then what is true
// now. A %s takes the error's own message.
var errorWords = map[secret.Code]string{
	secret.NotRunning:  "NoxKey is not running.",
	secret.Locked:      "NoxKey is locked. Nothing was released.",
	secret.Denied:      "The request was denied. Nothing was released.",
	secret.OffLimit:    "Off limits to agents. Nothing was released.",
	secret.Resting:     "This agent rests; its requests are refused for a while.",
	secret.Paused:      "Agent requests are paused. Nothing was released.",
	secret.TimedOut:    "The time is over. Nothing was released.",
	secret.NotFound:    "There is no such secret: %s.",
	secret.Exists:      "Nothing was written: %s.",
	secret.Conflict:    "Nothing was released or written: %s.",
	secret.Invalid:     "%s.",
	secret.Reserved:    "%s.",
	secret.HumanOnly:   "Only a person may do that: %s.",
	secret.Disagree:    "NoxKey and the agent’s server disagree about who is asking. The request is refused and recorded.",
	secret.Untrusted:   "The app at the socket cannot prove that it is NoxKey. Nothing was sent.",
	secret.Busy:        "Too many requests wait. This one is refused.",
	secret.TooShort:    "An agent’s command would print it unredacted, so nothing was released: %s.",
	secret.Damaged:     "The vault was changed or damaged outside NoxKey: %s.",
	secret.Cancelled:   "It was cancelled. Nothing was released.",
	secret.WrongKey:    "Wrong passphrase. Nothing was released.",
	secret.NotRecorded: "The decision could not be recorded, so nothing was released: %s.",
	secret.Storage:     "Nothing was written: %s.",
	secret.Protocol:    "A message broke the protocol: %s.",
	secret.Internal:    "Something failed inside NoxKey: %s.",
}

// released ends the message of an error that is a whole text already.
const released = "Nothing was released"

// Words turns an error into what a person reads in a note or a footer, "" for
// nil. What an error's message quotes is made visible.
func Words(err error) string {
	if err == nil {
		return ""
	}
	if errors.Is(err, context.Canceled) {
		return errorWords[secret.Cancelled]
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errorWords[secret.TimedOut]
	}
	// An authenticator that knows more than its code says it all.
	if msg := err.Error(); strings.HasSuffix(msg, released) {
		return Sentence(Visible(msg, 300))
	}
	w, ok := errorWords[secret.CodeOf(err)]
	if !ok {
		w = errorWords[secret.Internal]
	}
	if !strings.Contains(w, "%s") {
		return w
	}
	msg := Visible(strings.TrimSuffix(err.Error(), "."), 300)
	return opening(strings.Replace(w, "%s", msg, 1))
}
