//go:build race

package socket

// slower is how much less is loaded under the race detector, whose times mean nothing.
const slower = 10
