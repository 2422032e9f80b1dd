package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"
)

// The binaries under test, in a folder that everybody may read.
var binNoxkey, binApp, binAgent string

// uid and gid are the ordinary user that everything runs as.
var uid, gid = os.Getuid(), os.Getgid()

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == agentName {
		os.Exit(standIn(os.Args[1:]))
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if os.Getuid() == 0 {
		uid, gid = 65534, 65534 // nobody
	}
	if _, err := user.LookupId(strconv.Itoa(uid)); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: the tests need a user of the user database:", err)
		return 1
	}
	dir, err := os.MkdirTemp("/tmp", "nkbin")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := build(dir); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	return m.Run()
}

// build makes the release binaries, as the Makefile does, and the agent's stand-in,
// which is this test's own binary under an agent's name.
func build(dir string) error {
	binNoxkey, binApp, binAgent = filepath.Join(dir, "noxkey"), filepath.Join(dir, "noxkey-app"), filepath.Join(dir, agentName)
	for out, pkg := range map[string]string{binApp: ".", binNoxkey: "./cmd/noxkey"} {
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", out, pkg)
		cmd.Dir = ".."
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", pkg, err, text)
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b, err := os.ReadFile(self)
	if err != nil {
		return err
	}
	if err := os.WriteFile(binAgent, b, 0o755); err != nil {
		return err
	}
	// They belong to whoever runs them, as in a fresh clone: the app must not take its
	// own client for a stranger's program.
	for _, p := range []string{dir, binApp, binNoxkey, binAgent} {
		if err := errors.Join(os.Chmod(p, 0o755), os.Chown(p, uid, gid)); err != nil {
			return err
		}
	}
	return nil
}

// need skips a test whose tool is missing, and names it.
func need(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("missing tool: " + tool)
		}
	}
}
