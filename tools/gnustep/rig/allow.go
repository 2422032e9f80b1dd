//go:build linux

package rig

import (
	"fmt"
	"strings"
)

// Allow are messages GNUstep does not know and that may be sent nevertheless, each with the reason.
type Allow map[string]string

// ParseAllow reads a list: one message a line, "-[NSWindow setSharingType:]", two blanks or a tab or more, and why
// nothing of what is tested hangs on it. Lines that start with # are comments. A line without a
// reason is an error.
func ParseAllow(text string) (Allow, error) {
	a := Allow{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		end := strings.IndexByte(line, ']') + 1
		message, reason := line[:end], strings.TrimSpace(line[end:])
		if end == 0 || reason == "" {
			return nil, fmt.Errorf("allow-list: %q wants a message and a reason", line)
		}
		a[message] = reason
	}
	return a, nil
}

// missing starts the line the kit's shim logs for a message that no method answers.
const missing = "missing "

// Refused are the messages in a log that are missing and not allowed.
func (a Allow) Refused(log []string) []string {
	var wrong []string
	for _, line := range log {
		if message, is := strings.CutPrefix(line, missing); is && a[message] == "" {
			wrong = append(wrong, message)
		}
	}
	return wrong
}
