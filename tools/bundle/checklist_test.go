package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

var checklistItem = regexp.MustCompile(`(?m)^\*\*(\d+)\. `)

// checklistMust are things that only a Mac can show.
var checklistMust = []string{
	"Gatekeeper", "quarantine", "-34018", "Touch ID", "Watch", "full-screen", "Dark", "accent", "Sleep", "lock", "Hot key", "VoiceOver", "server.pub",
	"container", "sandbox", "deny(1)", "darwinkit", "capture", "Clipboard", "login", "verify", "Drop on the key", "lldb", "another user",
}

func checklistFaults(s string) []string {
	var faults []string
	at := checklistItem.FindAllStringSubmatchIndex(s, -1)
	if len(at) != 20 {
		faults = append(faults, fmt.Sprintf("%d things, not twenty", len(at)))
	}
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		item := s[m[0]:end]
		if s[m[2]:m[3]] != fmt.Sprint(i+1) {
			faults = append(faults, fmt.Sprintf("number %s where %d belongs", s[m[2]:m[3]], i+1))
		}
		if !strings.Contains(item, "\nDo: ") || !strings.Contains(item, "\nSee: ") {
			faults = append(faults, fmt.Sprintf("%d does not say what to do and what must be seen", i+1))
		}
	}
	for _, m := range checklistMust {
		if !strings.Contains(s, m) {
			faults = append(faults, "it says nothing of "+m)
		}
	}
	return faults
}

func TestChecklist(t *testing.T) {
	b, err := os.ReadFile("docs/mac-checklist.md")
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	if f := checklistFaults(good); len(f) > 0 {
		t.Error(strings.Join(f, "\n"))
	}
	for old, now := range map[string]string{"**7. ": "**8. ", "\nSee: the panel": "\nthe panel", "VoiceOver": "it", "**20. ": "20. ", "server.pub": "x"} {
		if f := checklistFaults(strings.ReplaceAll(good, old, now)); len(f) == 0 {
			t.Errorf("%q for %q was not found", now, old)
		}
	}
}
