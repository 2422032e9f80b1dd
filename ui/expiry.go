package ui

import (
	"strings"
	"time"

	"noxkey/secret"
)

// Expiring says of an entry that is expired, or will be within secret.Soon, how long it
// still lasts: "expired", "12 days left", "under 1 day"; "" of any other.
func Expiring(e *secret.Entry, now time.Time) string {
	left := e.Expires.Sub(now)
	switch {
	case e.Expires.IsZero() || left > secret.Soon:
		return ""
	case left <= 0:
		return "expired"
	case left < 24*time.Hour:
		return "under 1 day"
	}
	return Count(int(left/(24*time.Hour)), "day") + " left"
}

// expiry is the line about it among the details.
func expiry(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := t.Sub(now)
	switch day := t.Format("2 January 2006"); {
	case d <= 0:
		return "Expired on " + day
	case d < 24*time.Hour:
		return day + ", in under a day"
	default:
		return day + ", in " + Count(int(d/(24*time.Hour)), "day")
	}
}

// What a front's key for copying does.
const (
	copyValue = "copy"
	copyCode  = "copy current code"
	copyNext  = "copy next code"
)

// CopyWord is what a front's key for copying does to e: of some secrets a code goes out.
func CopyWord(e *secret.Entry) string {
	switch {
	case e == nil:
	case e.FieldType == secret.TOTPSeed:
		return copyCode
	case e.Kind == secret.KindRecoveryCodes:
		return copyNext
	}
	return copyValue
}

// copies says among the details what copying gives where that is not what is stored.
func copies(e *secret.Entry) string {
	switch CopyWord(e) {
	case copyCode:
		return "Copies the current code, not the seed."
	case copyNext:
		return "Copies the next code; one is struck off each time."
	}
	return ""
}

// Told are the warnings that came with values, as sentences: an expiry, for how long a
// code is good, how many are left.
func Told(list []secret.Answer) string {
	var words []string
	for _, a := range list {
		if a.Ticket == nil {
			continue
		}
		for _, w := range a.Ticket.Warnings {
			w = Visible(w, reasonMax)
			if !strings.HasSuffix(w, ".") {
				w += "."
			}
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}
