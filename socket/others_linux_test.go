package socket

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// usage is processor time: of the whole machine, and of this process and those of its
// children that have ended and been waited for.
type usage struct{ all, ours time.Duration }

// processors reads both. /proc/stat counts in hundredths of a second (proc(5)).
func processors(t *testing.T) (u usage) {
	t.Helper()
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		t.Fatal(err)
	}
	var user, nice, system, idle, wait, irq, soft, steal int64
	line, _, _ := strings.Cut(string(b), "\n")
	if _, err := fmt.Sscanf(line, "cpu %d %d %d %d %d %d %d %d", &user, &nice, &system, &idle, &wait, &irq, &soft, &steal); err != nil {
		t.Fatal(err)
	}
	u.all = time.Duration(user+nice+system+irq+soft+steal) * 10 * time.Millisecond
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var r unix.Rusage
		if err := unix.Getrusage(who, &r); err != nil {
			t.Fatal(err)
		}
		u.ours += time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	return u
}

// others returns how many processors' worth of time everybody else took since before.
func others(t *testing.T, before usage, took time.Duration) float64 {
	t.Helper()
	now := processors(t)
	return float64((now.all-before.all)-(now.ours-before.ours)) / float64(took)
}
