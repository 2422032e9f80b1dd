package caller

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// stage is a folder of an ordinary user's with a server and a multiplexer in it.
type stage struct {
	dir, self, socket string
	tmux              []string
	vouched           int // pid of the tmux server
}

// asUser runs a command with next to no environment as an ordinary user: as this one, or, under
// root, as nobody.
func asUser(argv ...string) *exec.Cmd {
	argv = append([]string{"env", "-i", "PATH=" + os.Getenv("PATH"), "TERM=xterm", "SHELL=/bin/sh", "HOME=/nonexistent"}, argv...)
	if os.Geteuid() == 0 {
		argv = append([]string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"}, argv...)
	}
	return exec.Command(argv[0], argv[1:]...)
}

// userFile copies a program into the stage, owned by the ordinary user.
func (s *stage) userFile(t *testing.T, from, name string) string {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(s.dir, name)
	if err := os.WriteFile(to, data, 0o755); err != nil {
		t.Fatal(err)
	}
	s.give(t, to)
	return to
}

func (s *stage) give(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() == 0 {
		if err := os.Chown(path, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
}

func newStage(t *testing.T) *stage {
	t.Helper()
	for _, tool := range []string{"tmux", "setpriv", "script", "setsid"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs " + tool)
		}
	}
	dir, err := os.MkdirTemp("/tmp", "caller") // t.TempDir is not for other users to enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &stage{dir: dir, socket: filepath.Join(dir, "s")}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.give(t, dir)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s.self = s.userFile(t, self, "noxkey")
	s.start(t)
	return s
}

func (s *stage) start(t *testing.T) {
	t.Helper()
	server := asUser(s.self, "serve", s.socket)
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	s.tmux = []string{"tmux", "-S", filepath.Join(s.dir, "t"), "-f", "/dev/null"}
	s.run(t, append(s.tmux, "new-session", "-d", "sleep 600")...)
	t.Cleanup(func() { asUser(append(s.tmux, "kill-server")...).Run() })
	pid := s.run(t, append(s.tmux, "display-message", "-p", "#{pid}")...)
	var err error
	if s.vouched, err = strconv.Atoi(strings.TrimSpace(pid)); err != nil {
		t.Fatal(err)
	}
	waitFor(t, s.socket)
}

func (s *stage) run(t *testing.T, argv ...string) string {
	t.Helper()
	out, err := asUser(argv...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v: %s", argv, err, out)
	}
	return string(out)
}

func waitFor(t *testing.T, path string) {
	t.Helper()
	for range 600 {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s did not appear", filepath.Base(path))
}

// verdict runs a shell script in a new window of the vouched tmux, as a file so that no shell is
// optimised away, and gives the answer to the one question it asks with $ASK.
func (s *stage) verdict(t *testing.T, script string) Caller {
	t.Helper()
	out := filepath.Join(s.dir, strings.Map(plain, t.Name()))
	file := out + ".sh"
	text := fmt.Sprintf("D=%s\nASK='%s ask %s %d %s'\n%s\nsleep 60\n", s.dir, s.self, s.socket, s.vouched, out, script)
	if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	s.run(t, append(s.tmux, "new-window", "-d", "sh "+file)...)
	waitFor(t, out)
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var c Caller
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return c
}

func plain(r rune) rune {
	if r == '/' || r == ' ' || r == '#' || r == '$' || r == '{' {
		return '_'
	}
	return r
}
