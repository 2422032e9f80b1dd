package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"noxkey/secret"
)

// TestThreatD4NobodyReadsWhatHoldsAValue: a program of the same user tries to get at the
// memory of the app with a session open, of the MCP server that holds a pipe, of the
// background that holds one, and of a prompt that a value is typed at.
func TestThreatD4NobodyReadsWhatHoldsAValue(t *testing.T) {
	t.Parallel()
	x := newWithAgent(t)
	control := x.w.plain(t)
	done := x.k.start(t, "noxkey_get", args{"account": "acme/api", "session": true})
	x.app.grant(t, "s", "Claude Code")
	s := done()
	pid := x.w.appPID(t)
	x.w.unreadable(t, "the app", pid, control)
	x.w.unreadable(t, "noxkey mcp, holding a pipe", x.k.pid, control)
	x.a.shell(t, s.source(t)+hash("DB")).prints(t, sum(value("DB"))) // both work on
	x.w.unreadable(t, "noxkey mcp, later", x.k.pid, control)

	line := x.a.shell(t, "noxkey get acme/api/DB").ok(t)
	x.app.quiet(t)
	script := strings.Split(line, "'")[1]
	x.w.unreadable(t, "the background that holds a pipe", holder(t, filepath.Dir(script)), control)
	x.a.shell(t, line[:strings.LastIndex(line, "'")+1]+" && "+hash("DB")).prints(t, sum(value("DB")))

	typing := x.srv.shell(t)
	typing.typed(t, x.w.line("noxkey set acme/api/TYPED2"))
	typing.keys(t, "Enter")
	typing.wait(t, "(not shown)")
	prompt := x.w.childOf(t, typing)
	x.w.unreadable(t, "noxkey set, at its prompt", prompt, control)
	typing.keys(t, "C-c")

	for who, pid := range map[string]int{"the app": pid, "noxkey mcp": x.k.pid} {
		for _, task := range tasks(t, pid) {
			if procField(t, task, "Seccomp") != "2" || procField(t, task, "NoNewPrivs") != "1" {
				t.Errorf("thread %d of %s is under no filter", task, who)
			}
		}
		limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
		if err != nil || !strings.Contains(strings.Join(strings.Fields(string(limits)), " "), "Max core file size 0 0 bytes") {
			t.Errorf("%s may leave a core: %v", who, err)
		}
	}
}

// tasks are the threads of a process.
func tasks(t *testing.T, pid int) (list []int) {
	t.Helper()
	dirs, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil || len(dirs) < 2 {
		t.Fatalf("%d threads: %v", len(dirs), err)
	}
	for _, d := range dirs {
		n, err := strconv.Atoi(d.Name())
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

// holder is the process that holds the lock of a handoff's folder, by proc_locks(5).
func holder(t *testing.T, dir string) int {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("/proc/locks")
	if err != nil {
		t.Fatal(err)
	}
	inode := fmt.Sprintf("%02x:%02x:%d", unix.Major(st.Dev), unix.Minor(st.Dev), st.Ino)
	for l := range strings.Lines(string(b)) {
		if f := strings.Fields(l); len(f) > 5 && f[1] == "FLOCK" && f[5] == inode {
			pid, err := strconv.Atoi(f[4])
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatalf("nobody holds %s (%s):\n%s", dir, inode, b)
	return 0
}

// childOf is the process that the shell of a terminal waits for.
func (w *world) childOf(t *testing.T, sh *shell) int {
	t.Helper()
	parent := strings.TrimSpace(sh.s.must(t, "display-message", "-p", "-t", sh.id, "#{pane_pid}"))
	stats, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		b, _ := os.ReadFile(path)
		if strings.Contains(string(b), "\nPPid:\t"+parent+"\n") {
			pid, err := strconv.Atoi(strings.Split(path, "/")[2])
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("the shell has no child")
	return 0
}

// TestThreatD4SignalsShowNothing: whatever GOTRACEBACK and the limit for cores say, a signal
// by which the runtime would print its stacks, or the kernel write a core, ends the app
// with nothing on its standard error and no file left behind.
func TestThreatD4SignalsShowNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/SOFT", secret.Easy}, seed{"acme/api/DB", secret.Normal})
	a := &app{shell: w.tmux("app").shell(t), w: w, pass: passphrase}
	a.shell.run(t, "ulimit -c unlimited 2>/dev/null || ulimit -c $(ulimit -Hc); cd "+w.path("u")).ok(t)
	me := w.tmux("me").shell(t)
	for i, c := range []struct{ level, signal string }{
		{"all", "QUIT"}, {"crash", "ABRT"}, {"crash", "SEGV"}, {"system", "ILL"}, {"", "BUS"},
	} {
		a.shell.run(t, "export GOTRACEBACK="+c.level).ok(t)
		a.launch(t)
		a.unlock(t)
		j := me.start(t, `eval "$(noxkey get acme/api/DB)" && `+hash("DB")) // a value goes through its memory
		a.grant(t, "a", "DB")
		j.wait(t).prints(t, sum(value("DB")))
		w.signal(t, w.appPID(t), c.signal)
		code, text := a.ended(t)
		if code != 0 || text != "" {
			t.Errorf("%d: SIG%s with GOTRACEBACK=%s: exit %d: %s", i, c.signal, c.level, code, text)
		}
		w.noCores(t)
	}
}

// noTraces looks for the runtime's words in all that was printed.
func (w *world) noTraces(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(w.path("io/*.err")) // the agent's standard error, which its servers share, too
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing was printed: %v", err)
	}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"goroutine ", "SIGSEGV", "PC=", "runtime stack", "panic:"} {
			if strings.Contains(string(b), word) {
				t.Errorf("%s holds %q: %.1000s", path, word, b)
			}
		}
	}
}

// noCores looks for core dumps in everything that the test wrote to.
func (w *world) noCores(t *testing.T) {
	t.Helper()
	_ = filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasPrefix(d.Name(), "core") {
			t.Errorf("a core: %s", path)
		}
		return nil
	})
}

