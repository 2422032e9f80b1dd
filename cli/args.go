package cli

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"noxkey/secret"
)

// exactly refuses any other number of arguments. The words never repeat an
// argument: it might be a secret in the wrong place.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usageHint(c.CommandPath()+" --help shows examples", "%s is missing", names[len(args)])
		case len(args) > len(names) && len(names) == 0:
			return usageHint(c.CommandPath()+" --help shows examples", "this takes no argument")
		case len(args) > len(names):
			return usageHint(c.CommandPath()+" --help shows examples", "there is more than %s", strings.Join(names, " "))
		}
		return nil
	}
}

func atLeast(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < n {
			return usageHint(c.CommandPath()+" --help shows examples", "%s is missing", what)
		}
		return nil
	}
}

// duration reads 90s, 30m, 4h, 7d or 2w, more than nothing.
func duration(s string) (time.Duration, error) {
	unit := map[byte]time.Duration{'d': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if s != "" && unit[s[len(s)-1]] != 0 {
		n, err := strconv.Atoi(s[:len(s)-1])
		if err != nil || n <= 0 || n > 36500 {
			return 0, usagef("%s is not a length of time: use 90s, 30m, 4h, 7d or 2w", show(s))
		}
		return time.Duration(n) * unit[s[len(s)-1]], nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, usagef("%s is not a length of time: use 90s, 30m, 4h, 7d or 2w", show(s))
	}
	return d, nil
}

// sessionDefault asks for the person's own default length.
const sessionDefault = "default"

// sessionSeconds turns --session or --for into Request.Session.
func sessionSeconds(s string) (int64, error) {
	switch s {
	case "":
		return 0, nil
	case sessionDefault:
		return secret.SessionDefault, nil
	}
	d, err := duration(s)
	if err != nil {
		return 0, err
	}
	if d > secret.MaxSession || d < time.Second {
		return 0, usagef("a session lasts between 1s and 24h")
	}
	return int64(d / time.Second), nil
}

// moment reads a day (its end, in local time), a time in RFC 3339, or a length
// of time from now. "none" is the zero time.
func moment(s string, now time.Time) (time.Time, error) {
	if s == "none" {
		return time.Time{}, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, time.Local); err == nil {
		return t.AddDate(0, 0, 1).Add(-time.Second), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	d, err := duration(s)
	if err != nil {
		return time.Time{}, usagef("%s is not a day or a length of time: use 2027-01-31, 90d or none", show(s))
	}
	return now.Add(d), nil
}
