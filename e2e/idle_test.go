package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"noxkey/secret"
	"noxkey/vault/file"
)

// TestIdle measures the app with 10,000 secrets after a derivation of the real cost:
// resident memory, and how often it wakes while nothing happens.
func TestIdle(t *testing.T) {
	if testing.Short() {
		t.Skip("cannot be done here: a measurement of half a minute, left out under -short")
	}
	t.Parallel()
	w := newWorld(t)
	var seeds []seed
	for i := range 10_000 {
		seeds = append(seeds, seed{fmt.Sprintf("acme/p%d/KEY_%d", i%50, i), secret.Normal})
	}
	w.vault(file.DefaultParams, passphrase, seeds...)
	a := w.opened(t)
	a.wait(t, "10,000 secrets")
	pid := w.appPID(t)

	rss := 0
	if !within(2*time.Minute, func() bool {
		rss = status(t, pid, "VmRSS:")
		return rss < 40<<10
	}) {
		t.Errorf("%d KiB resident with 10,000 secrets, not under 40 MiB", rss)
	}
	// The runtime goes on giving memory back for a while after the derivation, longer
	// on a busy machine: one quiet window of a few is enough, an app that keeps waking has none.
	for range 6 {
		before := switches(t, pid)
		time.Sleep(20 * time.Second) // what is measured is time
		woken := switches(t, pid) - before
		t.Logf("%d KiB resident; %d voluntary context switches in 20 s", rss, woken)
		if woken < 40 {
			return
		}
	}
	t.Error("40 context switches or more in every 20 s of doing nothing")
}

// appPID asks the app for its process.
func (w *world) appPID(t *testing.T) int {
	t.Helper()
	out, errText, code := w.noxkey("", "status", "--json")
	_, rest, _ := strings.Cut(out, `"pid":`)
	num := strings.TrimLeft(rest, " ")
	end := strings.IndexAny(num, ",}\n ")
	if code != 0 || end < 0 {
		t.Fatalf("status: %s%s", out, errText)
	}
	pid, err := strconv.Atoi(num[:end])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// status is a number of /proc/PID/status.
func status(t *testing.T, pid int, field string) int {
	t.Helper()
	return number(t, fmt.Sprintf("/proc/%d/status", pid), field)
}

// switches counts how often any thread gave up the processor of its own accord: at
// most once for each time it was woken.
func switches(t *testing.T, pid int) int {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(tasks) == 0 {
		t.Fatalf("no threads of %d: %v", pid, err)
	}
	n := 0
	for _, path := range tasks {
		n += number(t, path, "voluntary_ctxt_switches:")
	}
	return n
}

func number(t *testing.T, path, field string) int {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(l, field); ok {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no %s in %s", field, path)
	return 0
}
