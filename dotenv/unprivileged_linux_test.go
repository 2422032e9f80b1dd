package dotenv

import (
	"os"
	"runtime"
	"syscall"
	"testing"
)

// unprivileged runs f so that file permissions count for it, for root too. The
// file system uid is a property of the thread, which ends with the goroutine.
func unprivileged(t *testing.T, f func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		f()
		return
	}
	const nobody = 65534
	done := make(chan bool)
	go func() {
		runtime.LockOSThread() // and never unlock
		syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
		now, _, _ := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
		if now == nobody {
			f()
		}
		done <- now == nobody
	}()
	if !<-done {
		t.Fatal("cannot give up root's rights over files")
	}
}
