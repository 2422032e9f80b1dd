//go:build linux && !amd64

package harden

// i386 has no counterpart: no other numbers can be reached.
func i386() []try { return nil }
