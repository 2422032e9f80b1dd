package caller

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The tests here ask about real processes. The test binary plays three more parts, chosen by its
// first argument: a server that answers each connection with its verdict, a client that asks and
// writes the answer to a file, and one that connects, leaves the connection to a child and quits.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case "race":
			race(os.Args[2], os.Args[3], os.Args[4], os.Args[5])
			return
		case "serve":
			serve(os.Args[2])
		case "ask":
			ask(os.Args[2], os.Args[3], os.Args[4])
			return
		case "hide": // as ask, but from a process that may not be looked at
			check(unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0))
			ask(os.Args[2], os.Args[3], os.Args[4])
			return
		case "leave":
			leave(os.Args[2])
			return
		}
	}
	os.Exit(m.Run())
}

// serve vouches, for each connection, for the pid that the client names: these tests are about
// what gets through although a person has vouched for the multiplexer around it.
func serve(path string) {
	l, err := net.Listen("unix", path)
	check(err)
	for {
		conn, err := l.Accept()
		check(err)
		line, err := bufio.NewReader(conn).ReadString('\n')
		check(err)
		vouched, err := strconv.Atoi(strings.TrimSpace(line))
		check(err)
		c, err := FromConn(conn.(*net.UnixConn), Options{Vouched: func(id ProcID) bool { return id.PID == vouched }})
		if err != nil {
			c.Dir = err.Error()
		}
		check(json.NewEncoder(conn).Encode(c))
		conn.Close()
	}
}

func ask(path, vouched, out string) {
	conn, err := net.Dial("unix", path)
	check(err)
	_, err = fmt.Fprintln(conn, vouched)
	check(err)
	answer, err := io.ReadAll(conn)
	check(err)
	check(os.WriteFile(out+".new", answer, 0o644))
	check(os.Rename(out+".new", out))
}

