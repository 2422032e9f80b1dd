package main

import (
	"fmt"
	"regexp"
	"strconv"
)

// minMacOS is the oldest macOS that the app starts on: SMAppService (Open NoxKey at
// login) begins with 13, and Go 1.26 itself wants 12.
const minMacOS = "13.0"

var described = regexp.MustCompile(`^v(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-.+)?$`)

// shortVersion makes CFBundleShortVersionString (three numbers) from what git
// describe prints. Without a tag it is 0.0.0: a build that was never released must not
// look as if it had been.
func shortVersion(describe string) string {
	m := described.FindStringSubmatch(describe)
	if m == nil {
		return "0.0.0"
	}
	return m[1] + "." + m[2] + "." + m[3]
}

// buildNumber checks the number of commits, CFBundleVersion.
func buildNumber(s string) (string, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != s {
		return "", fmt.Errorf("%q is not a build number (git rev-list --count HEAD)", s)
	}
	return s, nil
}
