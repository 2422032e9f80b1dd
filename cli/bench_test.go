package cli_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

func pid(c *exec.Cmd) string { return strconv.Itoa(c.Process.Pid) }

// dialer is the floor: a static Go program that dials and reads one line.
const dialer = `package main

import (
	"bufio"
	"net"
	"os"
)

func main() {
	c, err := net.Dial("unix", os.Args[1])
	if err != nil {
		panic(err)
	}
	s, _ := bufio.NewReader(c).ReadString('\n')
	os.Stdout.WriteString(s)
}
`

// BenchmarkProcess measures whole processes, start to exit. What to compare: get
// in a session is at most three times the floor.
func BenchmarkProcess(b *testing.B) {
	w := newWorld(b)
	if err := w.put("acme/api/KEY", "normal"); err != nil {
		b.Fatal(err)
	}
	noxkey, home := release(b), string(w.home)
	if out, err := exec.Command(noxkey, "--home", home, "unlock", "acme").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	src := filepath.Join(b.TempDir(), "main.go")
	if err := os.WriteFile(src, []byte(dialer), 0o600); err != nil {
		b.Fatal(err)
	}
	floor, sock := build(b, src), filepath.Join(home, "line.sock")
	ln, err := net.Listen("unix", sock)
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("line\n"))
			c.Close()
		}
	}()
	for _, c := range []struct {
		name string
		argv []string
	}{
		{"floor", []string{floor, sock}},
		{"version", []string{noxkey, "version"}},
		{"status", []string{noxkey, "--home", home, "status"}},
		{"get", []string{noxkey, "--home", home, "get", "acme/api/KEY"}},
		{"get-raw", []string{noxkey, "--home", home, "get", "acme/api/KEY", "--raw"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			var cpu time.Duration // which a busy machine distorts less
			for b.Loop() {
				cmd := exec.Command(c.argv[0], c.argv[1:]...)
				start := time.Now()
				if out, err := cmd.Output(); err != nil || len(out) == 0 {
					b.Fatalf("%v: %s", err, out)
				}
				took = append(took, time.Since(start))
				cpu += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
			b.ReportMetric(float64(cpu)/float64(len(took))/1e6, "cpu-ms")
		})
	}
}
