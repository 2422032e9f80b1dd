package sysfault

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// OnTmpfs mounts a tmpfs on dir for one thread alone, in a mount namespace of its own,
// and calls f on that thread. options are tmpfs(5)'s, such as "size=64k,nr_inodes=9". All
// other threads, and goroutines that f starts, see dir as it was. It takes root; an error
// says that it could not be done, and f was not called.
func OnTmpfs(dir, options string, f func()) error {
	ready, done := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the namespace ends with the thread
		err := mount(dir, options)
		ready <- err
		if err != nil {
			return
		}
		defer func() { _ = unix.Unmount(dir, unix.MNT_DETACH) }()
		f()
	}()
	<-done
	return <-ready
}

func mount(dir, options string) error {
	if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount("noxkey-test", dir, "tmpfs", unix.MS_NODEV|unix.MS_NOSUID, options); err != nil {
		return fmt.Errorf("mount tmpfs: %w", err)
	}
	return nil
}
