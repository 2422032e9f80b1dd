//go:build linux

// Package rig drives a program in real windows on an X display of its own: Xvfb without a window
// manager, xdotool for the keys and the mouse, ImageMagick's import for the pictures. It waits for
// the program's own log lines and for what X says, and never for a length of time.
package rig

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Patience is how long anything may take before it counts as not happening. It is long because
// the machine may be busy; nothing that works waits for it.
var Patience = 30 * time.Second

// T is what the rig needs of *testing.T.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
	Logf(format string, args ...any)
	Cleanup(func())
}

// Display is one Xvfb and everything started on it.
type Display struct {
	t        T
	name     string // ":7"
	home     string // HOME and TMPDIR of all programs: GNUstep keeps defaults and its pasteboard's socket there
	programs []*Program
	mark     string // in the environment of every process of this display, also of daemons that left the group
}

// size is the screen's: large enough for a card beside a menu.
const size = "1280x900x24"

// Open starts a display. When the test ends it is closed and all its processes are killed.
func Open(t T) *Display {
	t.Helper()
	// Not t.TempDir, whose name is long: GNUstep puts sockets below it, and their paths have 108 bytes.
	home, err := os.MkdirTemp("", "rig")
	if err != nil {
		t.Fatalf("make a folder: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	d := &Display{t: t, home: home}
	d.mark = "NOXKEY_RIG=" + d.home
	if err := d.defaults(); err != nil {
		t.Fatalf("write GNUstep's defaults: %v", err)
	}
	told, tell, err := os.Pipe()
	if err != nil {
		t.Fatalf("pipe: %v", err)
	}
	defer told.Close()
	// -displayfd: Xvfb takes a free number and says which.
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", size, "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{tell}
	cmd.Env = append(os.Environ(), d.mark)
	t.Cleanup(d.sweep)
	if _, err := spawn(cmd); err != nil {
		t.Fatalf("start Xvfb: %v", err)
	}
	tell.Close()
	if d.name, err = readNumber(told); err != nil {
		t.Fatalf("Xvfb did not say its display: %v", err)
	}
	return d
}

// Home is the folder that programs of this display have for HOME; it goes with the display.
func (d *Display) Home() string { return d.home }

func readNumber(r *os.File) (string, error) {
	if err := r.SetReadDeadline(time.Now().Add(Patience)); err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	if n := strings.TrimSpace(string(text)); n != "" {
		return ":" + n, nil
	}
	return "", fmt.Errorf("it said %q: %w", text, err)
}

// defaults switches off GNUstep's icon window and gives menus a shape without a title row.
func (d *Display) defaults() error {
	dir := filepath.Join(d.home, "GNUstep", "Defaults")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	text := `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>GSSuppressAppIcon</key><string>YES</string>
<key>NSMenuInterfaceStyle</key><string>NSMacintoshInterfaceStyle</string>
<key>NSScrollViewInterfaceStyle</key><string>NSMacintoshInterfaceStyle</string>
</dict></plist>
`
	if err := os.WriteFile(filepath.Join(dir, "NSGlobalDomain.plist"), []byte(text), 0o600); err != nil {
		return err
	}
	// gnustep-base takes the home folder from passwd and not from HOME. Its folders below it are
	// set by this file, relative to it.
	me, err := user.Current()
	if err != nil {
		return err
	}
	own, err := filepath.Rel(me.HomeDir, filepath.Join(d.home, "GNUstep"))
	if err != nil {
		return err
	}
	conf := fmt.Sprintf("GNUSTEP_USER_DEFAULTS_DIR=%s/Defaults\nGNUSTEP_USER_DIR_LIBRARY=%s/Library\nGNUSTEP_USER_CONFIG_FILE=%s/none\n", own, own, own)
	system, err := os.ReadFile("/etc/GNUstep/GNUstep.conf")
	if err != nil {
		return err
	}
	return os.WriteFile(d.config(), append(system, conf...), 0o600)
}

func (d *Display) config() string { return filepath.Join(d.home, "GNUstep.conf") }

func (d *Display) env() []string {
	env := []string{"DISPLAY=" + d.name, "HOME=" + d.home, "TMPDIR=" + d.home, "TMP=" + d.home, "TEMP=" + d.home, "LC_ALL=C.UTF-8", "TZ=UTC",
		"GNUSTEP_CONFIG_FILE=" + d.config(), d.mark}
	for _, kept := range []string{"PATH", "USER", "LOGNAME"} {
		env = append(env, kept+"="+os.Getenv(kept))
	}
	return env
}

// spawn starts cmd in a process group of its own on a thread that waits for it: if this process
// dies, the kernel kills the child (PR_SET_PDEATHSIG goes by the thread that forked, prctl(2)).
// The channel gets the exit.
func spawn(cmd *exec.Cmd) (<-chan error, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended <- cmd.Wait()
		}
	}()
	return ended, <-started
}

// sweep kills every process that carries this display's mark, Xvfb and GNUstep's daemons among them.
func (d *Display) sweep() {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		d.t.Errorf("look for leftovers: %v", err)
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		env, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err != nil {
			continue // another user's, or gone
		}
		for v := range bytes.SplitSeq(env, []byte{0}) {
			if string(v) == d.mark {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}

// tool runs a program on the display and returns what it printed.
func (d *Display) tool(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = d.env()
	var said, wrong bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &wrong
	ended, err := spawn(cmd)
	if err != nil {
		return "", err
	}
	select {
	case err = <-ended:
	case <-time.After(Patience):
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
		err = fmt.Errorf("no end after %v", Patience)
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, wrong.String())
	}
	return said.String(), nil
}

// until asks again and again whether something is so. X sends no log lines, so it is asked.
func until(so func() bool) bool {
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if so() {
			return true
		}
	}
	return so()
}
