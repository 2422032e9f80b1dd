package socket

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"noxkey/secret"
)

// The test binary is also the other processes of these tests: what a peer does to
// the server counts against its pid, so that many peers must be many processes.

// peerEnv holds what a process is to be: "role home number".
const peerEnv = "SOCKET_TEST_PEER"

func TestMain(m *testing.M) {
	if as := os.Getenv(peerEnv); as != "" {
		f := strings.Fields(as)
		n, _ := strconv.Atoi(f[2])
		json.NewEncoder(os.Stdout).Encode(roles[f[0]](Home(f[1]), n))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// told is what a peer reports when it ends.
type told struct {
	Made     int             // connections
	Greeted  int             // of them, with a key
	Busy     int             // of them, refused because there were too many
	Answered int             // requests that were
	Sent     int             // bytes, to a server that was not ours
	Errors   []string        // of the first few that went wrong
	Took     []time.Duration // by each request, where they are measured
}

// roles run until they are done or standard input ends.
var roles = map[string]func(h Home, n int) told{
	"clock":   clock,
	"silent":  hostile(func(c net.Conn, stop <-chan struct{}, _ int) { _, _ = io.Copy(io.Discard, c) }),
	"slow":    hostile(slow),
	"garbage": hostile(garbage),
	"huge":    hostile(huge),
	"half": hostile(func(c net.Conn, _ <-chan struct{}, _ int) {
		_, _ = io.WriteString(c, `{"noxkey":1,"request":{"op":"get","targets":["acme/`)
	}),
	"waiting": func(h Home, n int) told { return waiting(h, n, one) },
	"long":    func(h Home, n int) told { return waiting(h, n, long) },
	"honest":  honest,
	"squat":   squatter,
}

// clock is a process that only sleeps: what it is late is the machine's.
func clock(Home, int) told {
	stop := untilStdinEnds()
	var t told
	for {
		began := time.Now()
		select {
		case <-stop:
			return t
		case <-time.After(time.Millisecond):
			t.Took = append(t.Took, time.Since(began)-time.Millisecond)
		}
	}
}

// again is how long a hostile peer waits at most before it connects anew. Without it the
// machine would mostly be busy with the hostile peers' own work.
const again = 800 * time.Millisecond

// hostile holds n connections of one kind, each made again when it has ended.
func hostile(f func(c net.Conn, stop <-chan struct{}, i int)) func(Home, int) told {
	return func(h Home, n int) told {
		// Their own work is not what is measured: on two processors it would take most of them.
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19)
		stop := untilStdinEnds()
		var made, greeted, busy atomic.Int64
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				for open := true; open; {
					c, err := net.Dial("unix", h.Socket())
					if err == nil {
						made.Add(1)
						line, _ := bufio.NewReader(c).ReadString('\n')
						if strings.Contains(line, `"busy"`) {
							busy.Add(1)
						} else if strings.Contains(line, `"key"`) {
							greeted.Add(1)
							over := make(chan struct{})
							go func() {
								select {
								case <-stop:
								case <-over:
								}
								c.Close()
							}()
							f(c, stop, i)
							close(over)
						}
						c.Close()
					}
					open = pause(stop, rand.N(again))
				}
			})
		}
		wg.Wait()
		return told{Made: int(made.Load()), Greeted: int(greeted.Load()), Busy: int(busy.Load())}
	}
}

// slow sends a frame that would be good, a byte at a time.
func slow(c net.Conn, stop <-chan struct{}, _ int) {
	for _, b := range []byte(`{"noxkey":1,"key":"` + strings.Repeat("A", 1000)) {
		if _, err := c.Write([]byte{b}); err != nil || !pause(stop, 50*time.Millisecond) {
			return
		}
	}
}

// garbage sends 8 KiB of anything, with newlines and zero bytes in it.
func garbage(c net.Conn, _ <-chan struct{}, i int) {
	r := rand.New(rand.NewPCG(1, uint64(i)))
	b := make([]byte, 8<<10)
	for j := range b {
		b[j] = byte(r.Uint32())
	}
	_, _ = c.Write(b)
	_, _ = io.Copy(io.Discard, c)
}

// huge sends a line without an end: every other one more than the server takes, the
// rest as much as it takes, to stay there with it.
func huge(c net.Conn, _ <-chan struct{}, i int) {
	n := maxFrame - 1
	if i%2 == 1 {
		n = 4 * maxFrame
	}
	if _, err := io.WriteString(c, `{"x":"`+strings.Repeat("x", n-6)); err == nil {
		_, _ = io.Copy(io.Discard, c)
	}
}

