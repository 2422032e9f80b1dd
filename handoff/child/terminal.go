package child

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// session is a program on a pseudo-terminal, seen from our side.
type session struct {
	o       *Options
	master  *os.File
	real    *os.File // the terminal that we stand for
	keys    bool     // our standard input is that terminal
	control *os.File
	leader  *exec.Cmd
	streams streams // of the streams that are no terminals
	screen  *relay

	went chan struct{} // the shell let us go on

	mu  sync.Mutex
	pid int // of the program's group, 0 before it runs; guarded by mu
	// early are signals that came before pid was known; guarded by mu
	early []syscall.Signal
	raw   *term.State // what the terminal was before; nil while it is so; guarded by mu
	lent  bool        // given back, to the shell or for good: not to be made raw; guarded by mu
	// borrowed are the settings of the pseudo-terminal while they are those of whoever had
	// the terminal when we started in the background; guarded by mu
	borrowed *unix.Termios
}

// onTerminal runs the program on a pseudo-terminal in a session of its own.
func onTerminal(o *Options) (Status, error) {
	s := &session{o: o, real: o.Out, keys: isTerminal(o.In), went: make(chan struct{}, 1)}
	if !isTerminal(o.Out) {
		s.real = o.Err
	}
	if s.keys {
		s.real = o.In
	}
	defer s.restore()
	defer s.streams.close()
	if err := s.open(); err != nil {
		return Status{}, err
	}
	stop := heed(s.signal, append([]os.Signal{syscall.SIGWINCH, syscall.SIGCONT}, passed...)...)
	defer stop()
	return s.run()
}

// open makes the pseudo-terminal as the real one is, and starts the leader on it.
func (s *session) open() error {
	master, tty, err := pty.Open()
	if err != nil {
		return fmt.Errorf("make a pseudo-terminal: %w", err)
	}
	defer tty.Close()
	s.master = master
	settings, err := likeTerminal(tty, s.real)
	if err != nil {
		return err
	}
	if !s.foreground() { // they may be those of a shell that edits its line
		s.borrowed = settings
	}
	s.resize()
	ours, theirs, err := socketPair()
	if err != nil {
		return err
	}
	defer theirs.Close()
	s.control = ours
	files, err := s.files(tty)
	if err != nil {
		return err
	}
	c := exec.Command(s.o.Self[0], s.o.Self[1:]...)
	c.Stdin, c.Stdout, c.Stderr = files[0], files[1], files[2]
	c.ExtraFiles = []*os.File{theirs, tty}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: ttyFD}
	if err := c.Start(); err != nil {
		return err
	}
	s.leader = c
	theirs.Close()
	if _, err := s.control.Read(make([]byte, 1)); err != nil { // ready
		return fmt.Errorf("start the process that leads the session: %w", err)
	}
	if err := s.o.check(); err != nil {
		s.control.Close() // which ends the leader
		return err
	}
	return writeOrder(s.control, s.o)
}

// files are the program's three: the pseudo-terminal where ours is a terminal.
func (s *session) files(tty *os.File) (files [3]*os.File, err error) {
	files = [3]*os.File{tty, tty, tty}
	if !s.keys {
		if files[0], err = s.streams.input(s.o); err != nil {
			return files, err
		}
	}
	for i, f := range []*os.File{s.o.Out, s.o.Err} {
		if isTerminal(f) {
			continue
		}
		if files[i+1], err = s.streams.output(s.o, f); err != nil {
			return files, err
		}
	}
	return files, nil
}

// run passes everything on until the program has ended.
func (s *session) run() (Status, error) {
	out := s.o.Out
	if !isTerminal(out) {
		out = s.o.Err
	}
	s.screen = start(s.master, s.o.Filter(out))
	s.streams.start(s.o)
	if s.keys {
		s.makeRaw()
		go s.typed()
	}
	status, err := s.follow()
	// What the program printed last is on its way through the kernel: a moment's silence
	// says that it has come. The leader holds the terminal open until then, since a
	// hang-up may take the rest away.
	s.settle()
	_, _ = s.control.Write([]byte{quit})
	_ = s.leader.Wait()
	return status, errors.Join(err, s.screen.finish(), s.streams.finish())
}

// settle waits until the screen was quiet for a moment, at most as long as lingers: others
// may go on printing.
func (s *session) settle() {
	for end := time.Now().Add(lingers); ; {
		left := quiet/2 - s.screen.silent()
		if left <= 0 || time.Now().After(end) {
			return
		}
		select {
		case <-s.screen.done:
			return
		case <-time.After(left):
		}
	}
}

