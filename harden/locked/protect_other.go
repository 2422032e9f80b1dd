//go:build !linux

package locked

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// protect locks b, whole pages. The advice about dumps and children is Linux's.
func protect(b []byte) error {
	if err := unix.Mlock(b); err != nil {
		return fmt.Errorf("mlock: %w", err)
	}
	return nil
}
