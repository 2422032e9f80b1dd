// Command bench measures what the project promises about speed and size, each
// figure beside its floor, measured in the same run: these machines are noisy, and
// only ratios travel. It prints a table and fails on nothing: a slow machine is no
// broken build.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := all(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func all() error {
	dir, err := os.MkdirTemp("/tmp", "nkb")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, step := range []func(string) error{build, sizes, overTheSocket, wholeProcess, idle, packages} {
		if err := step(dir); err != nil {
			return err
		}
	}
	return nil
}

// row prints one line: what, the figure, and what it is held against.
func row(what, figure, against string) { fmt.Printf("%-52s %-34s %s\n", what, figure, against) }

// build makes the release binaries and the floor of wholeProcess.
func build(dir string) error {
	for _, c := range [][]string{
		{"noxkey-app", "."}, {"noxkey", "./cmd/noxkey"}, {"floor", "./tools/bench/floor"},
	} {
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(dir, c[0]), c[1])
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", c[1], err, out)
		}
	}
	return nil
}

func sizes(dir string) error {
	for _, b := range []struct{ name, bar string }{{"noxkey", "bar: under 20 MiB"}, {"noxkey-app", ""}} {
		fi, err := os.Stat(filepath.Join(dir, b.name))
		if err != nil {
			return err
		}
		row(b.name+", binary", fmt.Sprintf("%.1f MiB", float64(fi.Size())/(1<<20)), b.bar)
	}
	return nil
}

// times are durations of the same thing.
type times []time.Duration

func (t times) at(q float64) time.Duration {
	s := slices.Sorted(slices.Values(t))
	return s[min(len(s)-1, int(q*float64(len(s))))]
}

func (t times) String() string {
	return fmt.Sprintf("p50 %s  p99 %s", short(t.at(0.5)), short(t.at(0.99)))
}

func short(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}

// measure runs f n times.
func measure(n int, f func() error) (times, error) {
	t := make(times, n)
	for i := range t {
		start := time.Now()
		if err := f(); err != nil {
			return nil, err
		}
		t[i] = time.Since(start)
	}
	return t, nil
}

var benchLine = regexp.MustCompile(`^Benchmark(\S+?)(-\d+)?\s+\d+\s+([\d.]+) ns/op(?:\s+([\d.]+) MB/s)?(?:\s+([\d.]+) MB/cpu-s)?`)

// bars are what issue 5 asks for, on one core.
var bars = map[string]string{
	"./handoff/redact": "bar: 200 MB/s with 50 secrets",
	"./fingerprint":    "bar: 50 MB/s with 10,000 secrets",
	"./broker":         "bar: 50 MB/s with 10,000 secrets",
}

// packages runs the benchmarks that live beside what they measure.
func packages(string) error {
	fmt.Println()
	for _, p := range []struct{ dir, bench string }{
		{"./ui", "Search|Rank"}, {"./vault/file", "Open|Write|Unlock"}, {"./caller", "Self|FromConn|Floor"}, {"./handoff", "."},
		{"./handoff/redact", "Text|JSON"}, {"./fingerprint", "Find"}, {"./broker", "Guard"},
	} {
		out, err := exec.Command("go", "test", "-run", "^$", "-bench", p.bench, "-benchtime", "200ms", p.dir).CombinedOutput()
		if err != nil {
			return fmt.Errorf("go test -bench in %s: %w\n%s", p.dir, err, out)
		}
		for line := range strings.SplitSeq(string(out), "\n") {
			m := benchLine.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			d, _ := time.ParseDuration(m[3] + "ns")
			figure := short(d)
			if m[4] != "" {
				figure = m[4] + " MB/s"
			}
			if m[5] != "" { // of processor time: what a machine that is shared cannot spoil
				figure += ", " + m[5] + " MB a CPU second"
			}
			row(strings.TrimPrefix(p.dir, "./")+" "+m[1], figure, bars[p.dir])
		}
	}
	return nil
}