// TestThreatD4RuntimeFaultShowsNothing: a program of the same user takes the app's address
// space away (prlimit(2) asks for no more than the same uid), so that the runtime fails
// in the middle of a derivation. It would print the stacks of all goroutines, at any
// GOTRACEBACK.
func TestThreatD4RuntimeFaultShowsNothing(t *testing.T) {
	need(t, "prlimit")
	t.Parallel()
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/DB", secret.Normal})
	a := w.opened(t)
	pid := w.appPID(t)
	if out, err := w.command("prlimit", "--pid", strconv.Itoa(pid), "--as=4096:").CombinedOutput(); err != nil {
		t.Skipf("cannot be done here: prlimit: %s", out)
	}
	me := w.tmux("me").shell(t)
	me.typed(t, w.line(`for i in $(seq 400); do noxkey status >/dev/null || break; done; noxkey get acme/api/DB | wc -c`))
	me.keys(t, "Enter")
	if !within(patience/2, func() bool {
		for range 20 { // typing makes it draw, and derive
			a.typed(t, "x")
			a.keys(t, "Enter")
		}
		b, _ := os.ReadFile(a.run + ".rc")
		return len(b) > 0
	}) {
		t.Skip("cannot be done here: the app did without new memory for half a minute")
	}
	code, text := a.ended(t)
	if code != 2 || text != "" {
		t.Errorf("exit %d: %.2000s", code, text)
	}
	if s := a.screen(); strings.Contains(s, "goroutine ") {
		t.Errorf("on the screen:\n%s", s)
	}
	w.noCores(t)
}

// TestThreatD4ServerShowsNothing: the same for noxkey mcp, whose standard error belongs to
// the agent that started it.
func TestThreatD4ServerShowsNothing(t *testing.T) {
	t.Parallel()
	x := newWithAgent(t)
	done := x.k.start(t, "noxkey_get", args{"account": "acme/api/DB"})
	x.app.grant(t, "a", "Claude Code")
	done()
	for _, sig := range []string{"SEGV", "QUIT", "ABRT"} {
		k := x.a.mcp(t)
		if s := k.call(t, "noxkey_show", args{}); s.bad {
			t.Fatal(s.text)
		}
		x.w.signal(t, k.pid, sig)
		poll(t, func() string { return "the server lives on after SIG" + sig }, func() bool {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", k.pid))
			return err != nil || strings.Contains(string(b), ") Z ")
		})
	}
	x.w.noTraces(t)
	x.w.noCores(t)
}

