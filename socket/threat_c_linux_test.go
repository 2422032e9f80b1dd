package socket

import (
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestThreatC1AnothersListener: a socket in our own home on which another user listens is
// sent nothing. unix(7): the peer's credentials are those at listen(2), so this thread
// becomes somebody else for that call.
func TestThreatC1AnothersListener(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("cannot be done here: only root can listen as another user")
	}
	a := newApp(t)
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: a.home.Socket()}); err != nil {
		t.Fatal(err)
	}
	listenAs(t, fd, 65534)
	f := os.NewFile(uintptr(fd), "listener")
	ln, err := net.FileListener(f)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	sent := make(chan int, 1)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			sent <- -1
			return
		}
		b, _ := io.ReadAll(c)
		sent <- len(b)
	}()
	if _, _, err := answers(t, NewClient(a.home), withValue(t)); err == nil || !strings.Contains(err.Error(), "somebody else") {
		t.Errorf("the client says %v", err)
	}
	if n := <-sent; n != 0 {
		t.Errorf("%d bytes were sent", n)
	}
}

// listenAs calls listen(2) with another effective uid, on this thread alone: the raw
// call does not change the others as syscall.Setresuid would.
func listenAs(t *testing.T, fd, uid int) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	keep := ^uintptr(0)
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, keep, uintptr(uid), keep); e != 0 {
		t.Fatal(e)
	}
	err := unix.Listen(fd, 1)
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, keep, 0, keep); e != 0 {
		panic(e)
	}
	if err != nil {
		t.Fatal(err)
	}
}
