package harden

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

var fatalSignals = []unix.Signal{
	unix.SIGQUIT, unix.SIGABRT, unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL,
	unix.SIGTRAP, unix.SIGSYS, unix.SIGSTKFLT, unix.SIGXCPU, unix.SIGXFSZ,
}

// step is one thing that Harden does.
type step struct {
	name string
	do   func() error
}

var steps = []step{{"being read by other programs", Conceal}, {"core dumps", NoCore}}

// Harden keeps this process's memory from other processes of the user: not dumpable, and no
// core dump. It is called before the first secret is read, and an error means that the
// program must not go on: both are promised, and both have been in every kernel for twenty
// years, so that a refusal is a fault and not an old system.
func Harden() error { return run(steps) }

func run(steps []step) error {
	var all []error
	for _, s := range steps {
		if err := s.do(); err != nil {
			all = append(all, fmt.Errorf("%s cannot be switched off: %w", s.name, err))
		}
	}
	return errors.Join(all...)
}

// Conceal makes this process not dumpable (PR_SET_DUMPABLE(2const)): other processes of the
// user may neither attach to it (ptrace(2)) nor read its memory, environment, executable or
// descriptors (proc(5)), and the kernel writes no core of it. It costs one system call, and
// ends at the next execve(2). The process itself may no longer open its own
// /proc/self/environ and /proc/self/mem, unless it is root's.
func Conceal() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl: %w", err)
	}
	return nil
}

// Reveal takes Conceal back. It is for a process that holds nothing (any more).
func Reveal() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl: %w", err)
	}
	return nil
}

// NoCore sets the limit for core dumps to nothing, for good, and for what is started from
// here. A process that is not dumpable leaves none anyway; this holds before and after that.
func NoCore() error { return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
