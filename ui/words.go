package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"noxkey/secret"
)

// LevelWord names a level: "off limits". What is no level is shown as it is.
func LevelWord(l secret.Level) string {
	if l == secret.OffLimits {
		return "off limits"
	}
	return Visible(string(l), 32)
}

var typeWords = map[secret.FieldType]string{
	secret.APIKey: "API key", secret.Token: "token", secret.Password: "password", secret.TOTPSeed: "TOTP seed",
	secret.Username: "username", secret.Email: "email", secret.URL: "URL", secret.Text: "text",
}

// TypeWord names a field type: "API key".
func TypeWord(t secret.FieldType) string {
	if w, ok := typeWords[t]; ok {
		return w
	}
	return Visible(string(t), 32)
}

// Count writes n with its noun, in English: "1 secret", "1,204 secrets".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return Number(n) + " " + noun + "s"
}

// Number writes n with commas: 1,204.
func Number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Left writes how much time is left of a session: "3 h 12 min", "41 min", "under
// a minute".
func Left(d time.Duration) string {
	m := int(d / time.Minute)
	switch {
	case m < 1:
		return "under a minute"
	case m < 60:
		return fmt.Sprintf("%d min", m)
	case m%60 == 0:
		return fmt.Sprintf("%d h", m/60)
	}
	return fmt.Sprintf("%d h %d min", m/60, m%60)
}

// Long writes a length of time in full: "4 hours", "15 minutes", "1 hour 30
// minutes", "90 seconds". Nothing is rounded away.
func Long(d time.Duration) string {
	var parts []string
	unit := func(u time.Duration, noun string) {
		if n := int(d / u); n > 0 {
			parts = append(parts, Count(n, noun))
		}
		d %= u
	}
	unit(time.Hour, "hour")
	unit(time.Minute, "minute")
	unit(time.Second, "second")
	if len(parts) == 0 {
		return "no time"
	}
	return strings.Join(parts, " ")
}

// Clock counts down: "0:38". It rounds up, so that 0:00 is never shown early.
func Clock(d time.Duration) string {
	s := int((max(d, 0) + time.Second - 1) / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Hour writes the time of day in the zone of t.
func Hour(t time.Time) string { return t.Format("15:04") }

// Date writes "3 Nov", with the year if it is not now's.
func Date(t, now time.Time) string {
	if t.Year() == now.Year() {
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}

// Until writes an end: the hour, with the date before it when it is not today.
func Until(t, now time.Time) string {
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return Hour(t)
	}
	return Date(t, now) + " " + Hour(t)
}

// Ago writes how long ago something was: "2 min ago".
func Ago(d time.Duration) string {
	if d < time.Minute {
		return "just now"
	}
	if d >= 24*time.Hour {
		return Count(int(d/(24*time.Hour)), "day") + " ago"
	}
	return Left(d.Truncate(time.Minute)) + " ago"
}
