package caller

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestSelfHasThisProcessFirst(t *testing.T) {
	c, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	if c.Class == Human {
		t.Errorf("a test under %v is human", c.Chain)
	}
	if c.Chain[0].ID.PID != os.Getpid() || c.Lease != c.Chain[0].ID || !c.Lease.Alive() {
		t.Errorf("chain %v, lease %v", c.Chain, c.Lease)
	}
}

func BenchmarkSelf(b *testing.B) {
	n := 0
	for b.Loop() {
		c, err := Self()
		if err != nil {
			b.Fatal(err)
		}
		n = len(c.Chain)
	}
	b.ReportMetric(float64(n), "processes")
}

func BenchmarkFromConn(b *testing.B) {
	conn := connected(b)
	for b.Loop() {
		if _, err := FromConn(conn, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// connected gives the server's end of a connection from this process.
func connected(t testing.TB) *net.UnixConn {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	client, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server.(*net.UnixConn)
}

func TestFromConnSeesTheConnector(t *testing.T) {
	c, err := FromConn(connected(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Chain[0].ID.PID != os.Getpid() || c.UID != uint32(os.Geteuid()) {
		t.Errorf("%+v", c)
	}
}

// TestIDOf: the cheap look and the whole one name the same process.
func TestIDOf(t *testing.T) {
	p, err := ReadProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if id, err := IDOf(os.Getpid()); err != nil || id != p.ID {
		t.Errorf("%v %v, want %v", id, err, p.ID)
	}
	if _, err := IDOf(1 << 22); !errors.Is(err, ErrGone) {
		t.Errorf("a pid that nobody has: %v", err)
	}
}
