package caller

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCodeOfAppleProgram: what macOS brings along is Apple's, and nobody writes into it.
func TestCodeOfAppleProgram(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("/bin/sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	id, err := IDOf(cmd.Process.Pid)
	if err == nil {
		var c Code
		if c, err = CodeOf(id); err == nil && (c.Signer != Apple || c.Identifier != "com.apple.sleep" || !c.Guarded) {
			t.Errorf("%+v", c)
		}
	}
	if err != nil {
		t.Error(err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if c, err := CodeOf(id); err == nil || c != (Code{}) {
		t.Errorf("of a dead one: %+v %v", c, err)
	}
}

// TestCodeOfPeerIsOurs: both ends of this socket are this process.
func TestCodeOfPeerIsOurs(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/tmp", "nx") // t.TempDir is too long for a socket's path here
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, "s"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	client, err := net.DialUnix("unix", nil, ln.Addr().(*net.UnixAddr))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := ln.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for _, c := range []*net.UnixConn{client, server} {
		code, id, err := CodeOfPeer(c)
		if err != nil || id.PID != os.Getpid() || code.Signer > AdHoc {
			t.Errorf("%+v of %v, %v", code, id, err)
		}
	}
}
