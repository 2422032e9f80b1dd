package e2e

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestThreatB13OwnersOfAUsersMount: a file system that the user mounts (FUSE) says of
// the agent's files that they are root's, so that a renamed agent would be a program
// of the system's. A mount needs no root; that /dev/fuse is everybody's, as on a
// desktop, and that fusermount3 may note the mount, is arranged in a machine of its own.
func TestThreatB13OwnersOfAUsersMount(t *testing.T) {
	t.Parallel()
	missing(t, "bindfs", "fusermount3")
	if !ownMachine(t) {
		return
	}
	dev := "/run/fuse"
	if err := unix.Mknod(dev, unix.S_IFCHR|0o666, int(unix.Mkdev(10, 229))); err != nil {
		t.Skipf("cannot be done here: %s: %v", dev, err)
	}
	if err := os.Chmod(dev, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount(dev, "/dev/fuse", "", unix.MS_BIND, ""); err != nil {
		t.Skipf("cannot be done here: /dev/fuse: %v", err)
	}
	r := onRoads(t)
	for _, d := range []string{"u/mine", "u/roots"} {
		if err := os.Mkdir(r.w.path(d), 0o700); err != nil {
			t.Fatal(err)
		}
		r.w.own(r.w.path(d))
	}
	r.w.program(t, "dash", "u/mine/dash")
	if out, err := r.w.command("bindfs", "--no-allow-other", "--force-user=root", "--force-group=root", "--perms=0755", r.w.path("u/mine"), r.w.path("u/roots")).CombinedOutput(); err != nil {
		t.Skipf("cannot be done here: bindfs: %v: %s", err, out)
	}
	defer func() { _ = r.w.command("fusermount3", "-u", "-z", r.w.path("u/roots")).Run() }()
	r.all(t, []road{
		{name: "it says so", line: `[ "$(stat -c %u:%a U/roots/dash)" = 0:755 ] && U/mine/dash -c "ASK; true"`, why: unproven, shell: true},
		{name: "a program of root's by its word only", line: `U/roots/dash -c "ASK; true"`, why: unproven, shell: true},
	})
}
