package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommandsExist: a front names no command that the client does not have, and no flag.
func TestCommandsExist(t *testing.T) {
	files, err := filepath.Glob("../cli/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no client: %v", err)
	}
	var b strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(text)
	}
	source := strings.Join(strings.Fields(b.String()), " ")
	var lines []string
	for _, c := range Commands {
		lines = append(lines, c.Line)
	}
	for _, l := range lines {
		words := strings.Fields(l)
		if !strings.Contains(source, `Use: "`+words[1]+` `) && !strings.Contains(source, `Use: "`+words[1]+`"`) {
			t.Errorf("there is no %q", l)
		}
		for _, w := range words[2:] {
			if flag, ok := strings.CutPrefix(w, "--"); ok && flag != "" && !strings.Contains(source, `"`+flag+`"`) {
				t.Errorf("%q: no such flag", l)
			}
		}
	}
}
