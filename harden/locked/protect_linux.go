package locked

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// protect locks b, whole pages, and keeps it from core dumps and children. Each is tried,
// whatever the others do.
func protect(b []byte) error {
	var all []error
	for _, s := range []struct {
		name string
		err  error
	}{
		{"mlock", unix.Mlock(b)}, // ENOMEM above RLIMIT_MEMLOCK
		{"madvise for core dumps", unix.Madvise(b, unix.MADV_DONTDUMP)},
		{"madvise for children", unix.Madvise(b, unix.MADV_WIPEONFORK)}, // Linux 4.14
	} {
		if s.err != nil {
			all = append(all, fmt.Errorf("%s: %w", s.name, s.err))
		}
	}
	return errors.Join(all...)
}
