package child

import (
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// onPipes runs the program with pipes for what is filtered, or with our own streams.
// Unsealed it stays in our process group, so that the terminal's signals and job
// control reach it without us.
func onPipes(o *Options) (Status, error) {
	var s streams
	defer s.close()
	in, err := s.input(o)
	if err != nil {
		return Status{}, err
	}
	files := []uintptr{in.Fd()}
	for _, f := range []*os.File{o.Out, o.Err} {
		if f, err = s.output(o, f); err != nil {
			return Status{}, err
		}
		files = append(files, f.Fd())
	}
	attr := &syscall.ProcAttr{Dir: o.Dir, Env: o.Env, Files: files, Sys: &syscall.SysProcAttr{Setsid: o.Sealed}}
	early := make(chan os.Signal, 16) // what comes before there is a process to pass it to
	signal.Notify(early, passed...)
	if err := o.check(); err != nil {
		return Status{}, err
	}
	pid, err := syscall.ForkExec(o.Path, o.Argv, attr)
	if err != nil {
		return Status{}, err
	}
	stop := heed(func(sig syscall.Signal) { pass(o, pid, sig) }, passed...)
	defer stop()
	signal.Stop(early)
	for len(early) > 0 {
		pass(o, pid, (<-early).(syscall.Signal))
	}
	s.start(o)
	ws, err := wait(pid, 0)
	if err != nil {
		return Status{}, err
	}
	return statusOf(ws), s.finish()
}

// pass hands a signal on. In our own process group the terminal's keys have reached the
// program already.
func pass(o *Options, pid int, sig syscall.Signal) {
	switch {
	case o.Sealed:
		_ = unix.Kill(-pid, sig)
	case sig == syscall.SIGINT || sig == syscall.SIGQUIT:
	default:
		_ = unix.Kill(pid, sig)
	}
}

// streams are the pipes between us and the program.
type streams struct {
	theirs []*os.File // the program's ends
	ours   []stream
	feed   func() // what fills its standard input, nil if we need not
	relays []*relay
}

type stream struct {
	from *os.File
	to   *os.File
}

// input is what the program reads: ours, or a pipe that we fill where ours could also
// be written to.
func (s *streams) input(o *Options) (*os.File, error) {
	if o.In == nil {
		f, err := os.Open(os.DevNull)
		s.theirs = append(s.theirs, f)
		return f, err
	}
	if !o.Sealed || readOnly(o.In) {
		return o.In, nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.theirs = append(s.theirs, r)
	s.feed = func() { _, _ = io.Copy(w, o.In); w.Close() }
	return r, nil
}

// output is where the program writes instead of to f.
func (s *streams) output(o *Options, f *os.File) (*os.File, error) {
	if o.Filter == nil {
		return f, nil
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.theirs = append(s.theirs, w)
	s.ours = append(s.ours, stream{r, f})
	return w, nil
}

// start begins to pass on, once the program has its ends.
func (s *streams) start(o *Options) {
	s.close()
	for _, x := range s.ours {
		s.relays = append(s.relays, start(x.from, o.Filter(x.to)))
	}
	if s.feed != nil {
		go s.feed()
	}
}

func (s *streams) close() {
	for _, f := range s.theirs {
		f.Close()
	}
	s.theirs = nil
}

func (s *streams) finish() error {
	var first error
	for _, l := range s.relays {
		if err := l.finish(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// readOnly reports whether nothing can be written to f, not even by opening it anew
// through /proc: a terminal or a socket leads both ways whatever its mode.
func readOnly(f *os.File) bool {
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err != nil || flags&unix.O_ACCMODE != unix.O_RDONLY {
		return false
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return false
	}
	switch uint32(st.Mode) & unix.S_IFMT {
	case unix.S_IFREG:
		return true
	case unix.S_IFIFO: // /proc/self/fd/0 opens it for writing too, but back to whoever fills it
		return false
	}
	return isNull(&st)
}

// isNull reports /dev/null.
func isNull(st *unix.Stat_t) bool {
	var null unix.Stat_t
	return unix.Stat(os.DevNull, &null) == nil && st.Rdev == null.Rdev && uint32(st.Mode)&unix.S_IFMT == unix.S_IFCHR
}
