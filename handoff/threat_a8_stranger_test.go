package handoff

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// stranger opens the pipe by the shell's own descriptor, the names being gone, and
// reads what is there, until stop is closed.
func stranger(pid int, stop <-chan struct{}, burst func()) <-chan []byte {
	stolen := make(chan []byte, 1)
	go func() {
		var got []byte
		buf := make([]byte, 4096)
		for {
			select {
			case <-stop:
				stolen <- got
				return
			default:
			}
			fd, err := unix.Open(fmt.Sprintf("/proc/%d/fd/8", pid), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
			if err != nil {
				continue
			}
			if n, _ := unix.Read(fd, buf); n > 0 {
				got = append(got, buf[:n]...)
			}
			unix.Close(fd)
			burst()
		}
	}()
	return stolen
}

// A stranger that opens the pipe in bursts, each too short for a look to see it, gets
// no more of the line than a piece, and is noticed all the same.
func TestThreatA8AStrangerInBursts(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("cannot be done here: there is no /proc to open another's descriptor by")
	}
	eachShell(t, func(t *testing.T, sh shell) {
		secretText := strings.Repeat("S3cr3t-", 40)
		for i, pause := range []time.Duration{0, 50 * time.Microsecond, time.Millisecond, 0, 200 * time.Microsecond, 3 * time.Millisecond} {
			h := newHandoff(t)
			one := start(t, sh.command(t, `. "$1" && [ "$V" != '`+secretText+`' ] && echo BAD; exit 6`, h.Script()))
			stop := make(chan struct{})
			var stolen <-chan []byte
			err := h.Serve(t.Context(), func(_ context.Context, r Reader) ([]Var, error) {
				stolen = stranger(r.ID.PID, stop, func() { time.Sleep(pause) })
				return vars(t, "V", secretText), nil
			})
			close(stop)
			if stolen == nil {
				t.Fatalf("nobody was seen: %v", err)
			}
			got := <-stolen
			if line := bytes.ReplaceAll(got, []byte("\n"), nil); len(line) > piece+len(preamble) && bytes.Contains(line, []byte("S3cr3t-S3cr3t")) {
				t.Errorf("round %d: %v, and the stranger has %d bytes: %q", i, err, len(got), got)
			}
			if bad, ok := errors.AsType[*Refused](err); err != nil && (!ok || !bad.Redeemed) {
				t.Errorf("round %d: %v", i, err)
			}
			if o := one(); strings.Contains(o.out, "BAD") {
				t.Errorf("round %d: another value was loaded: %+v", i, o)
			}
			gone(t, h)
		}
	})
}
