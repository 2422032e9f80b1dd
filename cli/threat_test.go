package cli_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// variables are what somebody might hope to loosen a rule with, and the two that
// cobra reads: whether completions carry descriptions.
var variables = []string{
	"NOXKEY_ACTIVE_HELP", "NOXKEY_COMPLETION_DESCRIPTIONS",
	"NOXKEY_HOME", "NOXKEY_SOCKET", "NOXKEY_PIN", "NOXKEY_VAULT", "NOXKEY_AUDIT", "NOXKEY_CONFIG",
	"NOXKEY_CLASS", "NOXKEY_CALLER", "NOXKEY_HUMAN", "NOXKEY_AGENT", "NOXKEY_APPROVE", "NOXKEY_AUTO_APPROVE",
	"NOXKEY_YES", "NOXKEY_ALLOW", "NOXKEY_PASSPHRASE", "NOXKEY_SESSION", "NOXKEY_TICKET", "NOXKEY_TEST",
	"NOXKEY_TESTING", "NOXKEY_DEBUG", "NOXKEY_LOG", "NOXKEY_TRACE", "NOXKEY_INSECURE", "NOXKEY_UNSAFE",
	"NOXKEY_DISABLE_AUDIT", "NOXKEY_LEVEL", "NOXKEY_RAW", "NOXKEY_NO_PROMPT", "NOXKEY_TIMEOUT", "NOXKEY_DIR",
}

func noxkey(w *world, env []string, args ...string) (out string, code int) {
	cmd := exec.Command("noxkey", append([]string{"--home", string(w.home)}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	_ = cmd.Run()
	return b.String(), cmd.ProcessState.ExitCode()
}

// TestThreatB10Variables sets every one of them, to several values, and finds
// nothing changed: neither for an agent nor for an unknown caller.
func TestThreatB10Variables(t *testing.T) {
	w := newWorld(t)
	if err := w.put("acme/api/KEY", "normal"); err != nil {
		t.Fatal(err)
	}
	w.answers("deny", "")
	doors := [][]string{{"get", "acme/api/KEY", "--raw"}, {"load", "acme"}, {"export", "acme"}, {"audit"}, {"verify"}, {"peek", "acme/api/KEY"}, {"ls", "--json"}}
	for _, class := range []string{"Codex", "unknown"} {
		w.become(class)
		for _, door := range doors {
			plain, code := noxkey(w, nil, door...)
			for _, v := range []string{"1", "human", "/tmp", "yes"} {
				var env []string
				for _, name := range variables {
					env = append(env, name+"="+v)
				}
				if got, c := noxkey(w, env, door...); got != plain || c != code {
					t.Errorf("%s as %s with %q: %d %q, without: %d %q", door, class, v, c, got, code, plain)
				}
			}
			if strings.Contains(plain, canary) {
				t.Errorf("%s as %s gives the value away", door, class)
			}
		}
	}
}

// TestThreatB10ReleaseBinary finds in the released binary no variable of ours that
// is not in the list above.
func TestThreatB10ReleaseBinary(t *testing.T) {
	b, err := os.ReadFile(release(t))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`NOXKEY_[A-Z0-9_]+`).FindAll(b, -1)
	for _, f := range found {
		if !slices.Contains(variables, string(f)) {
			t.Errorf("the binary knows %s", f)
		}
	}
}

// release builds the client as it is shipped.
func release(t testing.TB) string {
	t.Helper()
	return build(t, "noxkey/cmd/noxkey")
}

func build(t testing.TB, pkg string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "noxkey")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// TestThreatF5NothingInArgv looks at the processes that get starts: no value, name
// or reason stands in an argument list but the asker's own.
func TestThreatF5NothingInArgv(t *testing.T) {
	w := newWorld(t)
	if err := w.put("acme/api/KEY", "normal"); err != nil {
		t.Fatal(err)
	}
	w.become("Codex")
	w.answers("never", "")
	s := onTerminal(t, w, "get", "acme/api/KEY", "--reason", "the-reason")
	s.see("waiting for your answer")
	out, err := exec.Command("ps", "-o", "args=", "--ppid", pid(s.cmd)).Output()
	if err != nil {
		t.Skipf("ps is missing or not procps': %v", err)
	}
	if got := strings.TrimSpace(string(out)); got != "noxkey __handoff" {
		t.Errorf("the background's arguments are %q", got)
	}
	s.typed("\x03")
	s.ends(1)
}

// TestThreatF4NoCanaryInAnyFailure makes every write fail late, with the value in
// the client's hands, and looks for it.
func TestThreatF4NoCanaryInAnyFailure(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "x.env")
	if err := os.WriteFile(file, []byte("KEY="+canary+"\nBAD "+canary+"\n"+canary+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, class := range []string{"human", "Codex", "unknown"} {
		w.become(class)
		w.answers("deny", "wrong")
		for _, args := range [][]string{
			{"import", file, "--under", "acme/api"}, {"import", file, "--under", "acme/api", "--dry-run"},
			{"import", file, "--under", "acme/api", "--json"}, {"scan", filepath.Dir(file)}, {"scan", file, "--json"},
			{"set", "acme/api/KEY", "--stdin"},
		} {
			cmd := exec.Command("noxkey", append([]string{"--home", string(w.home)}, args...)...)
			cmd.Stdin = strings.NewReader(canary)
			out, _ := cmd.CombinedOutput()
			if bytes.Contains(out, []byte(canary)) {
				t.Errorf("%s as %s: %s", args, class, out)
			}
		}
	}
}
