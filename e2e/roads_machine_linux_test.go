package e2e

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// inMachine says that this process is the first of a machine of its own.
const inMachine = "NOXKEY_E2E_MACHINE"

// ownMachine runs the test again in mount and pid namespaces of its own, and returns
// true there. What root's daemons read and write (passwd, spools, utmp, logs) is put
// in place in them, the machine itself keeps its own, and every process dies with the
// first one.
func ownMachine(t *testing.T) bool {
	t.Helper()
	if os.Getenv(inMachine) != "" {
		furnish(t)
		return true
	}
	if os.Getuid() != 0 {
		t.Skip("cannot be done here: at's, cron's and ssh's daemons are root's to start")
	}
	need(t, "unshare")
	if out, err := exec.Command("unshare", namespaces("true")...).CombinedOutput(); err != nil {
		t.Skipf("cannot be done here: unshare: %v: %s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	short := fmt.Sprintf("-test.short=%v", testing.Short())
	cmd := exec.Command("unshare", namespaces(self, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=8m", short)...)
	cmd.Env = append(os.Environ(), inMachine+"=1")
	out, err := cmd.CombinedOutput()
	t.Logf("in a machine of its own:\n%s", out)
	if err != nil {
		t.Errorf("in a machine of its own: %v", err)
	}
	return false
}

func namespaces(argv ...string) []string {
	return append([]string{"--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"}, argv...)
}

// furnish lays empty folders and files of the test's over those of the machine.
func furnish(t *testing.T) {
	t.Helper()
	cover := func(dir string) {
		if _, err := os.Stat(dir); err != nil {
			return // no such daemon here
		}
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=0755"); err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
	}
	for _, dir := range []string{"/run", "/var/spool/cron", "/var/log", "/etc/cron.d", "/etc/pam.d"} {
		cover(dir)
	}
	for _, pam := range []string{"atd", "cron", "other"} {
		put(t, "/etc/pam.d/"+pam, "auth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n", 0o644, "root")
	}
	for _, dir := range []struct {
		path, owner string
		mode        os.FileMode
	}{{"/run/sshd", "root", 0o755}, {"/var/spool/cron/atjobs", "daemon", 0o770}, {"/var/spool/cron/atspool", "daemon", 0o770},
		{"/var/spool/cron/crontabs", "crontab", 0o730}} {
		if err := os.MkdirAll(dir.path, 0o700); err != nil {
			t.Fatal(err)
		}
		grant(t, dir.path, dir.owner, dir.mode|os.ModeSticky)
	}
	put(t, "/var/spool/cron/atjobs/.SEQ", "0", 0o600, "daemon")
	put(t, "/run/utmp", "", 0o664, "utmp")
	passwd, err := os.ReadFile("/etc/passwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct{ path, text string }{{"/etc/crontab", ""}, {"/etc/at.deny", ""}, {"/etc/passwd", loginShell(string(passwd))}} {
		if _, err := os.Stat(f.path); err != nil {
			continue
		}
		from := "/run/" + filepath.Base(f.path)
		put(t, from, f.text, 0o644, "root")
		if err := unix.Mount(from, f.path, "", unix.MS_BIND, ""); err != nil {
			t.Fatalf("%s: %v", f.path, err)
		}
	}
}

// loginShell gives the ordinary user a shell and a home to log in to.
func loginShell(passwd string) string {
	var b strings.Builder
	for l := range strings.Lines(passwd) {
		if f := strings.Split(strings.TrimSpace(l), ":"); len(f) == 7 && f[2] == fmt.Sprint(uid) {
			l = fmt.Sprintf("%s:x:%d:%d::/tmp:/bin/bash\n", f[0], uid, gid)
		}
		b.WriteString(l)
	}
	return b.String()
}

// put makes a file of root's and the owner's group; at's belong to its user.
func put(t *testing.T, path, text string, mode os.FileMode, owner string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	grant(t, path, owner, mode)
}

func grant(t *testing.T, path, owner string, mode os.FileMode) {
	t.Helper()
	who := "root:" + owner
	if owner == "daemon" {
		who = "daemon:daemon"
	}
	if out, err := exec.Command("chown", who, path).CombinedOutput(); err != nil {
		t.Logf("%s: %s", path, out) // the daemon whose group it is is not installed
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// daemon starts a program of root's, and ends it with the test.
func daemon(t *testing.T, argv ...string) {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s: %s", argv[0], said.String())
		}
	})
}

// TestThreatB1ThroughRootsDaemons: an agent has root's daemons start what asks: at,
// cron, and sshd on this machine's own loopback.
func TestThreatB1ThroughRootsDaemons(t *testing.T) {
	t.Parallel()
	if !ownMachine(t) {
		return
	}
	r := onRoads(t)
	if !t.Run("control", r.control) {
		return
	}
	t.Run("at", r.at)
	t.Run("ssh", r.ssh)
	t.Run("cron", r.cron)
}

func (r *roads) at(t *testing.T) {
	missing(t, "at", "atd")
	daemon(t, "atd", "-f")
	poll(t, func() string { return "atd does not run" }, func() bool { _, err := os.Stat("/run/atd.pid"); return err == nil })
	r.take(t, road{line: `echo "PTY" | at now 2>/dev/null`, why: noRoot})
	r.take(t, road{line: `echo "ASK" | at now 2>/dev/null`, why: noRoot})
}

func (r *roads) cron(t *testing.T) {
	missing(t, "cron", "crontab")
	if os.Getenv("NOXKEY_ATTACK") == "" {
		t.Skip("cannot be done here: cron's shortest period is a minute; make attack takes it")
	}
	// It reads its tables at the full minute: one that comes just before may wait for the next.
	for s := time.Now().Second(); s < 5 || s > 40; s = time.Now().Second() {
		time.Sleep(time.Second)
	}
	daemon(t, "cron", "-f")
	base := r.base()
	r.take(t, road{base: base, line: `echo "* * * * * [ -e ` + base + `.done ] || PTY" | crontab -`, why: noRoot})
}

func missing(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("cannot be done here: there is no " + tool)
		}
	}
}

// ssh: the agent logs in to this machine. What sshd writes into utmp says from where,
// and if it writes nothing, nobody knows. As a control the record is changed, which
// takes root: then it is a person's login from elsewhere.
func (r *roads) ssh(t *testing.T) {
	missing(t, "ssh", "sshd", "ssh-keygen")
	line := r.sshd(t)
	r.take(t, road{name: "a login from here", line: line + `"ASK" </dev/null >/dev/null 2>&1`, why: "logged in from this machine"})
	r.take(t, road{name: "without a terminal", line: strings.Replace(line, "-tt", "-T", 1) + `"ASK" </dev/null >/dev/null 2>&1`, why: noTTY})
	r.take(t, road{name: "a terminal inside", line: strings.Replace(line, "-tt", "-T", 1) + `"PTY" </dev/null >/dev/null 2>&1`, why: "nobody says where the login came from"})
	t.Run("control", func(t *testing.T) {
		base, in, far := r.base(), r.w.path("u/in"), r.w.path("u/far")
		wait := r.a.started(t, line+`": >`+in+`; until [ -e `+far+` ]; do sleep 0.1; done; `+r.ask(base)+`" </dev/null >/dev/null 2>&1`)
		poll(t, func() string { return "no login" }, func() bool { _, err := os.Stat(in); return err == nil })
		if !relocate(t) {
			t.Fatal("sshd wrote no login into utmp")
		}
		r.w.write("u/far", "")
		status := func() string { b, _ := os.ReadFile(base + ".status"); return string(b) }
		poll(t, status, func() bool { return strings.HasSuffix(status(), "}\n") })
		if !strings.Contains(status(), `"human"`) {
			out, _ := exec.Command("utmpdump", "/run/utmp").CombinedOutput()
			t.Fatalf("a login from elsewhere is not a person's: %s\n%s", status(), out)
		}
		r.app.prove(t, "give acme/api/HARD to", "sshd from 203.0.113.9")
		wait()
		if got := r.read(t, base); got.you != "human" || got.soft != sum(value("SOFT")) {
			t.Errorf("a login from elsewhere: %+v", got)
		}
	})
	if err := os.Remove("/run/utmp"); err != nil {
		t.Fatal(err)
	}
	r.take(t, road{name: "nobody says", line: line + `"ASK" </dev/null >/dev/null 2>&1`, why: "nobody says where the login came from"})
}

// sshd starts a server on loopback with keys of its own, and returns the command line
// that logs in.
func (r *roads) sshd(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	host := filepath.Join(t.TempDir(), "host")
	for _, cmd := range []*exec.Cmd{exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", host),
		r.w.command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", r.w.path("u/key"))} {
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
	}
	config := filepath.Join(t.TempDir(), "config")
	put(t, config, fmt.Sprintf("ListenAddress 127.0.0.1:%d\nHostKey %s\nPidFile none\nUsePAM no\nStrictModes no\nAuthorizedKeysFile %s\nPrintMotd no\n",
		port, host, r.w.path("u/key.pub")), 0o600, "root")
	path, _ := exec.LookPath("sshd") // it starts itself again, and so asks for its whole path
	daemon(t, path, "-D", "-e", "-f", config)
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	poll(t, func() string { return "sshd does not listen" }, func() bool {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return fmt.Sprintf("ssh -tt -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes -i %s -p %d \"$(id -un)@127.0.0.1\" ", r.w.path("u/key"), port)
}

// relocate lets every login from here in utmp come from 203.0.113.9, an address of
// nobody's; it reports whether there was one. (tmux writes entries, too, without one.)
func relocate(t *testing.T) bool {
	t.Helper()
	size, addr := 384, 348 // utmp(5), as glibc lays it out
	if runtime.GOARCH == "arm64" {
		size, addr = 400, 360
	}
	const user = 7
	b, err := os.ReadFile("/run/utmp")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for rec := range chunks(b, size) {
		if binary.NativeEndian.Uint16(rec) == user && bytes.HasPrefix(rec[addr:], []byte{127, 0, 0, 1}) {
			copy(rec[addr:addr+16], append([]byte{203, 0, 113, 9}, make([]byte, 12)...))
			found = true
		}
	}
	if found {
		if err := os.WriteFile("/run/utmp", b, 0o664); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func chunks(b []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for ; len(b) >= n && yield(b[:n]); b = b[n:] {
		}
	}
}
