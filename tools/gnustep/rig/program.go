//go:build linux

package rig

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Program is a running program whose standard output and error are its log.
type Program struct {
	t     T
	cmd   *exec.Cmd
	allow Allow
	in    io.WriteCloser

	mu    sync.Mutex // guards the fields below
	lines []string
	next  int           // the first line that Wait has not passed
	grown chan struct{} // closed and replaced when lines grows or the program ends
	ended bool
	took  map[string]int // events the program has dealt with; they are not in lines
}

// Start runs a program on the display. When the test ends it is killed, and a message it sent that
// no object understood and allow does not list is an error of the test.
func (d *Display) Start(allow Allow, path string, args ...string) *Program {
	d.t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		d.t.Fatalf("pipe: %v", err)
	}
	p := &Program{t: d.t, allow: allow, grown: make(chan struct{}), took: map[string]int{}}
	d.programs = append(d.programs, p)
	p.cmd = exec.Command(path, args...)
	p.cmd.Env, p.cmd.Dir = d.env(), d.home
	p.cmd.Stdout, p.cmd.Stderr = w, w
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		d.t.Fatalf("pipe: %v", err)
	}
	exit, err := spawn(p.cmd)
	w.Close()
	if err != nil {
		d.t.Fatalf("start %s: %v", path, err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		p.read(r)
	}()
	d.t.Cleanup(func() { p.stop(exit, read) })
	return p
}

func (p *Program) read(r *os.File) {
	defer r.Close()
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		p.add(s.Text(), false)
	}
	p.add("", true)
}

func (p *Program) add(line string, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kind, took := strings.CutPrefix(line, "taken ")
	switch {
	case ended:
		p.ended = true
	case took:
		p.took[kind]++
	default:
		p.lines = append(p.lines, line)
	}
	close(p.grown)
	p.grown = make(chan struct{})
}

func (p *Program) stop(exit <-chan error, read <-chan struct{}) {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	<-exit
	select {
	case <-read:
	case <-time.After(time.Second): // a daemon of GNUstep's still holds the pipe; the display's sweep kills it
	}
	if wrong := p.allow.Refused(p.Log()); len(wrong) > 0 {
		p.t.Errorf("messages that GNUstep does not know and the allow-list does not hold:\n  %s", strings.Join(wrong, "\n  "))
	}
}

// Say writes a line to the program's standard input.
func (p *Program) Say(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		p.t.Fatalf("say %q: %v", line, err)
	}
}

// Wait waits for the next line that matches and returns it with its groups. It starts after the
// line the last Wait returned, so one line answers one Wait.
func (p *Program) Wait(pattern string) []string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.After(Patience)
	for {
		found, grown, ended := p.scan(re)
		if found != nil {
			return found
		}
		if ended {
			p.t.Fatalf("the program ended before it logged %q\n%s", pattern, p.tail())
		}
		select {
		case <-grown:
		case <-late:
			p.t.Fatalf("no line %q\n%s", pattern, p.tail())
		}
	}
}

func (p *Program) scan(re *regexp.Regexp) (found []string, grown <-chan struct{}, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := p.next; i < len(p.lines); i++ {
		if m := re.FindStringSubmatch(p.lines[i]); m != nil {
			p.next = i + 1
			return m, nil, false
		}
	}
	return nil, p.grown, p.ended
}

// taken is how many events of a kind the program has dealt with.
func (p *Program) taken(kind string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.took[kind]
}

// Until waits until the log so far satisfies ok; what is for the words of a failure.
func (p *Program) Until(what string, ok func(log []string) bool) {
	p.t.Helper()
	late := time.After(Patience)
	for {
		p.mu.Lock()
		lines, grown, ended := p.lines[:len(p.lines):len(p.lines)], p.grown, p.ended
		p.mu.Unlock()
		if ok(lines) {
			return
		}
		if ended {
			p.t.Fatalf("the program ended before %s\n%s", what, p.tail())
		}
		select {
		case <-grown:
		case <-late:
			p.t.Fatalf("never came: %s\n%s", what, p.tail())
		}
	}
}

// Log are all lines so far.
func (p *Program) Log() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.lines...)
}

// Count is how many lines so far match.
func (p *Program) Count(pattern string) int {
	re, n := regexp.MustCompile(pattern), 0
	for _, l := range p.Log() {
		if re.MatchString(l) {
			n++
		}
	}
	return n
}

func (p *Program) tail() string {
	l := p.Log()
	for i := range l {
		l[i] = l[i][:min(len(l[i]), 160)]
	}
	return "the last lines:\n  " + strings.Join(l[max(0, len(l)-60):], "\n  ")
}
