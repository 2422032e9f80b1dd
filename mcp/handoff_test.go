package mcp

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"noxkey/caller"
	"noxkey/secret"
)

// realHandoffs makes a server use package handoff, for readers below this process.
func realHandoffs(t *testing.T) (func(*Options), string) {
	t.Helper()
	self, err := caller.ReadProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "h")
	return func(o *Options) {
		o.newPipe, o.HandoffDir = nil, dir
		o.Self = func() (caller.Caller, error) {
			return caller.Caller{Class: caller.Agent, Agent: "Claude Code", Anchor: self.ID}, nil
		}
	}, dir
}

// The whole way: the tool's command, run as an agent would, has the value, byte for
// byte, and the conversation has not. The second use yields nothing.
func TestSourceTheAnswer(t *testing.T) {
	t.Parallel()
	real, dir := realHandoffs(t)
	c := connect(t, &fake{}, real)
	data, _ := c.call("noxkey_get", map[string]any{"account": "acme/api"})
	out := filepath.Join(t.TempDir(), "out")
	command := strings.Replace(data["command"].(string), "<your command>", `printf %s "$STRIPE_KEY$TOKEN" > "$OUT"`, 1)
	run := func() ([]byte, error) {
		sh := exec.Command("bash", "-c", command)
		sh.Env = []string{"OUT=" + out, "PATH=" + os.Getenv("PATH")}
		return sh.CombinedOutput()
	}
	if said, err := run(); err != nil || len(said) > 0 {
		t.Fatalf("%v: %s", err, said)
	}
	if got, err := os.ReadFile(out); err != nil || string(got) != canary+canary {
		t.Errorf("the command got %q, %v", got, err)
	}
	if err := os.Remove(out); err != nil {
		t.Fatal(err)
	}
	if said, err := run(); err == nil || leaks(said) {
		t.Errorf("the second use: %v, %s", err, said)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("the second use ran the command")
	}
	c.hangUp()
	<-c.done
	if rest, _ := filepath.Glob(dir + "/*/*"); len(rest) > 0 {
		t.Errorf("left behind: %v", rest)
	}
}

// A1: cat reads the script and the pipe, gets nothing, and the next answer says so.
func TestThreatA1CatGetsNothing(t *testing.T) {
	t.Parallel()
	real, _ := realHandoffs(t)
	f := &fake{}
	c := connect(t, f, real)
	data, _ := c.call("noxkey_get", map[string]any{"account": "acme/api"})
	script := data["script"].(string)
	text, err := os.ReadFile(script)
	if err != nil || leaks(text) {
		t.Fatalf("%v %s", err, text)
	}
	names, err := filepath.Glob(filepath.Dir(script) + "/*")
	if err != nil {
		t.Fatal(err)
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == script })
	got, _ := exec.Command("cat", names...).CombinedOutput() // its exit status is its own business
	if leaks(got) || bytes.Contains(got, []byte(canary[:8])) {
		t.Errorf("cat got %q", got)
	}
	if n := f.asked(secret.OpRedeem); len(n) > 0 {
		t.Errorf("redeemed: %v", n)
	}
	deadline := time.Now().Add(60 * time.Second)
	for {
		data, _ := c.call("noxkey_show", nil)
		if note, _ := data["note"].(string); note != "" {
			if !strings.Contains(note, "cat") {
				t.Errorf("note %q", note)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("no note")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestHandoffFolderRefused(t *testing.T) {
	t.Parallel()
	real, dir := realHandoffs(t)
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil { // whatever the umask
		t.Fatal(err)
	}
	c := connect(t, &fake{}, real)
	c.refused(secret.Storage, "noxkey_get", map[string]any{"account": "acme/api"})
}
