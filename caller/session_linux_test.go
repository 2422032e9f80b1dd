package caller

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// utmpBytes is one entry of a user session as sshd writes it, in this machine's layout.
func utmpBytes(t *testing.T, kind uint16, pid int, line, addr string) []byte {
	t.Helper()
	size, addrAt := 384, 348
	switch runtime.GOARCH {
	case "amd64", "386":
	case "arm64":
		size, addrAt = 400, 360
	default:
		t.Skip("cannot be done here: the layout of utmp is not known on " + runtime.GOARCH)
	}
	b := make([]byte, size)
	binary.NativeEndian.PutUint16(b, kind)
	binary.NativeEndian.PutUint32(b[4:], uint32(pid))
	copy(b[8:40], line)
	if a, err := netip.ParseAddr(addr); err == nil {
		copy(b[addrAt:addrAt+16], a.AsSlice())
	}
	return b
}

func TestRemoteSessions(t *testing.T) {
	monitor := prog(44, "/usr/sbin/sshd", "sshd: p [priv]").root().Process
	below := []record{peer(), zsh(), prog(45, "/usr/sbin/sshd", "sshd: p@pts/0").unreadable()}
	session := func(lines ...string) string { return strings.Join(lines, "\n") + "\n" }
	cases := []struct {
		name   string
		logind string
		utmp   []byte
		owner  uint32 // added to ours
		host   string
		o      origin
	}{
		{"nobody says", "", nil, 0, "", originUnknown},
		{"logind, far", session("LEADER=44", "REMOTE=1", "REMOTE_HOST=10.0.0.2"), nil, 0, "10.0.0.2", originFar},
		{"logind, this machine", session("LEADER=44", "REMOTE=1", "REMOTE_HOST=192.168.7.7"), nil, 0, "192.168.7.7", originLocal},
		{"logind, mapped loopback", session("LEADER=44", "REMOTE=1", "REMOTE_HOST=::ffff:127.0.0.1"), nil, 0, "127.0.0.1", originLocal},
		{"logind, a name only", session("LEADER=44", "REMOTE=1", "REMOTE_HOST=elsewhere"), nil, 0, "", originUnknown},
		{"logind, a local session", session("LEADER=44", "REMOTE=0", "REMOTE_HOST=10.0.0.2"), nil, 0, "127.0.0.1", originLocal},
		{"logind, another leader", session("LEADER=43", "REMOTE=1", "REMOTE_HOST=10.0.0.2"), nil, 0, "", originUnknown},
		{"logind, a stranger's file", session("LEADER=44", "REMOTE=1", "REMOTE_HOST=10.0.0.2"), nil, 1, "", originUnknown},
		{"utmp, far", "", utmpBytes(t, 7, 45, "pts/0", "2001:db8::2"), 0, "2001:db8::2", originFar},
		{"utmp, four bytes", "", utmpBytes(t, 7, 44, "pts/0", "10.0.0.2"), 0, "10.0.0.2", originFar},
		{"utmp, loopback", "", utmpBytes(t, 7, 45, "pts/0", "127.0.0.1"), 0, "127.0.0.1", originLocal},
		{"utmp, another terminal", "", utmpBytes(t, 7, 45, "pts/1", "10.0.0.2"), 0, "", originUnknown},
		{"utmp, another process", "", utmpBytes(t, 7, 46, "pts/0", "10.0.0.2"), 0, "", originUnknown},
		{"utmp, a dead session", "", utmpBytes(t, 8, 45, "pts/0", "10.0.0.2"), 0, "", originUnknown},
		{"utmp, no address (utempter)", "", utmpBytes(t, 7, 45, "pts/0", ""), 0, "", originUnknown},
		{"they disagree", session("LEADER=44", "REMOTE=1", "REMOTE_HOST=10.0.0.2"), utmpBytes(t, 7, 45, "pts/0", "::1"), 0, "::1", originLocal},
		{"cut short", "", utmpBytes(t, 7, 45, "pts/0", "10.0.0.2")[:200], 0, "", originUnknown},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			l := logins{logind: filepath.Join(dir, "sessions"), utmp: filepath.Join(dir, "utmp"), owner: ownUID() + tc.owner,
				local: func(a netip.Addr) bool { return a.IsLoopback() || a.String() == "192.168.7.7" }}
			if err := os.Mkdir(l.logind, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(l.logind, "1"), []byte(tc.logind))
			write(t, l.utmp, tc.utmp)
			if host, o := l.origin(monitor, below); host != tc.host || o != tc.o {
				t.Errorf("%q %v, want %q %v", host, o, tc.host, tc.o)
			}
		})
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestThisMachinesAddresses(t *testing.T) {
	for _, a := range []string{"127.0.0.1", "127.9.9.9", "::1", "0.0.0.0"} {
		if !thisMachine(netip.MustParseAddr(a)) {
			t.Errorf("%s is ours", a)
		}
	}
	if thisMachine(netip.MustParseAddr("203.0.113.9")) {
		t.Error("a documentation address is ours")
	}
	ours, err := net.InterfaceAddrs() // as the kernel tells whoever may have a socket
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range ours {
		if a := netip.MustParsePrefix(o.String()).Addr(); !thisMachine(a) {
			t.Errorf("%s is ours", a)
		}
	}
}

