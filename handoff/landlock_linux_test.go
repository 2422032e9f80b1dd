package handoff

import (
	"os"
	"os/exec"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

func landlockABI() (int, error) {
	n, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}

// helperLandlock becomes os.Args[2:], which may write to no file but /dev/null.
func helperLandlock() {
	runtime.LockOSThread() // the rules are the thread's, and so is the exec
	const write = unix.LANDLOCK_ACCESS_FS_WRITE_FILE
	attr := unix.LandlockRulesetAttr{Handled_access_fs: write | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR}
	set, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), 8, 0) // 8 bytes: ABI 1
	must(e == 0, e)
	null, err := unix.Open("/dev/null", unix.O_PATH|unix.O_CLOEXEC, 0)
	must(err == nil, err)
	rule := unix.LandlockPathBeneathAttr{Allowed_access: write, Parent_fd: int32(null)}
	_, _, e = unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, set, unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	must(e == 0, e)
	must(unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == nil, "no_new_privs")
	path, err := exec.LookPath(os.Args[2])
	must(err == nil, err)
	os.Unsetenv(helperEnv)
	_, _, e = unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, set, 0, 0)
	must(e == 0, e)
	must(false, unix.Exec(path, os.Args[2:], os.Environ()))
}

func must(ok bool, why any) {
	if !ok {
		panic(why)
	}
}
