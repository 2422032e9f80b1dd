package mac

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestThreatD4NoCoreDumps: whatever the limit was, it is nothing afterwards, and cannot be
// raised again by an ordinary user.
func TestThreatD4NoCoreDumps(t *testing.T) {
	if err := run([]step{noCore}); err != nil {
		t.Fatal(err)
	}
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &l); err != nil || l.Cur != 0 || l.Max != 0 {
		t.Errorf("%+v %v", l, err)
	}
}

func TestEveryStepIsTakenAndEveryErrorTold(t *testing.T) {
	t.Parallel()
	taken := 0
	bad := step{"x", func() error { taken++; return errors.New("no") }}
	good := step{"y", func() error { taken++; return nil }}
	err := run([]step{bad, good, bad})
	if taken != 3 || err == nil || strings.Count(err.Error(), "x cannot be switched off: no") != 2 {
		t.Errorf("%d steps, %v", taken, err)
	}
	if err := run([]step{good}); err != nil {
		t.Error(err)
	}
}
