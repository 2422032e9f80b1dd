package main

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"noxkey/caller"
)

// TestThreatF1ClientInANamespaceOfItsOwn: there a program may make its executable read as
// the client's file, so that even the client is not taken for itself.
func TestThreatF1ClientInANamespaceOfItsOwn(t *testing.T) {
	client := sleepPath(t)
	o := &ownClient{client: client, seen: map[caller.ProcID]struct{}{}}
	cmd := exec.Command(client, "60")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}}
	if err := cmd.Start(); err != nil {
		t.Skip("cannot be done here: the kernel gives no user namespace (unshare): ", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for what, c := range map[string]struct {
		p    caller.Process
		ours bool
	}{"in ours": {running(t, client), true}, "in its own": {started(t, cmd, client), false}} {
		o.note(c.p)
		if err := o.check(c.p); (err == nil) != c.ours {
			t.Errorf("%s: %v", what, err)
		}
		c.p.NoExe = true // it hides
		if err := o.check(c.p); (err == nil) != c.ours {
			t.Errorf("%s, hidden: %v", what, err)
		}
	}
}