func leave(path string) {
	conn, err := net.Dial("unix", path)
	check(err)
	f, err := conn.(*net.UnixConn).File()
	check(err)
	child := exec.Command("sleep", "30")
	child.ExtraFiles = []*os.File{f}
	check(child.Start())
	fmt.Println(child.Process.Pid)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (c Caller) names() (names []string) {
	for _, p := range c.Chain {
		names = append(names, p.Name())
	}
	return names
}

// Everything happens in a terminal of a tmux that has been vouched for; the first case shows that
// there a plain command is a person's, so that the others fail for their own reason.
func TestThreatB1B2B8B9RealProcesses(t *testing.T) {
	s := newStage(t)
	s.userFile(t, "/bin/sh", "claude")
	s.userFile(t, "/bin/sh", "helper")
	s.userFile(t, s.self, "forward")
	if err := os.Symlink(filepath.Join(s.dir, "claude"), filepath.Join(s.dir, "notes")); err != nil {
		t.Fatal(err)
	}
	perl := filepath.Join(s.dir, "x.pl")
	if err := os.WriteFile(perl, []byte("system(@ARGV);\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.give(t, perl)
	cases := []struct {
		name, script string
		class        Class
		reason       Reason
	}{
		{"control", "$ASK", Human, ReasonNone},
		{"in a subshell", "bash -c \"$ASK; true\"", Human, ReasonNone},
		{"script", "script -qc \"$ASK\" /dev/null", Human, ReasonNone},
		{"a peer that hides", "${ASK%% ask *} hide ${ASK#* ask }", Human, ReasonNone},
		{"B1 setsid", "setsid $ASK", Unknown, ReasonNoTTY},
		{"B1 double fork", "( (sleep 1; $ASK; true) & )", Unknown, ReasonOrphan},
		{"B1 nohup", "bash -c \"(sleep 1; nohup $ASK; true) & disown\" </dev/null >/dev/null 2>&1", Unknown, ReasonOrphan},
		{"B1 setsid and double fork", "( (sleep 1; setsid $ASK; true) & )", Unknown, ReasonOrphan},
		{"B1 a new tmux", "env -i PATH=$PATH SHELL=/bin/sh tmux -S $D/t2 -f /dev/null new -d \"$ASK; tmux -S $D/t2 kill-server\"", Unknown, ReasonMultiplexer},
		{"B2 an agent", "$D/claude -c \"$ASK; true\"", Agent, ReasonNone},
		{"B2 exec -a", "bash -c \"exec -a vim $D/claude -c '$ASK; true'\"", Agent, ReasonNone},
		{"B2 a link", "$D/notes -c \"$ASK; true\"", Agent, ReasonNone},
		{"B2 a renamed copy", "$D/helper -c \"$ASK; true\"", Unknown, ReasonUnproven},
		{"B2 below an interpreter", "perl $D/x.pl $ASK", Unknown, ReasonUnproven},
		{"B8 a pty of its own", "$D/claude -c \"script -qc '$ASK' /dev/null\"", Agent, ReasonNone},
		{"B8 a pty of an orphan", "( (sleep 1; script -qc \"$ASK\" /dev/null; true) & )", Unknown, ReasonOrphan},
		{"B7 a forwarder", "$D/forward ask ${ASK#* ask }", Unknown, ReasonClient},
		{"B7 a hidden forwarder", "$D/forward hide ${ASK#* ask }", Unknown, ReasonClient},
		{"B9 a mark", "CLAUDECODE=1 sh -c \"$ASK; true\"", Agent, ReasonMark},
		{"B9 scrubbed", "$D/claude -c \"env -i $ASK; true\"", Agent, ReasonNone},
		{"B9 a mark left behind", "CLAUDECODE=1 sh -c \"env -i $ASK; true\"", Agent, ReasonMark},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c := s.verdict(t, tc.script)
			if c.Class != tc.class || c.Reason != tc.reason {
				t.Errorf("%v %q (%v) %q, want %v (%v)\n%q", c.Class, c.Agent, c.Reason, c.Dir, tc.class, tc.reason, c.names())
			}
			if c.Class == Unknown && c.Vouchable != nil && c.Vouchable.ID.PID == s.vouched {
				t.Errorf("offers to vouch for what is vouched for")
			}
		})
	}
}

func TestThreatB13RealUserNamespace(t *testing.T) {
	s := newStage(t)
	if out, err := asUser("unshare", "-Ur", "true").CombinedOutput(); err != nil {
		t.Skipf("cannot be done here: needs unshare -Ur: %s", out)
	}
	for _, how := range []string{"$ASK", "${ASK%% ask *} hide ${ASK#* ask }"} {
		t.Run(how[:4], func(t *testing.T) {
			if c := s.verdict(t, "unshare -Ur "+how); c.Class != Unknown || c.Reason != ReasonNamespace {
				t.Errorf("%v %v %q", c.Class, c.Reason, c.Dir)
			}
		})
	}
}

// Parents that quit while they are looked at: each round starts a grandchild whose parent is on
// its way out. None of them may be human.
func TestThreatB5RealParentsExiting(t *testing.T) {
	s := newStage(t)
	const rounds = 200
	script := fmt.Sprintf(`i=0; while [ $i -lt %d ]; do sh -c "$ASK-$i & exit" ; i=$((i+1)); done; wait; sleep 1; $ASK`, rounds)
	if c := s.verdict(t, script); c.Class != Human {
		t.Fatalf("the control is %v %v", c.Class, c.Reason)
	}
	prefix := filepath.Join(s.dir, t.Name()) + "-"
	unknown := 0
	for i := range rounds {
		waitFor(t, prefix+strconv.Itoa(i))
		data, err := os.ReadFile(prefix + strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		var c Caller
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		switch {
		case c.Class == Human && (!c.Whole || c.Chain[len(c.Chain)-1].ID.PID != 1):
			t.Errorf("human with a broken chain %q", c.names())
		case c.Class == Unknown:
			unknown++
		}
	}
	if unknown == 0 {
		t.Errorf("no parent of %d had quit: the race was not run", rounds)
	}
	t.Logf("%d of %d found cut", unknown, rounds)
}

func TestThreatB7PassedDescriptor(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(self, "leave", l.Addr().String()).Output()
	if err != nil {
		t.Fatal(err)
	}
	holder, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p, err := os.FindProcess(holder); err == nil {
			p.Kill()
		}
	}()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if c, err := FromConn(conn.(*net.UnixConn), Options{}); !errors.Is(err, ErrGone) {
		t.Errorf("the connector has quit, another holds the connection: %v %q", err, c.names())
	}
}

func TestThreatB6ProcIDs(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p, err := ReadProcess(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	self, err := ReadProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	later := ProcID{p.ID.PID, p.ID.Start + 1}
	if !p.ID.Alive() || later.Alive() {
		t.Errorf("alive: %v %v", p.ID.Alive(), later.Alive())
	}
	if !Below(p.ID.PID, self.ID) || Below(p.ID.PID, ProcID{self.ID.PID, self.ID.Start - 1}) || Below(self.ID.PID, self.ID) {
		t.Error("below")
	}
	if up, err := Ancestors(p.ID.PID); err != nil || len(up) == 0 || up[0].ID != self.ID {
		t.Errorf("ancestors %v %v", up, err)
	}
	cmd.Process.Kill()
	for range 200 { // a zombie until it is waited for
		if !p.ID.Alive() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if p.ID.Alive() {
		t.Error("a zombie is alive")
	}
	if _, err := ReadProcess(p.ID.PID); !errors.Is(err, ErrGone) {
		t.Errorf("a zombie: %v", err)
	}
	cmd.Wait()
	if _, err := ReadProcess(p.ID.PID); !errors.Is(err, ErrGone) {
		t.Errorf("nobody: %v", err)
	}
}
