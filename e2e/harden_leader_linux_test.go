package e2e

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"noxkey/secret"
)

// TestThreatD4LeaderIsNotRead: on a terminal the program of noxkey run is started by a second
// noxkey, which leads the session. It was told the values, and lives as long as the program.
func TestThreatD4LeaderIsNotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/SOFT", secret.Easy})
	a := w.opened(t)
	_, sh := a.vouched(t, "me", "acme/api/SOFT")
	control := w.plain(t)
	sh.shown(t, "noxkey run acme/api/SOFT -- sh -c 'echo it began; exec sleep 600'")
	sh.wait(t, "it began")
	outer := w.childOf(t, sh)
	w.unreadable(t, "noxkey run", outer, control)
	leader := 0
	for _, task := range tasks(t, outer) { // the thread that forked has it
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", outer, task))
		if f := strings.Fields(string(b)); len(f) > 0 {
			leader, _ = strconv.Atoi(f[0])
		}
	}
	if leader == 0 {
		t.Fatal("noxkey run has no child")
	}
	w.unreadable(t, "the leader", leader, control)
	sh.keys(t, "C-c")
}
