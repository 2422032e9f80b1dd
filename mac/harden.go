package mac

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// step is one thing that Harden does.
type step struct {
	name string
	do   func() error
}

// noCore: no memory is ever written to disk, whatever the limit was before.
var noCore = step{"core dumps", func() error { return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }}

// Harden keeps this process's memory from other processes of the user: no core dump, and
// on macOS no debugger (ptrace(2), PT_DENY_ATTACH). It is called before the first secret is
// read, and an error means that the app should not go on. What keeps task_for_pid and
// injected libraries out is the hardened runtime of the bundle's signature; an unsigned
// build lacks that. Root and the kernel are out of reach.
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
