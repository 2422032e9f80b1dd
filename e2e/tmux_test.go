package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// server is one tmux server; a person vouches for a server.
type server struct {
	w    *world
	sock string
}

// tmux starts a server with an empty environment but for the world's, and nothing
// in it yet: the first window starts it.
func (w *world) tmux(name string) *server {
	s := &server{w, w.path(name + ".tmux")}
	w.t.Cleanup(func() { _, _ = s.ask("kill-server") })
	return s
}

func (s *server) ask(args ...string) (string, error) {
	cmd := s.w.command(append([]string{"tmux", "-S", s.sock, "-f", s.w.path("u/.tmux.conf")}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("tmux %s: %w: %s", args[0], err, out)
	}
	return string(out), nil
}

func (s *server) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := s.ask(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// pane is a terminal of 80x24. What a program sends to it is kept for the search.
type pane struct {
	s  *server
	id string
}

// window opens a terminal that runs argv.
func (s *server) window(t *testing.T, argv ...string) *pane {
	t.Helper()
	n := s.w.next()
	args := append([]string{"new-session", "-d", "-P", "-F", "#{pane_id}", "-s", fmt.Sprint("w", n), "-x", "80", "-y", "24"}, argv...)
	p := &pane{s, strings.TrimSpace(s.must(t, args...))}
	s.must(t, "pipe-pane", "-t", p.id, "cat >> "+s.w.path(fmt.Sprintf("rec/%d", n)))
	return p
}

// screen is what the terminal shows.
func (p *pane) screen() string {
	out, err := p.s.ask("capture-pane", "-p", "-t", p.id)
	if err != nil {
		return err.Error()
	}
	return out
}

// keys presses keys by tmux's names for them.
func (p *pane) keys(t *testing.T, keys ...string) {
	t.Helper()
	p.s.must(t, append([]string{"send-keys", "-t", p.id}, keys...)...)
}

// typed types text.
func (p *pane) typed(t *testing.T, text string) {
	t.Helper()
	p.s.must(t, "send-keys", "-t", p.id, "-l", text)
}

// wait waits until the screen shows all of want, and returns it.
func (p *pane) wait(t *testing.T, want ...string) string {
	t.Helper()
	screen := ""
	poll(t, func() string { return fmt.Sprintf("no %q on the screen:\n%s", want, screen) }, func() bool {
		screen = p.screen()
		return shows(screen, want...)
	})
	return screen
}

// gone waits until the screen shows none of the texts.
func (p *pane) gone(t *testing.T, texts ...string) {
	t.Helper()
	screen := ""
	poll(t, func() string { return fmt.Sprintf("still one of %q on the screen:\n%s", texts, screen) }, func() bool {
		screen = p.screen()
		for _, x := range texts {
			if strings.Contains(screen, x) {
				return false
			}
		}
		return true
	})
}

// press presses key until the screen shows want: a card's keys count only half a
// second after it is shown.
func (p *pane) press(t *testing.T, key, want string) {
	t.Helper()
	screen := ""
	poll(t, func() string { return fmt.Sprintf("%s never led to %q:\n%s", key, want, screen) }, func() bool {
		p.keys(t, key)
		return within(700*time.Millisecond, func() bool {
			screen = p.screen()
			return shows(screen, want)
		})
	})
}

// shows reports whether all of want are on the screen, however the lines were broken.
func shows(screen string, want ...string) bool {
	flat := strings.Join(strings.Fields(screen), " ")
	for _, x := range want {
		if !strings.Contains(screen, x) && !strings.Contains(flat, x) {
			return false
		}
	}
	return true
}

// shell is a shell in a terminal.
type shell struct {
	*pane
}

// shell opens a terminal with an interactive shell; argv is bash's unless given.
func (s *server) shell(t *testing.T, argv ...string) *shell {
	t.Helper()
	if len(argv) == 0 {
		argv = []string{"bash", "--norc", "--noprofile", "-i"}
	}
	sh := &shell{s.window(t, argv...)}
	poll(t, func() string { return "no prompt of " + argv[0] }, func() bool { return strings.TrimSpace(sh.screen()) != "" })
	return sh
}

// result is how a command line ended.
type result struct {
	line, out, err string
	code           int
}

// job is a command line that runs.
type job struct {
	sh   *shell
	line string
	base string
}

// start types a line that runs in the shell itself, its streams in files.
func (sh *shell) start(t *testing.T, line string) *job {
	t.Helper()
	w := sh.s.w
	name := fmt.Sprintf("io/%d", w.next())
	j := &job{sh, line, w.path(name)}
	w.write(name+".sh", fmt.Sprintf("{\n%s\n} >%[2]s.out 2>%[2]s.err\necho $? >%[2]s.rc\n", w.line(line), j.base))
	sh.typed(t, ". "+j.base+".sh")
	sh.keys(t, "Enter")
	return j
}

// done reports whether the line has ended, and how.
func (j *job) done() (result, bool) {
	rc, _ := os.ReadFile(j.base + ".rc")
	if !strings.HasSuffix(string(rc), "\n") {
		return result{}, false
	}
	r := result{line: j.line}
	_, _ = fmt.Sscan(string(rc), &r.code)
	out, _ := os.ReadFile(j.base + ".out")
	errText, _ := os.ReadFile(j.base + ".err")
	r.out, r.err = string(out), string(errText)
	return r, true
}

func (j *job) wait(t *testing.T) result {
	t.Helper()
	var r result
	poll(t, func() string { return fmt.Sprintf("%q has not ended:\n%s", j.line, j.sh.screen()) }, func() bool {
		var ok bool
		r, ok = j.done()
		return ok
	})
	return r
}

// run is start and wait: for what asks nothing of the person.
func (sh *shell) run(t *testing.T, line string) result {
	t.Helper()
	return sh.start(t, line).wait(t)
}

// ok checks that the line went well and returns what it printed.
func (r result) ok(t *testing.T) string {
	t.Helper()
	if r.code != 0 {
		t.Fatalf("%q: exit %d\n%s%s", r.line, r.code, r.out, r.err)
	}
	return r.out
}

// fails checks that the line ended with that code and said why, in these words.
func (r result) fails(t *testing.T, code int, words ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("%q: exit %d, not %d\n%s%s", r.line, r.code, code, r.out, r.err)
	}
	if !strings.Contains(r.err, "noxkey: ") || !strings.Contains(r.err, "hint: ") {
		t.Errorf("%q: no error and hint in %q", r.line, r.err)
	}
	for _, x := range words {
		if !strings.Contains(r.err, x) {
			t.Errorf("%q: no %q in %q", r.line, x, r.err)
		}
	}
}

// prints checks that the line went well and printed these words.
func (r result) prints(t *testing.T, words ...string) {
	t.Helper()
	out := r.ok(t)
	for _, x := range words {
		if !strings.Contains(out, x) {
			t.Errorf("%q: no %q in %q", r.line, x, out)
		}
	}
}