// pause waits d, and reports whether to go on.
func pause(stop <-chan struct{}, d time.Duration) bool {
	select {
	case <-stop:
		return false
	case <-time.After(d):
		return true
	}
}

func untilStdinEnds() <-chan struct{} {
	stop := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(stop)
	}()
	return stop
}

// waiting makes n requests at once with f, and waits for their answers.
func waiting(h Home, n int, f func(h Home, reason string) error) (t told) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			err := f(h, "wait")
			mu.Lock()
			defer mu.Unlock()
			t.note(err)
		})
	}
	wg.Wait()
	return t
}

// honest makes n requests, one after the other, and measures each; what is not asked
// within ten seconds is not asked.
func honest(h Home, n int) (t told) {
	for end := time.Now().Add(10 * time.Second); t.Made < n && time.Now().Before(end); {
		began := time.Now()
		t.note(one(h, ""))
		t.Took = append(t.Took, time.Since(began))
	}
	return t
}

func (t *told) note(err error) {
	if t.Made++; err == nil {
		t.Answered++
		return
	}
	if secret.CodeOf(err) == secret.Busy {
		t.Busy++
	}
	if len(t.Errors) < 3 {
		t.Errors = append(t.Errors, err.Error())
	}
}

// one makes one request, whose one answer must be its reason.
func one(h Home, reason string) error {
	got := 0
	err := NewClient(h).Do(context.Background(), &secret.Request{Op: secret.OpList, Reason: reason}, func(a secret.Answer) error {
		if a.Place != nil {
			got++
		}
		return nil
	})
	if err == nil && got != 1 {
		return errors.New("no answer")
	}
	return err
}

// long makes one request that is longer than every connection may be.
func long(h Home, reason string) error {
	req := &secret.Request{Op: secret.OpList, Reason: reason + strings.Repeat("r", 4*shortFrame)}
	return NewClient(h).Do(context.Background(), req, func(secret.Answer) error { return nil })
}

// squatter binds the socket's path, shows each of n clients a greeting that it signed
// itself, and counts what they send.
func squatter(h Home, n int) (t told) {
	os.Remove(h.Socket())
	ln, err := net.Listen("unix", h.Socket())
	if err != nil {
		return told{Errors: []string{err.Error()}}
	}
	_, mine, _ := ed25519.GenerateKey(nil)
	os.Stdout.WriteString("\n") // it listens
	for range n {
		c, err := ln.Accept()
		if err != nil {
			break
		}
		t.Made++
		if who, err := me(c.(*net.UnixConn)); err == nil {
			k, _ := newOneTime()
			g, _ := greet(k, who.Chain[0].ID, func(m []byte) ([]byte, error) { return ed25519.Sign(mine, m), nil })
			_ = writeFrame(c, g)
		}
		b, _ := io.ReadAll(c)
		t.Sent += len(b)
		c.Close()
	}
	return t
}

// process is a peer that runs.
type process struct {
	role string
	cmd  *exec.Cmd
	in   io.Closer
	out  *bufio.Reader
}

func start(t *testing.T, role string, h Home, n int) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{role: role, cmd: exec.Command(exe)}
	p.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", peerEnv+"="+role+" "+string(h)+" "+strconv.Itoa(n))
	p.cmd.Stderr = os.Stderr
	in, err1 := p.cmd.StdinPipe()
	out, err2 := p.cmd.StdoutPipe()
	if err := errors.Join(err1, err2, p.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewReader(out)
	t.Cleanup(func() { in.Close(); _ = p.cmd.Process.Kill(); _ = p.cmd.Wait() })
	return p
}

// end tells p to stop, unless it stops by itself, and returns what it reports.
func (p *process) end(t *testing.T, stop bool) (r told) {
	t.Helper()
	if stop {
		p.in.Close()
	}
	if err := json.NewDecoder(p.out).Decode(&r); err != nil {
		t.Fatalf("%s reports nothing: %v", p.role, err)
	}
	_ = p.cmd.Wait()
	return r
}

// quantile returns the q-th part of durations: 0.99 is p99.
func quantile(list []time.Duration, q float64) time.Duration {
	list = slices.Sorted(slices.Values(list))
	return list[min(len(list)-1, int(q*float64(len(list))))]
}
