package cli_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestThreatB7OurClientSpeaksForNobody: started with a connection to the app as its standard
// output or error, our client would send the app what it prints for others (noxkey run:
// what the program prints), and the app would take that for its own request.
func TestThreatB7OurClientSpeaksForNobody(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "nk") // not t.TempDir: a socket's path must fit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, c := range []struct {
		name  string
		speak bool
	}{{"noxkey.sock", false}, {"other.sock", true}} {
		ln, err := net.Listen("unix", filepath.Join(dir, c.name))
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		for stream, arg := range map[string]string{"output": "version", "error": "nonsense"} {
			said := wired(t, ln, stream, arg)
			if (said > 0) != c.speak {
				t.Errorf("%s as its standard %s: %d bytes sent", c.name, stream, said)
			}
		}
	}
}

// wired is how many bytes noxkey sends when a connection to ln is one of its streams.
func wired(t *testing.T, ln net.Listener, stream, arg string) int {
	t.Helper()
	c, err := net.Dial("unix", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.(*net.UnixConn).File()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("noxkey", arg)
	if stream == "output" {
		cmd.Stdout = f
	} else {
		cmd.Stderr = f
	}
	_ = cmd.Run()
	f.Close()
	c.Close()
	s, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	b := make([]byte, 4096)
	n, _ := s.Read(b)
	return n
}
