//go:build !linux

package dotenv

import (
	"os"
	"testing"
)

func unprivileged(t *testing.T, f func()) {
	if os.Geteuid() == 0 {
		t.Skip("needs an ordinary user")
	}
	f()
}
