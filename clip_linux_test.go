package main

import (
	"testing"
	"time"

	"github.com/atotto/clipboard"

	"noxkey/secret"
)

// TestClipboardIsClearedOnlyIfOurs: at the end of its time or of the app, and never
// what somebody copied since.
func TestClipboardIsClearedOnlyIfOurs(t *testing.T) {
	old := clipboard.Unsupported
	defer func() { clipboard.Unsupported = old }()
	clipboard.Unsupported = false
	var board string
	c := newClip()
	c.read = func() (string, error) { return board, nil }
	c.write = func(s string) error { board = s; return nil }
	v, err := secret.NewValue([]byte("canary-clip"))
	if err != nil {
		t.Fatal(err)
	}
	c.clear() // nothing was copied yet
	for left, want := range map[string]string{"canary-clip": "", "something else": "something else"} {
		if err := c.put(t.Context(), v, time.Hour); err != nil || board != "canary-clip" {
			t.Fatalf("%q %v", board, err)
		}
		board = left
		c.clear()
		if board != want {
			t.Errorf("the clipboard holds %q, want %q", board, want)
		}
		board = "canary-clip" // copied by hand, later
		c.clear()
		if board != "canary-clip" {
			t.Error("cleared twice")
		}
	}
	clipboard.Unsupported = true
	if err := c.put(t.Context(), v, time.Hour); secret.CodeOf(err) != secret.Storage {
		t.Errorf("without a tool: %v", err)
	}
}
