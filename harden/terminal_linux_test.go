package harden

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestThreatD4TypedKeysAreForOneProgram: while a program of ours has a terminal to itself,
// no other program of the same user opens it, and reads a part of what is typed.
func TestThreatD4TypedKeysAreForOneProgram(t *testing.T) {
	keys, tty := newTerminal(t)
	reader := func() error {
		cmd := exec.Command("sh", "-c", "exec 3<"+tty.Name())
		if os.Getuid() == 0 { // root may open any
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		return cmd.Run()
	}
	if err := reader(); err != nil {
		t.Skip("cannot be done here: sh cannot open a terminal of its own user: ", err)
	}
	release := Exclusive(tty)
	if reader() == nil {
		t.Error("another program opens the terminal")
	}
	if _, err := keys.WriteString("typed\n"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 16)
	if n, err := tty.Read(got); err != nil || string(got[:n]) != "typed\n" {
		t.Errorf("we read %q, %v", got[:n], err)
	}
	release()
	if err := reader(); err != nil {
		t.Errorf("released, and others cannot open it: %v", err)
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	Exclusive(f)() // no terminal: nothing happens
}

// newTerminal opens both ends of a pseudoterminal of the ordinary user's.
func newTerminal(t *testing.T) (keys, tty *os.File) {
	t.Helper()
	keys, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("cannot be done here: there is no /dev/ptmx: ", err)
	}
	t.Cleanup(func() { keys.Close() })
	n, err := unix.IoctlGetInt(int(keys.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(keys.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tty.Close() })
	if os.Getuid() == 0 {
		if err := tty.Chown(65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	return keys, tty
}
