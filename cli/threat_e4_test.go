package cli

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestThreatE4TheLinkThatWasSwapped: the card shows where the link led when it was resolved,
// and the mark is another file's, to which it led a moment later.
func TestThreatE4TheLinkThatWasSwapped(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	for _, name := range []string{"shown", "other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("shown", link); err != nil {
		t.Fatal(err)
	}
	g, err := newProgramme([]string{link})
	if err != nil || g.unchanged() != nil {
		t.Fatal(err, g.unchanged())
	}
	if err := errors.Join(os.Remove(link), os.Symlink("other", link)); err != nil {
		t.Fatal(err)
	}
	if g.run.File, err = fileMark(link); err != nil {
		t.Fatal(err)
	}
	if g.unchanged() == nil {
		t.Error("another program than the one on the card would run")
	}
}