// TestServerOutlivesTheApp: an app that was started anew does not remember the server, which
// hides by then: it shows itself once more, and the agent notices nothing.
func TestServerOutlivesTheApp(t *testing.T) {
	t.Parallel()
	x := newWithAgent(t)
	x.k.call(t, "noxkey_show", args{})
	control := x.w.plain(t)
	x.w.unreadable(t, "noxkey mcp", x.k.pid, control)
	x.app.quit(t)
	x.app.launch(t)
	x.app.unlock(t)
	done := x.k.start(t, "noxkey_get", args{"account": "acme/api/DB"})
	x.app.grant(t, "a", "Claude Code wants a secret")
	x.a.shell(t, done().source(t)+hash("DB")).prints(t, sum(value("DB")))
	x.w.unreadable(t, "noxkey mcp, after the app's new start", x.k.pid, control)
}

// TestVerifyShowsTheKernelsWord: noxkey verify says what the kernel has of the app.
func TestVerifyShowsTheKernelsWord(t *testing.T) {
	a := small(t).opened(t)
	_, me := a.vouched(t, "me", "acme/api/DB")
	out := me.run(t, "noxkey verify").ok(t)
	flat := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{
		"ok process not readable by other programs (not dumpable)", "ok process core dumps off", "ok keys locked in memory",
		"ok network the kernel refuses this app every socket but Unix ones (seccomp)",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// TestHardeningStaysOffTheUsersCommand: what noxkey starts for the person is under no
// filter and no limit of ours, and may be looked at like any program.
func TestHardeningStaysOffTheUsersCommand(t *testing.T) {
	w := newWorld(t)
	w.vault(cheap, passphrase, seed{"acme/api/DB", secret.Normal})
	a := w.opened(t)
	me := w.tmux("me").shell(t)
	before := me.run(t, "ulimit -Hc; ulimit -Sc; ulimit -l; grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status").ok(t)
	j := me.start(t, "noxkey run acme/api/DB -- sh -c \"ulimit -Hc; ulimit -Sc; ulimit -l; grep -E '^(Seccomp|NoNewPrivs):' /proc/self/status\"")
	a.grant(t, "a", "DB")
	if after := j.wait(t).ok(t); after != before {
		t.Errorf("the command's limits and filters are\n%snot\n%s", after, before)
	}
}

// launchWithout starts the app where the kernel refuses something, see without.
func (w *world) launchWithout(t *testing.T, what string) *app {
	t.Helper()
	name := fmt.Sprintf("io/app-%d", w.next())
	a := &app{shell: w.tmux("app").shell(t), w: w, pass: passphrase, run: w.path(name)}
	w.write(name+".sh", fmt.Sprintf("%s %s %s %s --home %s 2>%s.err\necho $? >%[6]s.rc\n", binAgent, withoutName, what, binApp, w.home, a.run))
	a.typed(t, ". "+a.run+".sh")
	a.keys(t, "Enter")
	return a
}

// TestNoFilterIsSaid: in a container that forbids seccomp(2) the app starts, says at once
// that the kernel does not keep it from the network, and noxkey verify says so, too.
func TestNoFilterIsSaid(t *testing.T) {
	w := small(t)
	a := w.launchWithout(t, "seccomp")
	a.unlock(t)
	if b, err := os.ReadFile(a.run + ".err"); err != nil || !strings.Contains(string(b), "could open network sockets, though it never does") {
		t.Errorf("no notice at the start: %q %v", b, err)
	}
	_, me := a.vouched(t, "me", "acme/api/DB")
	r := me.run(t, "noxkey verify")
	flat := strings.Join(strings.Fields(r.out), " ")
	if r.code != 1 || !strings.Contains(flat, "wrong network the kernel does not refuse this app") || !strings.Contains(flat, "ok process not readable") {
		t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
	}
}

// TestThreatD4ReadableAppDoesNotStart: an app that cannot be kept from other programs holds
// no key at any time.
func TestThreatD4ReadableAppDoesNotStart(t *testing.T) {
	a := small(t).launchWithout(t, "dumpable")
	if code, text := a.ended(t); code != 1 || !strings.Contains(text, "being read by other programs cannot be switched off") {
		t.Errorf("exit %d: %s", code, text)
	}
}
