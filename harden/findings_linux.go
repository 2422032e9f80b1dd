package harden

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"noxkey/harden/locked"
	"noxkey/secret"
)

// Findings is what the kernel says of this process now, for `noxkey verify`: it is asked, and
// what Harden and NoNetwork meant to do does not count.
func Findings() []secret.Finding {
	return []secret.Finding{readable(), cores(), network(), keys()}
}

func readable() secret.Finding {
	f := secret.Finding{Subject: "process", Text: "other programs of yours can read the app's memory"}
	d, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	switch {
	case err != nil:
		f.Text = "the kernel does not say whether other programs can read the app: " + err.Error()
	case d == 0:
		f.OK, f.Text = true, "not readable by other programs (not dumpable)"
	}
	return f
}

func cores() secret.Finding {
	f := secret.Finding{Subject: "process", Text: "a crash of the app may write its memory to disk"}
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &l); err != nil {
		f.Text = "the kernel does not say whether the app may leave a core dump: " + err.Error()
	} else if l.Cur == 0 && l.Max == 0 {
		f.OK, f.Text = true, "core dumps off"
	}
	return f
}

// network tries: every family that reaches other machines must be refused, and every thread
// be under a filter. A socket that could be made is closed unused.
func network() secret.Finding {
	f := secret.Finding{Subject: "network"}
	for name, family := range map[string]int{"IPv4": unix.AF_INET, "IPv6": unix.AF_INET6, "netlink": unix.AF_NETLINK, "packet": unix.AF_PACKET, "vsock": unix.AF_VSOCK} {
		fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			unix.Close(fd)
		}
		if !errors.Is(err, unix.EACCES) {
			f.Text = "the kernel does not refuse this app " + name + " sockets: that nothing is sent rests on the program alone"
			return f
		}
	}
	if n, err := unfiltered(); err != nil || n > 0 {
		f.Text = fmt.Sprintf("%d threads of the app are under no filter (%v)", n, err)
		return f
	}
	f.OK, f.Text = true, "the kernel refuses this app every socket but Unix ones (seccomp)"
	return f
}

// unfiltered counts the threads that are not under a filter, or could drop it by execve(2).
func unfiltered() (int, error) {
	tasks, err := filepath.Glob("/proc/self/task/[0-9]*/status")
	if err != nil || len(tasks) == 0 {
		return 0, errors.New("/proc shows no threads")
	}
	n := 0
	for _, path := range tasks {
		b, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			continue // it ended
		}
		if err != nil {
			return n, err
		}
		if field(b, "Seccomp") != strconv.Itoa(unix.SECCOMP_MODE_FILTER) || field(b, "NoNewPrivs") != "1" {
			n++
		}
	}
	return n, nil
}

// field is one of proc_pid_status(5), "" if it is not there.
func field(status []byte, name string) string {
	_, rest, ok := bytes.Cut(status, []byte("\n"+name+":"))
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(string(rest), "\n")
	return strings.TrimSpace(value)
}

// keys compares what package locked asked for with what the kernel has locked.
func keys() secret.Finding {
	f := secret.Finding{Subject: "keys"}
	s := locked.Now()
	b, err := os.ReadFile("/proc/self/status")
	kib, err2 := strconv.Atoi(strings.TrimSuffix(field(b, "VmLck"), " kB"))
	switch {
	case err != nil || err2 != nil:
		f.Text = "the kernel does not say how much of the app's memory is locked"
	case s.Refused != nil:
		f.Text = fmt.Sprintf("%d of %d pages with keys may be written to swap: %v (ulimit -l)", s.Unlocked, s.Pages, s.Refused)
	case kib<<10 < s.Pages*os.Getpagesize():
		f.Text = fmt.Sprintf("%d pages hold keys, and the kernel has locked %d KiB", s.Pages, kib)
	default:
		f.OK, f.Text = true, fmt.Sprintf("locked in memory, %d pages (%d KiB)", s.Pages, kib)
	}
	return f
}
