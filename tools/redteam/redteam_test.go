package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMain lets copies of the test's binary be what copies of the red team are.
func TestMain(m *testing.M) {
	if role := roles[filepath.Base(os.Args[0])]; role != nil {
		os.Exit(role())
	}
	os.Exit(m.Run())
}

// TestMovesAreDistinct: enough of them, no two alike, each with a line that says what
// it tries.
func TestMovesAreDistinct(t *testing.T) {
	t.Parallel()
	names, texts := map[string]bool{}, map[string]bool{}
	hold := 0
	for _, m := range moves() {
		text := m.sh + "\x00" + m.after
		for _, l := range m.mcp {
			text += "\x00" + l
		}
		if names[m.name] || texts[text] || m.tries == "" || len(text) < 3 {
			t.Errorf("%s is there twice, or says nothing", m.name)
		}
		names[m.name], texts[text] = true, true
		if m.limit == "" {
			hold++
		}
	}
	if len(names) < 40 || hold < 100 {
		t.Errorf("%d moves, %d of which must hold", len(names), hold)
	}
}
