//go:build unix && !linux

package child

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// sealDescriptors has everything above standard error close when the program starts.
// /dev/fd lists what is open. Not run on macOS yet.
func sealDescriptors() error {
	list, err := os.ReadDir("/dev/fd")
	if err != nil {
		return err
	}
	for _, e := range list {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
	return nil
}