// follow does what the leader tells, until the program has ended.
func (s *session) follow() (Status, error) {
	for dec := json.NewDecoder(s.control); ; {
		var e event
		if err := dec.Decode(&e); err != nil {
			return Status{}, fmt.Errorf("the process that leads the session has gone: %w", err)
		}
		switch {
		case e.Errno != 0:
			return Status{}, syscall.Errno(e.Errno)
		case e.Error != "":
			return Status{}, errors.New(e.Error)
		case e.PID != 0:
			s.started(e.PID)
		case e.Stopped:
			if err := s.stopped(); err != nil {
				return Status{}, err
			}
		case e.Ended:
			return Status{Code: e.Code, Signal: syscall.Signal(e.Signal)}, nil
		}
	}
}

// stopped gives the terminal back and has our whole job stopped, as the key would have
// done. When the shell lets us go on, so does the program. Where no shell could ever do
// that (our process group is an orphaned one) the kernel does not stop us, and the
// program goes on at once. SIGTSTP is caught nowhere in this process: Go does not give a
// signal that was caught once its default action back.
func (s *session) stopped() error {
	s.settle()
	s.restore()
	select {
	case <-s.went: // of an earlier stop
	default:
	}
	_ = unix.Kill(0, unix.SIGTSTP)
	select { // the signal may take a moment to reach all of our threads
	case <-s.went:
	case <-time.After(100 * time.Millisecond):
	}
	s.mu.Lock()
	s.lent = false
	s.mu.Unlock()
	s.makeRaw()
	s.resize()
	_, err := s.control.Write([]byte{goOn})
	return err
}

// signal passes on what means the program.
func (s *session) signal(sig syscall.Signal) {
	switch sig {
	case syscall.SIGWINCH:
		s.resize()
		return
	case syscall.SIGCONT:
		s.makeRaw()
		select {
		case s.went <- struct{}{}:
		default:
		}
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pid == 0 {
		s.early = append(s.early, sig)
		return
	}
	_ = unix.Kill(-s.pid, sig)
}

// started notes the program's process group.
func (s *session) started(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pid = pid
	for _, sig := range s.early {
		_ = unix.Kill(-pid, sig)
	}
}

// typed passes what is typed on. It reads only while the terminal is ours: a read from
// the background would have the kernel stop us.
func (s *session) typed() {
	buf := make([]byte, 4096)
	for {
		if !s.readable() {
			continue
		}
		n, err := s.o.In.Read(buf)
		if n > 0 {
			_, werr := s.master.Write(buf[:n])
			clear(buf[:n])
			if werr != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// readable waits a moment for a key. select(2) and not poll(2), which macOS lacks for
// terminals.
func (s *session) readable() bool {
	fd := int(s.o.In.Fd())
	var set unix.FdSet
	set.Set(fd)
	n, err := unix.Select(fd+1, &set, nil, nil, &unix.Timeval{Sec: 1})
	s.makeRaw() // a shell does not tell a job that runs that it is in the foreground now
	if n <= 0 || err != nil {
		return false
	}
	if s.foreground() {
		return true
	}
	time.Sleep(100 * time.Millisecond)
	return false
}

func (s *session) resize() {
	if size, err := pty.GetsizeFull(s.real); err == nil {
		_ = pty.Setsize(s.master, size)
	}
}

// makeRaw leaves the meaning of keys to the pseudo-terminal. In the background it does
// nothing: the terminal is somebody else's then.
func (s *session) makeRaw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.keys || s.lent || s.raw != nil || !s.foreground() {
		return
	}
	if s.borrowed != nil {
		if now, err := unix.IoctlGetTermios(int(s.master.Fd()), getTermios); err == nil && *now == *s.borrowed { // the program has left them
			_, _ = likeTerminal(s.master, s.real)
		}
		s.borrowed = nil
	}
	if st, err := term.MakeRaw(int(s.real.Fd())); err == nil {
		s.raw = st
	}
}

func (s *session) restore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lent = true
	if s.raw != nil {
		_ = term.Restore(int(s.real.Fd()), s.raw)
		s.raw = nil
	}
}

// foreground reports whether the terminal is our job's.
func (s *session) foreground() bool {
	pgrp, err := unix.IoctlGetInt(int(s.real.Fd()), unix.TIOCGPGRP)
	return err == nil && pgrp == unix.Getpgrp()
}

// likeTerminal gives tty the settings of the real one, and returns them.
func likeTerminal(tty, real *os.File) (*unix.Termios, error) {
	t, err := unix.IoctlGetTermios(int(real.Fd()), getTermios)
	if err != nil {
		return nil, err
	}
	return t, unix.IoctlSetTermios(int(tty.Fd()), setTermios, t)
}

// socketPair returns two ends that are closed on exec.
func socketPair() (a, b *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, nil, err
	}
	unix.CloseOnExec(fds[0])
	unix.CloseOnExec(fds[1])
	return os.NewFile(uintptr(fds[0]), "control"), os.NewFile(uintptr(fds[1]), "leader"), nil
}