func TestAddressesFromProc(t *testing.T) {
	trie := "Local:\n  +-- 10.0.0.0/8 2 0 2\n     |-- 10.0.0.0\n        /24 link UNICAST\n     |-- 10.0.0.2\n        /32 host LOCAL\n        /24 link UNICAST\n     |-- 10.0.0.255\n        /32 link BROADCAST\n     |-- 10.9.0.0\n        /16 host LOCAL\n"
	if got := fmt.Sprint(localPrefixes(trie)); got != "[10.0.0.2/32 10.9.0.0/16]" {
		t.Error(got)
	}
	list := "fd000000000000000000000000000002 02 40 00 80     eth0\nnonsense 1\n"
	if got := fmt.Sprint(inet6Prefixes(list)); got != "[fd00::2/128]" {
		t.Error(got)
	}
	if localPrefixes("") != nil || inet6Prefixes("") != nil {
		t.Error("something from nothing")
	}
}

func TestThreatB13TerminalsAreComparedByFile(t *testing.T) {
	ls, err := filepath.EvalSymlinks("/bin/ls")
	if err != nil {
		t.Fatal(err)
	}
	_, id := resolve(0, ls)
	if !sameFixedFile(ls, id) {
		t.Fatalf("%s is root's and the same: %+v", ls, id)
	}
	moved, writable, owned := id, id, id
	moved.Ino++
	writable.Mode |= 0o020
	owned.Owner = 1
	for name, bad := range map[string]FileID{"inode": moved, "writable": writable, "owner": owned, "nothing": {}} {
		if sameFixedFile(ls, bad) {
			t.Error(name)
		}
	}
	loose := filepath.Join(t.TempDir(), "xterm")
	write(t, loose, []byte("x"))
	if _, id := resolve(0, loose); sameFixedFile(loose, id) { // root's own, but below a loose /tmp
		t.Error("a file below a directory that others can write")
	}
}

func TestParseStat(t *testing.T) {
	g, ok := parseStat([]byte("42 (a) R 1 (b) S 7 8 9 34816 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 777 0"))
	if !ok || g.comm != "a) R 1 (b" || g.ppid != 7 || g.pgid != 8 || g.sid != 9 || g.tty != pts0 || g.id != (ProcID{42, 777}) || g.dead {
		t.Errorf("%+v %v", g, ok)
	}
	for _, bad := range []string{"", "42", "42 (x", "42 (x)", "42 (x) S 1 2", "x (y) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"} {
		if _, ok := parseStat([]byte(bad)); ok {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestMarksAreNamesNotValues(t *testing.T) {
	for env, want := range map[string]string{
		"A=1\x00CLAUDECODE=1\x00": "Claude Code", "AI_AGENT=x\x00GEMINI_CLI=1\x00": "Gemini CLI", "AI_AGENT=x\x00": "AI agent",
		"A=CLAUDECODE=1\x00": "", "CODEX_HOME=/x\x00CLAUDE_CODE_USE_BEDROCK=1\x00": "", "TERM_PROGRAM=vscode\x00": "VS Code", "": "", "\x00\x00": "",
	} {
		if got := markIn([]byte(env)); got != want {
			t.Errorf("%q: %q, want %q", env, got, want)
		}
	}
}
