//go:build linux

package rig

import (
	"slices"
	"testing"
)

func TestAllowWantsAReason(t *testing.T) {
	for _, text := range []string{"-[NSWindow setSharingType:]", "a word", "-[NSWindow setSharingType:]   "} {
		if _, err := ParseAllow(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestRefused(t *testing.T) {
	allow, err := ParseAllow("# windows\n-[NSWindow setSharingType:]  screens are not shared here\n\n")
	if err != nil {
		t.Fatal(err)
	}
	log := []string{"ready", "missing -[NSWindow setSharingType:]", "missing +[NSWindow setSharingType:]", "a word missing -[A b]"}
	if got := allow.Refused(log); !slices.Equal(got, []string{"+[NSWindow setSharingType:]"}) {
		t.Errorf("%q", got)
	}
}
