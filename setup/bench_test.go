package setup

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkPlanLarge is a ~/.claude.json of 8 MB, which keeps the histories of projects.
func BenchmarkPlanLarge(b *testing.B) {
	var text strings.Builder
	text.WriteString("{\n  \"projects\": {\n")
	for i := range 2000 {
		fmt.Fprintf(&text, "    \"/home/u/src/p%d\": {\"allowedTools\": [], \"history\": [%s\"x\"]},\n", i, strings.Repeat("{\"display\": \"a prompt of some length, as people type them\"}, ", 65))
	}
	text.WriteString("    \"z\": {}\n  },\n  \"mcpServers\": {}\n}\n")
	p, file := part(at("mcpServers", typed(prog))), []byte(text.String())
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if res, err := Plan(p, file); err != nil || len(res.Hunks) != 1 {
			b.Fatal(err)
		}
	}
}
