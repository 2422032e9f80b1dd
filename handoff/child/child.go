// Package child runs the one program that values are for. They stand in its environment
// and nowhere else, and what it prints goes through a filter. To the person it is as if
// the shell had started the program itself: its exit code, signals, job control,
// standard input and window size are passed on, and a terminal stays a terminal.
//
// Where a stream is a terminal, the program gets a pseudo-terminal and a session of its
// own (terminal.go, leader.go). Elsewhere it gets pipes (pipes.go). For an agent nothing
// but the filtered streams leads out: see Options.Sealed.
//
// Out of reach: the program's environment can be read by the same user for as long as it
// runs (proc_pid_environ(5)), and whatever the program writes to a file or a socket is
// its own doing.
package child

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// Filter changes what a program prints on its way to w. Flush is called when the program
// has been silent for a moment, so that a prompt is not held back; Close when it is over.
type Filter interface {
	io.Writer
	Flush() error
	Close() error
}

// Options say what to run.
type Options struct {
	Path string   // the executable, absolute
	Argv []string // with the name it is called by
	Dir  string
	// Env is the whole environment of the program, "NAME=value". Values in it are strings
	// of Go's, which cannot be wiped.
	Env          []string
	In, Out, Err *os.File
	// Filter makes the filter of one stream, nil to leave all of them as they are.
	Filter func(w io.Writer) Filter
	// Sealed leaves the program no way out but its filtered streams: a session without our
	// terminal, no descriptor but 0, 1 and 2, and none of these to write to but the filtered.
	Sealed bool
	// Check is asked last, when all is ready for the program to start. Its error keeps it
	// from that. nil if there is nothing to ask.
	Check func() error
	// Self starts this program again as the leader of a session: the command's name and
	// arguments, for Lead to be called there.
	Self []string
}

// Quiet is how long a program must have printed nothing before what a filter holds back
// of an undecided match is let go, as far as it may be.
const quiet = 40 * time.Millisecond

// lingers is how long the streams are read on after the program has ended, if others
// that it started keep them open and print nothing.
const lingers = time.Second

// Status is how a program ended.
type Status struct {
	Code   int            // exit code, if Signal is 0
	Signal syscall.Signal // the signal that killed it
}

// ExitCode is what a shell makes of s.
func (s Status) ExitCode() int {
	if s.Signal != 0 {
		return 128 + int(s.Signal)
	}
	return s.Code
}

// Run starts the program and waits for its end. An error means that it was not started,
// or that its output could not be passed on.
func Run(o Options) (Status, error) {
	if o.Sealed {
		if err := sealDescriptors(); err != nil {
			return Status{}, fmt.Errorf("close what was inherited: %w", err)
		}
	}
	// With a pipe for standard output somebody else has the terminal, such as a pager: then
	// its keys and its settings are left alone.
	if o.Filter != nil && (isTerminal(o.Out) || isTerminal(o.Err) && !isPipe(o.Out)) {
		return onTerminal(&o)
	}
	return onPipes(&o)
}

func (o *Options) check() error {
	if o.Check == nil {
		return nil
	}
	return o.Check()
}

// Environ is base with vars ("NAME=value") in place of its own of the same names.
func Environ(base, vars []string) []string {
	taken := map[string]bool{}
	for _, v := range vars {
		name, _, _ := strings.Cut(v, "=")
		taken[name] = true
	}
	env := slices.DeleteFunc(slices.Clone(base), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return taken[name]
	})
	return append(env, vars...)
}

func isPipe(f *os.File) bool {
	var st unix.Stat_t
	return f != nil && unix.Fstat(int(f.Fd()), &st) == nil && uint32(st.Mode)&unix.S_IFMT == unix.S_IFIFO
}

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }

// passed are the signals that mean the program and not us.
var passed = Heard(syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)

// unheard are the signals that this process was started to ignore, as by nohup(1).
var unheard = slices.DeleteFunc([]os.Signal{syscall.SIGHUP, syscall.SIGINT}, func(s os.Signal) bool { return !signal.Ignored(s) })

// Heard returns the signals of list but those that this process was started to ignore. To
// catch one would end that, for a program that we start as well. It knows of SIGHUP and
// SIGINT: the others Go's runtime catches in any case.
func Heard(list ...os.Signal) []os.Signal {
	return slices.DeleteFunc(list, func(s os.Signal) bool { return slices.Contains(unheard, s) })
}

// heed calls to with each signal of list until the function it returns is called. They
// are caught and not ignored, since what is ignored stays so across exec.
func heed(to func(syscall.Signal), list ...os.Signal) (stop func()) {
	c, done := make(chan os.Signal, 16), make(chan struct{})
	signal.Notify(c, list...)
	go func() {
		for {
			select {
			case s := <-c:
				to(s.(syscall.Signal))
			case <-done:
				return
			}
		}
	}()
	return func() { signal.Stop(c); close(done) }
}

// statusOf is how a process that wait4(2) answered for has ended.
func statusOf(ws unix.WaitStatus) Status {
	if ws.Signaled() {
		return Status{Signal: ws.Signal()}
	}
	return Status{Code: ws.ExitStatus()}
}

// wait waits until pid stops or ends.
func wait(pid int, options int) (unix.WaitStatus, error) {
	for {
		var ws unix.WaitStatus
		_, err := unix.Wait4(pid, &ws, options, nil)
		if !errors.Is(err, unix.EINTR) {
			return ws, err
		}
	}
}
