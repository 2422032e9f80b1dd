package socket

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestThreatB7SharedSocket: a process that connects, and shares its socket with another
// one that writes. The connection is the connector's, and what another sends is refused.
func TestThreatB7SharedSocket(t *testing.T) {
	l := newLoaded(t)
	for what, byAnother := range map[string]bool{"the connector writes": false, "another one writes": true} {
		conn, err := net.Dial("unix", l.home.Socket())
		if err != nil {
			t.Fatal(err)
		}
		c := conn.(*net.UnixConn)
		r := bufio.NewReader(c)
		if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, `"key"`) {
			t.Fatalf("%s: no greeting: %q, %v", what, line, err)
		}
		const frame = `{"noxkey":1,"key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","request":{"op":"list"}}` + "\n"
		if byAnother {
			f, err := c.File()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("sh", "-c", "cat >&3")
			cmd.Stdin, cmd.ExtraFiles = strings.NewReader(frame), []*os.File{f}
			if err := cmd.Run(); err != nil {
				t.Fatal(err)
			}
			f.Close()
		} else if _, err := io.WriteString(c, frame); err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(r)
		if refused := strings.Contains(string(answer), "another process"); refused != byAnother {
			t.Errorf("%s: %s", what, answer)
		}
		c.Close()
	}
}
