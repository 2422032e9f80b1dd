//go:build linux || darwin

package caller

import "os"

// FileIDOf names the file that f has open, as Process.ExeID does.
func FileIDOf(f *os.File) (FileID, error) {
	return fileIDOf(int(f.Fd()))
}
