package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// display starts an X server without a network port and returns its name.
func display(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xclip"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("cannot be done here: missing tool: " + tool)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-nolisten", "tcp", "-screen", "0", "64x64x24")
	cmd.ExtraFiles = []*os.File{w}
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	_ = r.SetReadDeadline(time.Now().Add(time.Minute))
	n, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Skip("cannot be done here: Xvfb names no display: " + err.Error())
	}
	return ":" + strings.TrimSpace(n)
}

// TestClipboardWorksHardened: the desktop's tools inherit the filter, and need no more
// than a Unix socket.
func TestClipboardWorksHardened(t *testing.T) {
	if os.Getenv("NOXKEY_TEST_PART") == "clip" {
		fmt.Println("told:", hardenedCopy(t))
		return
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestClipboardWorksHardened$", "-test.count=1")
	cmd.Env = append(os.Environ(), "NOXKEY_TEST_PART=clip", "DISPLAY="+display(t), "WAYLAND_DISPLAY=")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `told: "canary-clip" "" seccomp 2`) {
		t.Errorf("%v\n%s", err, out)
	}
}

// hardenedCopy copies and clears in a hardened process, and says what was there each time.
func hardenedCopy(t *testing.T) string {
	if err := hardened(); err != nil {
		return err.Error()
	}
	c := newClip()
	v, err := secret.NewValue([]byte("canary-clip"))
	if err == nil {
		err = c.put(t.Context(), v, time.Hour)
	}
	if err != nil {
		return err.Error()
	}
	there, err := c.read()
	if err != nil {
		return err.Error()
	}
	c.clear()
	left, _ := c.read() // xclip fails where there is nothing
	mode, _ := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0)
	return fmt.Sprintf("%q %q seccomp %d", there, left, mode)
}
