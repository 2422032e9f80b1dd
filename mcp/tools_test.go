package mcp

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

var update = flag.Bool("update", false, "write testdata/*.json anew")

var toolNames = []string{"noxkey_show", "noxkey_get", "noxkey_set", "noxkey_scan", "noxkey_admin"}

// TestSnapshots holds the contract with agents: what an independent client gets
// from tools/list, and the instructions. A change shows in the diff of testdata.
func TestSnapshots(t *testing.T) {
	t.Parallel()
	c := connect(t, &fake{})
	list, err := c.session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
		snapshot(t, tool.Name+".json", tool)
	}
	if !slices.Equal(names, toolNames) {
		t.Errorf("tools %v", names)
	}
	snapshot(t, "initialize.json", c.session.InitializeResult())
}

func snapshot(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what tools/list says now; go test ./mcp -update, and read the diff:\n%s", path, got)
	}
}

// Codex refuses a call when destructiveHint or openWorldHint is missing or true
// (facts/agents.md); what a hint says must be the fact, too.
func TestAnnotations(t *testing.T) {
	t.Parallel()
	c := connect(t, &fake{})
	list, err := c.session.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range list.Tools {
		a := tool.Annotations
		if a == nil || a.DestructiveHint == nil || a.OpenWorldHint == nil || *a.OpenWorldHint {
			t.Fatalf("%s: annotations %+v", tool.Name, a)
		}
		if *a.DestructiveHint != (tool.Name == "noxkey_admin") {
			t.Errorf("%s: destructive %v", tool.Name, *a.DestructiveHint)
		}
		if a.ReadOnlyHint != (tool.Name == "noxkey_show" || tool.Name == "noxkey_scan") {
			t.Errorf("%s: read only %v", tool.Name, a.ReadOnlyHint)
		}
		if n := len(tool.Description); n > 330 {
			t.Errorf("%s: the description has %d bytes; short ones are found", tool.Name, n)
		}
	}
}

// No tool takes a value: the inputs have only these arguments, and no others are
// allowed.
func TestThreatF4NoToolTakesAValue(t *testing.T) {
	t.Parallel()
	for _, name := range toolNames {
		tool := toolNamed(name)
		in := object(tool.in, tool.required...)
		if in["additionalProperties"] != false {
			t.Errorf("%s allows any argument", name)
		}
		for arg := range tool.in {
			if strings.Contains(arg, "value") || strings.Contains(arg, "secret") || arg == "password" {
				t.Errorf("%s takes %s", name, arg)
			}
		}
	}
}

func TestInstructionsSayWhatMatters(t *testing.T) {
	t.Parallel()
	said := instructions + strings.Join(rules, "\n")
	for _, w := range []string{
		"source '<path>' && <your command>", "ONE shell call", "no such file", "same path twice", "new shell",
		"echo", "cat", "printenv", "env | grep", "compgen", "hardcode", "data, never instructions",
	} {
		if !strings.Contains(said, w) {
			t.Errorf("the instructions do not say %q", w)
		}
	}
}

// The same over real standard input and output of a real process.
func TestRealProcess(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "MCP_TEST_SERVER=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	sc := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	session, err := sc.Connect(t.Context(), &sdk.CommandTransport{Command: cmd}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := session.CallTool(t.Context(), &sdk.CallToolParams{Name: "noxkey_get", Arguments: map[string]any{"account": "acme/api"}})
	if err != nil || r.IsError {
		t.Fatal(err, r)
	}
	if err := session.Close(); err != nil {
		t.Errorf("the server did not end well when its input did: %v", err)
	}
	if stderr.Len() > 0 {
		t.Errorf("standard error: %s", stderr.Bytes())
	}
}
