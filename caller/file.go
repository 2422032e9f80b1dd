//go:build unix

package caller

import (
	"os"

	"golang.org/x/sys/unix"
)

// FileIDOf names the file that f has open, as Process.ExeID does.
func FileIDOf(f *os.File) (FileID, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return FileID{}, err
	}
	return fileID(&st), nil
}
